"""The centre: what it is made of."""

from __future__ import annotations

from typing import Any

import pytest

from queuewatch.simulate.centre import AgentPlan, Centre, Standing
from queuewatch.simulate.laws import Surge
from tests.simulate.centres import a_centre, a_queue, agents


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"queue support: the shares of its standings must add up to 1, not 0.9"
    ):
        a_queue(standings=(Standing(share=0.4), Standing(share=0.5)))
    with pytest.raises(ValueError, match="languages must add up to 1"):
        a_queue(languages={"en": 1.5, "de": -0.5})
    with pytest.raises(ValueError, match="transfers and repeats are shares"):
        a_queue(transfers={"support": 1.1})
    with pytest.raises(ValueError, match="transfers and repeats are shares"):
        a_queue(repeat_abandoned=1.1)


def test_two_things_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="used twice: support"):
        Centre(queues=(a_queue(), a_queue()), agents=())


@pytest.mark.parametrize("more", [{"overflow_to": "nowhere"}, {"transfers": {"nowhere": 0.1}}])
def test_a_way_to_an_unknown_queue_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no such queue: nowhere"):
        a_centre(**more)


def test_skills_and_surges_name_known_queues() -> None:
    with pytest.raises(ValueError, match="no such queue: sales"):
        Centre(queues=(a_queue(),), agents=agents(1, "sales"))
    with pytest.raises(ValueError, match="no such queue: sales"):
        Centre(queues=(a_queue(),), agents=(), surges=(Surge(queue="sales", from_at=0, to_at=1, per_hour=1),))


def test_an_agent_serves_queues_of_one_site() -> None:
    queues = (a_queue("north", site="n"), a_queue("south", site="s"))
    with pytest.raises(ValueError, match="ada must serve queues of exactly one site"):
        Centre(queues=queues, agents=(AgentPlan(name="ada", skills={"north": 1, "south": 1}),))
    with pytest.raises(ValueError, match="ada must serve queues of exactly one site"):
        Centre(queues=queues, agents=(AgentPlan(name="ada", skills={}),))


def test_a_channel_is_told_by_its_own_source_unless_named() -> None:
    centre = Centre(queues=(a_queue(),), agents=(), sources={"phone": "pbx"})
    assert (centre.source("phone"), centre.source("chat")) == ("pbx", "chat")
