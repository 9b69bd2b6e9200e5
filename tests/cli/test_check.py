"""`queuewatch check`: reads the config, tries what it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queuewatch.__main__ import main


def config(tmp_path: Path, data_dir: str) -> str:
    path = tmp_path / "queuewatch.toml"
    path.write_text(f'[service]\ndata_dir = "{tmp_path / data_dir}"\n[http]\nport = 0\n')
    return str(path)


def test_where_all_is_well_it_says_so_and_ends_with_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config(tmp_path, "var")
    assert main(["check", "--config", path]) == 0
    said = capsys.readouterr().out
    assert f"{path} is in order" in said
    assert "wrong    " not in said


def test_as_json_each_finding_is_an_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", config(tmp_path, "var"), "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(finding["state"], finding["what"]) for finding in findings] == [
        ("ok", "config"),
        ("ok", "service"),
        ("ok", "http"),
    ]


def test_what_is_wrong_is_said_with_the_cure_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("a file, not a directory")
    assert main(["check", "--config", config(tmp_path, "file/var")]) == 1
    said = capsys.readouterr().out
    assert "wrong" in said
    assert "cannot be written (Not a directory); mend its rights, or name another directory" in said


def test_a_config_that_cannot_be_read_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text("[http]\nprot = 1\n")
    assert main(["check", "--config", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"queuewatch: {path}: http.prot is not a setting; did you mean http.port?\n"


def test_without_a_file_the_defaults_are_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["check"])
    said = capsys.readouterr().out
    assert "no file: everything is at its default" in said
    assert "data_dir var is not there yet and can be made" in said
    assert list(tmp_path.iterdir()) == []
