"""Whether something is there, asked of the system without a complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuewatch.config.paths import is_there


def test_what_is_there_is_there(tmp_path: Path) -> None:
    assert is_there(tmp_path)
    assert not is_there(tmp_path / "nothing")


def test_what_the_system_will_not_even_look_for_is_not_there(tmp_path: Path) -> None:
    assert not is_there(tmp_path / ("x" * 5000))


def test_what_this_user_may_not_see_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", locked)
    assert not is_there(Path("/var/lib/queuewatch/queuewatch.db"))
