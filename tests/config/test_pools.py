"""What contradicts itself in queues that share agents is told with its key and the cure."""

from __future__ import annotations

import pytest

from queuewatch.config.pools import about_pools
from queuewatch.config.sections import Crew, Planner, Pool


def complaints(*queues: str, **crews: tuple[str, ...]) -> list[str]:
    pool = Pool(queues=queues, crews={name: Crew(queues=served) for name, served in crews.items()})
    return list(about_pools(Planner(pools={"office": pool})))


def test_a_pool_with_and_without_crews_is_fine() -> None:
    assert complaints("sales", "support") == []
    assert complaints("sales", "support", some=("sales",), both=("sales", "support")) == []


@pytest.mark.parametrize(
    ("queues", "crews", "said"),
    [
        (("sales", "sales"), {}, "planner.pools.office.queues names a queue twice"),
        (
            ("sales",),
            {"a": ("sales", "chat")},
            'planner.pools.office.crews.a.queues names "chat", which is not',
        ),
        (("sales", "chat"), {"a": ("sales",)}, 'planner.pools.office.crews: no crew serves "chat"'),
        (tuple("abcdefg"), {"all": tuple("abcdefg")}, "planner.pools.office.queues has 7 queues"),
    ],
)
def test_a_contradiction_is_one_sentence(
    queues: tuple[str, ...], crews: dict[str, tuple[str, ...]], said: str
) -> None:
    (complaint,) = complaints(*queues, **crews)
    assert complaint.replace('"office"', "office").replace('"a"', "a").startswith(said)
