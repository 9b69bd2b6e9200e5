"""Tests of a shared mailbox as a queue: threads, answers, copies, robots; and what the core makes of them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import Enqueued, Event, QueueSnapshot
from queuewatch.core.facts.wire import pack, unpack
from queuewatch.ports import Refused
from queuewatch.sources.imap_box import Box
from queuewatch.sources.imap_mail import read_mail
from queuewatch.sources.imap_memory import Glance, Manners, Memory, Seen
from queuewatch.sources.webhook import Hook
from tests.core.histories import laws, told
from tests.sources.mailbox import TEN, header

US = "support@shop.example"
HOOK = Hook(
    source="mail",
    hash_customer=lambda raw: f"h{sum(raw.encode())}",
    queue="mail",
    channel="email",
    queues={"sales@shop.example": "sales"},
)
MANNERS = Manners(own=frozenset((US, "sales@shop.example")), lists=frozenset(("support.shop.example",)))


def seen(uid: int, message_id: str, at: float, *flags: str, **fields: str) -> Seen:
    return Seen(uid=uid, at=TEN + at, flags=frozenset(flags), mail=read_mail(header(message_id, **fields)))


def ours(uid: int, message_id: str, at: float, answers: str, **fields: str) -> Seen:
    thread = {"From": US, "References": answers, "In_Reply_To": answers.rpartition(" ")[2]}
    return seen(uid, message_id, at, **{**thread, **fields})


class Desk:
    """A mailbox looked at again and again."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.box = Box(HOOK, MANNERS, memory)
        self.events: list[Event] = []
        self.refused: list[Refused] = []

    def look(self, at: float = 3600.0, **what: Any) -> list[str]:
        """What one glance says: facts as `Kind@seconds`."""
        news, refused, _ = self.box.take(Glance(at=TEN + at, **what))
        self.events += news
        self.refused += refused
        return [f"{type(one.data).__name__}@{one.at - TEN:g}" for one in news]

    @property
    def waiting(self) -> int:
        return len(self.box.waiting())

    def reasons(self) -> list[str]:
        return [one.reason for one in self.refused]


def test_a_question_waits_and_an_answer_in_its_thread_ends_it() -> None:
    desk = Desk()
    assert desk.look(arrived=[seen(1, "<a@x>", 0.0)]) == ["Enqueued@0"]
    assert desk.waiting == 1
    answered = desk.look(sent=[ours(1, "<r@us>", 60.0, "<a@x>")])
    assert answered == ["MessageSent@60", "Answered@60", "Completed@60"]
    assert desk.waiting == 0
    queue = told(desk.events).queues["mail"]
    assert queue.tally.published() == {"offered": 1, "answered": 1}
    assert queue.first_response.view().sum_s == 60.0
    assert queue.wait.view().sum_s == 60.0


def test_the_customer_is_hashed_and_the_language_kept() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0, Content_Language="de-AT")])
    joined = desk.events[0].data
    assert isinstance(joined, Enqueued)
    assert joined.customer == HOOK.hash_customer("ana@customer.example")
    assert joined.language == "de-AT"
    assert b"ana" not in pack(desk.events[0])
    assert b"@" not in pack(desk.events[0])


def test_one_message_twice_is_one_contact() -> None:
    desk = Desk()
    both = [seen(1, "<a@x>", 0.0), seen(2, "<a@x>", 5.0)]
    assert desk.look(arrived=both) == ["Enqueued@0"]
    assert desk.reasons() == ["duplicate"]
    assert desk.look(vanished={1}) == []
    assert desk.look(vanished={2}) == ["Left@3600"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_submitted"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"List_Id": "<news.other.example>"}, "mailing_list"),
        ({"From": "nobody"}, "no_sender"),
    ],
)
def test_robots_are_no_customers_and_counted_once(fields: dict[str, str], reason: str) -> None:
    desk = Desk()
    assert desk.look(arrived=[seen(1, "<a@x>", 0.0, **fields)]) == []
    assert desk.reasons() == [reason]
    assert desk.box.uids == {1}
    assert desk.look(flags={1: frozenset(("\\answered",))}) == []
    assert desk.look(vanished={1}) == []
    assert desk.box.uids == set()


