"""Tests of acknowledgements: once, in time, in the customer's language, and never in a loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from queuewatch import words
from queuewatch.core.facts.acts import PromiseTold
from queuewatch.core.facts.events import Event
from queuewatch.core.facts.wire import pack
from queuewatch.core.hours import Hours
from queuewatch.core.view import ContactView, WaitView
from queuewatch.ports import Letter, OverloadedError, Receipt, SendFailedError
from queuewatch.senders.smtp import SmtpServer, send
from queuewatch.senders.smtp_acknowledge import Acknowledger, AckRule
from queuewatch.sources.imap_box import Box
from queuewatch.sources.imap_mail import read_mail
from queuewatch.sources.imap_make import letter_of
from queuewatch.sources.imap_memory import Glance, Manners, Seen
from queuewatch.sources.webhook import Hook
from tests.clocks import NOON, HandClock, settle
from tests.senders.mailbox import mail_server
from tests.sources.mailbox import header

DAY_S = 86_400.0
US = "support@shop.example"
RULE = AckRule(sender=US, queues={"mail": "en"}, languages=("en", "de"))


class FakeLedger:
    """What was claimed and settled; outlives the one who acknowledges."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    async def claim(self, key: str, _sender: str, _at: float) -> bool:
        if key in self.rows:
            return False
        self.rows[key] = "claimed"
        return True

    async def settle(self, key: str, _sender: str, _at: float, outcome: str) -> None:
        self.rows[key] = outcome

    async def forget_refused(self) -> int:
        return 0

    async def is_settled(self, key: str, _sender: str) -> bool:
        return self.rows.get(key, "claimed") != "claimed"


def letter(number: int = 1, **more: Any) -> Letter:
    given: dict[str, Any] = {
        "site": "default",
        "queue": "mail",
        "contact": f"mail:c{number}",
        "at": NOON - 1.0,
        "writer": f"p1:{number}",
        "address": f"customer{number}@customer.example",
        "subject": "Parcel",
        "message_id": f"<q{number}@customer.example>",
    }
    return Letter(**(given | more))


class Office:
    """An acknowledger, a server that takes what it is given or not, and who waits."""

    def __init__(
        self, rule: AckRule = RULE, ledger: FakeLedger | None = None, clock: HandClock | None = None
    ) -> None:
        self.clock = clock or HandClock()
        self.ledger = ledger or FakeLedger()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.sent: list[tuple[str, EmailMessage]] = []
        self.failures: list[SendFailedError] = []
        self.waits: set[str] | None = None
        self.kept: list[Event] = []
        self.full = False
        self.wait = WaitView(place=1, quantiles_s={"0.9": 7000.0})
        self.it = Acknowledger(self.clock, rule, words, self.take, self.outcomes, chance=lambda: 1.0)

    async def take(self, mail: EmailMessage, to: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((to, mail))

    def look(self, queue: str, contact: str, site: str) -> ContactView | None:
        if self.waits is not None and contact not in self.waits:
            return None
        return ContactView(
            site=site,
            queue=queue,
            channel="email",
            contact=contact,
            enqueued_at=NOON,
            priority=0,
            wait=self.wait,
        )

    async def keep(self, _source: str, events: Sequence[Event]) -> Receipt:
        if self.full:
            raise OverloadedError(1.0)
        self.kept += events
        return Receipt(len(events), 0)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Office]:
        task = asyncio.create_task(self.it.run(self.ledger, self.look, self.keep))
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def gets(self, *letters: Letter) -> None:
        for one in letters:
            self.it.arrived(one)
        await settle()

    @property
    def told(self) -> dict[str, int]:
        return {outcome: count for (_, outcome), count in self.outcomes.items()}


async def test_a_customer_is_told_when_to_expect_an_answer() -> None:
    async with Office().open() as office:
        await office.gets(letter())
        ((to, mail),) = office.sent
        assert to == "customer1@customer.example"
        assert mail["In-Reply-To"] == "<q1@customer.example>"
        assert "We expect to reply within 2 hours." in mail.get_content()
        assert office.told == {"sent": 1}


