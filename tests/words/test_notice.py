"""The notice of a queue in words."""

from __future__ import annotations

import math
from typing import get_args
from xml.etree import ElementTree as ET

import pytest

from queuewatch.core.facts.terms import Channel
from queuewatch.core.view import NoEstimateReason, NoticeLevel
from queuewatch.words import Notice, available, ssml, text, twiml
from tests.words.views import a_queue


def test_a_busy_phone_queue_tells_the_wait_that_is_kept_nine_times_in_ten() -> None:
    notice = text(a_queue(wait_s=250.0), "en")
    assert notice.level == "busy"
    assert notice.language == "en"
    assert "unusually busy" in notice.text
    assert "within 5 minutes" in notice.text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "1 minute."), ("de", "1 Minute."), ("nl", "1 minuut ")]
)
def test_a_wait_of_exactly_a_minute_is_said_in_the_singular(language: str, said: str) -> None:
    assert said in text(a_queue(level="normal", wait_s=60.0), language).text


@pytest.mark.parametrize("language", available())
@pytest.mark.parametrize("level", get_args(NoticeLevel))
@pytest.mark.parametrize("channel", get_args(Channel))
@pytest.mark.parametrize("why", get_args(NoEstimateReason))
def test_where_there_is_no_estimate_no_number_is_told(
    language: str, level: NoticeLevel, channel: Channel, why: NoEstimateReason
) -> None:
    said = text(a_queue(level=level, channel=channel, no_estimate=why), language).text
    assert not any(letter.isdigit() for letter in said)
    assert "{" not in said


@pytest.mark.parametrize("wait_s", [None, math.inf])
def test_a_wait_without_an_end_is_told_like_no_estimate(wait_s: float | None) -> None:
    assert text(a_queue(wait_s=wait_s), "en") == text(a_queue(no_estimate="too_few_data"), "en")


def test_a_language_without_words_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        text(a_queue(), "tlh")


@pytest.mark.parametrize("language", available())
def test_for_a_voice_it_is_the_same_text_in_its_language(language: str) -> None:
    notice = text(a_queue(), language)
    spoken = ET.fromstring(ssml(notice))  # noqa: S314  # our own document
    assert spoken.tag == "{http://www.w3.org/2001/10/synthesis}speak"
    assert spoken.attrib == {"version": "1.0", "{http://www.w3.org/XML/1998/namespace}lang": language}
    assert spoken.text == notice.text


def test_what_xml_would_take_as_its_own_is_escaped() -> None:
    notice = Notice(language='e"n', level="normal", text='Q&A <speak> ]]> "now"')
    spoken = ET.fromstring(ssml(notice))  # noqa: S314  # our own document
    assert spoken.text == notice.text
    assert spoken.get("{http://www.w3.org/XML/1998/namespace}lang") == 'e"n'


@pytest.mark.parametrize(
    ("language", "tag"), [("en", "en-US"), ("de", "de-DE"), ("nl", "nl-NL"), ("fr", "fr-FR"), ("es", "es-ES")]
)
def test_for_twilio_it_is_the_same_text_in_a_language_it_has_a_voice_for(language: str, tag: str) -> None:
    notice = text(a_queue(), language)
    spoken = ET.fromstring(twiml(notice))  # noqa: S314  # our own document
    (say,) = spoken
    assert (spoken.tag, say.tag, say.attrib, say.text) == ("Response", "Say", {"language": tag}, notice.text)


def test_a_language_without_a_likely_country_is_said_as_it_is() -> None:
    assert 'language="xx"' in twiml(Notice(language="xx", level="busy", text="a < b"))
