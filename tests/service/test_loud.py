"""What breaks while facts are taken in is raised where somebody hears it."""

from __future__ import annotations

import asyncio

import pytest

from queuewatch.ports import Group
from queuewatch.service.loud import Loud


class BrokenError(Exception):
    """What the core is made to raise."""


GROUP = Group(recorded_at=0.0, recorded=(), repeated=0)


async def test_a_group_that_is_taken_in_is_silent() -> None:
    seen: list[Group] = []
    loud = Loud(seen.append)
    loud.heed(GROUP)
    assert seen == [GROUP]
    waiting = asyncio.create_task(loud.run())
    await asyncio.sleep(0)  # noqa: TID251  # lets it begin
    assert not waiting.done()
    waiting.cancel()


async def test_the_first_failure_is_raised_to_the_journal_and_to_the_service() -> None:
    failures = iter([BrokenError("first"), BrokenError("second")])

    def fail(_group: Group) -> None:
        raise next(failures)

    loud = Loud(fail)
    for name in ("first", "second"):
        with pytest.raises(BrokenError, match=name):
            loud.heed(GROUP)
    with pytest.raises(BrokenError, match="first"):
        await loud.run()