def test_what_comes_over_a_list_of_ours_is_from_customers() -> None:
    desk = Desk()
    mail = seen(1, "<a@x>", 0.0, List_Id="Us <support.shop.example>", Precedence="list")
    assert desk.look(arrived=[mail]) == ["Enqueued@0"]


def test_a_reply_in_a_closed_thread_is_a_second_visit_of_the_same_customer() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)], sent=[ours(1, "<r@us>", 60.0, "<a@x>")])
    again = seen(2, "<b@x>", 120.0, References="<a@x> <r@us>")
    assert desk.look(arrived=[again]) == ["Enqueued@120"]
    site = told(desk.events)
    (contact,) = site.contacts.values()
    assert [(visit.number, visit.stage) for visit in contact.visits] == [(1, "completed"), (2, "waiting")]
    assert len({visit.customer for visit in contact.visits}) == 1


@pytest.mark.parametrize("at", [55.0, 60.0])
def test_who_writes_within_the_second_of_our_answer_waits_again(at: float) -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    desk.look(60.0, flags={1: frozenset(("\\answered",))})
    desk.look(61.0, arrived=[seen(2, "<b@x>", at, References="<a@x> <r@us>")])
    (contact,) = told(desk.events).contacts.values()
    assert [visit.stage for visit in contact.visits] == ["completed", "waiting"]


def test_who_writes_again_while_waiting_waits_since_the_first_mail() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    assert desk.look(arrived=[seen(2, "<b@x>", 30.0, In_Reply_To="<a@x>")]) == ["MessageReceived@30"]
    ((_, stay),) = desk.box.waiting()
    assert stay.at == TEN
    assert desk.look(vanished={1}) == []
    assert desk.look(vanished={2}) == ["Left@3600"]


def test_a_thread_is_known_by_any_of_its_mails() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    desk.look(sent=[ours(1, "<r@us>", 60.0, "<a@x>")])
    desk.look(arrived=[seen(2, "<b@x>", 70.0, In_Reply_To="<r@us>")])
    assert len({one.subject for one in desk.events}) == 1


def test_the_flag_ends_the_wait_and_the_answer_found_later_says_when_exactly() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    flagged = desk.look(100.0, flags={1: frozenset(("\\answered",))})
    assert flagged == ["MessageSent@100", "Answered@100", "Completed@100"]
    assert desk.look(flags={1: frozenset(("\\answered", "\\seen"))}) == []
    assert desk.look(sent=[ours(1, "<r@us>", 97.0, "<a@x>")]) == [
        "MessageSent@97",
        "Answered@97",
        "Completed@97",
    ]
    (contact,) = told(desk.events).contacts.values()
    (visit,) = contact.visits
    assert visit.wait_s == 97.0
    assert visit.first_response_at == TEN + 97.0
    assert desk.look(sent=[ours(2, "<r2@us>", 200.0, "<a@x> <r@us>")]) == ["MessageSent@200"]


def test_our_own_automatic_answers_answer_nobody() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    acknowledged = ours(1, "<ack@us>", 2.0, "<a@x>", Auto_Submitted="auto-replied")
    assert desk.look(sent=[acknowledged]) == ["MessageSent@2"]
    assert desk.waiting == 1
    assert told(desk.events).queues["mail"].first_response.view().sum_s == 0.0


def test_a_copy_of_our_answer_in_the_mailbox_itself_counts_as_one() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    assert desk.look(arrived=[ours(2, "<r@us>", 60.0, "<a@x>")])[1:] == ["Answered@60", "Completed@60"]


def test_a_form_on_our_site_writes_for_the_customer_it_names() -> None:
    desk = Desk()
    form = seen(1, "<f@us>", 0.0, From=US, Reply_To="Bob <bob@customer.example>")
    assert desk.look(arrived=[form]) == ["Enqueued@0"]
    joined = desk.events[0].data
    assert isinstance(joined, Enqueued)
    assert joined.customer == HOOK.hash_customer("bob@customer.example")


