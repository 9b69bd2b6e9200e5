"""A message's button leads to what it speaks of."""

from __future__ import annotations

import pytest

from queuewatch.core.decisions import AlertChanged
from queuewatch.outgoing import Bulletin
from queuewatch.senders.links import page_of
from tests.decided import NOON, alert

BOARD = "https://board.example/"


def led_to(*alerts: AlertChanged, board: str = BOARD) -> str:
    return page_of(board, Bulletin(site="default", alerts=alerts, news=()))


@pytest.mark.parametrize(
    ("about", "view"),
    [
        ({"queue": "sales"}, "#/queue/default/sales"),
        ({"queue": "Rück/fragen & Co."}, "#/queue/default/R%C3%BCck%2Ffragen%20%26%20Co."),
        ({"kind": "threshold_passed", "site": "north"}, "#/queue/north/sales"),
        ({"kind": "promises_broken", "subject": "promises"}, "#/trust"),
        ({"kind": "budget_low", "subject": "budget"}, "#/incentives"),
        ({"kind": "customer_failed_again", "subject": "customers"}, "#/incentives"),
        ({"kind": "source_stale", "subject": "pbx"}, ""),
        ({"kind": "shortage_ahead", "subject": "a pool of queues"}, ""),
    ],
)
def test_an_alert_leads_to_what_it_is_about(about: dict[str, str], view: str) -> None:
    assert led_to(alert(**about)) == BOARD + view  # type: ignore[arg-type]


def test_several_alerts_of_one_queue_lead_to_it_and_those_of_several_to_the_wall() -> None:
    assert led_to(alert(), alert(kind="threshold_passed")) == f"{BOARD}#/queue/default/sales"
    assert led_to(alert(), alert(queue="support")) == BOARD


def test_what_is_over_does_not_count_beside_what_is_not() -> None:
    over = alert("resolved", queue="support", at=NOON + 60)
    assert led_to(over, alert()) == f"{BOARD}#/queue/default/sales"
    assert led_to(over) == f"{BOARD}#/queue/default/support"


def test_an_address_with_a_fragment_of_its_own_loses_it() -> None:
    assert led_to(alert(), board="https://board.example/?lang=de#/") == (
        "https://board.example/?lang=de#/queue/default/sales"
    )
