"""The page's story, as a manager reads it, from scores that were made up for it."""

from __future__ import annotations

from math import nan
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from queuewatch.cli.bakeoff_page import page
from queuewatch.core.trust.bakeoff import Result
from queuewatch.core.trust.counts import QueueCounts
from queuewatch.core.trust.scoring import Score

FIRST_AT, LAST_AT = 1795255200.0, 1795255200.0 + 86400.0  # 21 and 22 November 2026


def score(name: str, brier: float, mae_s: float = 60.0, **more: float) -> Score:
    """One that is right in all else."""
    given = {"bias_s": 0.0, "coverage_80": nan, "kept_90": 0.4} | more
    return Score(
        estimator=name,
        contacts=1200,
        answered=1000,
        no_estimate=0,
        rmse_s=2 * mae_s,
        mae_s=mae_s,
        bias_s=given["bias_s"],
        brier={"60": brier, "180": brier / 2},
        brier_offered={"60": nan, "180": nan},
        skill={"60": 1 - brier / 0.25, "180": -0.5},
        coverage_80=given["coverage_80"],
        kept_90=given["kept_90"],
        pinball_50=10.0,
        pinball_90=10.0,
    )


OURS = score("live", 0.2, 47.4, coverage_80=0.8, kept_90=0.9, bias_s=-5.0)
RESULT = Result(
    ours="live",
    thresholds_s=(60.0, 180.0),
    waited=1200,
    past={"60": 500, "180": 100},
    scores=(OURS, score("always_the_average", 0.25), score("asterisk", 0.4), score("puzzel", 0.5, 55.0)),
    while_waiting=(),
    reliability={},
    hours={},
    queues=(
        QueueCounts(
            site="default",
            queue="R&D",
            channel="chat",
            offered=1300,
            answered=1000,
            abandoned=200,
            left={"key": 9},
        ),
    ),
    events=3600,
    begins_at=FIRST_AT,
    ends_at=LAST_AT,
)


def told(result: Result, score_from: float | None = None) -> str:
    return page(result, ZoneInfo("UTC"), score_from)


def test_the_story_in_words() -> None:
    text = told(RESULT)
    assert "1,200 contacts had to wait." in text
    assert "how likely to last longer than 1 min." in text
    assert "20% nearer to what happened than telling everybody the average." in text
    assert "50% nearer to what happened than the best of the rules that other products use (Asterisk" in text
    assert "out by 47 s on average (the rules of others: by 55 s or more)" in text
    assert ", and on the whole too short by 5.0 s." in text
    assert "Of 100 waits it promised with nine in ten to be kept, 90 were." in text
    assert "Of 100 ranges that were to hold four times in five, 80 did." in text


@pytest.mark.parametrize(
    ("brier", "words"),
    [
        (0.25, "about as good as those of telling everybody the average"),
        (0.3, "20% further from what happened than telling everybody the average"),
    ],
)
def test_it_says_so_when_ours_is_no_better(brier: float, words: str) -> None:
    ours = replace(OURS, brier={"60": brier, "180": 0.1}, bias_s=4.9, coverage_80=nan)
    text = told(replace(RESULT, scores=(*RESULT.scores[1:], ours)))
    assert words in text
    assert "on the whole" not in text
    assert "four times in five, " not in text


def test_names_are_escaped_and_counts_shown() -> None:
    text = told(RESULT)
    assert "R&amp;D" in text
    assert "<td>1,300</td><td>1,000</td><td>200</td><td>9</td>" in text


def test_it_says_which_days_were_scored_and_which_only_learned_from() -> None:
    assert "Contacts of 21 November 2026 to 22 November 2026." in told(RESULT)
    later = told(RESULT, LAST_AT)
    assert "Contacts of 22 November 2026 to 22 November 2026; learned from since 21 Nov" in later


def test_what_is_not_known_is_a_dash_and_who_was_silent_is_counted() -> None:
    silent = replace(RESULT.scores[2], no_estimate=3, mae_s=nan)
    text = told(replace(RESULT, scores=(OURS, RESULT.scores[1], silent)))
    assert "(3 contacts at most)" in text
    assert "–" in text  # noqa: RUF001  # the dash of the page
    assert "the rules of others" not in text


def test_with_ours_alone_it_is_held_against_nobody() -> None:
    text = told(replace(RESULT, scores=(replace(OURS, answered=0),)))
    assert "nearer to" not in text
    assert "out by 47 s on average" not in text


def test_without_a_wait_there_is_no_story() -> None:
    empty = replace(RESULT, scores=(), waited=0, queues=(), begins_at=None, ends_at=None)
    text = told(empty)
    assert "Nobody had to wait whose wait has ended" in text
    assert "There is no event in the history." in text


def test_where_nobody_waited_long_it_says_that_this_cannot_be_told_apart() -> None:
    assert "Nobody waited longer than 1 min: " in told(replace(RESULT, past={"60": 0, "180": 0}))
    assert "Nobody waited longer" not in told(RESULT)


def test_a_threshold_of_hours_is_said_in_hours() -> None:
    mail = replace(OURS, brier={"3600": 0.2}, brier_offered={"3600": nan}, skill={"3600": 0.1})
    assert "longer than 1 h." in told(
        replace(RESULT, thresholds_s=(3600.0,), past={"3600": 9}, scores=(mail,))
    )
