"""The config file: each bad one fails with its own sentence, and the shipped one explains every key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from msgspec import Struct, structs

from queuewatch.config import AnySource, ConfigError, Mqtt, Settings, load
from queuewatch.config.read import Reader, keys

BAD = sorted((Path(__file__).parent.parent / "data/config/bad").glob("*.toml"))
SHIPPED = Path(__file__).parent.parent.parent / "config/queuewatch.toml"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_fails_with_the_sentence_it_begins_with(path: Path) -> None:
    wanted = path.read_text().splitlines()[0].removeprefix("# must fail with")
    with pytest.raises(ConfigError) as error:
        load(path, {"EMPTY": ""})
    assert str(error.value) == f"{path}{wanted}"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_sentence_is_one_line_and_shows_no_secret(path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(path, {"EMPTY": ""})
    for unseen in ("\n", "hush", "123456", "qw_not-a-hash"):
        assert unseen not in str(error.value)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^nowhere\.toml: there is no such file; name the config"):
        load("nowhere.toml")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('[site]\nname = "Köln"\n'.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.toml: this is not UTF-8 text; save it as UTF-8"):
        load(path)


def test_a_mark_that_an_editor_put_before_the_file_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf[http]\r\nport = 8081\r\n")
    assert load(path).http.port == 8081


def test_a_data_dir_that_there_cannot_be_is_no_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text(f'[service]\ndata_dir = "{"x" * 5000}"\n')
    assert str(load(path).service.data_dir) == "x" * 5000


def test_without_a_file_everything_is_at_its_default() -> None:
    assert load(None) == Settings()


def test_secrets_come_from_the_environment_the_process_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_KEY", "a key from the environment of 38 letters")
    path = tmp_path / "queuewatch.toml"
    path.write_text('[customers]\nkey = { env = "A_KEY" }\n')
    key = load(path).customers.key
    assert key is not None
    assert key.reveal() == "a key from the environment of 38 letters"


def test_the_shipped_file_sets_everything_to_its_default() -> None:
    assert load(SHIPPED) == Settings()


def everything() -> dict[str, Any]:
    """The shipped file with what is commented out set: `#key = value`, without a blank, is a setting."""
    return tomllib.loads(re.sub(r"(?m)^#(?=[\[a-z])", "", SHIPPED.read_text(encoding="utf-8")))


KNOWN = set(keys(Settings))


NAMED = {"queues", "sources", "incentives", "hooks", "planner.pools", "planner.pools.NAME.crews"}
"""Tables whose tables bear names that the administrator gives."""


def flat(table: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    """Dotted keys and values; the name of a queue becomes NAME, and of a list of tables the first speaks."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        own = "NAME" if key in NAMED else name
        here = f"{key}.{own}" if key else name
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if isinstance(inner, dict) and here not in KNOWN:
            found |= flat(inner, here)
        else:
            found[here] = value
    return found


def test_every_setting_is_in_the_shipped_file_and_nothing_else() -> None:
    assert set(flat(everything())) == KNOWN


def test_every_example_in_the_shipped_file_is_of_the_right_kind() -> None:
    without_secrets = everything()
    for section, name in (
        ("mqtt", "password"),
        ("customers", "key"),
        ("smtp", "password"),
        ("budget", "code_key"),
    ):
        without_secrets[section][name] = "text"
    for source in without_secrets["sources"].values():
        source |= {name: "text" for name, value in source.items() if is_secret(value)}
    for section in ("slack", "teams", "issuer"):
        without_secrets[section] |= {
            name: "text"
            for name, value in without_secrets[section].items()
            if is_secret(value) or is_file(value)
        }
    without_secrets["hooks"]["widget"]["secret"] = "text"
    Reader(Settings, {}).table(without_secrets, Settings)


def is_file(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"file"}


def is_secret(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"env"}


@pytest.mark.parametrize("struct", get_args(AnySource), ids=lambda struct: struct.__name__)
def test_a_source_in_the_shipped_file_has_every_setting_of_its_kind(struct: type[Struct]) -> None:
    sources = everything()["sources"].values()
    kinds = get_args(get_type_hints(struct)["kind"])
    example = next(source for source in sources if source["kind"] in kinds)
    assert set(example) - {"rules"} == set(struct.__struct_fields__) - {"rules"}


def test_every_value_in_the_shipped_file_that_has_a_default_is_it() -> None:
    written = flat(everything())
    defaults = flat(builtin(Settings())) | {f"mqtt.{key}": value for key, value in builtin(Mqtt()).items()}
    for key, default in defaults.items():
        if default is not None and default not in ((), {}):
            assert written[key] == default, key


def builtin(section: Struct) -> dict[str, Any]:
    """A struct as TOML would hold it."""
    plain: dict[str, Any] = {}
    for name, value in structs.asdict(section).items():
        if isinstance(value, Struct):
            plain[name] = builtin(value)
        elif isinstance(value, Path):
            plain[name] = str(value)
        elif isinstance(value, tuple):
            plain[name] = [list(one) if isinstance(one, tuple) else one for one in value] or ()
        else:
            plain[name] = value
    return plain


def test_a_key_is_explained_above_it() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#?\[", line):
            assert lines[number - 1].startswith("#") or lines[number + 1].startswith("# "), line
