"""Reads a scrape with the library's own parsers, which are strict."""

from __future__ import annotations

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from tests.serve.conftest import Client


def read(text: str, *, openmetrics: bool) -> list[Metric]:
    """The families in the text."""
    reader = read_openmetrics if openmetrics else read_prometheus
    return list(reader(text))


OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


async def scraped(client: Client, accept: str = "") -> dict[str, Metric]:
    response = await client.get("/metrics", headers={"Accept": accept})
    assert response.status == 200
    text = await response.text()
    openmetrics = response.content_type == "application/openmetrics-text"
    assert openmetrics == bool(accept)
    assert openmetrics or response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {metric.name: metric for metric in read(text, openmetrics=openmetrics)}
