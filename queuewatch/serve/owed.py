"""Metrics of what customers are owed and what teams are told; no customer, contact or code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from queuewatch.core.care import Care
from queuewatch.core.customers.purse import Purse
from queuewatch.serve.exposition import Family, Sample, labels

Told = tuple[Family, tuple[Sample, ...]]

ISSUED = Family("incentives", "counter", "Vouchers issued, by reason.")
REFUSED = Family("incentives_refused", "counter", "Cases given no voucher, by reason.")
VALUE = Family("incentive_value", "counter", "Money given in vouchers, by currency.")
OPEN = Family("incentives_open", "gauge", "Vouchers that are still good.")
CALLBACKS = Family("callbacks", "counter", "What was done for those to be called back.")
TO_CALL = Family("callbacks_open", "gauge", "Customers to be called back.")
TO_ASK = Family("follow_ups_due", "gauge", "Customers to be asked how it went after their voucher.")
ALERTS = Family("alerts_sent", "counter", "Alerts raised, by what they are about.")
OUTSTANDING = Family("incentive_outstanding_value", "gauge", "Money that vouchers still good amount to.")


def owed(cares: Mapping[str, Care]) -> tuple[Told, ...]:
    """Each metric with its samples, taken at one moment."""
    purses = {site: care.purse for site, care in cares.items()}
    return (
        (ISSUED, tuple(_by_queue("reason", {site: one.counts for site, one in purses.items()}))),
        (REFUSED, tuple(_by_queue("reason", {site: one.refused for site, one in purses.items()}))),
        (VALUE, tuple(_by_queue("currency", {site: one.value for site, one in purses.items()}))),
        (OPEN, tuple((labels(site=site), float(_open(one))) for site, one in purses.items())),
        (
            CALLBACKS,
            tuple(_by_queue("outcome", {site: care.callbacks.counts for site, care in cares.items()})),
        ),
        (TO_CALL, tuple((labels(site=site), _to_call(care)) for site, care in cares.items())),
        (TO_ASK, tuple((labels(site=site), float(_to_ask(one))) for site, one in purses.items())),
        (OUTSTANDING, tuple(_outstanding(purses))),
        (ALERTS, tuple(_alerts(cares))),
    )


def _by_queue(label: str, found: Mapping[str, Mapping[str, Mapping[str, int | Decimal]]]) -> Iterator[Sample]:
    for site, queues in found.items():
        for queue, values in queues.items():
            for name, value in values.items():
                yield labels(site=site, queue=queue, **{label: name}), float(value)


def _to_call(care: Care) -> float:
    return float(sum(one.state != "done" for one in care.callbacks.callers.values()))


def _to_ask(purse: Purse) -> int:
    return sum(one.follow_up is not None and one.asked is None for one in purse.vouchers.values())


def _alerts(cares: Mapping[str, Care]) -> Iterator[Sample]:
    for site, care in cares.items():
        for kind, count in care.alerts.counts.items():
            yield labels(site=site, reason=kind), float(count)


def _open(purse: Purse) -> int:
    return sum(voucher.fate == "open" for voucher in purse.vouchers.values())


def _outstanding(purses: Mapping[str, Purse]) -> Iterator[Sample]:
    for site, purse in purses.items():
        total: dict[str, Decimal] = {}
        for voucher in purse.vouchers.values():
            benefit = voucher.issued.benefit
            if voucher.fate == "open" and benefit.amount is not None and benefit.currency is not None:
                total[benefit.currency] = total.get(benefit.currency, Decimal(0)) + benefit.amount
        for currency, amount in total.items():
            yield labels(site=site, currency=currency), float(amount)
