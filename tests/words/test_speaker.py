"""The speaker of a house: what else there is where it is busy, and when it opens where it is closed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
import xmlschema
from msgspec import structs

from queuewatch.core.facts.terms import Channel
from queuewatch.core.hours import Hours
from queuewatch.core.view import NoticeLevel
from queuewatch.words import available, promise, text
from queuewatch.words.speaker import Alternatives, Speaker
from tests.words.views import a_queue

WEEK = ((32_400.0, 61_200.0),)  # 09:00-17:00
BERLIN = Hours(zone=ZoneInfo("Europe/Berlin"), week=(WEEK,) * 5 + ((), ()))
ALL = Alternatives(callback=True, self_service="help.example", channels=("phone", "chat", "email"))


def when(written: str) -> float:
    return datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp()


def closed(at: str, language: str, hours: Hours | None = BERLIN) -> str:
    view = structs.replace(a_queue(), at=when(at))
    return Speaker(hours=lambda _queue: hours).text(view, language).text


@pytest.mark.parametrize("language", available())
def test_a_house_that_says_nothing_of_itself_says_the_notice_alone(language: str) -> None:
    assert Speaker().text(a_queue(), language) == text(a_queue(), language)


@pytest.mark.parametrize("language", available())
def test_a_busy_queue_says_what_else_there_is_but_not_the_channel_one_is_on(language: str) -> None:
    speaker = Speaker(alternatives=lambda _queue: ALL)
    base, said = text(a_queue(), language).text, speaker.text(a_queue(), language).text
    more = said.removeprefix(base)
    assert said.startswith(base)
    assert "help.example" in more
    assert more.count(".") == 5  # four sentences, and one within the address
    assert speaker.text(a_queue(level="normal"), language) == text(a_queue(level="normal"), language)


@pytest.mark.parametrize(
    ("at", "language", "wanted"),
    [
        ("2026-11-21T12:00:00", "en", "open again on Monday at 9:00\u202fAM."),
        ("2026-11-21T12:00:00", "de", "Wir sind am Montag um 09:00 Uhr wieder für Sie da."),
        ("2026-11-21T12:00:00", "nl", "We zijn maandag om 09:00 uur weer voor u open."),
        ("2026-11-21T12:00:00", "fr", "de nouveau là lundi à 09:00."),
        ("2026-11-21T12:00:00", "es", "el lunes a las 9:00."),
        ("2026-11-23T06:00:00", "de", "Wir sind heute um 09:00 Uhr wieder für Sie da."),
        ("2026-11-23T16:00:00", "de", "Wir sind am Dienstag um 09:00 Uhr wieder für Sie da."),
    ],
)
def test_while_it_is_closed_it_is_said_when_it_opens_on_the_clock_of_the_house(
    at: str, language: str, wanted: str
) -> None:
    assert wanted in closed(at, language)


def test_while_it_is_open_the_notice_is_said() -> None:
    assert "unusually busy" in closed("2026-11-23T08:00:00", "en")
    assert "open again" in closed("2026-11-23T07:59:59", "en")


def test_a_day_further_than_a_week_is_named_with_its_date() -> None:
    holidays = {datetime(2026, 11, day, tzinfo=UTC).date(): () for day in range(23, 31)}
    said = closed("2026-11-21T12:00:00", "en", structs.replace(BERLIN, days=holidays))
    assert "on Tuesday, December 1 at" in said


def test_a_house_that_never_opens_again_promises_nothing() -> None:
    never = structs.replace(BERLIN, week=((),) * 7)
    assert "open again" not in closed("2026-11-21T12:00:00", "en", never)


def test_it_speaks_as_the_package_does() -> None:
    speaker = Speaker()
    said = speaker.text(a_queue(), "de")
    assert speaker.available() == available()
    assert speaker.negotiate("de-AT", available(), "en") == "de"
    assert speaker.promise(a_queue().next, "phone", "de") == promise(a_queue().next, "phone", "de")
    assert "<speak" in speaker.ssml(said)
    assert "<Say" in speaker.twiml(said)


# ── for a voice ───────────────────────────────────────────────────────────────────────────────────────────

SSML = Path(__file__).parents[1] / "data" / "ssml" / "synthesis.xsd"


@cache
def ssml_schema() -> xmlschema.XMLSchema:
    """The W3C's schema of SSML; what it imports beside its own core the validator brings."""
    return xmlschema.XMLSchema(str(SSML), allow="local")


@pytest.mark.parametrize("language", available())
def test_every_notice_for_a_voice_is_valid_against_the_schema_of_the_w3c(language: str) -> None:
    shut = Speaker(hours=lambda _queue: BERLIN)
    busy = Speaker(alternatives=lambda _queue: structs.replace(ALL, self_service="help.example/?a=1&b=<2>"))
    kinds: tuple[NoticeLevel, ...] = get_args(NoticeLevel)
    channels: tuple[Channel, ...] = get_args(Channel)
    for speaker, level, channel, wait_s in product((busy, shut), kinds, channels, (250.0, None)):
        at = when("2026-11-21T12:00:00")
        view = structs.replace(a_queue(level=level, channel=channel, wait_s=wait_s), at=at)
        ssml_schema().validate(speaker.ssml(speaker.text(view, language)))


@pytest.mark.parametrize(
    "document",
    [
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis">no language</speak>',
        '<speak xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en">no version</speak>',
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en"><b>bold</b></speak>',
        '<speak version="1.0" xml:lang="en">no namespace</speak>',
    ],
)
def test_the_schema_refuses_what_is_no_ssml(document: str) -> None:
    assert not ssml_schema().is_valid(document)