def test_what_we_write_of_our_own_accord_is_no_answer_but_begins_a_thread() -> None:
    desk = Desk()
    offer = seen(1, "<o@us>", 0.0, From=US, To="ana@customer.example")
    assert desk.look(sent=[offer]) == []
    assert desk.look(arrived=[seen(1, "<a@x>", 50.0, In_Reply_To="<o@us>")]) == ["Enqueued@50"]


@pytest.mark.parametrize(
    ("where", "reason"), [("moved", "closed"), ("deleted", "withdrawn"), ("unknown", "unknown")]
)
def test_what_is_put_away_leaves_with_the_reason(where: Any, reason: str) -> None:
    desk = Desk()
    mail = seen(1, "<a@x>", 0.0)
    desk.look(arrived=[mail])
    glance = Glance(at=TEN + 10.0, vanished={1})
    assert desk.box.missing(glance).keys() == {mail.mail.id}
    desk.look(10.0, vanished={1}, whereabouts={mail.mail.id: where})
    assert desk.events[-1].data.reason == reason  # type: ignore[union-attr]


def test_an_answer_sent_before_the_mail_was_put_away_is_an_answer() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    facts = desk.look(100.0, vanished={1}, sent=[ours(1, "<r@us>", 90.0, "<a@x>")])
    assert facts == ["MessageSent@90", "Answered@90", "Completed@90"]


def test_an_answer_from_elsewhere_sets_right_that_the_mail_only_left() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    desk.look(100.0, vanished={1})
    desk.look(sent=[ours(1, "<r@us>", 190.0, "<a@x>")])
    (contact,) = told(desk.events).contacts.values()
    assert [visit.stage for visit in contact.visits] == ["completed"]


@pytest.mark.parametrize("flag", ["\\deleted", "$junk"])
def test_a_mail_marked_as_gone_waits_no_more_and_again_when_it_is_brought_back(flag: str) -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    assert desk.look(10.0, flags={1: frozenset((flag,))}) == ["Left@10"]
    assert desk.waiting == 0
    assert desk.look(20.0, flags={1: frozenset()}) == []
    assert desk.box.relist
    assert desk.waiting == 1
    desk.events += desk.box.snapshots(TEN + 20.0, ["mail"])
    assert len(told(desk.events).queues["mail"].line) == 1


def test_somebody_takes_the_mail() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)])
    assert desk.look(10.0, flags={1: frozenset(("$assigned",))}) == ["Offered@10"]
    assert desk.look(20.0, flags={1: frozenset(("$assigned", "\\seen"))}) == []
    assert desk.waiting == 1


def test_queues_are_told_apart_by_the_address_written_to() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0, To="Sales <Sales@Shop.example>"), seen(2, "<b@x>", 1.0)])
    assert [one.data.queue for one in desk.events] == ["sales", "mail"]  # type: ignore[union-attr]
    lists = list(desk.box.snapshots(TEN + 5.0, ["mail", "sales"]))
    assert [len(one.data.waiting) for one in lists if isinstance(one.data, QueueSnapshot)] == [1, 1]


def test_what_was_answered_before_we_first_looked_is_history_only_where_its_time_is_known() -> None:
    desk = Desk()
    known = seen(1, "<a@x>", 0.0, "\\answered")
    unknown = seen(2, "<b@x>", 0.0, "\\answered")
    facts = desk.look(arrived=[known, unknown], sent=[ours(1, "<r@us>", 60.0, "<a@x>")], whole=True)
    assert facts == ["Enqueued@0", "MessageSent@60", "Answered@60", "Completed@60"]


def test_what_was_answered_while_we_were_away_counts_but_its_wait_is_not_known() -> None:
    desk = Desk()
    desk.look(whole=True)
    assert desk.look(arrived=[seen(1, "<a@x>", 0.0, "\\answered")], whole=True) == [
        "Answered@0",
        "Completed@0",
    ]
    queue = told(desk.events).queues["mail"]
    assert queue.tally.published() == {"offered": 1, "answered": 1}
    assert sum(queue.wait.view().counts) == 0


