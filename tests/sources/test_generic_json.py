"""Tests of the generic source, shown on Intercom's webhooks: an hour's work and no code."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from queuewatch.config import Secret, SourceRule, WebhookSource
from queuewatch.config.kinds import Fact
from queuewatch.core.facts.events import Left
from queuewatch.ports import Refused
from queuewatch.sources.generic_json import FACTS
from tests.sources.conformance import (
    NAME,
    Conformance,
    at,
    events,
    source,
)
from tests.sources.mornings.generic_json import STORY


class TestGenericJson(Conformance):
    story = STORY


def parse(rule: SourceRule, payload: object, **more: Any) -> list[Any]:
    own = WebhookSource(kind="generic-json", secret=Secret("s"), rules=(rule,), **more)
    return source(own).parse(msgspec.json.encode(payload), "application/json")


LEFT = SourceRule(
    fact="contact.left",
    fields={
        "contact": "rows.-1.call",
        "queue": "rows.0.line",
        "at": "ts",
        "version_at": "changed",
        "wait_s": "wait",
    },
    values={"reason": "key"},
)


def test_a_path_may_lead_into_lists_and_texts_may_be_numbers() -> None:
    payload = {"rows": [{"line": 7}, {"call": "c9"}], "ts": at(1) * 1000, "changed": at(2), "wait": "12.5"}
    (left,) = events(parse(LEFT, payload, queues={"7": "support"}, channel="phone"))
    assert (left.at, left.version_at, left.subject) == (at(1), at(2), f"{NAME}:c9")
    assert left.data == Left(queue="support", channel="phone", reason="key", wait_s=12.5)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"rows": [{"line": 7}], "ts": 1}, "no_subject"),
        ({"rows": [{"line": 7}, {"call": "c9"}]}, "no_time"),
        ({"rows": [{"line": 7}, {"call": "c9"}], "ts": "yesterday"}, "bad_field"),
        ({"rows": [{"line": 7}, {"call": "c9"}], "ts": 1, "wait": "long"}, "bad_field"),
        ({"rows": [{"call": "c9"}], "ts": 1}, "no_queue"),
    ],
)
def test_what_a_rule_does_not_find_is_told(payload: object, reason: str) -> None:
    (refused,) = parse(LEFT, payload)
    assert isinstance(refused, Refused)
    assert refused.reason == reason


def test_two_tellings_without_an_id_are_one_when_they_say_the_same() -> None:
    payload = {"rows": [{"line": 7}, {"call": "c9"}], "ts": 5}
    later = payload | {"ts": 6}
    assert parse(LEFT, payload)[0].id == parse(LEFT, payload)[0].id != parse(LEFT, later)[0].id


def test_every_kind_of_fact_that_the_config_allows_can_be_made() -> None:
    assert set(FACTS) == set(get_args(Fact))


def test_no_rule_means_nothing() -> None:
    rule = SourceRule(fact="contact.left", when={"kind": "end", "deep.flag": "false"})
    for payload in ({"kind": "start"}, {"kind": "end"}, {"kind": "end", "deep": {"flag": True}}):
        (refused,) = parse(rule, payload)
        assert refused.reason == "unknown_event"
