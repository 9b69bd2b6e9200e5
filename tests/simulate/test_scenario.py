"""The demo's scenario."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.simulate.laws import DAY_S, WEEKDAY_OF_EPOCH, Floats
from queuewatch.simulate.run import simulate
from queuewatch.simulate.scenario import HISTORY_S, LIVE_S, SHOW_S, demo_centre, demo_rules
from queuewatch.simulate.truth import Truth

LIVE_AT = 1_790_000_123.0
HOUR_S, MINUTE_S = 3600.0, 60.0
QUEUES = ("support", "sales", "billing", "returns", "chat", "chat-sales", "mail")


def play(seed: int, *, hours: float) -> Truth:
    rng = np.random.default_rng(seed)
    return simulate(demo_centre(LIVE_AT, rng), LIVE_AT - HISTORY_S, LIVE_AT + hours * HOUR_S, rng)


def offered_waits(truth: Truth, queue: str, from_s: float, to_s: float) -> Floats:
    """What those waited, or would have, who came to the queue between two moments counted from going live."""
    visits, at_s = truth.visits, truth.visits.enqueued_at - LIVE_AT
    mine = (visits.queue == QUEUES.index(queue)) & (at_s >= from_s) & (at_s < to_s)
    return np.asarray(visits.offered_wait_s[mine])


def waiting(truth: Truth, queue: str, at_s: float) -> int:
    visits, at = truth.visits, LIVE_AT + at_s
    mine = visits.queue == QUEUES.index(queue)
    return int((mine & (visits.enqueued_at <= at) & ~(visits.left_at <= at)).sum())


@pytest.mark.parametrize("live_at", [0.0, LIVE_AT, LIVE_AT + 5 * DAY_S + 7777.0])
def test_the_demo_goes_live_on_a_tuesday_at_ten_whenever_that_is(live_at: float) -> None:
    centre = demo_centre(live_at, np.random.default_rng(1))
    local = live_at + centre.utc_offset_s + WEEKDAY_OF_EPOCH * DAY_S
    assert local % (7 * DAY_S) == LIVE_S == DAY_S + 10 * HOUR_S


def test_it_is_a_mid_sized_centre_of_phone_chat_and_mail() -> None:
    truth = play(1, hours=1)
    assert tuple(one.name for one in truth.centre.queues) == QUEUES
    assert {one.channel for one in truth.centre.queues} == {"phone", "chat", "email"}
    on_duty = [sum(one.from_at <= LIVE_AT < one.to_at for one in stints) for stints in truth.roster]
    assert 20 <= sum(on_duty) <= 35


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_seed_sales_is_overrun_from_the_first_minutes_and_recovers(seed: int) -> None:
    truth = play(seed, hours=1)
    assert np.mean(offered_waits(truth, "sales", 60.0, 10 * MINUTE_S) > 60.0) > 0.9
    assert waiting(truth, "sales", 8 * MINUTE_S) >= 8
    assert waiting(truth, "sales", 30 * MINUTE_S) <= 3
    assert np.mean(offered_waits(truth, "sales", 25 * MINUTE_S, 45 * MINUTE_S) > 60.0) < 0.5


def test_by_default_sales_is_overrun_at_once() -> None:
    assert np.mean(offered_waits(play(1, hours=1), "sales", 0.0, 60.0) > 60.0) > 0.9


def test_while_chat_agents_are_cut_off_chats_wait() -> None:
    truths = [play(seed, hours=1) for seed in range(6)]
    during = np.concatenate([offered_waits(one, "chat", 32 * MINUTE_S, 44 * MINUTE_S) for one in truths])
    before = np.concatenate([offered_waits(one, "chat", 0.0, 20 * MINUTE_S) for one in truths])
    assert np.mean(during > 60.0) > 0.6
    assert np.mean(before > 60.0) < 0.3


def test_mails_of_the_night_lie_there_grow_more_over_the_morning_and_fewer_towards_the_evening() -> None:
    truth = play(1, hours=8)
    assert waiting(truth, "mail", 0.0) > 50
    assert waiting(truth, "mail", 2 * HOUR_S) > waiting(truth, "mail", 0.0)
    assert waiting(truth, "mail", 7.5 * HOUR_S) < waiting(truth, "mail", 2 * HOUR_S)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_show_goes_on_for_a_week_and_no_backlog_runs_away(seed: int) -> None:
    truth = play(seed, hours=SHOW_S / HOUR_S)
    waves = [one for one in truth.centre.surges if one.from_at > LIVE_AT]
    assert len({one.queue for one in waves}) >= 3
    assert max(one.from_at for one in waves) > LIVE_AT + 5 * DAY_S
    for day in range(7):
        assert waiting(truth, "mail", day * DAY_S + 8 * HOUR_S) < 250
        for queue in QUEUES[:-1]:
            assert waiting(truth, queue, day * DAY_S + 9 * HOUR_S) < 30


def test_mail_is_measured_in_hours_and_becomes_busy_over_the_morning() -> None:
    rules = demo_rules()
    busy_s = rules.of("mail").notice.busy_threshold_s
    assert rules.of("mail").thresholds_s[0] == busy_s == 1.5 * HOUR_S
    assert rules.of("sales").thresholds_s == (60.0, 180.0)
    truth = play(1, hours=8)
    assert np.mean(offered_waits(truth, "mail", 0.0, 10 * MINUTE_S) > busy_s) < 0.5
    assert np.mean(offered_waits(truth, "mail", 1.5 * HOUR_S, 2.5 * HOUR_S) > busy_s) > 0.9
