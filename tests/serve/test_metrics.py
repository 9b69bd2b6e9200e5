"""/metrics: the contract's names, unknown is absent, and no scrape is made twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import Metric

from queuewatch import __version__
from queuewatch.outgoing import OutboxView
from queuewatch.serve.metrics import SOURCES
from tests.serve.conftest import Client
from tests.serve.desk import HTTP_SOURCE, NOON, FakeDesk, histogram, queue
from tests.serve.scrape import OPENMETRICS, scraped

SALES = {"site": "default", "queue": "sales", "channel": "phone"}


@pytest.fixture
def busy(desk: FakeDesk) -> FakeDesk:
    counts = queue().counts
    mail = queue("mail", channel="email", counts=_with(counts, first_response=histogram(20.0)))
    desk.views.append(mail)
    desk.entered = {("default", "sales", "busy"): 2, ("default", "gone", "busy"): 1}
    desk.delivered = {("mqtt", "sent"): 5, ("mqtt", "failed"): 1}
    desk.boxes = {
        "slack": OutboxView(pending=2, dead=1, oldest_at=NOON - 90.0),
        "voucher": OutboxView(up=False),
    }
    return desk


def _with(view: Any, **changes: Any) -> Any:
    return type(view)(**{name: getattr(view, name) for name in view.__struct_fields__} | changes)


def value(metric: Metric, suffix: str = "", **labels: str) -> float | None:
    """The one sample with exactly these labels; None when there is none."""
    found = [s.value for s in metric.samples if s.labels == labels and s.name == metric.name + suffix]
    return found[0] if found else None


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
async def test_both_formats_tell_the_same_of_a_queue(client: Client, busy: FakeDesk, accept: str) -> None:
    told = await scraped(client, accept)
    expected: list[tuple[str, str, dict[str, str], float]] = [
        ("contacts_offered", "_total", {}, 10),
        ("contacts_answered", "_total", {}, 5),
        ("contacts_abandoned", "_total", {}, 1),
        ("contacts_left", "_total", {"reason": "timed_out"}, 1),
        ("contacts_transferred", "_total", {"kind": "blind"}, 1),
        ("contacts_resolved", "_total", {"resolved": "no"}, 1),
        ("contacts_repeated", "_total", {"reason": "abandoned"}, 2),
        ("contacts_waiting", "", {}, 3),
        ("contacts_serving", "", {}, 2),
        ("oldest_wait_seconds", "", {}, 75),
        ("agents", "", {"state": "busy"}, 2),
        ("agents", "", {"state": "available"}, 0),
        ("occupancy_ratio", "", {}, 1),
        ("offered_load_erlangs", "", {}, 2),
        ("estimated_wait_seconds", "", {"quantile": "0.9"}, 250),
        ("wait_exceedance_probability", "", {"threshold": "60"}, 0.82),
        ("contacts_past_threshold", "", {"threshold": "60"}, 1),
        ("wait_target_ratio", "", {"threshold": "180"}, 0.02),
        ("erlang_c_exceedance_probability", "", {"threshold": "180"}, 0.2),
        ("agents_required", "", {}, 4),
        ("notice_level", "", {}, 1),
        ("notices", "_total", {"level": "busy"}, 2),
        ("data_age_seconds", "", {}, 2.5),
    ]
    for name, suffix, more, wanted in expected:
        assert value(told[f"queuewatch_{name}"], suffix, **SALES, **more) == wanted, name
    assert busy.boards == 1


async def test_the_thresholds_are_borders_of_the_waits(client: Client) -> None:
    waits = (await scraped(client))["queuewatch_wait_seconds"]
    # Waits of 3, 60, 61 and 400,000 s; a border belongs to the bucket below it.
    for le, count in [("60.0", 2), ("180.0", 3), ("259200.0", 3), ("+Inf", 4)]:
        assert value(waits, "_bucket", **SALES, le=le) == count
    assert value(waits, "_count", **SALES) == 4
    assert value(waits, "_sum", **SALES) == 400_124


async def test_who_gave_up_is_told_by_how_long_they_had_waited(client: Client) -> None:
    told = (await scraped(client))["queuewatch_abandoned_wait_seconds"]
    # One, after 45 s.
    for le, count in [("30.0", 0), ("45.0", 1), ("60.0", 1), ("+Inf", 1)]:
        assert value(told, "_bucket", **SALES, le=le) == count
    assert value(told, "_sum", **SALES) == 45


async def test_what_is_unknown_is_absent_and_not_zero(client: Client, busy: FakeDesk) -> None:
    told = await scraped(client, OPENMETRICS)
    quiet = {
        name.removeprefix("queuewatch_")
        for name, metric in told.items()
        if any(sample.labels.get("queue") == "quiet" for sample in metric.samples)
    }
    assert quiet == {
        "callbacks_waiting",
        "contacts_offered",
        "contacts_answered",
        "contacts_abandoned",
        "contacts_waiting",
        "contacts_serving",
        "contacts_past_threshold",
        "contacts_at_risk",
        "contacts_leaving",
        "wait_target_ratio",
        "notice_level",
        "data_age_seconds",
        "wait_seconds",
        "abandoned_wait_seconds",
        "handling_seconds",
    }
    responders = {s.labels["queue"] for s in told["queuewatch_first_response_seconds"].samples}
    assert responders == {"mail"}
    assert len(busy.views) == 3


async def test_the_estimate_is_a_summary_because_it_has_quantiles(client: Client) -> None:
    assert (await scraped(client, OPENMETRICS))["queuewatch_estimated_wait_seconds"].type == "summary"


async def test_a_journal_that_cannot_be_written_is_told(client: Client, desk: FakeDesk) -> None:
    assert value((await scraped(client))["queuewatch_journal_up"]) == 1
    desk.cannot_write = True
    assert value((await scraped(client))["queuewatch_journal_up"]) == 0


async def test_sources_journal_and_senders_are_told(client: Client, busy: FakeDesk) -> None:
    told = await scraped(client)
    http = {"source": "http"}
    events = told["queuewatch_events"]
    assert value(events, "_total", **http, type="queuewatch.contact.enqueued") == 10
    assert value(told["queuewatch_events_refused"], "_total", **http, reason="bad_field") == 2
    assert value(told["queuewatch_source_up"], **http) == 1
    assert value(told["queuewatch_source_lag_seconds"], **http) == 0.25
    assert value(told["queuewatch_journal_events"]) == 7
    commits = told["queuewatch_journal_commit_seconds"]
    assert value(commits, "_bucket", le="0.0005") == 3
    assert value(commits, "_sum") == 0.001
    assert value(told["queuewatch_deliveries_pending"], sender="slack") == 2
    assert value(told["queuewatch_deliveries_dead"], sender="slack") == 1
    assert value(told["queuewatch_deliveries_oldest_seconds"], sender="slack") == 90
    assert value(told["queuewatch_sender_up"], sender="voucher") == 0
    deliveries = told["queuewatch_deliveries"]
    assert value(deliveries, "_total", sender="mqtt", outcome="failed") == 1
    assert value(told["queuewatch_build_info"], version=__version__) == 1
    assert "process_resident_memory_bytes" in told
    assert "python_gc_objects_collected" in told
    assert busy.delivered


async def test_a_queue_with_quotes_in_its_name_does_no_harm(client: Client, desk: FakeDesk) -> None:
    desk.views.append(queue('a "b" \\ c\nd'))
    told = await scraped(client, OPENMETRICS)
    names = {sample.labels["queue"] for sample in told["queuewatch_contacts_waiting"].samples}
    assert 'a "b" \\ c\nd' in names


async def test_scrapes_at_the_same_time_share_one(client: Client, desk: FakeDesk) -> None:
    bodies = await asyncio.gather(*(scraped(client, OPENMETRICS) for _ in range(8)))
    assert len(bodies) == 8
    assert desk.boards < 8


async def test_of_very_many_sources_the_first_have_labels_and_the_rest_are_told_together(
    client: Client, desk: FakeDesk
) -> None:
    named = [replace(HTTP_SOURCE, source=f"s{number}") for number in range(SOURCES)]
    desk.sources = tuple(named)
    told = (await scraped(client))["queuewatch_source_up"]
    assert len(told.samples) == SOURCES
    desk.sources = (*named, replace(HTTP_SOURCE, source="late", up=False, lag_s=9.0))
    told = (await scraped(client))["queuewatch_source_up"]
    assert len(told.samples) == SOURCES
    assert value(told, source="s98") == 1
    assert value(told, source="other") == 0
    more = await scraped(client)
    enqueued = {"source": "other", "type": "queuewatch.contact.enqueued"}
    assert value(more["queuewatch_events"], "_total", **enqueued) == 20
    assert value(more["queuewatch_events_refused"], "_total", source="other", reason="bad_field") == 4
    assert value(more["queuewatch_source_lag_seconds"], source="other") == 9
