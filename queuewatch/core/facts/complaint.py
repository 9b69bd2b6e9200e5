"""What does not fit a struct, in our words: which field, and what it must be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect

TIME = "a point in time with its zone (RFC 3339), such as 2026-11-21T10:00:00Z"
_RANGE = " from {:.12g} to {:.12g}"
_PATH = re.compile(r"(?P<text>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[[^\]]*\]")
_NAMED = re.compile(r"Object (?P<what>missing required|contains unknown) field `(?P<name>.*)`", re.DOTALL)
_WORD = re.compile(r"Invalid enum value (?P<value>'.*')", re.DOTALL)


def complaint(error: msgspec.ValidationError, kind: Any, whole: str = "this") -> str:
    """One sentence without its full stop: the field by its path, and what it must be.

    No value is repeated but a wrong word where one of a few is due: others may name a customer.

    Args:
        error: What msgspec says.
        kind: The type that was to be read.
        whole: What to call the whole where no field is to blame.
    """
    found = _PATH.fullmatch(str(error))
    assert found is not None  # noqa: S101  # it matches any text
    text, path = found["text"], found["path"] or ""
    expected = _at(inspect.type_info(kind), path)
    named = _NAMED.fullmatch(text)
    if named is None:
        word = _WORD.fullmatch(text)
        told = f", not {word['value']}" if word else ""
        what = path.removeprefix(".") or whole
        if found["key"] and isinstance(expected, inspect.DictType):
            return f"each name in {what} must be {_describe(expected.key_type)}{told}"
        return f"{what} must be {_describe(expected)}{told}"
    key = f"{path}.{named['name']}".removeprefix(".")
    assert isinstance(expected, inspect.StructType)  # noqa: S101  # only a struct lacks a field
    if named["what"] == "contains unknown":
        return f"{key} is not known here; known are {', '.join(one.encode_name for one in expected.fields)}"
    return f"{key} is missing; it must be {_describe(_within(expected, named['name']))}"


def _describe(kind: inspect.Type) -> str:
    """What a value of this type is in JSON, in words that continue "it must be"."""
    match bare(kind):
        case inspect.UnionType(types=kinds):
            some = (one for one in kinds if not isinstance(one, inspect.NoneType))
            return " or ".join(dict.fromkeys(map(_describe, some)))
        case inspect.LiteralType(values=values):
            return one_of(values)
        case inspect.StrType(min_length=least, max_length=most_of_it):
            return f"text{_bounds(least, most_of_it, ' of {} to {} characters')}"
        case inspect.IntType(ge=least, le=at_most, lt=under):
            return f"a whole number{_bounds(least, at_most if under is None else under - 1, _RANGE)}"
        case inspect.FloatType(ge=least, le=at_most):
            return f"a number{_bounds(least, at_most, _RANGE)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.DateTimeType():
            return TIME
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return f"a list, each {_describe(item)}"
        case inspect.DictType() | inspect.StructType():
            return "a JSON object"
        case _:
            return "there as it should be"


def one_of(words: Iterable[object]) -> str:
    """These words, of which there is one at least, as JSON and TOML write them: "a", "b" or "c"."""
    *most, last = map(json.dumps, words)
    return f"{', '.join(most)} or {last}" if most else last


def _bounds(least: float | None, most: float | None, words: str) -> str:
    """Both bounds in these words, or none."""
    return "" if least is None or most is None else words.format(least, most)


def _at(kind: inspect.Type, path: str) -> inspect.Type:
    """The type of what stands at this path, without its notes and without "or nothing"."""
    kind = bare(kind)
    for step in _STEP.finditer(path):
        kind = bare(_within(kind, step["name"]))
    return kind


def _within(kind: inspect.Type, name: str | None) -> inspect.Type:
    """The type of one field of a struct, or of what a list or dict holds."""
    if isinstance(kind, inspect.StructType):
        return next(one.type for one in kind.fields if one.encode_name == name)
    if isinstance(kind, inspect.DictType):
        return kind.value_type
    return kind.item_type if isinstance(kind, inspect.VarTupleType | inspect.ListType) else inspect.AnyType()


def bare(kind: inspect.Type) -> inspect.Type:
    """The type without its notes and without "or nothing"."""
    if isinstance(kind, inspect.Metadata):
        return bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        some = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        return bare(some[0]) if len(some) == 1 else kind
    return kind
