"""A disk that takes nothing: told when it begins and when it is over, with what it cost."""

from __future__ import annotations

from structlog.testing import capture_logs

from queuewatch.store.outages import CALM_S, Outages

FULL = "journal.db: the disk is full; free some space on it"
BUSY = "journal.db: another program is writing to the file; end that program"


class Watch:
    """A watch that is moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.outages = Outages(lambda: self.at)


def test_it_is_told_once_when_it_begins_and_once_when_it_is_over_with_what_it_cost() -> None:
    watch = Watch()
    with capture_logs() as logs:
        watch.outages.wrote()
        for events in (1, 20, 300):
            watch.outages.failed(FULL)
            watch.outages.refused(events)
            watch.at += 30.0
        assert watch.outages.failure == FULL
        watch.outages.wrote()
        assert not watch.outages.failure
        watch.at += CALM_S
        watch.outages.wrote()
        watch.outages.wrote()
    assert not watch.outages.failure
    assert logs == [
        {"log_level": "error", "event": "not written", "why": FULL},
        {
            "log_level": "info",
            "event": "written again",
            "lasted_s": 90.0,
            "refused_requests": 3,
            "refused_events": 321,
        },
    ]


def test_the_next_one_counts_from_nothing() -> None:
    watch = Watch()
    watch.outages.failed(FULL)
    watch.outages.refused(5)
    watch.outages.wrote()
    watch.at += CALM_S
    with capture_logs() as logs:
        watch.outages.failed(FULL)
        watch.at += 2.5
        watch.outages.wrote()
        watch.at += CALM_S
        watch.outages.wrote()
    assert [line["event"] for line in logs] == ["written again", "not written", "written again"]
    assert logs[0]["refused_events"] == 5
    assert (logs[2]["lasted_s"], logs[2]["refused_requests"], logs[2]["refused_events"]) == (2.5, 0, 0)


def test_a_nearly_full_disk_that_takes_little_and_not_much_is_one_outage_until_it_is_calm() -> None:
    watch = Watch()
    with capture_logs() as logs:
        for _ in range(50):
            watch.outages.failed(FULL)
            watch.outages.refused(10)
            watch.outages.wrote()
            watch.at += CALM_S - 0.5
            watch.outages.wrote()
        assert [line["event"] for line in logs] == ["not written"]
        watch.at += 0.5
        watch.outages.wrote()
    assert [line["event"] for line in logs] == ["not written", "written again"]
    assert (logs[1]["lasted_s"], logs[1]["refused_events"]) == (49 * (CALM_S - 0.5), 500)


def test_another_reason_is_told_once_too_and_the_last_is_the_one_that_holds() -> None:
    watch = Watch()
    with capture_logs() as logs:
        for why in (FULL, BUSY, FULL, BUSY):
            watch.outages.failed(why)
    assert [line["why"] for line in logs] == [FULL, BUSY]
    assert watch.outages.failure == BUSY


def test_one_that_is_not_over_at_the_end_is_told_and_one_that_is_over_is_not() -> None:
    watch = Watch()
    with capture_logs() as logs:
        watch.outages.ends()
        watch.outages.failed(FULL)
        watch.outages.refused(7)
        watch.outages.ends()
        watch.outages.wrote()
        watch.outages.ends()
    assert [line["event"] for line in logs] == [
        "not written",
        "closed while nothing is written",
        "written again",
    ]
    assert (logs[1]["why"], logs[1]["refused_events"]) == (FULL, 7)
