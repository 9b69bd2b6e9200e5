"""The report in sentences that an operations manager would say, and the digest for Slack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo

from queuewatch.cli.output import seconds
from queuewatch.core.report import Report, Row
from queuewatch.senders.said import duration
from queuewatch.senders.slack import escape

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Shares nearer to each other than this are told as the same.
_ALIKE = 0.01
_FEW = 20
_WORSE = 1.5


def span(made: Report, zone: tzinfo) -> str:
    """From when to when."""
    return f"{_day(made.begins_at, zone)} to {_day(made.ends_at, zone)}, against the same time before"


def findings(made: Report, zone: tzinfo) -> list[str]:
    """What is worth saying, the most important first."""
    return [
        *_waits(made),
        *_places(made),
        *_patterns(made),
        *_people(made, zone),
        *_customers(made),
        *_did(made),
    ]


def _waits(made: Report) -> Iterator[str]:
    offered, first, second = made.all_now
    offered_before, first_before, _ = made.all_before
    if not offered:
        yield "Nobody contacted in this time."
        return
    one, two = (duration(threshold) for threshold in made.thresholds_s)
    against = _against(first / offered, first_before, offered_before)
    yield (
        f"{first} of {offered} contacts ({percent(first / offered)}) waited longer than {one}, and {second} "
        f"({percent(second / offered)}) longer than {two}{against}."
    )
    if offered_before >= _FEW:
        change = offered / offered_before - 1
        if abs(change) >= 0.1:  # noqa: PLR2004  # a tenth is worth a sentence
            yield f"There were {_changed(change)} contacts than before."


def _against(share: float, late: int, offered: int) -> str:
    if offered < _FEW:
        return ""
    before = late / offered
    if abs(share - before) < _ALIKE:
        return f"; past the first about as many as before ({percent(before)})"
    turn = "worse" if share > before else "better"
    return f"; past the first it was {percent(before)} before, so it got {turn}"


def _changed(change: float) -> str:
    return f"{percent(abs(change))} {'more' if change > 0 else 'fewer'}"


def _places(made: Report) -> Iterator[str]:
    shares = [(row, row.now.share_past()) for row in made.channels if row.now.known >= _FEW]
    known = sorted(((share, row.name) for row, share in shares if share is not None), reverse=True)
    if len(known) > 1 and known[0][0] >= _WORSE * known[-1][0] and known[0][0] - known[-1][0] >= _ALIKE:
        yield (
            f"{known[0][1]} is served worse than {known[-1][1]}: {percent(known[0][0])} of its contacts "
            f"waited too long, against {percent(known[-1][0])}."
        )
    worst = made.queues[0] if made.queues else None
    if worst is not None and len(made.queues) > 1 and worst.now.past[0]:
        late = made.all_now[1]
        yield (
            f"{worst.name} has {percent(worst.now.past[0] / late)} of all long waits; the longest there was "
            f"{seconds(worst.now.longest_wait_s or 0.0)}."
        )


def _patterns(made: Report) -> Iterator[str]:
    for hour in made.worst:
        yield (
            f"{WEEKDAYS[hour.weekday]}s {hour.hour} to {hour.hour + 1}: {percent(hour.past)} waited too "
            f"long, {percent(hour.otherwise)} otherwise ({hour.contacts} contacts)."
        )
    for turn in made.turns:
        change = turn.since / turn.before - 1
        yield (
            f"Since {_date(turn.day)} {turn.queue} has {_changed(change)} contacts"
            f" a working day ({turn.since:.0f} instead of {turn.before:.0f})."
        )


def _people(made: Report, zone: tzinfo) -> Iterator[str]:
    for tired in made.tired:
        place = "" if tired.site == "default" else f" at {tired.site}"
        yield (
            f"People{place} were busy for more than 85 % of their time in {_count(tired.hours, 'hour')}; "
            f"the worst was {datetime.fromtimestamp(tired.worst_at, UTC).astimezone(zone):%A %H:%M} with "
            f"{percent(tired.worst)}. Overloaded people serve badly."
        )


def _customers(made: Report) -> Iterator[str]:
    known = sum(row.now.customers_known for row in made.queues)
    repeated = sum(row.now.repeated for row in made.queues)
    if known >= _FEW:
        yield f"{percent(repeated / known)} of contacts were from customers who had contacted within 7 days."
    handed = sum(row.now.transferred for row in made.queues)
    if handed:
        yield f"{_count(handed, 'contact')} ({percent(handed / made.all_now[0])}) had to be handed on."


def _did(made: Report) -> Iterator[str]:
    now = made.now
    told = now.promises.get("kept", 0) + now.promises.get("broken", 0)
    if told:
        yield f"Of {told} promised waits {percent(now.promises.get('kept', 0) / told)} were kept."
    busy = now.notices.get("busy", 0) + now.notices.get("very_busy", 0)
    if busy:
        yield f"Customers were told {_count(busy, 'time')} that it is busy."
    issued = sum(now.issued.values())
    if issued or now.refused:
        worth = " and ".join(f"{amount} {currency}" for currency, amount in sorted(now.value.items()))
        refused = sum(now.refused.values())
        yield (
            f"{_count(issued, 'voucher')} went out{f', worth {worth}' if worth else ''}"
            f"{f'; {refused} were refused' if refused else ''}."
        )
    alerts = sum(now.alerts.values())
    if alerts:
        yield f"The team was alerted {_count(alerts, 'time')}."


def digest(made: Report, zone: tzinfo) -> str:
    """For Slack, on Monday morning."""
    lines = [f"*The week in the queues*: {escape(span(made, zone))}"]
    lines += [f"• {escape(sentence)}" for sentence in findings(made, zone)[:12]]
    return "\n".join(lines)


def row_cells(row: Row) -> tuple[str, ...]:
    """A row of a table."""
    now = row.now
    return (
        row.name,
        row.channel,
        str(now.offered),
        share(now.share_past()),
        share(row.before.share_past()),
        share(now.share_past(1)),
        share(now.abandoned / now.offered if now.offered else None),
        "-" if now.mean_wait_s is None else seconds(now.mean_wait_s),
        "-" if now.longest_wait_s is None else seconds(now.longest_wait_s),
    )


def share(value: float | None) -> str:
    """A share, or a dash where it is not known."""
    return "-" if value is None else percent(value)


def percent(value: float) -> str:
    """A share for people: whole, with a tenth below ten."""
    return f"{100 * value:.1f} %" if 0 < value < 0.0995 else f"{100 * value:.0f} %"  # noqa: PLR2004  # 9.95 %


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def _day(at: float, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%a %d %b %Y %H:%M}"


def _date(day: date) -> str:
    return f"{day.day} {day:%B}"