async def test_what_was_told_is_kept_as_a_promise() -> None:
    async with Office().open() as office:
        await office.gets(letter())
        (event,) = office.kept
        assert isinstance(event.data, PromiseTold)
        assert event.data.told_s == 7200.0
        assert event.data.contact == "mail:c1"
        assert b"customer1@" not in pack(event)


async def test_a_promise_that_cannot_be_written_down_is_told_all_the_same() -> None:
    async with Office().open() as office:
        office.full = True
        await office.gets(letter())
        assert len(office.sent) == 1
        assert office.told == {"sent": 1}


async def test_in_the_customers_language_or_else_the_queues() -> None:
    async with Office().open() as office:
        await office.gets(letter(1, language="de-AT"), letter(2, language="fr"))
        assert ["Danke" in mail.get_content() for _, mail in office.sent] == [True, False]


async def test_while_the_queue_is_closed_the_opening_is_told() -> None:
    closed = Hours(
        zone=ZoneInfo("Europe/Berlin"), week=(((32_400.0, 61_200.0),),) + ((),) * 6
    )  # Mondays, 9 to 5
    rule = structs.replace(RULE, hours={"mail": closed})
    async with Office(rule).open() as office:
        await office.gets(letter())  # on a Saturday
        assert "back on Monday at 9:00" in office.sent[0][1].get_content().replace("\u202f", " ")


async def test_only_queues_that_want_it_are_acknowledged() -> None:
    async with Office().open() as office:
        await office.gets(letter(queue="sales"))
        assert office.sent == []
        assert office.told == {}


@pytest.mark.parametrize(
    "hush", ["auto_submitted", "bounce", "mailing_list", "no_reply", "ourselves", "asked_for_none"]
)
async def test_who_may_not_be_written_to_is_not(hush: str) -> None:
    async with Office().open() as office:
        await office.gets(letter(hush=hush))
        assert office.sent == []
        assert office.told == {"held_back": 1}


async def test_we_never_write_to_ourselves_nor_to_who_has_been_answered_nor_too_late() -> None:
    async with Office().open() as office:
        office.waits = {"mail:c1", "mail:c3"}
        await office.gets(letter(1, address=US), letter(2), letter(3, at=NOON - 3601.0))
        assert office.sent == []
        assert office.told == {"held_back": 3}


async def test_a_thread_is_acknowledged_once_a_period_at_least() -> None:
    async with Office().open() as office:
        await office.gets(letter(at=NOON))
        for hours in (1, 12, 23):
            await office.clock.move(NOON + hours * 3600.0)
            await office.gets(letter(at=office.clock.at))
        assert len(office.sent) == 1
        await office.clock.move(NOON + 2 * DAY_S)
        await office.gets(letter(at=office.clock.at))
        assert len(office.sent) == 2


async def test_one_writer_is_told_so_often_and_no_more_whatever_the_thread() -> None:
    async with Office().open() as office:
        await office.gets(*(letter(n, writer="p1:same") for n in range(10)))
        assert len(office.sent) == 3
        assert office.told == {"sent": 3, "held_back": 7}


async def test_a_flood_is_answered_so_often_an_hour_and_no_more() -> None:
    async with Office(structs.replace(RULE, per_hour=5)).open() as office:
        await office.gets(*(letter(n) for n in range(20)))
        assert len(office.sent) == 5
        await office.clock.move(NOON + 3600.0)
        await office.gets(letter(99, at=office.clock.at))
        assert len(office.sent) == 6


async def test_more_than_can_be_kept_in_mind_are_held_back() -> None:
    office = Office()
    for n in range(1_005):
        office.it.arrived(letter(n))
    assert office.told == {"held_back": 5}


async def test_after_a_restart_nobody_is_told_twice_and_who_was_not_is() -> None:
    async with Office().open() as office:
        await office.gets(letter(1))
    async with Office(ledger=office.ledger).open() as again:
        await again.gets(letter(1), letter(2))
        assert [to for to, _ in again.sent] == ["customer2@customer.example"]


async def test_a_crash_while_sending_swallows_rather_than_doubles() -> None:
    ledger = FakeLedger()
    office = Office(ledger=ledger)

    async def never(_mail: EmailMessage, _to: str) -> None:
        await asyncio.Event().wait()

    office.it = Acknowledger(office.clock, RULE, words, never, office.outcomes, chance=lambda: 1.0)
    async with office.open():
        await office.gets(letter(1))
    async with Office(ledger=ledger).open() as again:
        await again.gets(letter(1))
        assert again.sent == []


