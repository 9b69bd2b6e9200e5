"""Tests of the table of systems that we go to: each can be configured, made, tried and has its page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from msgspec import Struct

from queuewatch.config import (
    AnySource,
    AsteriskAmiSource,
    AsteriskQueueLogSource,
    FollowedSource,
    Secret,
    Service,
    Settings,
    WebhookSource,
    load,
)
from queuewatch.sources.context import UnusableError
from queuewatch.sources.followed import KINDS, followed, probes
from tests.clocks import HandClock

DOCS = Path(__file__).parents[2] / "docs/sources"
ENVIRON = re.compile(r'env = "([A-Z_]+)"')
LINE = "{}|c1|desk|NONE|ENTERQUEUE||0207|1\n"


def settings(tmp_path: Path, **sources: AnySource) -> Settings:
    return Settings(service=Service(data_dir=tmp_path / "var"), sources=sources)


def log(path: Path, **more: object) -> AsteriskQueueLogSource:
    return AsteriskQueueLogSource(kind="asterisk-queue-log", path=path, **more)  # type: ignore[arg-type]


def test_every_kind_that_can_be_configured_is_there() -> None:
    assert set(get_args(FollowedSource)) == set(KINDS)
    assert set(get_args(AnySource)) == {WebhookSource, *KINDS}


def test_only_what_we_go_to_is_made_and_each_under_its_name(tmp_path: Path) -> None:
    ami = AsteriskAmiSource(kind="asterisk-ami", username="queuewatch", secret=Secret("s"))
    shop = WebhookSource(kind="chatwoot", secret=Secret("s"))
    own = settings(tmp_path, shop=shop, pbx=ami, log=log(tmp_path / "queue_log"))
    assert [source.name for source in followed(own, HandClock(), str)] == ["pbx", "log"]


async def test_a_source_tells_of_its_site_and_of_our_queues(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(LINE.format(1000))
    own = settings(tmp_path, log=log(path, site="north", queues={"desk": "support"}))
    (source,) = followed(own, HandClock(1000.0), str)
    incoming = await anext(source.events())
    assert [(one.source, one.site, one.data.queue) for one in incoming.events] == [  # type: ignore[union-attr]
        ("log", "north", "support")
    ]


async def test_a_log_is_read_on_from_where_it_was_before_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(LINE.format(1000) + LINE.format(2000))
    own = settings(tmp_path, log=log(path, history_s="all"))
    (source,) = followed(own, HandClock(2000.0), str)
    first = await anext(source.events())
    assert [event.at for event in first.events] == [1000.0, 2000.0]
    assert first.done is not None
    first.done()
    (again,) = followed(own, HandClock(2000.0), str)
    assert [event.at for event in (await anext(again.events())).events] == [2000.0]


async def test_where_a_position_cannot_be_kept_the_log_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(LINE.format(1000))
    (source,) = followed(settings(tmp_path, log=log(path)), HandClock(1000.0), str)
    (tmp_path / "var/sources").rmdir()
    incoming = await anext(source.events())
    assert incoming.done is not None
    incoming.done()


def test_what_cannot_be_used_is_told_with_its_section(tmp_path: Path) -> None:
    ami = AsteriskAmiSource(
        kind="asterisk-ami", username="queuewatch", secret=Secret("s"), tls=True, tls_ca=tmp_path
    )
    with pytest.raises(UnusableError, match=r"^sources\.pbx: tls_ca .* cannot be read as a certificate"):
        followed(settings(tmp_path, pbx=ami), HandClock(), str)


@pytest.mark.parametrize("struct", KINDS, ids=lambda struct: struct.__name__)
def test_every_kind_has_a_page_whose_config_is_taken(struct: type[Struct], tmp_path: Path) -> None:
    (kind,) = get_args(get_type_hints(struct)["kind"])
    found = []
    for page in sorted(DOCS.glob("*.md")):
        for toml in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL):
            if f'kind = "{kind}"' in toml:
                path = tmp_path / "queuewatch.toml"
                path.write_text(re.sub(r"(?m)^   ", "", toml))
                settings = load(path, dict.fromkeys(ENVIRON.findall(toml), "a secret"))
                found += [own for own in settings.sources.values() if own.kind == kind]
    assert found


async def test_a_probe_says_what_the_log_says_last(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(LINE.format(1000))
    own = settings(tmp_path, log=log(path), shop=WebhookSource(kind="chatwoot", secret=Secret("s")))
    ((name, probe),) = probes(own, HandClock(1040.0), str)
    assert name == "log"
    assert (
        await probe
        == f"{path} can be read ({path.stat().st_size} bytes); its last line is ENTERQUEUE, 40 s ago"
    )
