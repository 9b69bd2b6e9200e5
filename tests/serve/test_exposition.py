"""The text formats, read back by the library's own strict parsers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.serve.exposition import Family, Histogram, histograms, labels, number, simple
from tests.serve.scrape import read

COUNTER = Family("events", "counter", "Events.")


def test_a_counter_is_named_with_total_in_both_formats() -> None:
    samples = [(labels(source="a"), 3), (labels(source="b"), 0)]
    old = "".join(simple(COUNTER, samples, openmetrics=False))
    new = "".join(simple(COUNTER, samples, openmetrics=True))
    lines = 'queuewatch_events_total{source="a"} 3\nqueuewatch_events_total{source="b"} 0\n'
    assert old == "# HELP queuewatch_events_total Events.\n# TYPE queuewatch_events_total counter\n" + lines
    assert new == "# HELP queuewatch_events Events.\n# TYPE queuewatch_events counter\n" + lines


def test_info_is_a_gauge_in_the_older_format() -> None:
    family = Family("build", "info", "Version.")
    old = "".join(simple(family, [(labels(version="1"), 1)], openmetrics=False))
    new = "".join(simple(family, [(labels(version="1"), 1)], openmetrics=True))
    assert "# TYPE queuewatch_build_info gauge" in old
    assert "# TYPE queuewatch_build info" in new
    assert old.splitlines()[2] == new.splitlines()[2] == 'queuewatch_build_info{version="1"} 1'


def test_a_family_without_samples_is_absent() -> None:
    assert not list(simple(COUNTER, [], openmetrics=False))
    assert not list(histograms(Family("w", "histogram", "W."), (1.0,), [], openmetrics=True))


def test_a_sample_without_labels_has_no_braces() -> None:
    text = "".join(simple(Family("up", "gauge", "Up."), [("", 0.5)], openmetrics=True))
    assert text.endswith("\nqueuewatch_up 0.5\n")


@pytest.mark.parametrize("openmetrics", [False, True])
@pytest.mark.parametrize("pairs", [{}, {"queue": "sales"}])
def test_a_histogram_is_cumulated(openmetrics: bool, pairs: dict[str, str]) -> None:
    family = Family("wait_seconds", "histogram", "Waits.")
    series = [Histogram(labels(**pairs), (1, 0, 2, 3), 99.5)]
    text = "".join(histograms(family, (1, 60, 180), series, openmetrics=openmetrics))
    (found,) = read(text + "# EOF\n" if openmetrics else text, openmetrics=openmetrics)
    values = {(s.name.removeprefix("queuewatch_"), s.labels.get("le")): s.value for s in found.samples}
    assert values == {
        ("wait_seconds_bucket", "1.0"): 1,
        ("wait_seconds_bucket", "60.0"): 1,
        ("wait_seconds_bucket", "180.0"): 3,
        ("wait_seconds_bucket", "+Inf"): 6,
        ("wait_seconds_count", None): 6,
        ("wait_seconds_sum", None): 99.5,
    }
    assert all(pairs.items() <= sample.labels.items() for sample in found.samples)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")))
def test_any_label_value_is_read_back(value: str) -> None:
    family = Family("agents", "gauge", "Agents.")
    text = "".join(simple(family, [(labels(queue=value, site="a"), 1)], openmetrics=True)) + "# EOF\n"
    (found,) = read(text, openmetrics=True)
    assert found.samples[0].labels == {"queue": value, "site": "a"}


def test_a_lone_surrogate_does_not_stop_the_scrape() -> None:
    assert labels(queue="a\ud800") == 'queue="a?"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (0.25, "0.25"),
        (1e-9, "1e-09"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_written_as_go_reads_them(value: float, text: str) -> None:
    assert number(value) == text
