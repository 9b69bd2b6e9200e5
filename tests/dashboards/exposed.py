"""The names that Prometheus finds in our own exposition, from a state in which everything is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from queuewatch.core.view import BoardView
from queuewatch.outgoing import OutboxView
from queuewatch.ports import COMMIT_BUCKETS_S, CommitsView
from queuewatch.serve import forecasts, owed
from queuewatch.serve.exposition import Family, labels
from queuewatch.serve.metrics import Sight, render
from tests.serve.desk import HTTP_SOURCE, NOON, queue
from tests.views import RISK, SUMMARY

# What Prometheus adds to every target, what its client library tells of every process, and its own alerts.
FROM_OTHERS = {
    "up",
    "scrape_duration_seconds",
    "ALERTS",
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
}


@dataclass(frozen=True)
class Known:
    """A queue all of whose forecasts are known."""

    site: str = "default"
    queue: str = "sales"
    channel: str = "phone"
    contacts: Mapping[str, float] = field(default_factory=lambda: {"now": 1.0})
    ranges: Mapping[tuple[str, str, str], float] = field(default_factory=lambda: {("day", "80", "low"): 1.0})
    agents: int | None = 1
    wape: Mapping[str, float] = field(default_factory=lambda: {"day": 0.1})
    cover: Mapping[tuple[str, str], float] = field(default_factory=lambda: {("day", "80"): 0.8})


OWED = [found for found in vars(owed).values() if isinstance(found, Family)]


def recorded() -> set[str]:
    """Names of what Prometheus computes by the rules that are shipped."""
    text = (Path(__file__).parents[2] / "config" / "recording_rules.yml").read_text(encoding="utf-8")
    return set(re.findall(r"- record: (\S+)", text))


def exposed() -> set[str]:
    """Names of all samples."""
    board = BoardView(
        at=NOON,
        version=1,
        queues=(queue(promises=SUMMARY, at_risk=RISK, planned=4), queue("mail", channel="email")),
        sources=(HTTP_SOURCE,),
        misfits={"default": {"unknown_visit": 1}},
    )
    commits = CommitsView(counts=(0,) * (len(COMMIT_BUCKETS_S) + 1), sum_s=0.0)
    sight = Sight(
        board,
        commits,
        {("default", "sales", "busy"): 1},
        {("mqtt", "sent"): 1},
        {"slack": OutboxView(oldest_at=0.0)},
        (*((family, ((labels(site="default"), 1.0),)) for family in OWED), *forecasts.told([Known()])),
    )
    text = render(sight, openmetrics=False)
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
