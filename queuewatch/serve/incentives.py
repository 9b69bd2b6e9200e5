"""`/v1/incentives`: each voucher, why, who decided, what became of it; and what people do with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Literal, Protocol

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from queuewatch.core.acts import IncentiveFollowedUp, IncentiveGranted, IncentiveRedeemed, IncentiveRevoked
from queuewatch.core.decisions import FollowUpDue, IncentiveIssued, IncentiveMoved, IncentiveRefused
from queuewatch.core.purse import Audited, Voucher, grant_key
from queuewatch.core.terms import Channel, Tier
from queuewatch.core.wire import Time
from queuewatch.customers import Customers
from queuewatch.ports import Desk
from queuewatch.serve import answers
from queuewatch.serve.people import People, body_of, chosen, moment, table, wants_csv
from queuewatch.serve.problems import ProblemError
from queuewatch.serve.reads import Reads
from queuewatch.vouchers import Codes

MOST = 10_000
"""So many decisions are looked at for one answer."""

State = Literal["open", "redeemed", "expired", "revoked", "refused"]
STATES: tuple[State, ...] = ("open", "redeemed", "expired", "revoked", "refused")
Text = Annotated[str, Meta(max_length=500)]


class Audit(Protocol):
    """What was decided about money, for good."""

    async def read(
        self, *, since_at: float | None = None, site: str | None = None, most: int = 1_000
    ) -> tuple[Audited, ...]:
        """The decisions from `since_at` on, oldest first; of many the newest."""
        ...


class Incentive(Struct, kw_only=True):
    """One voucher, or one that was refused.

    Attributes:
        key: Its name for good.
        code: What the customer shows; only for those who may act.
        state: What became of it.
        why: The reason it was issued, or refused.
        decided_by: The rule's name, or who granted it by hand.
        note: What that person said why.
        customer: The keyed hash of the customer.
        wait_s: How long the contact had waited by then, seconds.
        value: What it counts as in the budget.
        moved_at, moved_by, moved_note: When and by whom it was redeemed or revoked, or when it expired.
        follow_up: Whether somebody should ask the customer how it went, or did.
    """

    key: str
    code: str | None = None
    state: State
    why: str
    decided_by: str
    note: str = ""
    rule: str
    at: Time
    site: str
    queue: str
    channel: Channel | None = None
    contact: str
    customer: str | None = None
    tier: Tier | None = None
    language: str | None = None
    wait_s: float | None = None
    amount: Decimal | None = None
    currency: str | None = None
    percent: Decimal | None = None
    text: dict[str, str] = {}
    value: Decimal | None = None
    expires_at: Time | None = None
    moved_at: Time | None = None
    moved_by: str | None = None
    moved_note: str = ""
    follow_up: Literal["none", "due", "done"] = "none"
    follow_up_by: str | None = None
    follow_up_note: str = ""


class Incentives(Struct, frozen=True, kw_only=True):
    """Vouchers and refusals, the newest first; `outstanding` is what open ones among them amount to."""

    at: Time
    incentives: tuple[Incentive, ...]
    outstanding: dict[str, Decimal]


class Grant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person grants by hand, to whom and why; `customer` as the sources say, it is hidden at once."""

    queue: Annotated[str, Meta(min_length=1)]
    contact: Annotated[str, Meta(min_length=1)]
    amount: Annotated[Decimal, Meta(description="Money in the budget's currency, above 0.")]
    note: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
    by: Annotated[str, Meta(max_length=80)] = ""
    customer: str | None = None
    site: str = "default"
    tier: Tier | None = None
    language: str | None = None


