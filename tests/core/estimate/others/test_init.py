"""All rules of other products: each with a name of its own, and words for whose it is."""

from __future__ import annotations

from queuewatch.core.estimate.others import AVERAGE, PRODUCTS, others


def test_each_rule_is_there_once_and_says_whose_it_is() -> None:
    names = [one.name for one in others()]
    assert len(names) == len(set(names)) == 15
    assert set(names) == set(PRODUCTS)
    assert AVERAGE in names


def test_what_one_site_teaches_stays_at_that_site() -> None:
    here, there = others(), others()
    assert all(one is not other for one, other in zip(here, there, strict=True))
