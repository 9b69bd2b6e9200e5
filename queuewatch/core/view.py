"""What others see of the state: frozen answers for the API, the boards, the metrics and MQTT.

Every field bears its unit in its name; points in time are floats (seconds since 1970-01-01T00:00:00Z),
turned into RFC 3339 where they leave the process. `None` means unknown, never "none".
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from queuewatch.core.facts.terms import AgentState, Channel

NoticeLevel = Literal["normal", "busy", "very_busy"]
NoticeReason = Literal["below", "rising", "above", "falling", "no_estimate", "override", "schedule"]
NoEstimateReason = Literal["no_agents", "too_few_data", "source_stale"]

# Upper borders of the wait and handling histograms, seconds: finer where phone and chat live (60 and
# 180 are borders because they are the thresholds), coarser up to days for e-mail.
BUCKETS_S: tuple[float, ...] = (
    5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200
)  # fmt: skip


class WaitView(Struct, frozen=True, kw_only=True):
    """How long a contact's whole wait (already waited + still to come) will be, or why nobody can say.

    Attributes:
        place: Place in line, 1 is next.
        waited_s: Seconds waited so far; 0 for the next one to arrive.
        mean_s: Expected whole wait, seconds.
        quantiles_s: Whole wait by quantile, "0.1", "0.5" and "0.9": the last is the 90 % promise.
        range_s: The 80 % range: from the "0.1" to the "0.9" quantile; where one in ten or more is answered at
            once, from there to the "0.8".
        chances: Chance in [0, 1] that the whole wait passes each threshold (seconds, as text).
        no_estimate: Why there is none; then the numbers are empty.
        estimator: Which estimator says so.
    """

    place: int
    waited_s: float = 0.0
    mean_s: float | None = None
    quantiles_s: dict[str, float] = {}
    range_s: tuple[float, float] | None = None
    chances: dict[str, float] = {}
    no_estimate: NoEstimateReason | None = None
    estimator: str = ""


class ContactView(Struct, frozen=True, kw_only=True):
    """One waiting contact: its place and its wait. `visit` counts its stays in this queue from 1."""

    site: str
    queue: str
    channel: Channel
    contact: str
    enqueued_at: float
    priority: int
    wait: WaitView
    visit: int = 1


class NoticeView(Struct, frozen=True, kw_only=True):
    """The notice in force: its level, since when, why, and until when if a person set it."""

    level: NoticeLevel
    since_at: float | None
    reason: str
    by: str | None = None
    until_at: float | None = None


class HistogramView(Struct, frozen=True, kw_only=True):
    """Counts per bucket of BUCKETS_S, not cumulated, one more for what lies above; and the sum, seconds."""

    counts: tuple[int, ...]
    sum_s: float


NOTHING_COUNTED = HistogramView(counts=(0,) * (len(BUCKETS_S) + 1), sum_s=0.0)


class CountsView(Struct, frozen=True, kw_only=True):
    """What happened in the queue since counting began; never goes down.

    Attributes:
        resolved: Completed contacts by whether the matter was settled (`yes`, `no`), where somebody said so.
        repeated: Contacts of customers who had been here lately, by how that ended (see `repeats.py`).
        wait: Waits of those answered.
        gave_up: Waits of those who abandoned.
    """

    offered: int
    answered: int
    abandoned: int
    left: dict[str, int]
    transferred: dict[str, int]
    resolved: dict[str, int] = {}
    repeated: dict[str, int] = {}
    wait: HistogramView
    gave_up: HistogramView = NOTHING_COUNTED
    handling: HistogramView
    first_response: HistogramView


class SteadyView(Struct, frozen=True, kw_only=True):
    """The steady picture by Erlang C from the recent rates.

    Attributes:
        arrivals_per_hour: Recent arrivals.
        handling_s: Recent mean handling time, seconds.
        load_erlangs: Offered load.
        chances: P(wait > threshold) by Erlang C, per threshold (seconds, as text).
        agents_required: Fewest agents that meet the queue's targets at this load.
    """

    arrivals_per_hour: float
    handling_s: float
    load_erlangs: float
    chances: dict[str, float]
    agents_required: int | None


CauseReason = Literal["nobody_there", "long_line", "too_much", "too_few", "away"]


class Cause(Struct, frozen=True):
    """Why a queue is in trouble, in numbers.

    `nobody_there`: nobody is on duty, `of` are not ready. `long_line`: `count` wait for `of` agents.
    `too_much`: `count` erlangs come in, `of` contacts can be handled at a time. `too_few`: `count` agents
    are on duty, `of` are needed in the long run. `away`: `count` of `of` agents are not ready.
    """

    reason: CauseReason
    count: float
    of: float


class TroubleView(Struct, frozen=True, kw_only=True):
    """A queue that is about to hurt customers: why, and what helps.

    Attributes:
        why: What stands out, the one that explains most first.
        agents: The fewest agents more that bring the next contact's chances down to the targets, and keep
            them there at the load there is; None where no number of agents would, or nobody can say.
        chances: The next contact's chances with them, per threshold (seconds, as text).
    """

    why: tuple[Cause, ...]
    agents: int | None = None
    chances: dict[str, float] = {}


class WhatIfView(Struct, frozen=True, kw_only=True):
    """One queue as it would be with other staffing, at this moment.

    Attributes:
        agents: Agents on duty now; where none is known, as many as the queue's pace speaks for; None where
            it has not shown its pace yet.
        agents_then: Agents on duty in the trial; None likewise.
        agents_known: Whether a source tells of the agents.
        targets: The share of contacts that may pass each threshold.
        next: The next contact's wait in the trial.
        line: The waits of those in line in the trial, in order, without identity.
        steady: The steady picture in the trial; None without rates to speak from.
    """

    site: str
    queue: str
    channel: Channel
    at: float
    agents: float | None
    agents_then: float | None
    agents_known: bool
    targets: dict[str, float]
    next: WaitView
    line: tuple[WaitView, ...]
    steady: SteadyView | None


PromiseOutcome = Literal["kept", "broken", "answered", "gave_up", "left", "lost"]


class PromiseView(Struct, frozen=True, kw_only=True):
    """A wait that was told to somebody, and what became of it.

    Attributes:
        promise: Its key.
        text: What was said, in this language.
        waited_s: What had been waited when it was told, seconds.
        told_s: The time still to wait that was told, seconds; None where there was no estimate.
        mean_s, quantiles_s, chances: The whole wait as it was estimated then; see `WaitView`.
        outcome: `kept`: answered within it. `broken`: answered later, or given up after it had passed.
            `gave_up`, `left`: the wait ended earlier without an answer, so nobody knows. `answered`: there
            had been no estimate. `lost`: nobody knows how it ended. `open`: the wait lasts.
        took_s: From the telling to the end of the wait, seconds.
        error_s: Told less what it took, seconds: below 0, it took longer.
    """

    promise: str
    site: str
    queue: str
    channel: Channel
    contact: str
    at: float
    language: str
    text: str
    estimator: str
    waited_s: float
    told_s: float | None
    mean_s: float | None
    quantiles_s: dict[str, float]
    chances: dict[str, float]
    no_estimate: str | None
    outcome: PromiseOutcome | Literal["open"]
    took_s: float | None
    error_s: float | None


class EstimateScoreView(Struct, frozen=True, kw_only=True):
    """How right an estimator has lately been about a queue: of waits as they began, the last 500 count.

    Attributes:
        contacts, answered: How many waits were scored, faded; how many of them ended with an answer.
        bias_s: Said less waited, seconds: below 0, it said too little.
        mae_s: Mean size of the error, seconds.
        coverage_80: Share of waits within the 80 % range; None for a rule without one.
        kept_90: Share of waits within the 90 % promise, or within the number of a rule without a range.
        brier: Of the experienced wait, by threshold (seconds, as text); 0 is perfect.
        brier_offered: Of the wait of one who never gives up.
        enough: There were enough waits to speak of.
    """

    estimator: str
    contacts: float
    answered: float
    bias_s: float | None
    mae_s: float | None
    coverage_80: float | None
    kept_90: float | None
    brier: dict[str, float]
    brier_offered: dict[str, float]
    enough: bool


class PromisesView(Struct, frozen=True, kw_only=True):
    """What was told in a queue, and how right it was.

    Attributes:
        told, no_estimate: Promises told ever, and how often there was no estimate to tell; never go down.
        outcomes: What became of them; never goes down.
        open: Promises to those who still wait.
        told_today, kept_today, broken_today: Of the queue's day; broken are also those to people who still
            wait though it has passed.
        kept_share_today: Kept of those decided, in [0, 1]; None before the first.
        waits_today: Waits of the day that ended with an answer and of which we had an estimate, told or not.
        held_share_today: Share of those that kept within our estimate for nine in ten; None before the first.
        error: Sizes of the errors of promises, seconds.
        estimates: Every estimator's score.
    """

    told: int
    no_estimate: int
    outcomes: dict[str, int]
    open: int
    told_today: int
    kept_today: int
    broken_today: int
    kept_share_today: float | None
    waits_today: int
    held_share_today: float | None
    error: HistogramView
    estimates: tuple[EstimateScoreView, ...]


class RiskView(Struct, frozen=True, kw_only=True):
    """Expected numbers of those waiting whose tolerance is over, now and within five minutes.

    Attributes:
        resenting, resenting_soon: Past the wait that they put up with gladly.
        giving_up, giving_up_soon: Past the wait after which such customers give up.
        leaving_soon: Who will have given up within five minutes.
        own_share: How much of the patience spoken of is the queue's own, in [0, 1]; the rest is from surveys.
    """

    resenting: float
    resenting_soon: float
    giving_up: float
    giving_up_soon: float
    leaving_soon: float
    own_share: float


class QueueView(Struct, frozen=True, kw_only=True):
    """One queue as it is now.

    Attributes:
        state: `live`; `stale` when its source went silent or lost facts (then figures are the last known).
        heard_at: When the last fact about this queue, or from its source, came in.
        oldest_wait_s: Longest wait of those waiting, seconds; None when nobody waits.
        agents: Agents that serve the queue, by state; None when nothing is known of any agent.
        agents_inferred: True where agents are only known from whom they answered.
        past_threshold: Waiting contacts already past each threshold (seconds, as text).
        next: The wait of the next contact to arrive.
        steady: None until there are rates to speak from.
        callbacks: Contacts in the line whom we call back; they are not among those who wait.
        occupancy: Share of agents on duty who are busy, in [0, 1]; None when nobody is on duty.
        targets: The share of contacts that may pass each threshold (seconds, as text), as staffing aims at.
        trouble: Why it is about to hurt customers and what helps; None while it is not.
        promises: What was told, and how right it was; None before anybody joined.
        at_risk: Those who wait and are losing patience; None when nobody waits.
        planned: Agents planned for now; None where nobody brought in a plan.
    """

    site: str
    queue: str
    channel: Channel
    at: float
    state: Literal["live", "stale"]
    heard_at: float
    waiting: int
    oldest_wait_s: float | None
    serving: int
    agents: dict[AgentState, int] | None
    agents_inferred: bool
    occupancy: float | None
    past_threshold: dict[str, int]
    next: WaitView
    steady: SteadyView | None
    notice: NoticeView
    counts: CountsView
    targets: dict[str, float] = {}
    trouble: TroubleView | None = None
    callbacks: int = 0
    promises: PromisesView | None = None
    at_risk: RiskView | None = None
    planned: int | None = None


class RefusedView(Struct, frozen=True, kw_only=True):
    """What a source told that could not be used, for one reason.

    Attributes:
        reason: Why, in a word.
        count: How often since the service started.
        at: When last.
        detail: The last one, in a sentence.
    """

    reason: str
    count: int
    at: float
    detail: str


class SourceView(Struct, frozen=True, kw_only=True):
    """One source: whether it speaks, how far behind, and what it told.

    Attributes:
        up: Whether its facts can be relied on now.
        heard_at: When its last event came in; None if never.
        lag_s: Seconds between the last event's own time and when it came in; None if never.
        events: How many events, by type.
        refused: What could not be read, by reason.
        trouble: Why it cannot be relied on, in a sentence; None where it can.
        refusals: What could not be read, in words: the last of each reason, the latest first.
    """

    source: str
    up: bool
    heard_at: float | None
    lag_s: float | None
    events: dict[str, int]
    refused: dict[str, int]
    trouble: str | None = None
    refusals: tuple[RefusedView, ...] = ()


class BoardView(Struct, frozen=True, kw_only=True):
    """All queues of all sites at one moment, with the sources they hang on.

    `misfits` counts, by site and reason, facts that were taken but fit no visit. `troubles`: what of the
    service itself is not well (`journal`, `clock`): then all of it may stand still.
    """

    at: float
    version: int
    queues: tuple[QueueView, ...]
    sources: tuple[SourceView, ...]
    misfits: dict[str, dict[str, int]] = {}
    troubles: tuple[str, ...] = ()
