"""TOML → structs; the sentence of each misfit is in tests/data/config/bad."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct, inspect

from queuewatch.config import ConfigError, Secret, Settings
from queuewatch.config.read import Reader, describe, dotted, keys


class Inner(Struct, frozen=True, kw_only=True):
    size: Annotated[int, Meta(ge=1)]
    weight: float = 1.5


class Outer(Struct, frozen=True, kw_only=True):
    inner: Inner | None = None
    named: dict[str, Inner] = {}
    listed: tuple[Inner, ...] = ()
    path: Path | None = None
    key: Secret | None = None


READER = Reader(Outer, {"A_KEY": "from the environment", "DOS": "from a list\r"})


def test_a_table_becomes_its_struct_and_what_is_absent_its_default() -> None:
    raw = {
        "inner": {"size": 1, "weight": 2},
        "named": {"a": {"size": 2}},
        "listed": [{"size": 3}],
        "path": "x/y",
    }
    assert READER.table(raw, Outer) == Outer(
        inner=Inner(size=1, weight=2.0),
        named={"a": Inner(size=2)},
        listed=(Inner(size=3),),
        path=Path("x/y"),
    )


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"inner": {}}, "inner.size is missing; it must be a whole number of at least 1"),
        ({"inner": {"size": True}}, "inner.size must be a whole number of at least 1, not true"),
        ({"inner": {"size": 1.0}}, "inner.size must be a whole number of at least 1, not 1.0"),
        ({"inner": {"size": 1.5}}, "inner.size must be a whole number of at least 1, not 1.5"),
        ({"inner": {"size": 1, "weight": float("nan")}}, "inner.weight must be a number, not NaN"),
        ({"inner": {"size": {"a": 1}}}, "inner.size must be a whole number of at least 1, not a table"),
        ({"inner": {"size": "1" * 90}}, 'of at least 1, not "' + "1" * 59 + "…"),
        ({"named": {"a b": {"size": 0}}}, 'named."a b".size must be a whole number of at least 1, not 0'),
        (
            {"listed": [{"size": 1}, {"size": 0}]},
            "listed[1].size must be a whole number of at least 1, not 0",
        ),
        ({"path": 5}, "path must be a path in quotes, not 5"),
        ({"wieght": 5}, "wieght is not a setting; known are inner, named, listed, path, key"),
        ({"weight": 5}, "weight is not a setting; did you mean inner.weight?"),
    ],
)
def test_what_does_not_fit_is_named_with_the_cure(raw: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        READER.table(raw, Outer)
    assert str(error.value).endswith(sentence)


@pytest.mark.parametrize(
    ("written", "secret"),
    [({"env": "A_KEY"}, "from the environment"), ("in place", "in place"), ({"env": "DOS"}, "from a list")],
)
def test_a_secret_stands_in_place_or_in_the_environment(written: object, secret: str) -> None:
    assert READER.table({"key": written}, Outer).key == Secret(secret)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_from_a_file_is_what_stands_in_it_without_the_last_line_end(
    tmp_path: Path, end: str
) -> None:
    path = tmp_path / "key"
    path.write_bytes(f" with blanks {end}".encode())
    assert READER.table({"key": {"file": str(path)}}, Outer).key == Secret(" with blanks ")


def test_a_mark_that_an_editor_put_before_a_secret_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"\xef\xbb\xbfsecret\r\n")
    assert READER.table({"key": {"file": str(path)}}, Outer).key == Secret("secret")


def test_a_secret_of_several_lines_is_refused_unseen(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("hush\nhush\n")
    with pytest.raises(
        ConfigError, match=r"^key has a line end or a zero byte within it; give the secret alone"
    ):
        READER.table({"key": {"file": str(path)}}, Outer)


def test_a_secret_file_that_there_cannot_be_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^key names the file a\0b, which cannot be read \(embedded null"):
        READER.table({"key": {"file": "a\0b"}}, Outer)


def test_a_secret_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"key names the file .*/key, which is not UTF-8 text"):
        READER.table({"key": {"file": str(path)}}, Outer)


_TOML = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(list(Settings.__struct_fields__)), _TOML)
def test_whatever_stands_in_a_section_is_read_or_told_in_one_line(section: str, raw: object) -> None:
    told = ""
    try:
        Reader(Settings, {}).table({section: raw}, Settings)
    except ConfigError as error:
        told = str(error)
    assert not told or told.startswith(section)
    assert "\n" not in told


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Annotated[int, Meta(gt=0, le=9)], "a whole number above 0 and at most 9"),
        (Annotated[int, Meta(le=9)], "a whole number at most 9"),
        (Annotated[float, Meta(ge=0.5)], "a number of at least 0.5"),
        (tuple[bool, ...], "a list, each true or false"),
        (Secret, 'text, { file = "PATH" } or { env = "NAME" }'),
    ],
)
def test_what_a_value_must_be_is_said_in_words(kind: type, words: str) -> None:
    assert describe(inspect.type_info(kind)) == words


def test_a_key_is_written_as_in_the_file() -> None:
    assert dotted("", "http") == "http"
    assert dotted("http", "tls_cert") == "http.tls_cert"
    assert dotted("queues", "sales") == 'queues."sales"'
    assert dotted("queues", 'a "b"') == 'queues."a \\"b\\""'


def test_all_keys_are_known_by_their_path() -> None:
    assert list(keys(Outer)) == [
        "inner.size",
        "inner.weight",
        "named.NAME.size",
        "named.NAME.weight",
        "listed.size",
        "listed.weight",
        "path",
        "key",
    ]


class Cat(Struct, frozen=True, kw_only=True, tag=True):
    kind: Literal["cat"]
    lives: int = 9


class Dog(Struct, frozen=True, kw_only=True, tag=True):
    kind: Literal["poodle", "spaniel"]
    name: str


class Zoo(Struct, frozen=True, kw_only=True):
    animals: dict[str, Cat | Dog] = {}


ZOO = Reader(Zoo, {})


def test_a_table_of_several_kinds_is_the_one_it_names() -> None:
    raw = {"animals": {"a": {"kind": "cat"}, "b": {"kind": "spaniel", "name": "Rex"}}}
    assert ZOO.table(raw, Zoo).animals == {"a": Cat(kind="cat"), "b": Dog(kind="spaniel", name="Rex")}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({}, 'animals.a.kind is missing; it must be "cat", "poodle" or "spaniel"'),
        ({"kind": "cow"}, 'animals.a.kind must be "cat", "poodle" or "spaniel", not "cow"'),
        ({"kind": ["cat"]}, 'animals.a.kind must be "cat", "poodle" or "spaniel", not ["cat"]'),
        (
            {"kind": "cat", "name": "Tom"},
            'animals.a.name is not a setting of kind = "cat"; known are kind, lives',
        ),
        (
            {"kind": "cat", "live": 1},
            'animals.a.live is not a setting of kind = "cat"; did you mean animals.a.lives?',
        ),
        ("cat", "animals.a must be a table: write [animals.a] above its settings"),
    ],
)
def test_a_table_of_no_known_kind_or_with_anothers_key_is_told(raw: object, sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        ZOO.table({"animals": {"a": raw}}, Zoo)
    assert str(error.value) == sentence


def test_tables_of_several_kinds_must_be_tables() -> None:
    with pytest.raises(ConfigError, match=r'^animals must hold tables: write \[animals\."NAME"\] above'):
        ZOO.table({"animals": 1}, Zoo)


def test_the_keys_of_several_kinds_are_all_of_theirs() -> None:
    assert set(keys(Zoo)) == {"animals.NAME.kind", "animals.NAME.lives", "animals.NAME.name"}
