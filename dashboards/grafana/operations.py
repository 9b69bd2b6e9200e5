"""Operations: is queuewatch itself well, and are its sources?"""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.bars import bars
from dashboards.grafana.colours import ANY_IS_BAD, ANY_IS_GOOD, CALM, HURTS, OTHER, UP, WARNING, WELL, Steps
from dashboards.grafana.kit import Look, Query, Section
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import coloured, lines, number
from dashboards.grafana.shared import sources

JOB = 'job="queuewatch"'
LAG: Steps = ((None, WELL), (5, WARNING), (60, HURTS))
COMMIT: Steps = ((None, WELL), (0.1, WARNING), (1, HURTS))
SCRAPE: Steps = ((None, WELL), (1, WARNING), (4, HURTS))


def board() -> Dashboard:
    """The board."""
    return made_board(
        "operations",
        "Operations",
        "Is queuewatch itself well, and are its sources?",
        [
            Section("Now", _numbers()),
            Section("Sources", [sources(), _lag(), _events(), _refused()]),
            Section("Facts, journal and deliveries", [_misfit(), _commits(), _deliveries(), _standing()]),
            Section("Process", [_memory(), _processor(), _scrapes()]),
        ],
        refresh="10s",
        since="now-3h",
    )


def _numbers() -> list[Panel]:
    started = f"max(time() - process_start_time_seconds{{{JOB}}})"
    return [
        number(
            "queuewatch",
            "Whether Prometheus could scrape it.",
            f"min(up{{{JOB}}})",
            Look("short", ANY_IS_GOOD, words=UP),
        ),
        number(
            "Runs since",
            "Time since it started. A few minutes, again and again: it falls over; look at its log.",
            started,
            Look("s", ((None, WARNING), (600, WELL))),
        ),
        number(
            "Silent sources",
            "Sources that cannot be relied on now: the connection, or the other side.",
            "count(queuewatch_source_up == 0) or count(queuewatch_source_up) * 0",
            Look("short", ANY_IS_BAD, decimals=0),
        ),
        number(
            "Slowest commit of a hundred",
            "99 % of the journal's commits of the last 5 minutes took no longer. Above a second the disk"
            " is too slow.",
            "histogram_quantile(0.99, sum by (le) (rate(queuewatch_journal_commit_seconds_bucket[5m])))",
            Look("s", COMMIT, none="nothing was written in the last 5 minutes"),
        ),
        number(
            "Refused, last hour",
            "Events that could not be read or did not fit. The sources' lines below say whose and why.",
            ask.zero_if_up("sum(increase(queuewatch_events_refused_total[1h]))"),
            Look("short", ((None, WELL), (1, WARNING), (100, HURTS)), decimals=0),
        ),
        number(
            "Alerts on",
            "Alerts of Prometheus about queuewatch that are firing.",
            ask.zero_if_up('count(ALERTS{alertstate="firing",service="queuewatch"})'),
            Look("short", ANY_IS_BAD, decimals=0),
        ),
    ]


def _bars(title: str, about: str, query: str, legend: str, look: Look) -> Panel:
    return bars(title, about, [Query(query, legend, now=True)], look, size=(12, 8))


def _lag() -> Panel:
    return _bars(
        "How late facts come in",
        "Seconds between an event and its arrival here, for the last event of each source. Minutes, all"
        " the time: the clock of the other side is wrong, or its queue is full.",
        "sort_desc(max by (source) (queuewatch_source_lag_seconds))",
        "{{source}}",
        Look("s", LAG, least=0, none="nothing came in yet"),
    )


def _events() -> Panel:
    return _bars(
        "Events taken per second",
        "Events of each source over the last 5 minutes. 0 on a busy morning: the source speaks of nothing.",
        "sort_desc(sum by (source) (rate(queuewatch_events_total[5m])))",
        "{{source}}",
        Look("suffix: /s", CALM, least=0, decimals=2, none="nothing came in yet"),
    )


def _refused() -> Panel:
    return _bars(
        "Refused in the last hour, by source and reason",
        "What could not be read or did not fit. One source, one reason: its format has changed.",
        ask.zero_if_up(
            "sum by (source, reason) (increase(queuewatch_events_refused_total[1h])) > 0", "reason"
        ),
        "{{source}} {{reason}}",
        Look("short", ((None, WELL), (1, WARNING)), least=0, decimals=0),
    )


