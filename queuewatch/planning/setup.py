"""From settings to what the core plans with: a queue's calendar, its needs, and whom it borrows from."""

from __future__ import annotations

from datetime import UTC, date, tzinfo

import holidays
from msgspec import Struct

from queuewatch.config import ConfigError, Settings
from queuewatch.config.sections import Queue
from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.agents import Needs, needs_of
from queuewatch.core.plan.calendar import Calendar
from queuewatch.core.rules import Rules
from queuewatch.planning.exponential import exponential_smoothing
from queuewatch.planning.special import Special, SpecialDaysError, read_special_days
from queuewatch.queueing.forecasting.methods import Method

_YEARS_BACK, _YEARS_AHEAD = 4, 1


class Setup(Struct, frozen=True):
    """All that planning takes from the settings.

    Attributes:
        settings: As the administrator wrote them.
        rules: The rules of the queues.
        special: What the planner said of single days.
        zone: The zone of queues without hours of their own.
        extra: Methods to try beside our own.
    """

    settings: Settings
    rules: Rules
    special: Special
    zone: tzinfo
    extra: tuple[Method, ...] = ()

    def calendar(self, queue: str, today: date) -> Calendar:
        """A queue's days, with the public holidays of the years around today.

        Raises:
            ConfigError: There is no such country or region.
        """
        own = self.settings.queues.get(queue, Queue())
        planner = self.settings.planner
        hours = self.rules.of(queue).hours
        works = (
            planner.open_on_holidays if own.planner.open_on_holidays is None else own.planner.open_on_holidays
        )
        return Calendar(
            zone=self.zone if hours is None else hours.zone,
            hours=hours,
            holidays=public_holidays(planner.country, planner.region, today),
            works_holidays=works,
            special=self.special.get("", {}) | self.special.get(queue, {}),
        )

    def needs(self, queue: str, channel: Channel) -> Needs:
        """What a plan for this queue must keep."""
        own = self.settings.queues.get(queue, Queue()).planner
        base = needs_of(self.rules.of(queue), channel)
        planner = self.settings.planner
        return Needs(
            channel=channel,
            targets=base.targets,
            thresholds_s=base.thresholds_s,
            occupancy=base.occupancy,
            shrinkage=planner.shrinkage if own.shrinkage is None else own.shrinkage,
            slots=own.slots,
            deadline_s=base.deadline_s if own.deadline_s is None else own.deadline_s,
            handling_s=own.handling_s,
            patience_s=own.patience_s,
        )

    def like(self, queue: str) -> tuple[str, float | None] | None:
        """The queue whose profile this one borrows while it has little past, and its scale."""
        own = self.settings.queues.get(queue, Queue()).planner
        return None if own.like is None else (own.like, own.scale)


def make_setup(settings: Settings, zone: tzinfo | None = None) -> Setup:
    """Prepare planning.

    Args:
        settings: What the administrator decided.
        zone: Of queues without hours; by default the one of `[hours]`, else UTC.

    Raises:
        ConfigError: The table of special days, the country or the region cannot be used, or statsforecast
            is wanted and not installed.
    """
    rules = settings.rules()
    path = settings.planner.special_days
    try:
        special = {} if path is None else read_special_days(path)
    except SpecialDaysError as error:
        raise ConfigError(f"planner.special_days: {error}") from None
    public_holidays(settings.planner.country, settings.planner.region, date(2026, 1, 1))
    own = rules.every.hours
    extra = (exponential_smoothing(),) if settings.planner.statsforecast else ()
    return Setup(settings, rules, special, zone or (own.zone if own is not None else UTC), extra)


def public_holidays(country: str | None, region: str | None, today: date) -> dict[date, str]:
    """Public holidays of some years around today, in English where there are words for it.

    Raises:
        ConfigError: The package `holidays` knows no such country or region.
    """
    if country is None:
        return {}
    years = range(today.year - _YEARS_BACK, today.year + _YEARS_AHEAD + 1)
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise ConfigError(
            f'planner.country is "{country}", of which no holidays are known; write a code such as "DE"'
        )
    if region is not None and region not in known[country]:
        listed = ", ".join(known[country]) or "it has none"
        raise ConfigError(f'planner.region is "{region}", which is no region of {country}: {listed}')
    found = holidays.country_holidays(country, subdiv=region, years=years, language="en_US")
    return {day: str(name) for day, name in found.items()}
