"""What was said against what happened: estimates of every wait, and promises told to somebody.

As somebody joins a line, our estimator and a few plain rules say how long the wait will be; when it has
ended, what was said meets what happened (`track.py`). A **promise** is a wait that was told to somebody: it
is kept when the answer came within it, broken when it came later or the customer gave up after it had
passed; who gave up before leaves it open for ever what would have been. All of it follows from the journal
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from msgspec import Struct, field

from queuewatch.core.estimate.learned import Move, move_of
from queuewatch.core.estimate.others.averages import Asterisk, LastTen
from queuewatch.core.estimate.place import PlaceInLine
from queuewatch.core.estimate.wait import AT_ONCE_S, UNIT_S, Estimator, Joined
from queuewatch.core.facts.acts import PromiseTold
from queuewatch.core.facts.events import Event
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.core.seen.risk import Patience
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.tally import Histogram, Tally
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.trust import track
from queuewatch.core.trust.track import Said, Track, Wait
from queuewatch.core.view import ContactView, EstimateScoreView, PromiseOutcome, PromisesView, PromiseView

QUARTER_S = 900
"""Wherever one is, a day begins with a quarter of an hour: those of one quarter are of one day."""
REMEMBERED = 200
"""So many promises of a queue that have ended are kept to be looked at."""
LEAST_STAY = 0.05
"""Who stayed longer than all but so few counts for no more than 1 / LEAST_STAY others."""
FEWEST = 20
"""Fewer waits scored than this tell nothing of an estimator."""
_PLACE = PlaceInLine()


class Promise(Struct, gc=False):
    """A promise, and what became of it.

    Attributes:
        id: Its key.
        at: When it was told.
        told: What was told.
        outcome: None while the wait lasts.
        took_s: From the telling to the end of the wait, seconds.
    """

    id: str
    at: float
    contact: str
    told: PromiseTold
    outcome: PromiseOutcome | None = None
    took_s: float | None = None


class Today(Struct):
    """Counts of one day: promises told, kept, broken; waits answered within our 90 % promise, and others."""

    day: int = 0
    told: int = 0
    kept: int = 0
    broken: int = 0
    held: int = 0
    missed: int = 0


class Book(Struct):
    """One queue.

    Attributes:
        said: Of those in line, by visit: what each estimator said as it joined.
        open: Promises to those in line, by visit.
        ended: Promises that ended, the latest last.
        tracks: By estimator.
        counts: Promises by `told`, `no_estimate` and outcome; never goes down.
        error: Sizes of the errors of promises: told less what it took, seconds.
        asterisk, last_ten: Plain rules that remember their queue.
    """

    said: dict[str, dict[str, Said]] = field(default_factory=dict)
    open: dict[str, list[Promise]] = field(default_factory=dict)
    ended: list[Promise] = field(default_factory=list)
    tracks: dict[str, Track] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)
    counts: Tally = field(default_factory=Tally)
    error: Histogram = field(default_factory=Histogram)
    today: Today = field(default_factory=Today)
    asterisk: Asterisk = field(default_factory=Asterisk)
    last_ten: LastTen = field(default_factory=LastTen)

    def on(self, day: int) -> Today:
        """The counts of this day, begun anew where it is another."""
        if self.today.day != day:
            self.today = Today(day)
        return self.today

    def find(self, ident: str) -> Promise | None:
        """The promise of this key, if it is still remembered."""
        return next((one for one in self.promises() if one.id == ident), None)

    def promises(self) -> Iterator[Promise]:
        """Those to people in line, then those that ended, the latest first."""
        for told in self.open.values():
            yield from told
        yield from reversed(self.ended)


class Books(Struct):
    """One site, by queue."""

    queues: dict[str, Book] = field(default_factory=dict)

    def of(self, queue: str) -> Book:
        """The book of a queue, opened when it is first asked for."""
        book = self.queues.get(queue)
        if book is None:
            book = self.queues[queue] = Book()
        return book

    def joined(self, ours: Estimator, joined: Joined, who: Visit, rules: QueueRules) -> None:
        """Somebody joined a line, and was told of in time: write down what everybody says."""
        waited_s = max(0.0, joined.scene.now - who.enqueued_at)
        book = self.of(who.queue)
        asked = {ours.name: ours, **{one.name: one for one in (_PLACE, book.asterisk, book.last_ten)}}
        said = {}
        for name, one in asked.items():
            remaining = joined.said.get(name) or one.remaining(joined.scene, joined.ahead, who)
            if not isinstance(remaining, str):
                said[name] = track.said(remaining, waited_s, rules.thresholds_s)
        book.said[_key(who)] = said

    def heed(self, ours: str, change: Change, rules: Rules) -> list[bool]:
        """Take in that a visit moved; where its wait ended, what was said meets what happened.

        Returns:
            Of each promise that this decides, whether it was kept.
        """
        return self.heed_all(ours, (move_of(change),), rules)

    def heed_all(self, ours: str, moves: Iterable[Move], rules: Rules) -> list[bool]:
        """Take in what moved, in its order; returns what `heed` does."""
        kept: list[bool] = []
        for change, wait_s in moves:
            was, now = change.was, change.now
            ended = was in IN_LINE and now not in IN_LINE
            if ended or now == "answered":
                book = self.of(change.visit.queue)
                if now == "answered" and was != "answered" and wait_s is not None and not change.revised:
                    book.asterisk.add(wait_s)
                    book.last_ten.add(wait_s)
                if ended:
                    endured_s = wait_s if now == "answered" else change.visit.endured_s
                    kept += self._end(book, ours, change, endured_s, rules)
        return kept

    def _end(
        self, book: Book, ours: str, change: Change, endured_s: float | None, rules: Rules
    ) -> list[bool]:
        """A wait of so many seconds ended."""
        visit, answered = change.visit, change.now == "answered"
        key = _key(visit)
        said, told = book.said.pop(key, None), book.open.pop(key, ())
        if change.now in {None, "lost"} or endured_s is None:
            for one in told:
                _settle(book, one, "lost", None)
            return []
        waited = not (visit.callback or (answered and endured_s <= AT_ONCE_S))
        if waited:
            book.patience.learn(endured_s / UNIT_S[visit.channel], gave_up=change.now == "abandoned")
        if not (said or told):  # so it is for most in a flood
            return []
        own = rules.of(visit.queue)
        today = book.on(day_of(change.at, zone(own, rules)))
        outcomes = [_judge(book, today, one, visit, visit.enqueued_at + endured_s) for one in told]
        if said and waited and change.now in {"abandoned", "answered"}:
            _score(book, today, said, ours, visit, endured_s, own)
        return _kept(outcomes)

    def told(self, site: Site, event: Event, data: PromiseTold, rules: Rules) -> list[bool]:
        """A promise was told: to somebody who waits, or whose wait ended while it was being written down.

        Returns:
            Whether it was kept, where that is decided already.
        """
        book = self.of(data.queue)
        promise = Promise(event.id, event.at, data.contact, data)
        book.counts.add("told" if data.told_s is not None else "no_estimate")
        today = book.on(day_of(event.at, zone(rules.of(data.queue), rules)))
        today.told += data.told_s is not None
        visit = _visit(site, data)
        if visit is not None and visit.stage in IN_LINE:
            book.open.setdefault(_key(visit), []).append(promise)
            return []
        if visit is None or visit.endured_s is None or visit.stage == "lost":
            return _kept([_settle(book, promise, "lost", None)])
        return _kept([_judge(book, today, promise, visit, visit.enqueued_at + visit.endured_s)])


def zone(own: QueueRules, rules: Rules) -> tzinfo:
    """Whose clock a queue's day begins on."""
    return own.hours.zone if own.hours is not None else rules.budget.zone


