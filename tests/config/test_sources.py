"""The kinds of sources that we go to: what they have in common."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest
from msgspec import Struct

from queuewatch.config import AnySource, FollowedSource, WebhookSource

FOLLOWED = get_args(FollowedSource)


def kinds(struct: type[Struct]) -> tuple[str, ...]:
    return get_args(get_type_hints(struct)["kind"])


@pytest.mark.parametrize("struct", FOLLOWED, ids=lambda struct: struct.__name__)
def test_each_can_be_of_a_site_and_call_queues_by_other_names(struct: type[Struct]) -> None:
    assert {"kind", "site", "queues"} <= set(struct.__struct_fields__)


def test_no_two_go_by_the_same_kind() -> None:
    named = [kind for struct in get_args(AnySource) for kind in kinds(struct)]
    assert len(named) == len(set(named))


def test_what_we_go_to_and_what_comes_to_us_is_all_there_is() -> None:
    assert set(get_args(AnySource)) == {WebhookSource, *FOLLOWED}
