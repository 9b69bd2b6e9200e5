"""An Asterisk's own time and age, as far as its manager interface tells them."""

from __future__ import annotations

from queuewatch.sources.asterisk_calls import HAIR_S
from queuewatch.sources.asterisk_status import Block, duration

_YEAR_5138 = 1e11
_BOOT_S = 10.0  # the age is told in whole seconds, and the answer may be late


class PbxTime:
    """When blocks happened: as the PBX says (`timestampevents = yes`), or else by our clock."""

    def __init__(self) -> None:
        self._skew_s = 0.0
        self._latest_at = 0.0

    def at(self, block: Block, received_at: float) -> float:
        """The time of a block; one that bears none is later than all before it."""
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

    def shut_down(self) -> None:
        """It said that it goes down."""
        self._down = True

    def greeted(self, block: Block, at: float) -> float | None:
        """FullyBooted comes with every login to a PBX that is up: only its age tells of a new start.

        Returns:
            When it started anew; None when it did not, or nothing is known of before.
        """
        uptime_s = duration(block, "uptime")
        before, now = self._booted_at, None if uptime_s is None else at - uptime_s
        if now is not None:
            self._booted_at = now
        anew = self._down or (now is not None and before is not None and now > before + _BOOT_S)
        self._down = False
        return (at if now is None else now) if anew else None

    def status(self, block: Block, at: float) -> float | None:
        """The answer to CoreStatus says when it started: for versions whose greeting does not tell the age.

        Returns:
            When it started anew, as far as known: now; None when it did not, or nothing is known of before.
        """
        mark = f"{block.get('corestartupdate', '')} {block['corestartuptime']}"
        before, self._mark = self._mark, mark
        return at if before and before != mark and self._booted_at is None else None