class Touch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who acts (unless set: whose token it is), and what there is to say of it."""

    by: Annotated[str, Meta(max_length=80)] = ""
    note: Text = ""


class Vouchers:
    """Answers for vouchers, and takes what people do with them.

    Args:
        desk: Who knows those of late.
        people: Journals what people do.
        reads: Finds queues.
        customers: Hides whom a grant is for.
        codes: Makes the codes.
        audit: Knows all there ever were; None: those of late will do.
    """

    def __init__(  # noqa: PLR0917
        self,
        desk: Desk,
        people: People,
        reads: Reads,
        customers: Customers,
        codes: Codes,
        audit: Audit | None = None,
    ) -> None:
        self._desk = desk
        self._people = people
        self._reads = reads
        self._customers = customers
        self._codes = codes
        self._audit = audit

    async def get(self, request: web.Request) -> web.Response:
        """The vouchers and refusals asked for, as JSON or CSV."""
        as_csv = wants_csv(request)
        since_at, until_at = moment(request, "since"), moment(request, "until")
        state = chosen(request, "state", STATES)
        wanted = {name: request.query[name] for name in _FILTERS if name in request.query}
        if "customer" in wanted:
            wanted["customer"] = self._hidden(wanted["customer"])
        found = [
            one
            for one in entries(await self._decisions(since_at, request.query.get("site")))
            if (since_at is None or one.at.timestamp() >= since_at)
            and (until_at is None or one.at.timestamp() < until_at)
            and state in (None, one.state)
            and all(getattr(one, name) == value for name, value in wanted.items())
        ]
        if self._people.may_act(request):
            for one in found:
                one.code = None if one.state == "refused" else self._codes.code(one.key)
        if as_csv:
            return table(Incentive, found, "incentives")
        answer = Incentives(
            at=answers.time(self._people.now()), incentives=tuple(found), outstanding=outstanding(found)
        )
        return answers.as_json(answer)

    async def _decisions(self, since_at: float | None, site: str | None) -> list[Audited]:
        """What is remembered and what the audit holds, which may lag behind by a moment."""
        told: dict[str, Audited] = {}
        if self._audit is not None:
            told = {one.key: one for one in await self._audit.read(since_at=since_at, site=site, most=MOST)}
        for name, care in self._desk.cares().items():
            if site in (None, name):
                told |= {one.key: one for one in care.purse.remembered()}
        return list(told.values())

    def _hidden(self, customer: str) -> str:
        """A customer's keyed hash, also of one who is named as the sources do."""
        return (
            customer if customer.startswith("p") and ":" in customer else self._customers.pseudonym(customer)
        )

    async def grant(self, request: web.Request) -> web.Response:
        """Grant a voucher by hand, within a limit of one's own: 201, or 409 with the reason."""
        said = await body_of(request, Grant)
        if not said.amount.is_finite() or said.amount <= 0:
            raise ProblemError(422, f"amount must be an amount of money above 0, not {said.amount}")
        view = self._desk.queue(said.queue, said.site)
        if view is None:
            raise self._reads.unknown(said.queue, said.site)
        by = self._people.who(request, said.by)
        act = IncentiveGranted(
            queue=said.queue,
            channel=view.channel,
            contact=said.contact,
            customer=None if said.customer is None else self._hidden(said.customer),
            tier=said.tier,
            language=said.language,
            amount=said.amount,
            by=by,
            holder=self._people.holder(request) or by,
            note=said.note,
        )
        ident = await self._people.do(request, said.site, act)
        key = grant_key(said.site, said.queue, said.contact, ident)
        care = self._desk.cares()[said.site]
        if key in care.purse.vouchers:
            return answers.as_json(self._shown(care.purse.vouchers[key]), status=201)
        refusal = next(one for one in reversed(care.purse.refusals) if one.key == f"{key}/refused")
        raise ProblemError(409, _SENTENCES[refusal.reason], reason=refusal.reason)

    async def redeem(self, request: web.Request) -> web.Response:
        """Use a voucher: 200 the first time, 409 after that."""
        return await self._end(request, IncentiveRedeemed)

    async def revoke(self, request: web.Request) -> web.Response:
        """Take a voucher back that was not used."""
        return await self._end(request, IncentiveRevoked)

    async def _end(
        self, request: web.Request, kind: type[IncentiveRedeemed | IncentiveRevoked]
    ) -> web.Response:
        voucher = self._find(request)
        said = await body_of(request, Touch)
        by = self._people.who(request, said.by)
        issued = voucher.issued
        act = kind(incentive=issued.key, by=by, note=said.note)
        ident = await self._people.do(request, issued.site, act)
        after = self._desk.cares()[issued.site].purse.vouchers[issued.key]
        if after.act != ident:
            raise ProblemError(409, f"this voucher is {after.fate} already", reason=after.fate)
        return answers.as_json(self._shown(after))

    async def follow_up(self, request: web.Request) -> web.Response:
        """Note that somebody asked the customer how it went."""
        voucher = self._find(request)
        said = await body_of(request, Touch)
        by = self._people.who(request, said.by)
        issued = voucher.issued
        await self._people.do(
            request, issued.site, IncentiveFollowedUp(incentive=issued.key, by=by, note=said.note)
        )
        return answers.as_json(self._shown(self._desk.cares()[issued.site].purse.vouchers[issued.key]))

    def _find(self, request: web.Request) -> Voucher:
        """The voucher of the code in the path; finding none takes as long as finding one."""
        known = {key: one for care in self._desk.cares().values() for key, one in care.purse.vouchers.items()}
        key = self._codes.find(request.match_info["code"], known)
        if key is None:
            raise ProblemError(404, "there is no voucher with this code; look whether it was read right")
        return known[key]

    def _shown(self, voucher: Voucher) -> Incentive:
        """One voucher as it is answered to those who act."""
        later = (voucher.moved, voucher.follow_up, voucher.asked)
        (one,) = entries([voucher.issued, *(each for each in later if each is not None)])
        one.code = self._codes.code(one.key)
        return one


