"""The report in sentences: only what is worth one."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal

import pytest
from msgspec import structs

from queuewatch.cli.report_words import digest, findings, percent, row_cells, span
from queuewatch.core.past.patterns import Hour
from queuewatch.core.past.report import Figures, Row, Since
from queuewatch.core.past.tiring import Tired
from tests.cli.reports import FAR_BACK, NOTHING, made


def figures(
    offered: int, past: tuple[int, int] = (0, 0), left: dict[str, int] | None = None, **more: int
) -> Figures:
    fields: dict[str, int] = {"abandoned": 0, "transferred": 0, "repeated": 0, "customers_known": 0} | more
    waits = (30.0, 400.0) if offered else (None, None)
    return Figures(
        offered=offered,
        answered=offered,
        left=left or {},
        past=past,
        known=offered,
        mean_wait_s=waits[0],
        longest_wait_s=waits[1],
        **fields,
    )


def row(name: str, now: Figures, before: Figures, channel: str = "phone") -> Row:
    return Row(name=name, site="default", channel=channel, now=now, before=before)  # type: ignore[arg-type]


def test_the_waits_are_held_against_those_before() -> None:
    report = structs.replace(made({}), queues=(row("sales", figures(100, (30, 10)), figures(100, (10, 5))),))
    (waits,) = findings(report, UTC)
    assert waits == (
        "30 of 100 contacts (30 %) waited longer than 1 min, against 10 % before: worse. "
        "10 (10 %) waited longer than 3 min."
    )


@pytest.mark.parametrize(
    ("before", "words"),
    [((30, 0), ", about as many as before (30 %)."), ((60, 0), ", against 60 % before: better.")],
)
def test_alike_is_told_as_alike(before: tuple[int, int], words: str) -> None:
    report = structs.replace(made({}), queues=(row("sales", figures(100, (30, 10)), figures(100, before)),))
    assert words in findings(report, UTC)[0]


def test_with_few_contacts_before_nothing_is_compared() -> None:
    report = structs.replace(made({}), queues=(row("sales", figures(100, (30, 10)), figures(19)),))
    assert findings(report, UTC) == [
        "30 of 100 contacts (30 %) waited longer than 1 min. 10 (10 %) waited longer than 3 min."
    ]


def test_all_that_there_may_be_to_say_is_said() -> None:
    sales = row(
        "sales",
        figures(100, (30, 10), transferred=5, repeated=20, customers_known=80),
        figures(50, (10, 5)),
    )
    web = row("web", figures(100, (2, 0)), figures(100), "chat")
    now = structs.replace(
        NOTHING,
        notices={"busy": 1, "very_busy": 1},
        alerts={"queue_busy": 3},
        issued={"wait_passed": 2},
        refused={"customer_had_enough": 1},
        value={"EUR": Decimal("20.00")},
        promises={"kept": 9, "broken": 1, "gave_up": 3},
    )
    report = structs.replace(
        made({}),
        queues=(sales, web),
        channels=(structs.replace(sales, name="phone"), structs.replace(web, name="chat")),
        worst=(Hour(weekday=0, hour=9, contacts=40, past=0.5, otherwise=0.1),),
        turns=(Since(queue="sales", day=date(2026, 11, 12), before=100.0, since=138.0),),
        tired=(Tired(site="default", hours=14, worst_at=0.0, worst=0.97),),
        now=now,
    )
    said = "\n".join(findings(report, UTC))
    for sentence in (
        "There were 33 % more contacts than before.",
        "phone is served worse than chat: 30 % of its contacts waited too long, against 2.0 %.",
        "sales has 94 % of all long waits, and 50 % of all contacts; the longest there was 6 min 40 s.",
        "Mondays from 9:00 to 10:00 50 % waited too long, 10 % at other times (40 contacts,",
        "Since 12 November sales has 38 % more contacts a working day (138 instead of 100).",
        "In 14 hours people were busy for more than 85 % of their time; the worst was Thursday 00:00 with",
        "Of 80 contacts whose customer is known 25 % came from somebody who had contacted within 7 days.",
        "5 contacts (2.5 %) had to be handed on.",
        "Of 10 promised waits 90 % were kept.",
        "Customers were told 2 times that it is busy.",
        "2 vouchers went out, worth 20.00 EUR; 1 more was refused.",
        "The team was alerted 3 times.",
    ):
        assert sentence in said
    assert digest(report, UTC).count("\n•") == 12


def test_a_queue_in_which_a_contact_is_likelier_to_wait_too_long_is_named_beside_the_largest() -> None:
    large = row("sales", figures(1000, (200, 0)), figures(0))
    small = row("support", figures(100, (50, 0)), figures(0))
    report = structs.replace(made({}), queues=(large, small))
    said = findings(report, UTC)
    assert "Who contacts support is likeliest to wait too long: 50 % did, against 23 % in all." in said
    assert "1,100 contacts" in said[0]
    alike = row("support", figures(100, (22, 0)), figures(0))
    assert not any(
        "likeliest" in one for one in findings(structs.replace(report, queues=(large, alike)), UTC)
    )


def test_what_was_decided_once_is_told_as_once() -> None:
    report = structs.replace(made({}), now=structs.replace(NOTHING, alerts={"queue_busy": 1}))
    assert findings(report, UTC)[-1] == "The team was alerted once."


def test_whole_days_are_named_without_their_midnights() -> None:
    week = structs.replace(made({}), begins_at=0.0, ends_at=7 * 86_400.0)
    assert span(week, UTC) == "Thu 01 Jan 1970 to Wed 07 Jan 1970, against the same time before"
    day = structs.replace(week, ends_at=86_400.0)
    assert span(day, UTC) == "Thu 01 Jan 1970, against the same time before"
    odd = structs.replace(week, ends_at=7 * 86_400.0 + 60.0)
    assert span(odd, UTC) == "Thu 01 Jan 1970 00:00 to Thu 08 Jan 1970 00:01, against the same time before"


def test_those_who_gave_up_are_told_against_those_before() -> None:
    report = structs.replace(
        made({}), queues=(row("sales", figures(100, abandoned=12), figures(100, abandoned=30)),)
    )
    assert "12 (12 %) gave up, against 30 % before: better." in findings(report, UTC)


def test_a_row_has_dashes_where_nothing_is_known() -> None:
    nothing = row("sales", figures(0), figures(0))
    assert row_cells(nothing, compared=True)[3:] == ("-", "-", "-", "-", "-", "-", "-")


def test_a_row_says_nothing_of_a_time_before_that_is_not_known() -> None:
    sales = row("sales", figures(100, (30, 10)), figures(100, (20, 5)))
    assert row_cells(sales, compared=True)[3:6] == ("100 %", "30 %", "20 %")
    assert row_cells(sales, compared=False)[3:6] == ("100 %", "30 %", "-")


def test_what_a_history_does_not_hold_is_not_told_as_less() -> None:
    sales = row(
        "sales",
        figures(100, (30, 10), abandoned=20, repeated=40, customers_known=80),
        figures(40, (4, 0), abandoned=4, repeated=8, customers_known=30),
    )
    short = structs.replace(FAR_BACK, begins_at=-86_400.0, before=False, week=False, week_before=False)
    report = structs.replace(made({}), queues=(sales,), reach=short)
    told = findings(report, UTC)
    assert not [one for one in told if "before" in one]
    assert "Of 80 contacts whose customer is known at least 50 % came from somebody" in "".join(told)
    assert span(report, UTC) == (
        "Thu 01 Jan 1970 to Wed 07 Jan 1970; the history begins on Wed 31 Dec 1969, so nothing is held "
        "against the time before"
    )
    empty = structs.replace(report, reach=structs.replace(short, begins_at=None))
    assert span(empty, UTC) == "Thu 01 Jan 1970 to Wed 07 Jan 1970"


def test_repeats_are_held_against_the_time_before_only_where_the_week_before_that_is_known() -> None:
    sales = row(
        "sales", figures(100, repeated=40, customers_known=80), figures(100, repeated=8, customers_known=80)
    )
    report = structs.replace(made({}), queues=(sales,))
    assert "7 days, against 10 % before: worse." in "".join(findings(report, UTC))
    begins_with_it = structs.replace(report, reach=structs.replace(FAR_BACK, week_before=False))
    told = "".join(findings(begins_with_it, UTC))
    assert "known 50 % came from somebody who had contacted within 7 days." in told


def test_days_without_anybody_are_named_where_numbers_are_compared() -> None:
    report = structs.replace(made({}), queues=(row("sales", figures(120), figures(100)),))
    assert "There were 20 % more contacts than before." in findings(report, UTC)
    gaps = structs.replace(report, reach=structs.replace(FAR_BACK, silent_days=(1, 2)))
    assert (
        "There were 20 % more contacts than before; on 1 day of this time nobody came; on 2 days of the time "
        "before nobody came."
    ) in findings(gaps, UTC)


def test_who_left_without_an_answer_is_told_by_reason_also_where_nobody_waited_long() -> None:
    sales = row("sales", figures(90, left={"timed_out": 27, "key": 11}), figures(90, left={"key": 9}))
    night = row("night", figures(10, left={"empty": 7}), figures(10))
    told = findings(structs.replace(made({}), queues=(sales, night)), UTC)
    assert told[0].startswith("Of 100 contacts none waited longer than 1 min")
    assert (
        "45 (45 %) left without an answer in other ways, against 9.0 % before: worse: 27 timed out, "
        "11 pressed a key, 7 found nobody on duty." in told
    )


def test_the_digest_calls_a_week_only_what_is_one() -> None:
    assert digest(made({}), UTC).startswith("*The week in the queues*: ")
    day = structs.replace(made({}), ends_at=86_400.0)
    assert digest(day, UTC).startswith("*The queues*: ")


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (0.0123, "1.2 %"), (0.0994, "9.9 %"), (0.5, "50 %")]
)
def test_shares_are_whole_with_a_tenth_below_ten(share: float, words: str) -> None:
    assert percent(share) == words
