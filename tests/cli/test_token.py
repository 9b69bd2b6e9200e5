"""`queuewatch token`: what it prints lets its holder in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from queuewatch.__main__ import main
from queuewatch.cli.token import config_lines
from queuewatch.config import load, token_hash


def test_the_printed_lines_let_the_printed_token_in_and_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["token", "--name", "board", "--scope", "read", "--scope", "act", "--scope", "read"]) == 0
    shown = capsys.readouterr().out
    found = re.search(r"^Authorization: Bearer (qw_[\w-]{43})$", shown, re.MULTILINE)
    assert found is not None
    lines = shown[shown.index("[[") :]
    assert found[1] not in lines
    path = tmp_path / "queuewatch.toml"
    path.write_text(f'[http]\nhost = "0.0.0.0"\n{lines}')
    (token,) = load(path).http.tokens
    assert (token.name, token.scopes) == ("board", ("read", "act"))
    assert token.sha256 == token_hash(found[1])


def test_no_two_tokens_are_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    main(["token"])
    main(["token"])
    tokens = re.findall(r"qw_[\w-]+", capsys.readouterr().out)
    assert len(set(tokens)) == 2


@pytest.mark.parametrize("name", ['a "b" \\ c', "Köln ☎ 📞", "a\x7fb\n"])
def test_any_name_is_written_so_that_it_reads_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text(config_lines(name, ("ingest",), "qw_x"), encoding="utf-8")
    assert load(path).http.tokens[0].name == name


def test_a_token_is_somebody_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--name", ""]) == 2
    assert "--name must not be empty" in capsys.readouterr().err


def test_a_scope_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--scope", "write"]) == 2
    assert "invalid choice: 'write'" in capsys.readouterr().err
