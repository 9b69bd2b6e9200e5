"""The words of alerts: plural forms by CLDR, and nothing but their own placeholders."""

from __future__ import annotations

import pytest
from msgspec import structs

from queuewatch.words.alerting import Counted, complaints
from queuewatch.words.languages import all_words, available


@pytest.mark.parametrize("language", available())
def test_every_text_of_every_language_has_the_placeholders_of_its_kind(language: str) -> None:
    assert list(complaints(all_words()[language].alert)) == []


def test_one_and_many_are_said_as_each_language_has_it() -> None:
    said = Counted(one="{count} client", other="{count} clients")
    assert [said.say(count, "fr") for count in (0, 1, 2)] == ["0 client", "1 client", "2 clients"]
    assert [said.say(count, "en") for count in (0, 1, 2)] == ["0 clients", "1 client", "2 clients"]


def test_a_language_with_more_forms_names_them_and_else_the_other_one_is_said() -> None:
    said = Counted(one="{count} klient", few="{count} klienci", other="{count} klientów")
    assert [said.say(count, "pl") for count in (1, 3, 5)] == ["1 klient", "3 klienci", "5 klientów"]


@pytest.mark.parametrize(
    ("section", "name", "text", "says"),
    [
        ("frame", "over", "Over.", "alert.frame.over must say {title}"),
        ("reason", "again", "{name} again", "alert.reason.again must say nothing in braces"),
        ("figure", "chance", "{share}", "alert.figure.chance must say {share} and {wait}"),
        (
            "title",
            "threshold_passed",
            Counted(one="{name}: one", other="{name}: some"),
            "alert.title.threshold_passed must say {count} and {name}",
        ),
    ],
)
def test_a_text_with_other_placeholders_is_told(section: str, name: str, text: object, says: str) -> None:
    words = all_words()["en"].alert
    changed = structs.replace(getattr(words, section), **{name: text})
    assert list(complaints(structs.replace(words, **{section: changed}))) == [says]
