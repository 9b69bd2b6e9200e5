"""Charts: well-formed, inside their frame, and with the values where they belong."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.cli.charts import Style, hours, legend, reliability
from queuewatch.core.trust.scores import Bin

OURS = Style("ours & theirs", "#0b5cad")
shares = st.floats(0.0, 1.0)


def dots(svg: str) -> list[tuple[float, float]]:
    return [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in ET.fromstring(svg).iter("circle")]  # noqa: S314  # ours


def test_a_rule_that_is_right_stands_on_the_diagonal() -> None:
    svg = reliability("Longer than 1 min", [(OURS, [Bin(5, 0.0, 0.0), Bin(5, 1.0, 1.0), Bin(9, 0.5, 0.5)])])
    (left, low), (right, high), middle = dots(svg)
    assert middle == pytest.approx(((left + right) / 2, (low + high) / 2), abs=0.1)
    assert left < right
    assert high < low


def test_what_is_drawn_can_be_read_out() -> None:
    svg = reliability("Longer than 1 min", [(OURS, [Bin(40, 0.25, 0.5)])])
    assert "ours &amp; theirs: said 25%, happened 50% of 40" in svg
    assert 'aria-label="Longer than 1 min: how often it happened, by the chance that was said"' in svg


def test_the_hours_stand_over_their_names_and_zero_on_the_ground() -> None:
    svg = hours("Out by", [(OURS, [(0, 0.0), (12, 60.0), (23, 120.0)])])
    points = dots(svg)
    assert points[0][1] - points[1][1] == pytest.approx(points[1][1] - points[2][1], abs=0.1)
    assert "2 min" in svg
    assert "12:00: 60 s" in svg


def test_nothing_to_draw_is_an_empty_frame() -> None:
    assert dots(reliability("Longer than 1 min", [(OURS, [])])) == []
    assert dots(hours("Out by", [(OURS, [])])) == []


@given(st.lists(st.tuples(st.integers(1, 10**6), shares, shares), max_size=10))
def test_every_point_is_inside_the_frame(bins: list[tuple[int, float, float]]) -> None:
    svg = reliability("Longer", [(OURS, [Bin(*one) for one in bins])])
    _, _, width, height = map(float, ET.fromstring(svg).attrib["viewBox"].split())  # noqa: S314  # ours
    assert len(dots(svg)) == len(bins)
    assert all(0 < x < width and 0 < y < height for x, y in dots(svg))


def test_the_legend_names_everybody_safely() -> None:
    assert "ours &amp; theirs" in legend([OURS])