_FILTERS = ("queue", "customer", "contact", "rule", "why")
_SENTENCES = {
    "over_own_limit": "this is more than you may grant today; budget.by_hand_day in the config sets how much",
    "overall_budget_spent": "the site's budget for the day or month is spent; [budget] in the config sets it",
}


def entries(decisions: Iterable[Audited]) -> Iterator[Incentive]:
    """One entry per voucher or refusal, the newest first, with what became of it."""
    found: dict[str, Incentive] = {}
    later: list[IncentiveMoved | FollowUpDue] = []
    for one in decisions:
        if isinstance(one, IncentiveIssued):
            found[one.key] = _issued(one)
        elif isinstance(one, IncentiveRefused):
            found[one.key] = _refused(one)
        else:
            later.append(one)
    for one in sorted(later, key=lambda each: each.at):
        entry = found.get(one.incentive)
        if entry is not None:
            _go_on(entry, one)
    return iter(sorted(found.values(), key=lambda entry: entry.at, reverse=True))


def _issued(one: IncentiveIssued) -> Incentive:
    told = msgspec.structs.asdict(one)
    same = {name: told[name] for name in _SAME}
    return Incentive(
        state="open",
        why=one.reason,
        decided_by=one.by or f"rule {one.rule}",
        at=answers.time(one.at),
        expires_at=answers.time(one.expires_at),
        amount=one.benefit.amount,
        currency=one.benefit.currency,
        percent=one.benefit.percent,
        text=one.benefit.text,
        **same,
    )


_SAME = (
    "key",
    "note",
    "rule",
    "site",
    "queue",
    "channel",
    "contact",
    "customer",
    "tier",
    "language",
    "wait_s",
    "value",
)


def _refused(one: IncentiveRefused) -> Incentive:
    return Incentive(
        key=one.key,
        state="refused",
        why=one.reason,
        decided_by=f"refused to {one.by}" if one.by else f"rule {one.rule}",
        rule=one.rule,
        at=answers.time(one.at),
        site=one.site,
        queue=one.queue,
        contact=one.contact,
        customer=one.customer,
    )


def _go_on(entry: Incentive, one: IncentiveMoved | FollowUpDue) -> None:
    if isinstance(one, FollowUpDue):
        entry.follow_up = "due"
    elif one.to == "followed_up":
        entry.follow_up, entry.follow_up_by, entry.follow_up_note = "done", one.by, one.note
    else:
        entry.state = one.to
        entry.moved_at, entry.moved_by, entry.moved_note = answers.time(one.at), one.by, one.note


def outstanding(incentives: Iterable[Incentive]) -> dict[str, Decimal]:
    """What the open ones amount to, by currency."""
    total: dict[str, Decimal] = {}
    for one in incentives:
        if one.state == "open" and one.amount is not None and one.currency is not None:
            total[one.currency] = total.get(one.currency, Decimal(0)) + one.amount
    return total
