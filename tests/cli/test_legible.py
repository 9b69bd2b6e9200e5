"""Text that others wrote, on a terminal."""

from __future__ import annotations

import pytest

from queuewatch.cli.legible import legible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("esc\x1b[31mred", r"esc\x1b[31mred"),
        ("two\nlines\r", r"two\nlines\r"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("Büro / Süd, 👩\u200d💻", "Büro / Süd, 👩\u200d💻"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_what_steers_a_terminal_is_shown_and_all_else_is_left(text: str, shown: str) -> None:
    assert legible(text) == shown