def day_of(at: float, where: tzinfo) -> int:
    """The day of a point in time, as its number."""
    return _day_of(int(at // QUARTER_S), where)


@lru_cache(maxsize=1024)
def _day_of(quarter: int, where: tzinfo) -> int:
    return datetime.fromtimestamp(quarter * QUARTER_S, UTC).astimezone(where).toordinal()


def telling(view: ContactView, language: str, text: str, told_s: float | None) -> PromiseTold:
    """The fact that one who waits is told this text now, with `told_s` seconds in it or no time at all."""
    wait = view.wait
    return PromiseTold(
        queue=view.queue,
        channel=view.channel,
        contact=view.contact,
        visit=view.visit,
        language=language,
        text=text,
        waited_s=wait.waited_s,
        told_s=told_s,
        mean_s=wait.mean_s,
        quantiles_s=wait.quantiles_s,
        chances=wait.chances,
        estimator=wait.estimator,
        no_estimate=wait.no_estimate,
    )


def promise_view(promise: Promise, site: str) -> PromiseView:
    """A promise as others see it."""
    told = promise.told
    return PromiseView(
        promise=promise.id,
        site=site,
        queue=told.queue,
        channel=told.channel,
        contact=promise.contact,
        at=promise.at,
        language=told.language,
        text=told.text,
        estimator=told.estimator,
        waited_s=told.waited_s,
        told_s=told.told_s,
        mean_s=told.mean_s,
        quantiles_s=told.quantiles_s,
        chances=told.chances,
        no_estimate=told.no_estimate,
        outcome=promise.outcome or "open",
        took_s=promise.took_s,
        error_s=None if told.told_s is None or promise.took_s is None else told.told_s - promise.took_s,
    )


def promises_view(book: Book, now: float, where: tzinfo) -> PromisesView:
    """How a queue's promises and estimates have done."""
    counted = book.counts.published()
    today = book.today if book.today.day == day_of(now, where) else Today()
    overdue = sum(
        1
        for told in book.open.values()
        for one in told
        if one.told.told_s is not None and now > one.at + one.told.told_s
    )
    decided = today.kept + today.broken + overdue
    waits = today.held + today.missed
    return PromisesView(
        told=counted.get("told", 0),
        no_estimate=counted.get("no_estimate", 0),
        outcomes={key: counted.get(key, 0) for key in ("kept", "broken", "gave_up", "left", "lost")},
        open=sum(len(told) for told in book.open.values()),
        told_today=today.told,
        kept_today=today.kept,
        broken_today=today.broken + overdue,
        kept_share_today=today.kept / decided if decided else None,
        waits_today=waits,
        held_share_today=today.held / waits if waits else None,
        error=book.error.view(),
        estimates=tuple(
            _score_view(name, one) for name, one in sorted(book.tracks.items()) if one.contacts >= 1.0
        ),
    )


def _score_view(name: str, of: Track) -> EstimateScoreView:
    answered = of.answered >= 1.0
    return EstimateScoreView(
        estimator=name,
        contacts=of.contacts,
        answered=of.answered,
        bias_s=of.error_s / of.answered if answered else None,
        mae_s=of.absolute_s / of.answered if answered else None,
        coverage_80=of.covered / of.ranged if of.ranged >= 1.0 else None,
        kept_90=of.kept / of.answered if answered else None,
        brier=of.of_thresholds(of.brier),
        brier_offered=of.of_thresholds(of.offered),
        enough=of.contacts >= FEWEST,
    )


def _score(  # noqa: PLR0917
    book: Book,
    today: Today,
    said: dict[str, Said],
    ours: str,
    visit: Visit,
    endured_s: float,
    own: QueueRules,
) -> None:
    """Somebody had to wait: how right everybody was."""
    # Whose wait was over before anybody heard of it could be told nothing.
    said = {name: one for name, one in said.items() if one.waited_s < endured_s}
    if not said:  # the curve is not had for nothing
        return
    thresholds_s = own.thresholds_s
    leaves = book.patience.curve((), 0.0, UNIT_S[visit.channel])
    stays = tuple(max(LEAST_STAY, 1.0 - leaves(min(endured_s, t_s))) for t_s in thresholds_s)
    answered = visit.answered_at is not None
    wait = Wait(endured_s, answered, thresholds_s, stays)
    for name, one in said.items():
        if len(one.there) == len(thresholds_s):  # what was said before the thresholds changed is of others
            book.tracks.setdefault(name, Track()).add(one, wait)
    if answered and ours in said:
        held = endured_s <= said[ours].high_s
        today.held += held
        today.missed += not held


def _judge(book: Book, today: Today, promise: Promise, visit: Visit, ended_at: float) -> PromiseOutcome:
    """What became of a promise whose wait is over."""
    took_s = max(0.0, ended_at - promise.at)
    told_s = promise.told.told_s
    if visit.answered_at is None and (told_s is None or took_s <= told_s):
        return _settle(book, promise, "gave_up" if visit.stage == "abandoned" else "left", took_s)
    if told_s is None:
        return _settle(book, promise, "answered", took_s)
    kept = took_s <= told_s
    today.kept += kept
    today.broken += not kept
    if visit.answered_at is not None:
        book.error.add(abs(told_s - took_s))
    return _settle(book, promise, "kept" if kept else "broken", took_s)


def _settle(book: Book, promise: Promise, outcome: PromiseOutcome, took_s: float | None) -> PromiseOutcome:
    promise.outcome, promise.took_s = outcome, took_s
    book.counts.add(outcome)
    book.ended.append(promise)
    del book.ended[:-REMEMBERED]
    return outcome


def _kept(outcomes: Iterable[PromiseOutcome]) -> list[bool]:
    return [outcome == "kept" for outcome in outcomes if outcome in {"kept", "broken"}]


def _visit(site: Site, data: PromiseTold) -> Visit | None:
    contact = site.contacts.get(data.contact)
    if contact is None:
        return None
    return next((one for one in contact.visits if (one.queue, one.number) == (data.queue, data.visit)), None)


def _key(visit: Visit) -> str:
    return f"{visit.number}/{visit.contact}"
