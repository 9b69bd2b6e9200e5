"""All that the core knows: the state of each site, and beside it what was learned, watched and owed there."""

from __future__ import annotations

from msgspec import Struct, field

from queuewatch.core.care import Care
from queuewatch.core.customers.repeats import Repeats
from queuewatch.core.estimate.learned import Learned
from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.wait import Lessons, Scene
from queuewatch.core.notices.watch import Watch
from queuewatch.core.rules import Rules
from queuewatch.core.seen import look
from queuewatch.core.state.history import Diary
from queuewatch.core.state.site import Queue, Site
from queuewatch.core.teams.scheduled import Scheduled
from queuewatch.core.trust.promises import Books
from queuewatch.core.view import NoticeLevel, SteadyView


class Attention(Struct):
    """What the core keeps of a site beside its state: what it learned, its watches, and when to look again.

    Attributes:
        learned: What each queue has shown of itself lately.
        estimator: Says how long is still to wait; its memory is of this site alone.
        watches: The notice of each queue.
        wakes: Heap of (when, queue); an entry counts only while the queue's watch wants that time.
        notices: How often each level was entered, by queue and level.
        lessons: How much the estimator may learn.
        looked: Queues looked at since somebody asked; see `turn.looked_at`.
        steady: The steady pictures as last drawn, and when.
        books: What was said of waits, and what happened.
        care: What customers are owed, and who is to be told of what.
        diary: What happened per interval, for the planner.
        repeats: Customers who may come again.
        scheduled: The agents that were planned.
        heard: How many facts were taken in.
    """

    learned: dict[str, Learned] = field(default_factory=dict)
    estimator: Live = field(default_factory=Live)
    watches: dict[str, Watch] = field(default_factory=dict)
    wakes: list[tuple[float, str]] = field(default_factory=list)
    notices: dict[str, dict[NoticeLevel, int]] = field(default_factory=dict)
    lessons: Lessons = field(default_factory=Lessons)
    looked: dict[str, None] = field(default_factory=dict)
    steady: dict[str, SteadyView] = field(default_factory=dict)
    steady_at: float = float("-inf")
    books: Books = field(default_factory=Books)
    care: Care = field(default_factory=Care)
    diary: Diary = field(default_factory=Diary)
    repeats: Repeats = field(default_factory=Repeats)
    scheduled: Scheduled = field(default_factory=Scheduled)
    heard: int = 0


class Core(Struct):
    """All sites, and the core's attention to each."""

    sites: dict[str, Site] = field(default_factory=dict)
    attention: dict[str, Attention] = field(default_factory=dict)

    def site(self, name: str) -> tuple[Site, Attention]:
        """The site of this name, made when first spoken of."""
        site = self.sites.get(name)
        if site is None:
            site = self.sites[name] = Site(name)
            self.attention[name] = Attention()
        return site, self.attention[name]


def learned_of(attention: Attention, queue: str) -> Learned:
    """What was learned of a queue."""
    learned = attention.learned.get(queue)
    if learned is None:
        learned = attention.learned[queue] = Learned()
    return learned


def watch_of(attention: Attention, queue: str) -> Watch:
    """The watch of a queue's notice."""
    watch = attention.watches.get(queue)
    if watch is None:
        watch = attention.watches[queue] = Watch()
    return watch


def scene_of(site: Site, attention: Attention, queue: Queue, rules: Rules, now: float) -> Scene:
    """A queue as an estimator sees it."""
    return look.scene(site, queue, learned_of(attention, queue.name), rules, now)