def test_the_same_again_bears_the_same_ids_and_changes_nothing() -> None:
    mails = [seen(1, "<a@x>", 0.0), seen(2, "<b@x>", 1.0, "\\deleted"), seen(3, "<c@x>", 2.0)]
    sent = [ours(1, "<r@us>", 60.0, "<a@x>")]
    one, other = Desk(), Desk()
    one.look(arrived=mails, sent=sent, whole=True)
    other.look(9000.0, arrived=mails, sent=sent, whole=True)
    assert {event.id for event in one.events} == {event.id for event in other.events}
    both = told([*one.events, *other.events])
    assert both.queues["mail"].tally.published() == told(one.events).queues["mail"].tally.published()


def test_new_numbers_are_taken_for_the_mails_they_are() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0), seen(2, "<b@x>", 1.0)], whole=True)
    desk.box.renumber()
    assert desk.look(arrived=[seen(101, "<a@x>", 0.0)], whole=True) == ["Left@3600"]
    assert desk.waiting == 1
    assert desk.box.uids == {101}


def test_what_is_remembered_survives_a_restart() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0), seen(2, "<b@x>", 1.0)], whole=True)
    again = Desk(desk.box.memory)
    assert again.box.recent(TEN) == dict(zip((1, 2), (one for one, _ in desk.box.waiting()), strict=True))
    assert again.look(vanished={1}, flags={2: frozenset(("\\answered",))})[-1] == "Left@3600"


def test_of_an_answered_mail_nothing_but_digests_is_kept() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0), seen(2, "<b@x>", 1.0)])
    desk.look(sent=[ours(1, "<r@us>", 60.0, "<a@x>")])
    assert sorted(one.message_id for one in desk.box.memory.letters.values()) == ["", "<b@x>"]


def test_mails_long_dealt_with_are_forgotten() -> None:
    desk = Desk()
    desk.look(arrived=[seen(1, "<a@x>", 0.0)], sent=[ours(1, "<r@us>", 60.0, "<a@x>")])
    desk.look(40 * 86_400.0, whole=True)
    assert desk.box.memory.letters == {}


_MAILS = st.sampled_from(["<a@x>", "<b@x>", "<c@x>"])


@st.composite
def _days(draw: st.DrawFn) -> list[Glance]:
    """Glances at a mailbox in which anything may happen, one after another."""
    glances, uid = [], 0
    for n in range(draw(st.integers(1, 6))):
        arrived: list[Seen] = []
        sent: list[Seen] = []
        for _ in range(draw(st.integers(0, 3))):
            uid += 1
            thread = draw(st.sampled_from(["", "<a@x>", "<b@x> <r@us>"]))
            flags = draw(st.sets(st.sampled_from(["\\answered", "\\deleted", "$assigned"]), max_size=2))
            mail = seen(uid, draw(_MAILS), n * 100.0 + uid, *flags, References=thread)
            (arrived if draw(st.booleans()) else sent).append(mail)
        numbers = st.sets(st.integers(1, uid + 1), max_size=3)
        flags_by_uid = {one: frozenset(("\\answered",)) for one in draw(numbers)}
        glances.append(
            Glance(
                at=TEN + n * 100.0 + 99.0,
                arrived=arrived,
                sent=sent,
                flags=flags_by_uid,
                vanished=draw(numbers),
                whole=draw(st.booleans()),
            )
        )
    return glances


@laws
@given(_days(), st.integers(0, 99))
def test_whatever_happens_the_core_says_of_who_waits_what_the_mailbox_says(
    days: list[Glance], seed: int
) -> None:
    box, events = Box(HOOK, MANNERS), []
    for glance in days:
        events += box.take(glance)[0]
        events += box.snapshots(glance.at + 2.0, ["mail", "sales"])
    assert all(unpack(pack(one)) == one for one in events)
    random.Random(seed).shuffle(events)  # noqa: S311  # an order, no secret
    line = told(events).queues["mail"].line
    assert {name for _, _, name, _ in line} == {HOOK.own(contact) for contact, _ in box.waiting()}
