"""Names become levels of a topic and come back unharmed."""

from __future__ import annotations

from urllib.parse import unquote

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.mqtt.topics import event_filters, event_site, level, probe_topic, queue_topic, topic

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=256)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("sales", "sales"),
        ("Kündigung", "Kündigung"),
        ("second line", "second line"),
        ("Sales/North", "Sales%2FNorth"),
        ("C+D", "C%2BD"),
        ("#1", "%231"),
        ("100%", "100%25"),
        ("a\nb", "a%0Ab"),
        ("a\x00b", "a%00b"),
    ],
)
def test_only_what_a_topic_cannot_bear_is_encoded(name: str, written: str) -> None:
    assert level(name) == written


@given(NAMES)
def test_any_name_comes_back(name: str) -> None:
    assert unquote(level(name)) == name


@given(NAMES, NAMES)
def test_any_names_make_a_topic_with_their_own_levels(site: str, queue: str) -> None:
    written = queue_topic(site, queue, "state")
    assert written.split("/")[:2] == ["queuewatch", "v1"]
    assert [unquote(one) for one in written.split("/")[2:]] == [site, "queues", queue, "state"]
    assert mqtt5.PublishPacket(written, b"").topic == written


@given(NAMES)
def test_the_site_of_an_event_topic_comes_back(site: str) -> None:
    assert event_site(f"{topic(site)}/events/phone/sales") == site


@pytest.mark.parametrize(
    "other",
    [
        "",
        "queuewatch",
        "queuewatch/v1/default",
        "queuewatch/v1//events/a",
        "queuewatch/v2/default/events/a",
        "queuewatch/v1/default/queues/sales/state",
        "elsewhere/v1/default/events/a",
    ],
)
def test_another_topic_has_no_site(other: str) -> None:
    assert event_site(other) is None


def test_events_are_read_of_the_named_sites_or_of_all() -> None:
    assert event_filters(("berlin", "a/b")) == [
        "queuewatch/v1/berlin/events/#",
        "queuewatch/v1/a%2Fb/events/#",
    ]
    assert event_filters(()) == ["queuewatch/v1/+/events/#"]


@given(NAMES)
def test_no_queue_is_published_where_check_tries_its_rights(queue: str) -> None:
    assert queue_topic("default", queue, "state") != probe_topic("default")


def test_everything_of_a_site_stands_below_it() -> None:
    assert topic("default", "status") == "queuewatch/v1/default/status"
    assert topic("default", "alerts") == "queuewatch/v1/default/alerts"
    assert queue_topic("default", "sales", "notice") == "queuewatch/v1/default/queues/sales/notice"
