"""Tests of acknowledgements as they are configured: to which queues, how often, over which server."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from queuewatch.config import Secret, Settings
from queuewatch.config.sections import HoursSection, Queue, SmtpSection
from queuewatch.ports import SendFailedError
from queuewatch.senders.smtp_make import acknowledger, rule_of, server_of
from tests.clocks import HandClock

SMTP = SmtpSection(host="smtp.shop.example", sender="support@shop.example")


def settings(**queues: Queue) -> Settings:
    return Settings(smtp=SMTP, queues=queues)


def test_nobody_is_acknowledged_unless_a_queue_wants_it() -> None:
    assert acknowledger(Settings(), HandClock(), Counter()) is None
    assert acknowledger(settings(mail=Queue()), HandClock(), Counter()) is None
    assert acknowledger(settings(mail=Queue(acknowledge=True)), HandClock(), Counter()) is not None


def test_each_queue_has_its_language_and_its_hours() -> None:
    hours = HoursSection(zone="Europe/Berlin", mon="09:00-17:00")
    own = settings(
        mail=Queue(acknowledge=True, language="de", hours=hours), sales=Queue(acknowledge=True), other=Queue()
    )
    rule = rule_of(own, SMTP)
    assert rule is not None
    assert rule.queues == {"mail": "de", "sales": "en"}
    assert set(rule.hours) == {"mail"}


def test_ports_follow_tls_unless_given() -> None:
    def port(tls: str, **more: int) -> int:
        return server_of(SmtpSection(host="h", sender="a@b", tls=tls, **more)).port  # type: ignore[arg-type]

    assert [port("on"), port("starttls"), port("off"), port("off", port=2525)] == [465, 587, 25, 2525]


def test_the_password_is_handed_on_and_never_shown() -> None:
    server = server_of(
        SmtpSection(host="h", sender="a@b", tls="off", username="u", password=Secret("t0ps3cret"))
    )
    assert server.password == "t0ps3cret"
    assert "t0ps3cret" not in repr(server)


def test_an_authority_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(SendFailedError, match="cannot be read as a certificate"):
        server_of(SmtpSection(host="h", sender="a@b", tls_ca=tmp_path))
