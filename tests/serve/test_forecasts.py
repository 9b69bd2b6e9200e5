"""What metrics tell of forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from queuewatch.serve.forecasts import told


class Figures:
    site = "default"
    queue = "sales"
    channel = "phone"
    agents: ClassVar[int | None] = 7
    contacts: ClassVar[Mapping[str, float]] = {"now": 12.0, "day": 11.0}
    ranges: ClassVar[Mapping[tuple[str, str, str], float]] = {("day", "80", "high"): 15.5}
    wape: ClassVar[Mapping[str, float]] = {"week": 0.12}
    cover: ClassVar[Mapping[tuple[str, str], float]] = {("week", "80"): 0.81}


def test_every_lead_is_a_series() -> None:
    found: dict[str, Any] = {family.name: samples for family, samples in told([Figures()])}
    own = 'site="default",queue="sales",channel="phone"'
    assert found["forecast_contacts"] == ((f'{own},lead="now"', 12.0), (f'{own},lead="day"', 11.0))
    assert found["forecast_range_contacts"] == ((f'{own},lead="day",range="80",edge="high"', 15.5),)
    assert found["forecast_agents"] == ((own, 7),)
    assert found["forecast_error_ratio"] == ((f'{own},lead="week"', 0.12),)
    assert found["forecast_coverage_ratio"] == ((f'{own},lead="week",range="80"', 0.81),)


def test_what_is_unknown_is_absent() -> None:
    class Nothing(Figures):
        agents: ClassVar[int | None] = None
        contacts: ClassVar[Mapping[str, float]] = {}

    found: dict[str, Any] = {family.name: samples for family, samples in told([Nothing()])}
    assert found["forecast_agents"] == ()
    assert found["forecast_contacts"] == ()
    assert [samples for _, samples in told([])] == [()] * 5