def _misfit() -> Panel:
    return _bars(
        "Taken, but fit no visit, last hour",
        "Facts kept though they fit nothing that was known: an answer without a call, an end of what had"
        " ended. Many after a start are usual; many on a quiet afternoon: a source leaves something out.",
        ask.zero_if_up(
            'sum by (reason) (increase(queuewatch_events_misfit_total{site=~"$site"}[1h])) > 0', "reason"
        ),
        "{{reason}}",
        Look("short", ((None, WELL), (10, WARNING)), least=0, decimals=0),
    )


def _commits() -> Panel:
    buckets = "sum by (le) (rate(queuewatch_journal_commit_seconds_bucket[$__rate_interval]))"
    return lines(
        "How long the journal's commits take",
        "Median and 99 % quantile, and how many commits a second. A sender is told that its event arrived"
        " once this is over. A gap: nothing was written.",
        [
            Query(f"histogram_quantile(0.5, {buckets})", "median"),
            Query(f"histogram_quantile(0.99, {buckets})", "99 in 100"),
            Query("sum(rate(queuewatch_journal_commit_seconds_count[$__rate_interval]))", "commits"),
        ],
        Look(
            "s",
            COMMIT,
            colours={"median": WELL, "99 in 100": HURTS, "commits": OTHER},
            more={"commits": {"unit": "suffix: /s", "custom.axisPlacement": "right"}},
        ),
        size=(12, 8),
    )


def _deliveries() -> Panel:
    return lines(
        "Deliveries per minute, by sender and outcome",
        "What went out to brokers and chat. Anything that is not `sent` did not arrive, or not yet.",
        [
            Query(
                ask.zero_if_up(
                    "sum by (sender, outcome) (rate(queuewatch_deliveries_total[$__rate_interval])) * 60",
                    "sender",
                ),
                "{{sender}} {{outcome}}",
            )
        ],
        coloured("suffix: /min", CALM, {"mqtt sent": WELL, "mqtt failed": HURTS, "slack failed": WARNING}),
        size=(12, 8),
    )


def _standing() -> Panel:
    """The outboxes: what is held up, and what was given up."""
    return lines(
        "Waiting to be sent, and given up",
        "By sender. Those waiting go out once the other side takes them again; those given up wait for"
        " somebody: see `queuewatch deliveries`.",
        [
            Query(
                ask.zero_if_up("max by (sender) (queuewatch_deliveries_pending)", "sender"),
                "{{sender}} waiting",
            ),
            Query(
                ask.zero_if_up("max by (sender) (queuewatch_deliveries_dead)", "sender"),
                "{{sender}} given up",
            ),
            Query(
                ask.zero_if_up("count(queuewatch_sender_up == 0)"),
                "senders down",
            ),
        ],
        coloured("short", ANY_IS_BAD, {"senders down": HURTS}),
        size=(12, 8),
    )


def _memory() -> Panel:
    return lines(
        "Memory",
        "Resident memory of the process. It may grow in the first day and must not on the others.",
        [Query(f"max(process_resident_memory_bytes{{{JOB}}})", "resident")],
        coloured("bytes", CALM, {"resident": WELL}),
        size=(8, 8),
    )


def _processor() -> Panel:
    return lines(
        "Processor and open files",
        "Share of one core that the process uses, left; open files and connections, right.",
        [
            Query(f"max(rate(process_cpu_seconds_total{{{JOB}}}[$__rate_interval]))", "processor"),
            Query(f"max(process_open_fds{{{JOB}}})", "open files"),
        ],
        Look(
            "percentunit",
            ((None, WELL), (0.8, WARNING)),
            colours={"processor": WELL, "open files": OTHER},
            more={"open files": {"unit": "short", "custom.axisPlacement": "right"}},
        ),
        size=(8, 8),
    )


def _scrapes() -> Panel:
    return lines(
        "How long a scrape takes",
        "Time to answer one scrape. Near the scrape's timeout (4 s) the boards get gaps.",
        [Query(f"max(scrape_duration_seconds{{{JOB}}})", "scrape")],
        coloured("s", SCRAPE, {"scrape": WELL}),
        size=(8, 8),
    )
