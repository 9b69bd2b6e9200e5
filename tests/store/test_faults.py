"""A mistake of ours is told with what mends it: at once, and then not again and again."""

from __future__ import annotations

from structlog.testing import capture_logs

from queuewatch.store.faults import EVERY_S, Faults, describe


def mistake(number: float) -> Exception:
    """One that was made, with its traceback."""
    try:
        1 / number
    except ZeroDivisionError as error:
        return error
    return LookupError("no such thing")


def test_it_is_named_in_one_sentence_that_leads_to_the_log() -> None:
    assert describe(LookupError("no such thing")) == (
        "queuewatch made a mistake writing this down (LookupError: no such thing); its log has the details"
    )


def test_a_mistake_is_told_with_its_place_what_it_was_about_and_the_cure() -> None:
    error = mistake(0)
    with capture_logs() as logs:
        Faults().tell(error, "events: 2, of pbx: Enqueued")
    (line,) = logs
    assert line["log_level"] == "error"
    assert line["why"] == "ZeroDivisionError: division by zero"
    assert line["doing"] == "events: 2, of pbx: Enqueued"
    assert "report it" in line["cure"]
    assert line["exc_info"] is error


def test_the_same_mistake_is_told_now_and_then_with_how_often_it_was_made_and_another_at_once() -> None:
    now_s = 100.0
    faults = Faults(lambda: now_s)
    with capture_logs() as logs:
        for _ in range(3):
            faults.tell(mistake(0), "one")
        faults.tell(mistake(1), "another")
        now_s = 100.0 + EVERY_S - 1.0
        faults.tell(mistake(0), "one")
        now_s = 100.0 + EVERY_S
        faults.tell(mistake(0), "one")
    assert [(line["doing"], line["count"]) for line in logs] == [("one", 1), ("another", 1), ("one", 4)]
