"""A plan for tests of what plans are written to."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from msgspec import structs

from queuewatch.core.plan.document import Plan, UnknownRow, plan
from queuewatch.planning.setup import make_setup
from queuewatch.planning.workshop import Workshop
from tests.core.plan.pasts import MONDAY, moment
from tests.planning.pasts import NOW, PASTS, SETTINGS


@cache
def made() -> Plan:
    """A week of sales, with a plan brought in for its first hour."""
    shop = Workshop(make_setup(SETTINGS), PASTS.get)
    monday = MONDAY + timedelta(weeks=6)
    scheduled = {int(moment(monday, 9.0)): 3, int(moment(monday, 9.5)): 30}
    one = shop.plan("sales", shop.outlook("sales", 1800, 7, NOW))
    return plan("default", "sales", one, shop.look_back("sales", 1800, NOW), scheduled=scheduled)


def young() -> Plan:
    """The same plan, of whose last interval nothing is known, nor of a day after it."""
    whole = made()
    row = whole.rows[-1]
    why = "no history of Mondays yet"
    last = whole.days[-1]
    dark = structs.replace(
        last, contacts=None, low_80=None, high_80=None, agent_hours=None, agent_hours_safe=None, note=why
    )
    return structs.replace(
        whole,
        rows=whole.rows[:-1],
        unknown=(UnknownRow(at=row.at, local=row.local, why=why),),
        days=(*whole.days[:-1], dark),
    )


def by_kind() -> Plan:
    """The same plan for agents of two kinds."""
    whole = made()
    rows = tuple(
        structs.replace(row, crews={"one": row.agents, "both": 0}, crews_safe={"one": row.agents, "both": 1})
        for row in whole.rows
    )
    return structs.replace(whole, rows=rows)
