"""Answers say the same as the views, with points in time as RFC 3339 and notices in words."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.view import BoardView, NoticeView
from queuewatch.serve import answers
from tests.serve.desk import HTTP_SOURCE, NOON, FakeWording, contact, queue, quiet

WORDS = FakeWording()


def test_points_in_time_become_utc() -> None:
    answer = answers.queue(queue(), WORDS, "en")
    assert answer.at == datetime(2026, 7, 20, 12, 0, tzinfo=UTC)
    assert answers.contact(contact()).enqueued_at == datetime(2026, 7, 20, 11, 58, 45, tzinfo=UTC)


@given(st.floats(min_value=0, max_value=4e9))
def test_any_point_in_time_survives_to_the_microsecond(at: float) -> None:
    told = msgspec.json.encode(answers.queue(queue(at=at), WORDS, "en").at)
    assert abs(datetime.fromisoformat(msgspec.json.decode(told)).timestamp() - at) <= 1e-6


def test_everything_else_stays_as_it_is() -> None:
    view = queue()
    answer = answers.queue(view, WORDS, "en")
    changed = {"at", "heard_at", "next", "steady", "notice", "counts"}
    for name in set(view.__struct_fields__) - changed:
        assert getattr(answer, name) == getattr(view, name), name
    assert msgspec.to_builtins(answer.next) == msgspec.to_builtins(view.next)
    assert msgspec.to_builtins(answer.steady) == msgspec.to_builtins(view.steady)


def test_only_a_notice_that_is_announced_is_put_into_words() -> None:
    assert answers.queue(queue(), WORDS, "de").notice.text == "Wir sind busy."
    assert answers.queue(quiet(), WORDS, "de").notice.text == ""


def test_the_notice_itself_speaks_on_every_level() -> None:
    normal = NoticeView(level="normal", since_at=None, reason="calm")
    assert answers.notice(queue(notice=normal), WORDS, "en").text == "We are normal."


def test_a_board_of_one_site_keeps_all_sources() -> None:
    view = BoardView(
        at=NOON,
        version=7,
        queues=(queue(), queue("b", site="berlin")),
        sources=(HTTP_SOURCE,),
        troubles=("journal",),
    )
    answer = answers.board(view, WORDS, "en", "berlin")
    assert [one.queue for one in answer.queues] == ["b"]
    assert len(answers.board(view, WORDS, "en").queues) == 2
    assert (answer.version, len(answer.sources), answer.troubles) == (7, 1, ("journal",))
