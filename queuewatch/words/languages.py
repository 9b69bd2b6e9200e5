"""The languages there are: a TOML file each beside this one, read strictly; a new file, a new language."""

from __future__ import annotations

import functools
import string
import tomllib
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct

from queuewatch.words.alerting import AlertWords, complaints

WAIT = "wait"
"""The one placeholder: the wait, rounded up, in words."""


class Text(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text: as it is said with a wait (`{wait}`), and without where there is no estimate."""

    with_wait: str
    without_wait: str


class Channels(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text per channel."""

    phone: Text
    chat: Text
    email: Text


class Else(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What else a customer can do; `self_service` says `{where}`."""

    callback: str
    self_service: str
    phone: str
    chat: str
    email: str


class Closed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said while it is closed: `{opens}` is `opens` (with `{day}`, `{time}`), or `opens_today`."""

    phone: str
    chat: str
    email: str
    opens: str
    opens_today: str


class Acknowledgement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a mail is answered with at once: with a wait, without, or while the queue is closed."""

    with_wait: str
    without_wait: str
    closed: str
    footer: str


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All texts of one language: by notice level and channel, of promises by channel, and for a team.

    Attributes:
        language: BCP 47 tag; also tells Babel how waits are said.
        name: What the language calls itself.
    """

    language: str
    name: str
    normal: Channels
    busy: Channels
    very_busy: Channels
    promise: Channels
    alternatives: Else
    closed: Closed
    acknowledgement: Acknowledgement
    alert: AlertWords


def placeholders(template: str) -> list[str]:
    """The names in braces in a template, in order."""
    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


def read_words(raw: dict[str, Any]) -> Words:
    """Check one language's texts.

    Raises:
        ValueError: A text is missing, unknown, or has other placeholders than its kind must have.
    """
    words = msgspec.convert(raw, Words)
    for level in ("normal", "busy", "very_busy", "promise"):
        for channel in Channels.__struct_fields__:
            said: Text = getattr(getattr(words, level), channel)
            for kind, wanted in (("with_wait", [WAIT]), ("without_wait", [])):
                if placeholders(getattr(said, kind)) != wanted:
                    should = "say {wait} once" if wanted else "have nothing in braces"
                    raise ValueError(f"{words.language}: {level}.{channel}.{kind} must {should}")
    for key, wanted in _HOUSE.items():
        section, name = key.split(".")
        if placeholders(getattr(getattr(words, section), name)) != wanted:
            should = (
                "say " + " and ".join(f"{{{one}}}" for one in wanted) if wanted else "have nothing in braces"
            )
            raise ValueError(f"{words.language}: {key} must {should}")
    for complaint in complaints(words.alert):
        raise ValueError(f"{words.language}: {complaint}")
    return words


_HOUSE: dict[str, list[str]] = {
    "alternatives.callback": [],
    "alternatives.self_service": ["where"],
    "alternatives.phone": [],
    "alternatives.chat": [],
    "alternatives.email": [],
    "closed.phone": ["opens"],
    "closed.chat": ["opens"],
    "closed.email": ["opens"],
    "closed.opens": ["day", "time"],
    "closed.opens_today": ["time"],
    "acknowledgement.with_wait": [WAIT],
    "acknowledgement.without_wait": [],
    "acknowledgement.closed": ["opens"],
    "acknowledgement.footer": [],
}
"""The placeholders of the texts about the house."""


@functools.cache
def all_words() -> dict[str, Words]:
    """Every language by its tag, in the order of their tags."""
    files = (one for one in resources.files("queuewatch.words").iterdir() if one.name.endswith(".toml"))
    read = (read_words(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files)
    return dict(sorted((words.language, words) for words in read))


def available() -> tuple[str, ...]:
    """The tags of all languages there are words in."""
    return tuple(all_words())
