"""Tests of the way into a PBX: from the config to where it is, and actions as they go over the wire."""

from __future__ import annotations

import ssl

import pytest

from queuewatch.config import AsteriskAmiSource, Secret
from queuewatch.sources.asterisk_login import action, settings_of


@pytest.mark.parametrize(("more", "port"), [({}, 5038), ({"tls": True}, 5039), ({"port": 7000}, 7000)])
def test_the_port_is_the_managers_own_unless_told(more: dict[str, object], port: int) -> None:
    own = AsteriskAmiSource(kind="asterisk-ami", username="queuewatch", secret=Secret("s"), **more)  # type: ignore[arg-type]
    settings = settings_of(own)
    assert settings.port == port
    assert isinstance(settings.tls, ssl.SSLContext) is own.tls


def test_a_section_is_taken_as_it_is() -> None:
    own = AsteriskAmiSource(
        kind="asterisk-ami",
        host="pbx",
        username="queuewatch",
        secret=Secret("hush"),
        resync_s=30.0,
        ping_s=5.0,
        grace_s=1.0,
        wrap_up_s={"desk": 10.0},
    )
    settings = settings_of(own)
    assert (settings.host, settings.username, settings.secret) == ("pbx", "queuewatch", "hush")
    assert (settings.resync_s, settings.ping_s, settings.grace_s) == (30.0, 5.0, 1.0)
    assert settings.wrap_up_s == {"desk": 10.0}


def test_a_line_end_in_a_value_begins_no_other_action() -> None:
    sent = action("Login", Username="a\r\nAction: Command\n")
    assert sent == b"Action: Login\r\nUsername: aAction: Command\r\n\r\n"
