"""The report in sentences that an operations manager would say, and the digest for Slack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from queuewatch.cli.output import seconds
from queuewatch.core.past.reach import WEEK_S
from queuewatch.core.past.report import HOUR_S, Report, Row
from queuewatch.senders.said import duration

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Shares nearer to each other than this are told as the same.
_ALIKE = 0.01
_FEW = 20
_WORSE = 1.5
_LIKELIER = 1.2
_SEVERAL = 2
# How somebody left without an answer and without giving up, the core's reasons in words.
_LEFT = {
    "timed_out": "timed out",
    "overflowed": "overflowed to another queue",
    "key": "pressed a key",
    "empty": "found nobody on duty",
    "full": "found the queue full",
    "closed": "came when it was closed",
    "withdrawn": "were withdrawn",
    "callback": "asked to be called back",
    "system": "were cut off by the system",
    "unknown": "left for a reason that is not known",
    "lost": "were lost track of",
}


def span(made: Report, zone: tzinfo) -> str:
    """From when to when, and what it is held against; whole days are named without their midnights."""
    begins, ends = (datetime.fromtimestamp(at, UTC).astimezone(zone) for at in (made.begins_at, made.ends_at))
    if begins.time() == ends.time() == time():
        last = ends - timedelta(days=1)
        days = f"{begins:%a %d %b %Y}" + (f" to {last:%a %d %b %Y}" if last > begins else "")
    else:
        days = f"{begins:%a %d %b %Y %H:%M} to {ends:%a %d %b %Y %H:%M}"
    if made.reach.before:
        return f"{days}, against the same time before"
    if made.reach.begins_at is None:
        return days
    told = datetime.fromtimestamp(made.reach.begins_at, UTC).astimezone(zone)
    return f"{days}; the history begins on {told:%a %d %b %Y}, so nothing is held against the time before"


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
    offered_before, first_before, _ = made.all_before if made.reach.before else (0, 0, 0)
    if not offered:
        yield "Nobody contacted us in this time."
        return
    one, two = (duration(threshold) for threshold in made.thresholds_s)
    against = _against(first / offered, first_before, offered_before)
    if first:
        yield (
            f"{first:,} of {offered:,} contacts ({percent(first / offered)}) waited longer than {one}"
            f"{against}. {second:,} ({percent(second / offered)}) waited longer than {two}."
        )
    else:
        yield f"Of {offered:,} contacts none waited longer than {one}{against}."
    gave_up = sum(row.now.abandoned for row in made.queues)
    if gave_up:
        gave_up_before = sum(row.before.abandoned for row in made.queues)
        against = _against(gave_up / offered, gave_up_before, offered_before)
        yield f"{gave_up:,} ({percent(gave_up / offered)}) gave up{against}."
    yield from _left(made, offered, offered_before)
    if offered_before >= _FEW:
        change = offered / offered_before - 1
        if abs(change) >= 0.1:  # noqa: PLR2004  # a tenth is worth a sentence
            yield f"There were {_changed(change)} contacts than before{_silent(made)}."


def _silent(made: Report) -> str:
    """Days without anybody, closed or untold, that make one of two times look like less."""
    told = [
        f"; on {_count(days, 'day')} of {when} nobody came"
        for when, days in zip(("this time", "the time before"), made.reach.silent_days, strict=True)
        if days
    ]
    return "".join(told)


def _left(made: Report, offered: int, offered_before: int) -> Iterator[str]:
    """Who was not answered and did not give up, by reason: who was sent away may never have waited long."""
    left = sum((Counter(row.now.left) for row in made.queues), Counter[str]())
    if left:
        before = sum(sum(row.before.left.values()) for row in made.queues)
        reasons = ", ".join(
            f"{number:,} {_LEFT.get(reason, reason)}" for reason, number in left.most_common()
        )
        share = left.total() / offered
        yield (
            f"{left.total():,} ({percent(share)}) left without an answer in other ways"
            f"{_against(share, before, offered_before)}: {reasons}."
        )


def _against(share: float, late: int, offered: int) -> str:
    if offered < _FEW:
        return ""
    before = late / offered
    if abs(share - before) < _ALIKE:
        return f", about as many as before ({percent(before)})"
    return f", against {percent(before)} before: {'worse' if share > before else 'better'}"


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
    yield from _queues(made)


def _queues(made: Report) -> Iterator[str]:
    """Which queue most of the long waits are in, and in which one a contact is likeliest to have one."""
    offered, late, _ = made.all_now
    if len(made.queues) < _SEVERAL or not late:
        return
    most = made.queues[0]
    yield (
        f"{most.name} has {percent(most.now.past[0] / late)} of all long waits, and "
        f"{percent(most.now.offered / offered)} of all contacts; the longest there was "
        f"{seconds(most.now.longest_wait_s or 0.0)}."
    )
    shares = [(row.now.share_past() or 0.0, row) for row in made.queues if row.now.known >= _FEW]
    share, likeliest = max(shares, key=lambda one: one[0], default=(0.0, most))
    if likeliest is not most and share >= _LIKELIER * late / offered:
        yield (
            f"Who contacts {likeliest.name} is likeliest to wait too long: {percent(share)} did, against "
            f"{percent(late / offered)} in all."
        )


def _patterns(made: Report) -> Iterator[str]:
    for hour in made.worst:
        yield (
            f"{WEEKDAYS[hour.weekday]}s from {hour.hour}:00 to {hour.hour + 1}:00 {percent(hour.past)} "
            f"waited too long, {percent(hour.otherwise)} at other times ({hour.contacts:,} contacts, with "
            "the time before)."
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
            f"In {_count(tired.hours, 'hour')} people{place} were busy for more than 85 % of their time; "
            f"the worst was {datetime.fromtimestamp(tired.worst_at, UTC).astimezone(zone):%A %H:%M} with "
            f"{percent(tired.worst)}. Overloaded people serve badly."
        )


def _customers(made: Report) -> Iterator[str]:
    known = sum(row.now.customers_known for row in made.queues)
    repeated = sum(row.now.repeated for row in made.queues)
    if known >= _FEW and (repeated or made.reach.week):
        known_before = sum(row.before.customers_known for row in made.queues) if made.reach.week_before else 0
        before = sum(row.before.repeated for row in made.queues)
        least = "" if made.reach.week else "at least "
        yield (
            f"Of {known:,} contacts whose customer is known {least}{percent(repeated / known)} came from "
            f"somebody who had contacted within 7 days{_against(repeated / known, before, known_before)}."
        )
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
        yield f"Customers were told {_often(busy)} that it is busy."
    issued = sum(now.issued.values())
    if issued or now.refused:
        worth = " and ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(now.value.items()))
        refused = sum(now.refused.values())
        was = "was" if refused == 1 else "were"
        yield (
            f"{_count(issued, 'voucher')} went out{f', worth {worth}' if worth else ''}"
            f"{f'; {refused:,} more {was} refused' if refused else ''}."
        )
    alerts = sum(now.alerts.values())
    if alerts:
        yield f"The team was alerted {_often(alerts)}."


def digest(made: Report, zone: tzinfo) -> str:
    """For Slack, on Monday morning."""
    from queuewatch.senders.slack import escape  # noqa: PLC0415  # brings Slack's SDK, for those who post

    whole_week = abs(made.ends_at - made.begins_at - WEEK_S) <= HOUR_S  # a clock that is set moves its end
    title = "The week in the queues" if whole_week else "The queues"
    lines = [f"*{title}*: {escape(span(made, zone))}"]
    lines += [f"• {escape(sentence)}" for sentence in findings(made, zone)[:12]]
    return "\n".join(lines)


def row_cells(row: Row, *, compared: bool) -> tuple[str, ...]:
    """A row of a table; where nothing is compared, of the time before nothing is said."""
    now = row.now
    return (
        row.name,
        row.channel,
        f"{now.offered:,}",
        share(now.answered / now.offered if now.offered else None),
        share(now.share_past()),
        share(row.before.share_past() if compared else None),
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
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def _often(times: int) -> str:
    return "once" if times == 1 else f"{times:,} times"


def _date(day: date) -> str:
    return f"{day.day} {day:%B}"
