"""What people do, as facts."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from queuewatch.core.facts.acts import Act, CallbackClaimed, IncentiveRedeemed, NoticeOverridden
from queuewatch.core.facts.wire import TYPES


def test_no_act_is_read_from_outside_as_an_event_and_each_has_a_tag_of_its_own() -> None:
    tags = [one.__struct_config__.tag for one in get_args(Act)]
    assert len(set(tags)) == len(tags)
    assert not set(get_args(Act)) & set(TYPES)


def test_whoever_acts_has_a_name() -> None:
    with pytest.raises(msgspec.ValidationError, match="length"):
        msgspec.convert({"fact": "callback.claimed", "contact": "ada", "by": ""}, CallbackClaimed)
    with pytest.raises(msgspec.ValidationError, match="by"):
        msgspec.convert({"fact": "notice.overridden", "queue": "sales", "level": "busy"}, NoticeOverridden)


def test_a_deed_reads_as_it_was_written() -> None:
    deed = IncentiveRedeemed(incentive="incentive/default/x", by="Grace")
    assert msgspec.json.decode(msgspec.json.encode(deed), type=IncentiveRedeemed) == deed
