"""The table of routes says of each who may come in."""

from __future__ import annotations

from collections import Counter

from tests.serve.every import every

OPEN_TO_ALL = {
    ("OPTIONS", "/v1/events"),
    ("POST", "/v1/sources/{name}"),  # each webhook has its own signature
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/openapi.json"),
    ("GET", "/"),
    ("GET", "/planner"),
    ("GET", "/static/{file}"),
    ("GET", "/banner.js"),
}


def test_no_route_is_there_twice() -> None:
    times = Counter((route.method, route.path) for route in every())
    assert [route for route, count in times.items() if count > 1] == []


def test_only_what_shows_nothing_of_a_queue_is_open_to_all() -> None:
    assert {(route.method, route.path) for route in every() if route.scope is None} == OPEN_TO_ALL


def test_what_changes_something_takes_more_than_reading() -> None:
    changing = [route for route in every() if route.method in {"POST", "DELETE"} and route.scope]
    assert {route.path for route in changing if route.scope == "ingest"} == {"/v1/events"}
    promising = {route.path for route in changing if route.scope == "promise"}
    assert promising == {"/v1/queues/{queue}/contacts/{contact}/promises"}
    assert {route.scope for route in changing} == {"ingest", "promise", "act"}


def test_pages_of_others_may_read_the_notice_alone() -> None:
    assert [route.path for route in every() if route.foreign] == ["/v1/queues/{queue}/notice"]
