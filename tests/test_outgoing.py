"""What goes out: which alerts of a message are open, and what a sender gets unless it says otherwise."""

from __future__ import annotations

from queuewatch.outgoing import Bulletin, Manner
from tests.decided import NOON, alert


def test_the_open_alerts_of_a_message_are_those_that_are_not_over() -> None:
    over, still = alert("resolved", queue="mail", at=NOON + 1), alert("escalated")
    bulletin = Bulletin(site="default", alerts=(over, still), news=(over,))
    assert bulletin.open == (still,)


def test_a_sender_that_says_nothing_gets_the_notices_and_states_of_queues() -> None:
    assert Manner().kinds == {"notice", "queue_state"}
