"""Where on the board what is told is best looked at: one click from a message to the queue it speaks of."""

from __future__ import annotations

from urllib.parse import quote

from queuewatch.core.decisions import AlertChanged
from queuewatch.outgoing import Bulletin

_OF_A_QUEUE = frozenset(("queue_busy", "threshold_passed"))
_VIEWS = {"promises_broken": "trust", "budget_low": "incentives", "customer_failed_again": "incentives"}


def page_of(board_url: str, bulletin: Bulletin) -> str:
    """The view that all open alerts are about, or else the wall.

    Args:
        board_url: Where the board is.
        bulletin: What is told; of what is all over, that.
    """
    views = {_view(one) for one in bulletin.open or bulletin.alerts}
    (view,) = views if len(views) == 1 else ("",)
    return f"{board_url.partition('#')[0]}#/{view}" if view else board_url


def _view(alert: AlertChanged) -> str:
    if alert.kind in _OF_A_QUEUE:
        return f"queue/{quote(alert.site, safe='')}/{quote(alert.subject, safe='')}"
    return _VIEWS.get(alert.kind, "")
