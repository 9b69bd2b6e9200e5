"""What does not fit is told by its path, with what it must be, and without the value."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from queuewatch.core.facts.complaint import TIME, complaint
from queuewatch.core.facts.wire import Time


class Stay(Struct, forbid_unknown_fields=True):
    queue: Annotated[str, Meta(min_length=1, max_length=256)]
    wait_s: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    place: Annotated[int, Meta(ge=1, lt=100)] = 1
    size: Annotated[int, Meta(ge=1, le=9)] = 1
    tier: Literal["existing", "new"] | None = None
    by: str | int = ""
    note: Annotated[str, Meta(description="free")] = ""
    pair: tuple[int, int] = (1, 1)
    resolved: bool | None = None
    at: Time | None = None
    heard: tuple[Time, ...] | None = None
    capacity: dict[Literal["phone", "chat"], int] | None = None
    seats: dict[Literal["phone", "chat"], int] = {}
    inner: list[Stay] = []
    level: Literal["busy"] = "busy"
    odd: bytes = b""


def told(**fields: Any) -> str:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(msgspec.json.encode({"queue": "sales", **fields}), type=Stay)
    return complaint(caught.value, Stay)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"queue": ""}, "queue must be text of 1 to 256 characters"),
        ({"queue": 7}, "queue must be text of 1 to 256 characters"),
        ({"wait_s": -1}, "wait_s must be a number from 0 to 1000000000"),
        ({"place": 100}, "place must be a whole number from 1 to 99"),
        ({"size": 10}, "size must be a whole number from 1 to 9"),
        ({"tier": "gold"}, 'tier must be "existing" or "new", not \'gold\''),
        ({"level": "calm"}, "level must be \"busy\", not 'calm'"),
        ({"by": []}, "by must be text or a whole number"),
        ({"note": 1}, "note must be text"),
        ({"pair": [1, "x"]}, "pair[1] must be there as it should be"),
        ({"resolved": 1}, "resolved must be true or false"),
        (
            {"at": "2026-11-21T10:00:00"},
            "at must be a point in time with its zone (RFC 3339), such as 2026-11-21T10:00:00Z",
        ),
        (
            {"heard": [1]},
            f"heard[0] must be {TIME}",
        ),
        (
            {"heard": 1},
            f"heard must be a list, each {TIME}",
        ),
        ({"capacity": {"phone": "x"}}, "capacity[...] must be a whole number"),
        ({"capacity": {"fax": 1}}, 'each name in capacity must be "chat" or "phone", not \'fax\''),
        ({"seats": {"fax": 1}}, 'each name in seats must be "chat" or "phone", not \'fax\''),
        ({"seats": []}, "seats must be a JSON object"),
        (
            {"inner": [{"queue": "a", "inner": [{"queue": 3}]}]},
            "inner[0].inner[0].queue must be text of 1 to 256 characters",
        ),
        ({"inner": [{}]}, "inner[0].queue is missing; it must be text of 1 to 256 characters"),
        ({"odd": 1}, "odd must be there as it should be"),
    ],
)
def test_the_field_is_named_with_what_it_must_be(fields: dict[str, Any], says: str) -> None:
    assert told(**fields) == says


def test_an_unknown_field_is_told_with_the_known_ones() -> None:
    assert told(queu="x").startswith("queu is not known here; known are queue, wait_s, place, ")


def test_where_the_whole_is_wrong_it_goes_by_the_name_it_is_given() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b"[]", type=Stay)
    assert complaint(caught.value, Stay, "the body") == "the body must be a JSON object"


def test_a_value_that_may_name_a_customer_is_not_repeated() -> None:
    assert "+49 30" not in told(wait_s="+49 30 1234")
