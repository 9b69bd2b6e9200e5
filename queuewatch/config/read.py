"""Tables of TOML → structs, strictly: what does not fit is told in one sentence with its key and the cure."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard, TypeVar, get_type_hints

import msgspec
from msgspec import Struct, inspect

from queuewatch.config.secret import Secret
from queuewatch.core.facts.complaint import bare, one_of

_S = TypeVar("_S", bound=Struct)
_SHOWN = 60  # characters of a wrong value that are repeated to the administrator
_SECRET = 'text, { file = "PATH" } or { env = "NAME" }'  # noqa: S105  # how a secret is written, not one

KIND = "kind"
"""The setting that says which of several structs a table is."""

HUSH: dict[str, Any] = {"hush": True}
"""`Meta(extra=HUSH)` on a setting whose wrong value may be a secret put in the wrong place: never shown."""


class ConfigError(Exception):
    """The config cannot be used; the text is one sentence with file, key and cure."""


class Reader:
    """Walks a table of TOML along a struct.

    Args:
        root: The struct of the whole file, to say where a misplaced key belongs.
        environ: Where `{ env = "NAME" }` looks.
    """

    def __init__(self, root: type[Struct], environ: Mapping[str, str]) -> None:
        self._known = tuple(keys(root))
        self._environ = environ

    def table(self, raw: object, struct: type[_S], key: str = "") -> _S:
        """Read one table.

        Raises:
            ConfigError: A key is unknown, missing, or has a value that cannot be.
        """
        if not isinstance(raw, dict):
            raise ConfigError(f"{key} must be a table: write [{key}] above its settings")
        fields = {field.name: field for field in _struct(struct).fields}
        for name in raw:
            if name not in fields:
                raise ConfigError(self._unknown(name, key, tuple(fields), raw.get(KIND)))
        hints = get_type_hints(struct, include_extras=True)
        values = {}
        for name, field in fields.items():
            if name in raw:
                values[name] = self._value(raw[name], field.type, hints[name], dotted(key, name))
            elif field.required:
                raise ConfigError(f"{dotted(key, name)} is missing; it must be {describe(field.type)}")
        return struct(**values)

    def _value(self, raw: object, kind: inspect.Type, hint: Any, key: str) -> object:
        match bare(kind):
            case inspect.StructType(cls=struct):
                return self.table(raw, struct, key)
            case inspect.DictType(value_type=inspect.StructType() as struct):
                return self._named((struct,), raw, key)
            case inspect.DictType(value_type=inspect.UnionType(types=kinds)) if _are_structs(kinds):
                return self._named(kinds, raw, key)
            case inspect.VarTupleType(item_type=inspect.StructType(cls=struct)):
                if not isinstance(raw, list) or not all(isinstance(table, dict) for table in raw):
                    raise ConfigError(f"{key} must be a list of tables: write [[{key}]] above each")
                return tuple(self.table(table, struct, f"{key}[{n}]") for n, table in enumerate(raw))
            case inspect.CustomType(cls=custom) if custom is Secret:
                return self._secret(raw, key)
            case inspect.CustomType() as path:
                if not isinstance(raw, str) or not raw or "\0" in raw:
                    raise ConfigError(_misfit(key, path, raw))
                return Path(raw)
            case _:
                return _leaf(raw, hint, key)

    def _named(self, kinds: Sequence[inspect.StructType], raw: object, key: str) -> dict[str, Struct]:
        """Tables under names that the administrator gives; of several kinds each says which it is."""
        if not isinstance(raw, dict):
            raise ConfigError(f'{key} must hold tables: write [{key}."NAME"] above their settings')
        if len(kinds) == 1:
            return {name: self.table(table, kinds[0].cls, dotted(key, name)) for name, table in raw.items()}
        return {name: self._one_of(kinds, table, dotted(key, name)) for name, table in raw.items()}

    def _one_of(self, kinds: Sequence[inspect.StructType], raw: object, key: str) -> Struct:
        """A table that is one of several structs: that whose `kind` it names."""
        if not isinstance(raw, dict):
            raise ConfigError(f"{key} must be a table: write [{key}] above its settings")
        structs = {word: struct.cls for struct in kinds for word in _kinds_of(struct)}
        told = raw.get(KIND)
        if not isinstance(told, str) or told not in structs:
            wanted = one_of(sorted(structs))
            if KIND not in raw:
                raise ConfigError(f"{dotted(key, KIND)} is missing; it must be {wanted}")
            raise ConfigError(f"{dotted(key, KIND)} must be {wanted}, not {_shown(told)}")
        return self.table(raw, structs[told], key)

    def _secret(self, raw: object, key: str) -> Secret:
        """A secret written in place, or fetched from a file or the environment; never repeated in errors."""
        match raw:
            case str(value):
                where = "is empty"
            case {"file": str(path), **rest} if not rest:
                value, where = _content(path, key), f"names the file {path}, which is empty"
            case {"env": str(name), **rest} if not rest:
                if name not in self._environ:
                    raise ConfigError(
                        f"{key} names the environment variable {name}, which is not set; set it"
                    )
                value = self._environ[name].rstrip("\r\n")
                where = f"names the environment variable {name}, which is empty"
            case _:
                raise ConfigError(f"{key} must be {_SECRET}")
        if not value:
            raise ConfigError(f"{key} {where}; give it a value, or remove the key")
        if any(mark in value for mark in "\r\n\0"):
            raise ConfigError(
                f"{key} has a line end or a zero byte within it; give the secret alone, on one line"
            )
        return Secret(value)

    def _unknown(self, name: str, table: str, here: tuple[str, ...], kind: object) -> str:
        key = dotted(table, name)
        setting = "a setting" if kind is None else f"a setting of kind = {_shown(kind)}"
        near = difflib.get_close_matches(name, here, n=1)
        elsewhere = [known for known in self._known if known.rpartition(".")[2] == name]
        if near:
            cure = f"did you mean {dotted(table, near[0])}?"
        elif elsewhere and kind is None:
            cure = f"did you mean {elsewhere[0]}?"
        else:
            cure = f"known are {', '.join(here)}"
        return f"{key} is not {setting}; {cure}"


def _content(path: str, key: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{key} names the file {path}, which is not UTF-8 text; write it anew") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{key} names the file {path}, which cannot be read ({why}); mend the path or its rights"
        ) from None


def _leaf(raw: object, hint: Any, key: str) -> object:
    try:
        value: object = msgspec.convert(raw, hint)
    except msgspec.ValidationError:
        raise ConfigError(_misfit(key, inspect.type_info(hint), raw)) from None
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, float) and not math.isfinite(one):
            raise ConfigError(_misfit(key, inspect.type_info(hint), raw))
    return value


def _misfit(key: str, kind: inspect.Type, raw: object) -> str:
    hushed = isinstance(kind, inspect.Metadata) and kind.extra == HUSH
    return f"{key} must be {describe(kind)}" + ("" if hushed else f", not {_shown(raw)}")


def _shown(raw: object) -> str:
    if isinstance(raw, dict):
        return "a table"
    # Dates and times, which TOML has without quotes, are shown so: it is the quotes that are missing.
    text = str(raw) if isinstance(raw, date | time) else json.dumps(raw, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def dotted(table: str, name: str) -> str:
    """A key as the file writes it: `http.port`, `queues."front desk".language`."""
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", name)
    written = name if plain and table != "queues" else json.dumps(name, ensure_ascii=False)
    return f"{table}.{written}" if table else written


def keys(struct: type[Struct], table: str = "") -> Iterator[str]:
    """The dotted keys of all settings below this struct; NAME stands for a name the administrator gives."""
    for field in _struct(struct).fields:
        kind, key = bare(field.type), f"{table}.{field.name}" if table else field.name
        if isinstance(kind, inspect.DictType) and isinstance(kind.value_type, inspect.UnionType):
            some = [one for one in kind.value_type.types if isinstance(one, inspect.StructType)]
            for one in some:
                yield from keys(one.cls, f"{key}.NAME")
            if some:
                continue
        if isinstance(kind, inspect.DictType) and isinstance(kind.value_type, inspect.StructType):
            kind, key = kind.value_type, f"{key}.NAME"
        if isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StructType):
            kind = kind.item_type
        if isinstance(kind, inspect.StructType):
            yield from keys(kind.cls, key)
        else:
            yield key


@cache
def _struct(struct: type[Struct]) -> inspect.StructType:
    """What msgspec knows of a struct; looked up once, for it takes milliseconds."""
    kind = inspect.type_info(struct)
    assert isinstance(kind, inspect.StructType)  # noqa: S101  # a struct's own type
    return kind


def _are_structs(kinds: Sequence[inspect.Type]) -> TypeGuard[Sequence[inspect.StructType]]:
    return all(isinstance(one, inspect.StructType) for one in kinds)


def _kinds_of(struct: inspect.StructType) -> tuple[Any, ...]:
    """The words of a struct's setting `kind`."""
    return next(
        (
            field.type.values
            for field in struct.fields
            if field.name == KIND and isinstance(field.type, inspect.LiteralType)
        ),
        (),
    )


