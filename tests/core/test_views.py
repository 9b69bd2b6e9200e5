"""What the core tells of itself to who looks."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.events import Enqueued
from queuewatch.core.rules import Rules
from queuewatch.core.views import (
    cares,
    contact_views,
    misfits,
    notices_in_force,
    promise,
    promise_views,
    queue_view,
    queue_views,
    source_views,
)
from tests.core.examples import SALES, SUPPORT, at
from tests.stories.timeline import Timeline

RULES = Rules()


def two_queues() -> Timeline:
    play = Timeline()
    play.tell(0, Enqueued(**SALES), "ada")
    play.tell(1, Enqueued(**SUPPORT), "bob")
    return play


def test_every_queue_is_told_as_it_is_told_alone() -> None:
    play = two_queues()
    views = {view.queue: view for view in queue_views(play.core, RULES, at(2))}
    assert set(views) == {"sales", "support"}
    assert views["sales"] == queue_view(play.core, RULES, "default", "sales", at(2))
    assert [one.contact for one in contact_views(play.core, RULES, "default", "support", at(2))] == ["bob"]


def test_of_what_nobody_spoke_nothing_is_told() -> None:
    play = two_queues()
    with pytest.raises(KeyError):
        queue_view(play.core, RULES, "default", "returns", at(2))
    with pytest.raises(KeyError):
        promise_views(play.core, "north")
    assert promise(play.core, "north", "sales", "p1") is None
    assert promise(play.core, "default", "returns", "p1") is None


def test_before_anything_was_told_there_are_no_promises_no_notices_and_no_misfits() -> None:
    play = two_queues()
    assert promise_views(play.core, "default") == []
    assert notices_in_force(play.core) == []
    assert misfits(play.core) == {"default": {}}
    assert set(cares(play.core)) == {"default"}
    assert set(source_views(play.core, RULES)) == {"/pbx"}
