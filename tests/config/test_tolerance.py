"""How long customers put up with waiting, as the config says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuewatch.config import ConfigError, load
from queuewatch.core.rules import Tolerance


def loaded(tmp_path: Path, text: str) -> Tolerance:
    path = tmp_path / "queuewatch.toml"
    path.write_text(text)
    return load(path).rules().tolerance


def test_without_it_the_surveys_speak(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Tolerance()


def test_ones_own_curves_take_their_place(tmp_path: Path) -> None:
    told = loaded(tmp_path, "[tolerance]\nresents = [[0, 0.1], [30, 0.5]]\nsurvey_counts = 20\n")
    assert told == Tolerance(resents=((0.0, 0.1), (30.0, 0.5)), survey_counts=20.0)


@pytest.mark.parametrize("points", ["[[60, 0.1], [60, 0.2]]", "[[60, 0.2], [90, 0.1]]"])
def test_points_that_go_back_are_refused(tmp_path: Path, points: str) -> None:
    with pytest.raises(ConfigError, match=r"tolerance\.gives_up has .* must rise"):
        loaded(tmp_path, f"[tolerance]\ngives_up = {points}\n")