async def test_a_server_that_is_away_is_tried_again_and_the_wait_worked_out_anew() -> None:
    async with Office().open() as office:
        office.failures = [SendFailedError("away", unsure=False), SendFailedError("away", unsure=False)]
        await office.gets(letter(1), letter(2))
        assert [to for to, _ in office.sent] == []
        office.wait = WaitView(place=1, quantiles_s={"0.9": 3000.0})
        await office.clock.move(NOON + 5.0)
        assert len(office.sent) == 2
        assert "50 minutes" in office.sent[0][1].get_content()


async def test_who_is_answered_meanwhile_is_not_written_to() -> None:
    async with Office().open() as office:
        office.failures = [SendFailedError("away", unsure=False)]
        await office.gets(letter(1))
        office.waits = set()
        await office.clock.move(NOON + 60.0)
        assert office.sent == []
        assert office.told == {"held_back": 1}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (SendFailedError("no", permanent=True, unsure=False), "refused"),
        (SendFailedError("broke off", unsure=True), "failed"),
        (SendFailedError("later", unsure=False, retry_after_s=9999.0), "failed"),
    ],
)
async def test_what_may_have_been_sent_or_never_will_be_is_not_tried_again(
    error: SendFailedError, outcome: str
) -> None:
    async with Office().open() as office:
        office.failures = [error]
        await office.gets(letter(1))
        await office.clock.move(NOON + 3600.0)
        assert office.sent == []
        assert office.told == {outcome: 1}


@pytest.mark.parametrize("address", ["a..b@customer.example", "a.@customer.example", "ü@customer.example"])
async def test_an_address_that_no_mail_can_bear_is_refused_and_ends_nothing(address: str) -> None:
    async with Office().open() as office:
        await office.gets(letter(1, address=address), letter(2))
        assert [to for to, _ in office.sent] == ["customer2@customer.example"]
        assert office.told == {"refused": 1, "sent": 1}


class Correspondence:
    """Our mailbox and somebody's robot, that answer one another through a real mail server."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.hook = Hook(source="mail", hash_customer=lambda raw: f"h{raw}", queue="mail", channel="email")
        self.manners = Manners(own=frozenset((US,)))
        self.box = Box(self.hook, self.manners)
        self.uid = 0

    async def comes(self, raw: bytes) -> None:
        self.uid += 1
        now = self.office.clock.at
        seen = Seen(uid=self.uid, at=now, flags=frozenset(), mail=read_mail(raw))
        _, _, arrivals = self.box.take(Glance(at=now, arrived=[seen]))
        await self.office.gets(*(letter_of(one, self.hook, self.manners) for one in arrivals))


@pytest.mark.parametrize(
    "marks",
    [
        {"Auto_Submitted": "auto-replied", "Return_Path": "<>"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {},  # the worst: a robot that says nothing of itself, and begins a new thread each time
    ],
    ids=["rfc3834", "precedence", "old", "rude"],
)
async def test_two_robots_do_not_go_on_for_ever(marks: dict[str, str]) -> None:
    async with mail_server() as taker, Office().open() as office:
        server = SmtpServer(host="127.0.0.1", port=taker.port)
        office.it = Acknowledger(
            office.clock,
            RULE,
            words,
            lambda mail, to: send(server, mail, to),
            office.outcomes,
            chance=lambda: 1.0,
        )
        async with office.open():
            talk = Correspondence(office)
            await talk.comes(header("<q0@robot.example>", From="robot@robot.example"))
            answered = 0
            for n in range(1, 40):
                for _ in range(50):
                    await settle()
                    if len(taker.taken) > answered:
                        break
                    await asyncio.sleep(0.002)  # noqa: TID251  # a real server answers
                if len(taker.taken) == answered:
                    break
                answered = len(taker.taken)
                assert taker.taken[-1].mail_from == "<>"
                await talk.comes(header(f"<q{n}@robot.example>", From="robot@robot.example", **marks))
            assert answered == (1 if marks else 3)