def describe(kind: inspect.Type) -> str:
    """What a value of this type is, in words that continue "it must be"."""
    if isinstance(kind, inspect.Metadata):
        noted: str | None = (kind.extra_json_schema or {}).get("description")
        return noted or describe(kind.type)
    match kind:
        case inspect.UnionType():
            some = (one for one in kind.types if not isinstance(one, inspect.NoneType))
            return " or ".join(describe(one) for one in some)
        case inspect.LiteralType():
            return one_of(kind.values)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return f"a whole number{_bounds(kind)}"
        case inspect.FloatType():
            return f"a number{_bounds(kind)}"
        case inspect.VarTupleType():
            return f"a list{' that is not empty' if kind.min_length else ''}, each {describe(kind.item_type)}"
        case inspect.CustomType() if kind.cls is Secret:
            return _SECRET
        case inspect.CustomType():
            return "a path in quotes"
        case _:
            return "text in quotes"


def _bounds(kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.ge is not None and kind.le is not None:
        return f" from {kind.ge:g} to {kind.le:g}"
    above = f" above {kind.gt:g}" if kind.gt is not None else ""
    least = f" of at least {kind.ge:g}" if kind.ge is not None else ""
    most = f"{' and' if above or least else ''} at most {kind.le:g}" if kind.le is not None else ""
    return above + least + most
