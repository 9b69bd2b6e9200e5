"""The languages there are: complete, and found without a list."""

from __future__ import annotations

import re
from typing import Any, get_args

import msgspec
import pytest
from babel import Locale

from queuewatch.core.facts.terms import Channel
from queuewatch.core.view import NoticeLevel
from queuewatch.words.languages import Channels, Words, all_words, available, placeholders, read_words


def test_there_are_words_in_english_german_dutch_french_and_spanish() -> None:
    assert {"en", "de", "nl", "fr", "es"} <= set(available())


@pytest.mark.parametrize("language", available())
def test_every_level_and_channel_has_its_own_text(language: str) -> None:
    words = all_words()[language]
    texts = [
        text
        for level in get_args(NoticeLevel)
        for channel in get_args(Channel)
        for text in msgspec.structs.astuple(getattr(getattr(words, level), channel))
    ]
    assert len(texts) == 18
    assert len(set(texts)) == 18


@pytest.mark.parametrize("language", available())
def test_the_wait_is_told_once_where_there_is_one_and_no_number_where_there_is_none(language: str) -> None:
    for level in get_args(NoticeLevel):
        for channel in get_args(Channel):
            said = getattr(getattr(all_words()[language], level), channel)
            assert placeholders(said.with_wait) == ["wait"]
            assert placeholders(said.without_wait) == []
            assert not any(letter.isdigit() for letter in said.without_wait)


@pytest.mark.parametrize("language", available())
def test_a_language_calls_itself_as_cldr_does(language: str) -> None:
    locale = Locale.parse(language, sep="-")
    assert all_words()[language].name == (locale.display_name or "").capitalize()


def test_the_texts_cover_what_the_core_distinguishes() -> None:
    assert set(Channels.__struct_fields__) == set(get_args(Channel))
    assert set(get_args(NoticeLevel)) <= set(Words.__struct_fields__)


ACKNOWLEDGED = {
    "with_wait": "Within {wait}.",
    "without_wait": "Soon.",
    "closed": "On {opens}.",
    "footer": "Bye.",
}


def a_language() -> dict[str, Any]:
    said = {"with_wait": "Within {wait}.", "without_wait": "Soon."}
    channels = {channel: dict(said) for channel in get_args(Channel)}
    levels = {level: {name: dict(text) for name, text in channels.items()} for level in get_args(NoticeLevel)}
    promise = {name: dict(text) for name, text in channels.items()}
    elsewhere = {"self_service": "At {where}."} | dict.fromkeys(
        ("callback", "phone", "chat", "email"), "Else."
    )
    closed = dict.fromkeys(get_args(Channel), "Open {opens}.")
    closed |= {"opens": "on {day} at {time}", "opens_today": "at {time}"}
    return {
        "language": "xx",
        "name": "Xx",
        **levels,
        "alternatives": elsewhere,
        "closed": closed,
        "promise": promise,
        "acknowledgement": dict(ACKNOWLEDGED),
        "alert": msgspec.to_builtins(all_words()["en"].alert),
    }


def test_a_language_that_says_all_is_taken() -> None:
    assert read_words(a_language()).very_busy.chat.with_wait == "Within {wait}."


def test_a_text_of_alerts_with_the_wrong_placeholders_is_refused() -> None:
    raw = a_language()
    raw["alert"]["frame"]["over"] = "Over."
    with pytest.raises(ValueError, match=re.escape("xx: alert.frame.over must say {title}")):
        read_words(raw)


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("with_wait", "Soon.", "xx: busy.chat.with_wait must say {wait} once"),
        ("with_wait", "{wait}, {wait}.", "xx: busy.chat.with_wait must say {wait} once"),
        ("with_wait", "Within {minutes}.", "xx: busy.chat.with_wait must say {wait} once"),
        ("without_wait", "Within {wait}.", "xx: busy.chat.without_wait must have nothing in braces"),
    ],
)
def test_a_text_with_the_wrong_placeholders_is_refused(kind: str, text: str, sentence: str) -> None:
    raw = a_language()
    raw["busy"]["chat"][kind] = text
    with pytest.raises(ValueError, match=sentence.replace("{", r"\{")):
        read_words(raw)


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("with_wait", "Soon.", "xx: acknowledgement.with_wait must say {wait}"),
        ("closed", "On {wait}.", "xx: acknowledgement.closed must say {opens}"),
        ("footer", "{wait}", "xx: acknowledgement.footer must have nothing in braces"),
    ],
)
def test_an_acknowledgement_with_the_wrong_placeholders_is_refused(
    kind: str, text: str, sentence: str
) -> None:
    raw = a_language()
    raw["acknowledgement"][kind] = text
    with pytest.raises(ValueError, match=sentence.replace("{", r"\{")):
        read_words(raw)


def test_a_text_that_is_missing_is_refused() -> None:
    raw = a_language()
    del raw["busy"]["chat"]["without_wait"]
    with pytest.raises(msgspec.ValidationError, match=r"\$\.busy\.chat"):
        read_words(raw)


@pytest.mark.parametrize(
    ("section", "name", "text", "sentence"),
    [
        ("alternatives", "callback", "Ask {us}.", "xx: alternatives.callback must have nothing in braces"),
        ("alternatives", "self_service", "There.", "xx: alternatives.self_service must say {where}"),
        ("closed", "opens", "at {time}", "xx: closed.opens must say {day} and {time}"),
    ],
)
def test_a_text_about_the_house_with_the_wrong_placeholders_is_refused(
    section: str, name: str, text: str, sentence: str
) -> None:
    raw = a_language()
    raw[section][name] = text
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read_words(raw)
