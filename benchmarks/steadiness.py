"""How steady estimates are while somebody waits: ours and the closed form, on a log and a simulated centre.

Run ``python -m benchmarks.steadiness [FILE]``; FILE as for ``benchmarks.waits``. Everybody who waits is asked
about every 30 s. **moves** is the mean size of the change, from one asking to the next, of the moment at
which the answer is expected. **jumps** is the share of askings without a cause in between (nobody joined, was
answered, gave up or left, no conversation ended) after which that moment has moved by more than 30 s beyond
what passing time explains: with no news it stays where it was (a countdown) or moves along by the 30 s that
passed (a line that has not moved). **error** is the mean size of the error of all askings, so that steadiness
is not bought with being wrong. The second half is counted.
"""

import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from pathlib import Path

import numpy as np
from msgspec import Struct, field

from benchmarks.waits import BANK, DAY_S, MONDAY_AT, read_log, shared_centre
from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.place import PlaceInLine
from queuewatch.core.estimate.wait import Estimator, Joined, Scene
from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Change, line_place
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.trust.trial import Trial
from queuewatch.simulate.events import events
from queuewatch.simulate.run import simulate

EVERY_S = 30.0
JUMP_S = 30.0

Key = tuple[str, str, int]


class Asking(Struct):
    """When each estimator expected the answer, and how many moves there had been by then."""

    at: float
    expected_at: list[float]
    moves: int


class Waiting(Struct):
    """One who waits."""

    visit: Visit
    asked: list[Asking] = field(default_factory=list)
    answered_at: float | None = None


class Watcher(Struct):
    """Notes who waits and what moves."""

    waiting: dict[Key, Waiting] = field(default_factory=dict)
    ended: list[Waiting] = field(default_factory=list)
    dues: list[tuple[float, Key]] = field(default_factory=list)
    moves: int = 0

    def arrived(self, joined: Joined, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        """Ask as they join."""
        key = (who.queue, who.contact, who.number)
        self.waiting[key] = Waiting(who)
        self.ask(key, joined.scene, joined.ahead, estimators)

    def ask(self, key: Key, scene: Scene, ahead: int, estimators: tuple[Estimator, ...]) -> None:
        """Ask everybody about one who waits."""
        one = self.waiting[key]
        told = [each.remaining(scene, ahead, one.visit) for each in estimators]
        expected_at = [scene.now + (float("nan") if isinstance(t, str) else t.mean_s) for t in told]
        one.asked.append(Asking(scene.now, expected_at, self.moves))
        heappush(self.dues, (scene.now + EVERY_S, key))

    def moved(self, site: str, change: Change) -> None:  # noqa: ARG002  # one site
        """Something happened: estimates may change."""
        self.moves += 1
        visit = change.visit
        if change.was in IN_LINE and change.now not in IN_LINE:
            one = self.waiting.pop((visit.queue, visit.contact, visit.number), None)
            if one is not None:
                one.answered_at = change.at if change.now == "answered" else None
                self.ended.append(one)


def measure(title: str, history: Iterable[Event], make: Callable[[], tuple[Estimator, ...]]) -> None:
    """Run a history and print what came out."""
    watcher = Watcher()
    trial = Trial(Rules(), make, watcher)
    first_at = last_at = 0.0
    for event in history:
        first_at, last_at = first_at or event.at, event.at
        while watcher.dues and watcher.dues[0][0] < event.at:
            at, key = heappop(watcher.dues)
            if key in watcher.waiting:
                scene = trial.scene(event.site, key[0], at)
                ahead = bisect_left(scene.queue.line, line_place(watcher.waiting[key].visit))
                watcher.ask(key, scene, ahead, trial.estimators[event.site])
        trial.take(event)
    half_at = first_at + (last_at - first_at) / 2.0
    counted = [one for one in watcher.ended if one.visit.enqueued_at >= half_at]
    print(f"\n{title}: {sum(len(one.asked) for one in counted)} askings of {len(counted)} who waited")
    print(f"{'estimator':12}{'moves s':>9}{'jumps':>8}{'error s':>9}")
    for number, estimator in enumerate(make()):
        _print_row(estimator.name, number, counted)


def _print_row(name: str, number: int, counted: list[Waiting]) -> None:
    moves, jumps, errors = [], [], []
    for one in counted:
        for before, after in zip(one.asked, one.asked[1:], strict=False):
            change_s = after.expected_at[number] - before.expected_at[number]
            moves.append(abs(change_s))
            if after.moves == before.moves:
                jumps.append(not -JUMP_S <= change_s <= after.at - before.at + JUMP_S)
        if one.answered_at is not None:
            errors += [abs(asking.expected_at[number] - one.answered_at) for asking in one.asked]
    print(f"{name:12}{np.nanmean(moves):9.1f}{np.mean(jumps):8.1%}{np.nanmean(errors):9.1f}  of {len(jumps)}")


def main() -> None:
    """Print all tables."""
    bank = Path(sys.argv[1]) if len(sys.argv) > 1 else BANK
    if bank.exists():
        measure(bank.name, read_log(bank), lambda: (Live(), PlaceInLine()))
    else:
        print(f"{bank} is not there: only a simulated centre")
    rng = np.random.default_rng(20261122)
    truth = simulate(shared_centre(), MONDAY_AT, MONDAY_AT + 6 * DAY_S, rng, drain_s=3600.0)
    measure("simulated, shared agents", events(truth), lambda: (Live(), PlaceInLine()))


if __name__ == "__main__":
    main()
