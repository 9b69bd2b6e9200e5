"""Makes plans: learns a queue once a day, forecasts it whenever asked, and looks back at what it said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from msgspec.structs import replace

from queuewatch.core.hours import either
from queuewatch.core.past.gather import together
from queuewatch.core.plan.accuracy import Accuracy, Kept, accuracy, keep
from queuewatch.core.plan.agents import Needs, Staffed, WhatIf, staffed
from queuewatch.core.plan.calendar import Calendar
from queuewatch.core.plan.crews import staffed_by
from queuewatch.core.plan.outlook import Model, NoForecastError, Outlook, foresee, understand
from queuewatch.core.state.history import QueueHistory
from queuewatch.planning.setup import Setup
from queuewatch.queueing.shared import Crew

DAY_S = 86_400.0
_WEEK_DAYS = 7
_KEPT_MODELS = 500

Pasts = Callable[[str], QueueHistory | None]
"""The past of a queue of the site, by name; None where nothing is known of it."""


class UnknownQueueError(LookupError):
    """Nothing is remembered of this queue; the text says so."""


class Workshop:
    """Plans for the queues of one site. Heavy: use it in a thread, one at a time.

    Args:
        setup: What was configured.
        pasts: Where the past comes from.
    """

    def __init__(self, setup: Setup, pasts: Pasts) -> None:
        self._setup = setup
        self._pasts = pasts
        self._models: dict[tuple[str, int, int, str, float], Model] = {}
        self._looks: dict[tuple[str, int, str, int], tuple[Accuracy, ...]] = {}

    def renewed(self, pasts: Pasts) -> Workshop:
        """A workshop with newer pasts that has not forgotten what this one learned."""
        shop = Workshop(self._setup, pasts)
        shop._models = self._models
        shop._looks = self._looks
        return shop

    def members(self, name: str) -> tuple[str, ...]:
        """The queues that share agents under this name; of a queue, itself alone."""
        pool = self._setup.settings.planner.pools.get(name)
        return (name,) if pool is None else pool.queues

    def kinds(self, name: str) -> dict[str, Crew]:
        """The kinds of agents who share these queues, as `members` has them; none: all serve all."""
        pool = self._setup.settings.planner.pools.get(name)
        if pool is None:
            return {}
        return {
            kind: Crew(frozenset(pool.queues.index(queue) for queue in crew.queues), crew.most)
            for kind, crew in pool.crews.items()
        }

    def past(self, name: str) -> QueueHistory:
        """The past of a queue, or of several together.

        Raises:
            UnknownQueueError: Nothing is remembered of one.
        """
        found = []
        for queue in self.members(name):
            past = self._pasts(queue)
            if past is None:
                raise UnknownQueueError(f"nothing is remembered of queue {queue!r}")
            found.append(past)
        return found[0] if len(found) == 1 else together(found)

    def calendar(self, name: str, now: float) -> Calendar:
        """The days of a queue; of several together, those of the first, open while any of them is."""
        first, *others = self.members(name)
        rough = self._setup.calendar(first, Calendar(zone=self._setup.zone).day_of(now))
        today = rough.day_of(now)
        own = self._setup.calendar(first, today)
        hours = [own.hours, *(self._setup.calendar(other, today).hours for other in others)]
        known = [one for one in hours if one is not None]
        return replace(own, hours=either(known) if len(known) == len(hours) else None)

    def needs(self, name: str) -> Needs:
        """What a plan for it must keep; of several together, what the first wants."""
        return self._setup.needs(self.members(name)[0], self.past(name).channel)

    def outlook(self, name: str, length_s: int, horizon_days: int, now: float) -> Outlook:
        """The days ahead of a queue, or of several together.

        Raises:
            UnknownQueueError: Nothing is remembered of it.
            NoForecastError: There is nothing to forecast from.
        """
        past = self.past(name)
        model = self._model(name, past, length_s, horizon_days, now)
        return foresee(
            model, past, now, horizon_days=horizon_days, alike=self._alike(name, length_s, horizon_days, now)
        )

    def _model(self, name: str, past: QueueHistory, length_s: int, horizon_days: int, now: float) -> Model:
        """What was learned today for this horizon or a longer one, unless an older past came in since."""
        calendar = self.calendar(name, now)
        today = calendar.day_of(now).isoformat()
        for longer in (horizon_days, 14, 28, 56):
            known = self._models.get((name, length_s, longer, today, past.since))
            if known is not None and longer >= horizon_days:
                return known
        if len(self._models) > _KEPT_MODELS:
            self._models.clear()
        model = understand(past, calendar, length_s, now, horizon_days=horizon_days, extra=self._setup.extra)
        self._models[name, length_s, horizon_days, today, past.since] = model
        return model

    def _alike(
        self, name: str, length_s: int, horizon_days: int, now: float
    ) -> tuple[str, Model, float | None] | None:
        like = self._setup.like(name)
        if like is None:
            return None
        other, scale = like
        return other, self._model(other, self.past(other), length_s, horizon_days, now), scale

    def plan(
        self, name: str, outlook: Outlook, change: WhatIf | None = None, *, backlog: float = 0.0
    ) -> Staffed:
        """The agents that an outlook calls for.

        Raises:
            ValueError: No number of agents keeps a target.
        """
        kinds = self.kinds(name)
        if not kinds:
            return staffed(outlook, self.needs(name), change, backlog=backlog)
        each = [
            (self.outlook(queue, outlook.length_s, len(outlook), outlook.made_at), self.needs(queue))
            for queue in self.members(name)
        ]
        return staffed_by(kinds, outlook, each, change)

    def look_back(
        self, name: str, length_s: int, now: float, told: Sequence[Kept] = ()
    ) -> tuple[Accuracy, ...]:
        """How good the forecasts of the last week were: a day and a week ahead.

        Where none was kept from a week ago, the one is made that would have been told then, from what was
        known then.
        """
        key = (name, length_s, self.calendar(name, now).day_of(now).isoformat(), len(told))
        known = self._looks.get(key)
        if known is None:
            if len(self._looks) > _KEPT_MODELS:
                self._looks.clear()
            known = self._looks[key] = self._looked(name, length_s, now, told)
        return known

    def _looked(self, name: str, length_s: int, now: float, told: Sequence[Kept]) -> tuple[Accuracy, ...]:
        past, calendar = self.past(name), self.calendar(name, now)
        arrives = replace(calendar, hours=None) if past.channel == "email" else calendar
        today = calendar.day_of(now)
        span = (today - timedelta(days=_WEEK_DAYS), today - timedelta(days=1))
        found = []
        for lead in (1, _WEEK_DAYS):
            one = accuracy(list(told), past, arrives, lead, span)
            if one is not None and len(one.days) == _WEEK_DAYS:
                found.append(one)
        if not any(one.lead_days == _WEEK_DAYS for one in found):
            then = self._as_of(name, past, length_s, now - _WEEK_DAYS * DAY_S)
            if then is not None:
                one = accuracy([then], past, arrives, 0, span)
                found += [] if one is None else [replace(one, lead_days=_WEEK_DAYS)]
        return tuple(found)

    def _as_of(self, name: str, past: QueueHistory, length_s: int, then: float) -> Kept | None:
        """The forecast of another day's morning, from what was known by then."""
        calendar = self.calendar(name, then)
        midnight = float(calendar.begins_at(calendar.day_of(then)))
        if not past.since < midnight < past.until:  # of the days after it nothing is known
            return None
        known = replace(
            past,
            until=midnight,
            intervals=[one for one in past.intervals if one.start < midnight],
        )
        try:
            model = understand(
                known, calendar, length_s, midnight, horizon_days=_WEEK_DAYS, extra=self._setup.extra
            )
            return keep(foresee(model, known, midnight, horizon_days=_WEEK_DAYS))
        except NoForecastError:
            return None
