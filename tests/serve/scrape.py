"""Reads a scrape with the library's own parsers, which are strict."""

from __future__ import annotations

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus


def read(text: str, *, openmetrics: bool) -> list[Metric]:
    """The families in the text."""
    reader = read_openmetrics if openmetrics else read_prometheus
    return list(reader(text))
