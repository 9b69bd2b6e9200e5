"""When to look at whom: names by the page of time in which they are due, for thousands at a time.

A heap of single names costs a busy site more than all the rest of its bookkeeping; a page a second, or a page
for many seconds where nobody minds, does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush


def earliest(dues: Iterable[float | None]) -> float | None:
    """The first of some times, of which any may not be set; None where none is.

    Asked several times a turn: a generator for min() costs three times as much.
    """
    first: float | None = None
    for due_at in dues:
        if due_at is not None and (first is None or due_at < first):
            first = due_at
    return first


@dataclass(slots=True)
class Calendar:
    """Names by when they are due, to the next full page.

    Attributes:
        page_s: Length of a page, whole seconds.
        pages: Names by the second in which their page is due, in the order in which they were written.
        order: Heap of the seconds that have a page.
    """

    page_s: int = 1
    pages: dict[int, list[str]] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)

    def add(self, due_at: float, name: str) -> None:
        """Write a name down for the first full page that is not before `due_at`."""
        second = -int(-due_at // self.page_s) * self.page_s
        page = self.pages.get(second)
        if page is None:
            page = self._begin(second)
        page.append(name)

    def add_all(self, due_at: float, names: list[str]) -> None:
        """Write many down for that page."""
        second = -int(-due_at // self.page_s) * self.page_s
        page = self.pages.get(second)
        if page is None:
            page = self._begin(second)
        page.extend(names)

    def _begin(self, second: int) -> list[str]:
        page = self.pages[second] = []
        heappush(self.order, second)
        return page

    def next_at(self) -> float | None:
        """The first second at which somebody is due; None when nobody is."""
        return float(self.order[0]) if self.order else None

    def take(self, now: float) -> list[str]:
        """Those who are due by now, taken out, earliest first."""
        names: list[str] = []
        while self.order and self.order[0] <= now:
            names += self.pages.pop(heappop(self.order))
        return names
