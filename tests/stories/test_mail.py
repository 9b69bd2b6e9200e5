"""E-mail with nights and weekends: a backlog that is worked off in opening hours, told by the clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.wait import Estimator, Joined
from queuewatch.core.hours import Hours
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.trust.trial import Trial
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan, Shift
from queuewatch.simulate.events import events
from queuewatch.simulate.laws import Duration, Profile
from queuewatch.simulate.run import simulate

MONDAY_AT = 1_700_438_400.0  # 2023-11-20T00:00:00Z
HOUR_S, DAY_S = 3600.0, 86_400.0
OPEN = ((9 * HOUR_S, 17 * HOUR_S),)
HOURS = Hours(zone=ZoneInfo("UTC"), week=(OPEN,) * 5 + ((), ()))


class Asked:
    """Writes down what is said of each mail as it comes, as it is said then, and how long it took."""

    def __init__(self) -> None:
        self.open: dict[str, tuple[float, float, float, float]] = {}
        self.ended: list[tuple[float, float, float, float, float]] = []

    def arrived(self, joined: Joined, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        """A mail came."""
        told = estimators[0].remaining(joined.scene, joined.ahead, who)
        if not isinstance(told, str):
            self.open[who.contact] = (
                joined.scene.now,
                told.mean_s,
                told.quantile_s(0.1),
                told.quantile_s(0.9),
            )

    def moved(self, site: str, change: Change) -> None:  # noqa: ARG002  # one site
        """A mail was taken up."""
        if change.was in IN_LINE and change.now == "answered" and change.visit.contact in self.open:
            at, mean_s, low_s, high_s = self.open.pop(change.visit.contact)
            self.ended.append((at, change.at - at, mean_s, low_s, high_s))


def mailed(hours: Hours | None, seed: int = 3) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Mail that had to wait: when each came, how long it took, and what was said: mean, 10 % and 90 %."""
    queue = QueuePlan(
        name="mail",
        channel="email",
        profile=Profile(
            per_hour=(4.0,) * 7 + (14.0,) * 12 + (6.0,) * 5, days=(1.2, 1.0, 1.0, 1.0, 0.9, 0.5, 0.4)
        ),
        handling=Duration(mean_s=600.0),
    )
    shift = Shift(from_s=9 * HOUR_S, to_s=17 * HOUR_S, days=(0, 1, 2, 3, 4))
    crew = tuple(AgentPlan(name=f"m{i}", skills={"mail": 1}, shifts=(shift,)) for i in range(6))
    asked = Asked()
    rules = Rules(queues={"mail": QueueRules(hours=hours)})
    trial = Trial(rules, lambda: (Live(),), asked)
    centre = Centre(queues=(queue,), agents=crew)
    for event in events(simulate(centre, MONDAY_AT, MONDAY_AT + 28 * DAY_S, np.random.default_rng(seed))):
        trial.take(event)
    waited = [one for one in asked.ended if one[0] > MONDAY_AT + 10 * DAY_S and one[1] > 1.0]
    return np.array(waited)


@pytest.mark.slow
def test_a_mail_of_friday_night_is_told_monday_and_the_ranges_hold() -> None:
    at, wait_s, mean_s, low_s, high_s = mailed(HOURS).T
    assert at.size > 1500
    error_s = np.abs(mean_s - wait_s)
    plain = mailed(None).T
    assert error_s.mean() < 0.2 * np.abs(plain[2] - plain[1]).mean()
    # Waits go from minutes to three days; a mail of the weekend is told to within some hours.
    assert wait_s.max() > 2 * DAY_S
    weekend = ((at - MONDAY_AT) // DAY_S % 7) >= 5
    assert error_s[weekend].mean() < HOUR_S
    assert error_s.mean() < 1.5 * HOUR_S
    # The mails of one day wait alike: sixteen working days tell no more than as many dozens of calls would.
    assert np.mean((low_s <= wait_s) & (wait_s <= high_s)) == pytest.approx(0.8, abs=0.06)
    assert np.mean(wait_s <= high_s) == pytest.approx(0.9, abs=0.04)


@pytest.mark.slow
def test_everybody_is_told_a_moment_at_which_it_is_open() -> None:
    at, _, mean_s, _, high_s = mailed(HOURS).T
    assert sum(not HOURS.open_at(one) for one in at) > 1000
    assert all(HOURS.open_at(one - 1e-3) for one in at + high_s)
    assert (mean_s > 0.0).all()
