"""Metrics of what was told and how right it was, and of customers who are losing patience."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from queuewatch.core.view import EstimateScoreView, HistogramView, QueueView
from queuewatch.serve.exposition import Family, Sample, escaped, single

Telling = Callable[[QueueView], Iterable[Sample]]
"""What a metric tells of a queue: its own labels and the value of each sample."""
SOON = "300"
"""The label `lead` of what will be in five minutes, seconds."""


def _told(view: QueueView) -> list[Sample]:
    return single(view.promises.told if view.promises else None)


def _no_estimate(view: QueueView) -> list[Sample]:
    return single(view.promises.no_estimate if view.promises else None)


def _outcomes(view: QueueView) -> list[Sample]:
    outcomes = view.promises.outcomes if view.promises else {}
    return [(f'outcome="{outcome}"', count) for outcome, count in outcomes.items()]


def _kept(view: QueueView) -> list[Sample]:
    return single(view.promises.kept_share_today if view.promises else None)


def _held(view: QueueView) -> list[Sample]:
    return single(view.promises.held_share_today if view.promises else None)


def _scores(view: QueueView) -> list[EstimateScoreView]:
    return [one for one in view.promises.estimates if one.enough] if view.promises else []


def _each(figure: Callable[[EstimateScoreView], float | None]) -> Telling:
    def tell(view: QueueView) -> list[Sample]:
        told = [(one.estimator, figure(one)) for one in _scores(view)]
        return [(f'estimator="{escaped(name)}"', value) for name, value in told if value is not None]

    return tell


def _chances(figure: Callable[[EstimateScoreView], dict[str, float]]) -> Telling:
    def tell(view: QueueView) -> list[Sample]:
        return [
            (f'estimator="{escaped(one.estimator)}",threshold="{escaped(threshold)}"', value)
            for one in _scores(view)
            for threshold, value in figure(one).items()
        ]

    return tell


def _at_risk(view: QueueView) -> list[Sample]:
    risk = view.at_risk
    if risk is None:
        return [
            (f'tolerance="{tolerance}",lead="{lead}"', 0)
            for tolerance in ("resents", "gives_up")
            for lead in ("0", SOON)
        ]
    return [
        ('tolerance="resents",lead="0"', risk.resenting),
        (f'tolerance="resents",lead="{SOON}"', risk.resenting_soon),
        ('tolerance="gives_up",lead="0"', risk.giving_up),
        (f'tolerance="gives_up",lead="{SOON}"', risk.giving_up_soon),
    ]


TRUST: tuple[tuple[Family, Telling], ...] = (
    (
        Family(
            "contacts_at_risk",
            "gauge",
            "Waiting contacts whose tolerance is expected to be over, so many seconds from now.",
        ),
        _at_risk,
    ),
    (
        Family(
            "contacts_leaving", "gauge", "Waiting contacts expected to have given up within five minutes."
        ),
        lambda view: single(view.at_risk.leaving_soon if view.at_risk else 0),
    ),
    (Family("promises", "counter", "Waits told to somebody."), _told),
    (
        Family("promises_without_estimate", "counter", "Times somebody asked and there was none to tell."),
        _no_estimate,
    ),
    (Family("promises_ended", "counter", "Promises whose wait ended, by what became of them."), _outcomes),
    (Family("promises_kept_ratio", "gauge", "Share of the promises decided today that were kept."), _kept),
    (
        Family(
            "estimates_kept_ratio",
            "gauge",
            "Share of today's answered waits within our estimate for nine in ten, told or not.",
        ),
        _held,
    ),
    (
        Family(
            "estimate_brier_score",
            "gauge",
            "Brier score of the chance to be in line for longer, lately; 0 is perfect.",
        ),
        _chances(lambda one: one.brier),
    ),
    (
        Family(
            "estimate_offered_brier_score",
            "gauge",
            "Brier score of the chance to wait longer without giving up, lately; 0 is perfect.",
        ),
        _chances(lambda one: one.brier_offered),
    ),
    (
        Family("estimate_bias_seconds", "gauge", "Mean of estimated less waited, lately."),
        _each(lambda one: one.bias_s),
    ),
    (
        Family("estimate_absolute_error_seconds", "gauge", "Mean size of the estimates' errors, lately."),
        _each(lambda one: one.mae_s),
    ),
    (
        Family("estimate_coverage_ratio", "gauge", "Share of waits within the 80 % range, lately."),
        _each(lambda one: one.coverage_80),
    ),
    (
        Family("estimate_kept_ratio", "gauge", "Share of waits within the estimate for nine in ten, lately."),
        _each(lambda one: one.kept_90),
    ),
)

TRUST_HISTOGRAMS: tuple[tuple[Family, Callable[[QueueView], HistogramView | None]], ...] = (
    (
        Family(
            "promise_error_seconds", "histogram", "Size of the difference between a wait told and waited."
        ),
        lambda view: view.promises.error if view.promises else None,
    ),
)
