"""An Asterisk's own time and age, as far as its manager interface tells them."""

from __future__ import annotations

from queuewatch.ports import Refused
from queuewatch.sources.asterisk_calls import HAIR_S
from queuewatch.sources.asterisk_status import Block, Listing, duration

NOT_HEARD = "not_heard"
"""The reason under which it is counted that the PBX tells nothing of the callers it lists."""

_YEAR_5138 = 1e11
_SECOND_S = 2.0  # two ages in whole seconds differ by so much at most when they are of the same PBX
_SURE_S = 5.0  # whoever joined so long ago, and so long after we began to listen, was told of
_BOOT_S = 10.0  # the age is told in whole seconds, and the answer may be late


class PbxTime:
    """When blocks happened: as the PBX says (`timestampevents = yes`), or else by our clock.

    Attributes:
        received_at: When the last block came in (our clock).
    """

    def __init__(self) -> None:
        self.received_at = 0.0
        self._skew_s = 0.0
        self._latest_at = 0.0

    def at(self, block: Block, received_at: float) -> float:
        """The time of a block; one that bears none is later than all before it."""
        self.received_at = received_at
        try:
            at = float(block.get("timestamp", ""))
        except ValueError:
            at = 0.0
        if 0.0 < at < _YEAR_5138:
            self._skew_s = at - received_at
        else:
            at = max(self.theirs(received_at), self._latest_at + HAIR_S)
        self._latest_at = max(at, self._latest_at)
        return at

    def theirs(self, ours: float) -> float:
        """A time of our clock by that of the PBX."""
        return ours + self._skew_s

    def ours(self, theirs: float) -> float:
        """A time of the PBX by our clock."""
        return theirs - self._skew_s

    def after_all(self, ours: float) -> float:
        """Now, and after everything that was told."""
        return max(self.theirs(ours), self._latest_at)


class Boots:
    """Whether the PBX is the same that spoke before, or has started anew."""

    def __init__(self) -> None:
        self._booted_at: float | None = None
        self._mark = ""
        self._down = False
        self._fresh = False

    def shut_down(self) -> None:
        """It said that it goes down."""
        self._down = True

    def cut(self) -> None:
        """The connection is lost: what greeted before says nothing of who answers next."""
        self._fresh = False

    def greeted(self, block: Block, at: float) -> float | None:
        """FullyBooted comes with every login to a PBX that is up: only its age tells of a new start.

        Returns:
            When it started anew; None when it did not, or nothing is known of before.
        """
        uptime_s = duration(block, "uptime")
        before, now = self._booted_at, None if uptime_s is None else at - uptime_s
        if now is None or before is None:
            anew = self._down
        else:  # one that goes down may still greet, and is no new one
            anew = now > before + (_SECOND_S if self._down else _BOOT_S)
        if now is not None:
            self._booted_at, self._fresh = now, True
        if not anew:
            return None
        self._down = False
        self._mark = ""  # else the birthday would tell the same start again
        return at if now is None else now

    def status(self, block: Block, at: float) -> float | None:
        """The answer to CoreStatus says when it started: to the second, which the age that greets does not.

        So it alone tells of a PBX that starts again within moments, or greets without an age.

        Returns:
            When it started anew, as far as known; None when it did not, nothing is known of before, or the
            greeting told it.
        """
        mark = f"{block.get('corestartupdate', '')} {block['corestartuptime']}"
        before, self._mark = self._mark, mark
        fresh, self._fresh = self._fresh, False
        if not before or before == mark:
            return None
        self._down = False
        if fresh:
            return self._booted_at
        self._booted_at = None  # it is still starting and will greet when it is up: no second start
        return at


class Ears:
    """Whether the PBX tells of the callers whom it lists: a user without `read = agent` is told of none."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._content = False

    def cut(self) -> None:
        """The connection is lost."""
        self._since, self._content = None, False

    def hear(self, at: float) -> None:
        """Something came in."""
        if self._since is None:
            self._since = at

    def joined(self) -> None:
        """Somebody was told to have joined."""
        self._content = True

    def deaf(self, listing: Listing, at: float) -> Refused | None:
        """A refusal, once a connection, where somebody is listed who joined while we listened, unheard."""
        since = at if self._since is None else self._since
        waits_s = (entry.wait_s or 0.0 for entries in listing.entries.values() for entry in entries)
        if self._content or not any(_SURE_S <= wait_s <= at - since - _SURE_S for wait_s in waits_s):
            return None
        self._content = True
        return Refused(
            NOT_HEARD,
            "the PBX lists callers who joined while we listened, and told of none; "
            "give our user read = agent,call,dialplan,system in manager.conf",
        )
