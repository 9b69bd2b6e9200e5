"""Metrics of what was told and how right it was, and of customers who are losing patience."""

from __future__ import annotations

from typing import Any

from queuewatch.serve.trust import TRUST, TRUST_HISTOGRAMS
from tests.serve.conftest import Client
from tests.serve.desk import FakeDesk, queue
from tests.serve.scrape import OPENMETRICS, scraped
from tests.views import RISK, SCORE, SUMMARY


def told(**changes: Any) -> dict[str, dict[str, float | None]]:
    view = queue(**changes)
    return {family.name: dict(telling(view)) for family, telling in TRUST}


def test_of_a_queue_nobody_joined_only_that_nobody_is_at_risk_is_told() -> None:
    assert {name for name, samples in told().items() if samples} == {"contacts_at_risk", "contacts_leaving"}
    assert set(told()["contacts_at_risk"].values()) == {0}
    assert [histogram(queue()) for _, histogram in TRUST_HISTOGRAMS] == [None]


def test_promises_are_counted_and_scored() -> None:
    samples = told(promises=SUMMARY)
    assert samples["promises"] == {"": 12}
    assert samples["promises_without_estimate"] == {"": 1}
    assert samples["promises_ended"] == {'outcome="kept"': 9, 'outcome="broken"': 1}
    assert samples["promises_kept_ratio"] == {"": 2 / 3}
    assert samples["estimates_kept_ratio"] == {"": 0.9}
    assert samples["estimate_brier_score"] == {'estimator="live",threshold="60"': 0.2}
    assert samples["estimate_offered_brier_score"] == {'estimator="live",threshold="60"': 0.21}
    assert samples["estimate_bias_seconds"] == {'estimator="live"': -3.5}
    assert samples["estimate_absolute_error_seconds"] == {'estimator="live"': 40.0}
    assert samples["estimate_coverage_ratio"] == {'estimator="live"': 0.8}
    assert samples["estimate_kept_ratio"] == {'estimator="live"': 0.91}
    assert [histogram(queue(promises=SUMMARY)) for _, histogram in TRUST_HISTOGRAMS] == [SUMMARY.error]


def test_an_estimator_with_too_few_waits_or_without_a_range_has_no_figure() -> None:
    few = type(SCORE)(**{n: getattr(SCORE, n) for n in SCORE.__struct_fields__} | {"enough": False})
    plain = type(SCORE)(**{n: getattr(SCORE, n) for n in SCORE.__struct_fields__} | {"coverage_80": None})
    for score in (few, plain):
        summary = type(SUMMARY)(
            **{n: getattr(SUMMARY, n) for n in SUMMARY.__struct_fields__} | {"estimates": (score,)}
        )
        assert told(promises=summary)["estimate_coverage_ratio"] == {}


def test_those_at_risk_are_told_by_tolerance_now_and_in_five_minutes() -> None:
    samples = told(at_risk=RISK)
    assert samples["contacts_at_risk"] == {
        'tolerance="resents",lead="0"': 1.5,
        'tolerance="resents",lead="300"': 2.5,
        'tolerance="gives_up",lead="0"': 0.5,
        'tolerance="gives_up",lead="300"': 1.25,
    }
    assert samples["contacts_leaving"] == {"": 1.0}


async def test_they_are_scraped_with_all_others(client: Client, desk: FakeDesk) -> None:
    desk.views[0] = queue(promises=SUMMARY, at_risk=RISK)
    families = await scraped(client, OPENMETRICS)
    assert families["queuewatch_promises"].type == "counter"
    assert families["queuewatch_promise_error_seconds"].type == "histogram"
    assert families["queuewatch_contacts_at_risk"].samples[0].labels["queue"] == "sales"
