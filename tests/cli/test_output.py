"""How commands print."""

from __future__ import annotations

import io
import json
import math

import pytest

from queuewatch.cli.output import percent, plain_lines, print_json, print_table, progress, seconds

ROWS = (("support", "12", "0.5 s"), ("sales [red]", "3", "12.0 s"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_columns_are_aligned_and_numbers_stand_to_the_right() -> None:
    assert plain_lines(("queue", "waiting", "wait"), ROWS) == [
        "queue        waiting    wait",
        "support           12   0.5 s",
        "sales [red]        3  12.0 s",
    ]


def test_numbers_below_nothing_and_next_to_nothing_stand_to_the_right_too() -> None:
    assert plain_lines(("rule", "bias"), [("a", "-4.4"), ("b", "12.0"), ("c", "< 0.1 %"), ("d", "-")]) == [
        "rule     bias",
        "a        -4.4",
        "b        12.0",
        "c     < 0.1 %",
        "d           -",
    ]


def test_figures_that_fit_in_no_frame_are_plain_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("last_to_enter_service", *("0.1234",) * 3)]
    columns = ("rule", "first", "second", "third")  # 21 + 3 x 6, two blanks apart, are 45
    for width, framed in ((45 + 4 + 3, True), (45 + 4 + 2, False)):
        terminal = Terminal()
        monkeypatch.setattr("sys.stdout", terminal)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", str(width))
        print_table(columns, rows)
        assert ("─" in terminal.getvalue()) == framed
        assert "last_to_enter_service" in terminal.getvalue()
        assert terminal.getvalue().count("0.1234") == 3


def test_without_names_of_columns_there_is_no_head() -> None:
    assert plain_lines(("", ""), [("a", "1")]) == ["a  1"]


def test_an_empty_table_is_its_head() -> None:
    assert plain_lines(("queue", "waiting"), []) == ["queue  waiting"]


def test_an_empty_table_can_say_so_in_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("queue", "waiting"), [], none="Nobody waits.")
    print_table(("queue", "waiting"), [("sales", "1")], none="Nobody waits.")
    assert capsys.readouterr().out == "Nobody waits.\nqueue  waiting\nsales        1\n"


def test_for_a_pipe_a_table_is_plain_and_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("queue", "why"), [("support", "x" * 500)], "Queues")
    assert capsys.readouterr().out == f"Queues\nqueue    why\nsupport  {'x' * 500}\n"


def test_on_a_terminal_a_table_is_framed_and_names_are_not_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_table(("queue", "waiting", "wait"), ROWS, "Queues")
    assert "sales [red]" in terminal.getvalue()
    assert "Queues" in terminal.getvalue()
    assert "─" in terminal.getvalue()


def test_json_has_null_where_there_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"wait_s": math.inf, "queues": [{"queue": "Köln"}]})
    assert json.loads(capsys.readouterr().out) == {"wait_s": None, "queues": [{"queue": "Köln"}]}


def test_progress_is_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown: list[str] = []
    for stream in (Terminal(), io.StringIO()):
        with progress("replaying [x]", 2, stream) as advance:
            advance(1)
            advance(1)
        shown.append(stream.getvalue())
    assert "replaying [x]" in shown[0]
    assert shown[1] == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.95, "10 s"),
        (59.4, "59 s"),
        (59.5, "1 min"),
        (245, "4 min 5 s"),
        (3599.6, "1 h 0 min"),
        (7384, "2 h 3 min"),
        (math.inf, "without end"),
    ],
)
def test_a_duration_is_shown_as_exactly_as_it_matters(value: float, said: str) -> None:
    assert seconds(value) == said


@pytest.mark.parametrize(
    ("share", "said"), [(0, "0.0 %"), (0.0004, "< 0.1 %"), (0.001, "0.1 %"), (0.2, "20.0 %"), (1, "100.0 %")]
)
def test_a_share_that_is_something_is_not_shown_as_nothing(share: float, said: str) -> None:
    assert percent(share) == said


def test_a_name_neither_steers_the_terminal_nor_breaks_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("queue", "waiting"), [("red\x1b[31m", "3"), ("two\nrows", "4")])
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 3
    assert "two\\nrows" in shown
