"""`queuewatch incentives`: why this customer got 10 euros, who decided, and whether it was used."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from queuewatch.cli.arguments import add_config, add_json, duration_s
from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.cli.output import print_json, print_table
from queuewatch.cli.settings import read_settings
from queuewatch.clock import SystemClock
from queuewatch.config import JOURNAL_FILE, Settings, customer_key
from queuewatch.customers import Customers
from queuewatch.serve.people import as_csv
from queuewatch.serve.vouchers_told import FOLLOW_UPS, ISSUERS, STATES, Incentive, entries, outstanding
from queuewatch.store.audit import issuing, read
from queuewatch.store.database import StoreError, reading

# More than anybody reads; what is exported is as much.
_MOST = 1_000_000


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)
    parser.add_argument("--customer", metavar="WHO", help="only this customer's, named as your sources do")
    parser.add_argument("--since", type=duration_s, metavar="TIME", help="only of so long ago, such as 30d")
    parser.add_argument("--state", choices=STATES, help="only what came to this")
    parser.add_argument("--follow-up", choices=FOLLOW_UPS, help="due: whom to ask how it went")
    parser.add_argument("--csv", action="store_true", help="every column, for a spreadsheet")


def _run(given: argparse.Namespace) -> int:
    found = _found(given, read_settings(given.config))
    if given.json:
        print_json({"incentives": found, "outstanding": outstanding(found)})
    elif given.csv:
        print(as_csv(Incentive, found), end="")
    else:
        print_table(
            ("when, UTC", "queue", "contact", "worth", "why", "decided by", "note", "state", "by", "at, UTC"),
            list(map(_row, found)),
            none="No voucher was issued or refused, as far as this asks for.",
        )
        if found:
            print(_summed(found))
    return DONE


def _found(given: argparse.Namespace, settings: Settings) -> list[Incentive]:
    """The vouchers and refusals asked for, the newest first; never a code, for whoever sees it can use it."""
    since_at = None if given.since is None else SystemClock().now() - given.since
    try:
        with reading(settings.service.data_dir / JOURNAL_FILE) as database:
            held = read(database, customer=_hidden(given.customer, settings), most=_MOST)
            found = [one for one in entries(held) if _is_asked_for(one, given, since_at)]
            vouchers = {one.key: one for one in found if one.state != "refused"}
            for key, how in issuing(database, list(vouchers)).items():
                vouchers[key].issuer, vouchers[key].issuer_why = ISSUERS[how.state], how.why
    except StoreError as error:
        raise CannotRunError(str(error)) from None
    return found


def _hidden(customer: str | None, settings: Settings) -> str | None:
    if customer is None:
        return None
    key = customer_key(settings).reveal().encode()
    return Customers(key, settings.customers.key_version).pseudonym(customer)


def _is_asked_for(one: Incentive, given: argparse.Namespace, since_at: float | None) -> bool:
    return (
        (since_at is None or one.at >= datetime.fromtimestamp(0, UTC) + timedelta(seconds=since_at))
        and given.state in (None, one.state)
        and given.follow_up in (None, one.follow_up)
    )


def _row(one: Incentive) -> tuple[str, ...]:
    return (
        _moment(one.at),
        one.queue,
        one.contact,
        _worth(one),
        one.why.replace("_", " "),
        one.decided_by,
        one.note,
        one.state if one.issuer in {None, "own", "issued"} else f"{one.state}, {one.issuer} outside",
        one.moved_by or "",
        "" if one.moved_at is None else _moment(one.moved_at),
    )


def _worth(one: Incentive) -> str:
    if one.amount is not None:
        return f"{one.amount:,.2f} {one.currency}"
    return "" if one.percent is None else f"{one.percent} %"


def _summed(found: list[Incentive]) -> str:
    """How many there are of each state, and what they count as in the budgets."""
    issued = [one for one in found if one.state != "refused"]
    of = {state: [one for one in issued if one.state == state] for state in STATES}
    parts = ", ".join(f"{len(some)} {state}{_sum(some)}" for state, some in of.items() if some)
    refused = len(found) - len(issued)
    told = [f"{len(issued)} issued{_sum(issued)}: {parts}"] if issued else []
    return "; ".join([*told, *([f"{refused} refused"] if refused else [])])


def _sum(found: list[Incentive]) -> str:
    """What they are worth, a currency each; nothing where they are worth no money."""
    sums: dict[str, Decimal] = {}
    for one in found:
        if one.amount is not None and one.currency is not None:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
    worth = " and ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(sums.items()))
    return f" ({worth})" if worth else ""


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


COMMAND = Command(
    name="incentives",
    summary=SUMMARIES["incentives"],
    examples=(
        "queuewatch incentives --customer ada@example.org",
        "queuewatch incentives --follow-up due",
        "queuewatch incentives --since 30d --csv",
    ),
    arguments=_arguments,
    run=_run,
)
