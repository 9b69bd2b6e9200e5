"""`/v1/incentives`: each voucher, why, who decided, what became of it; and what people do with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Protocol

from aiohttp import web
from msgspec import Meta, Struct

from queuewatch.core.customers.purse import Voucher, grant_key
from queuewatch.core.decisions import Audited
from queuewatch.core.facts.acts import (
    IncentiveFollowedUp,
    IncentiveGranted,
    IncentiveRedeemed,
    IncentiveRevoked,
)
from queuewatch.core.facts.terms import Tier
from queuewatch.customers import Customers
from queuewatch.outgoing import Issuing
from queuewatch.ports import Desk
from queuewatch.serve import answers
from queuewatch.serve.people import By, People, body_of, chosen, moment, table, wants_csv
from queuewatch.serve.problems import ProblemError
from queuewatch.serve.reads import Reads
from queuewatch.serve.vouchers_told import (
    FOLLOW_UPS,
    ISSUERS,
    STATES,
    Incentive,
    Incentives,
    entries,
    outstanding,
)
from queuewatch.vouchers import Codes, match

MOST = 10_000
"""So many decisions are looked at for one answer."""

Text = Annotated[str, Meta(max_length=500)]


class Audit(Protocol):
    """What was decided about money, for good."""

    async def read(
        self,
        *,
        since_at: float | None = None,
        site: str | None = None,
        customer: str | None = None,
        most: int = 1_000,
    ) -> tuple[Audited, ...]:
        """The decisions from `since_at` on, oldest first; of many the newest."""
        ...

    async def issuing(self, incentives: Sequence[str]) -> dict[str, Issuing]:
        """How far an issuer outside is with these vouchers; those not written down yet are left out."""
        ...


class Grant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person grants by hand, to whom and why; `customer` as the sources say, it is hidden at once."""

    queue: Annotated[str, Meta(min_length=1)]
    contact: Annotated[str, Meta(min_length=1)]
    amount: Annotated[Decimal, Meta(description="Money in the budget's currency, above 0.")]
    note: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
    by: By = ""
    customer: str | None = None
    site: str = "default"
    tier: Tier | None = None
    language: str | None = None


class Touch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who acts (unless set: whose token it is), and what there is to say of it."""

    by: By = ""
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
        outside: Whether an issuer outside issues them.
    """

    def __init__(  # noqa: PLR0917
        self,
        desk: Desk,
        people: People,
        reads: Reads,
        customers: Customers,
        codes: Codes,
        audit: Audit | None = None,
        *,
        outside: bool = False,
    ) -> None:
        self._desk = desk
        self._people = people
        self._reads = reads
        self._customers = customers
        self._codes = codes
        self._audit = audit
        self._outside = outside

    async def get(self, request: web.Request) -> web.Response:
        """The vouchers and refusals asked for, as JSON or CSV."""
        as_csv = wants_csv(request)
        since_at, until_at, site = (
            moment(request, "since"),
            moment(request, "until"),
            request.query.get("site"),
        )
        state, follow_up = chosen(request, "state", STATES), chosen(request, "follow_up", FOLLOW_UPS)
        wanted = {name: request.query[name] for name in _FILTERS if name in request.query}
        if "customer" in wanted:
            wanted["customer"] = self._customers.whom(wanted["customer"])
        found = [
            one
            for one in entries(await self._decisions(since_at, site, wanted.get("customer")))
            if (since_at is None or one.at.timestamp() >= since_at)
            and (until_at is None or one.at.timestamp() < until_at)
            and state in (None, one.state)
            and follow_up in (None, one.follow_up)
            and all(getattr(one, name) == value for name, value in wanted.items())
        ]
        await self._say_issued(found, with_code=self._people.may_act(request))
        if as_csv:
            return table(Incentive, found, "incentives")
        answer = Incentives(
            at=answers.time(self._people.now()), incentives=tuple(found), outstanding=outstanding(found)
        )
        return answers.as_json(answer)

    async def _say_issued(self, found: Iterable[Incentive], *, with_code: bool) -> None:
        """Put in who has issued each voucher, and under which code."""
        vouchers = {one.key: one for one in found if one.state != "refused"}
        for key, issuing in (await self._issuing(list(vouchers))).items():
            one = vouchers[key]
            one.issuer, one.issuer_why = ISSUERS[issuing.state], issuing.why
            one.code = self._code(key, issuing) if with_code else None

    async def _issuing(self, keys: Sequence[str]) -> dict[str, Issuing]:
        """How far each voucher is; one not written down yet is on its way to the issuer, if there is one."""
        unwritten = Issuing(state="pending" if self._outside else None)
        known = {} if self._audit is None else await self._audit.issuing(keys)
        return {key: known.get(key, unwritten) for key in keys}

    def _code(self, key: str, issuing: Issuing) -> str | None:
        return self._codes.code(key) if issuing.state is None else issuing.code or None

    async def _decisions(
        self, since_at: float | None, site: str | None, customer: str | None
    ) -> list[Audited]:
        """What is remembered and what the audit holds, which may lag behind by a moment."""
        told: dict[str, Audited] = {}
        if self._audit is not None:
            read = await self._audit.read(since_at=since_at, site=site, customer=customer, most=MOST)
            told = {one.key: one for one in read}
        for name, care in self._desk.cares().items():
            if site in (None, name):
                told |= {one.key: one for one in care.purse.remembered()}
        return list(told.values())

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
            customer=None if said.customer is None else self._customers.whom(said.customer),
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
            return answers.as_json(await self._shown(care.purse.vouchers[key]), status=201)
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
        voucher = await self._find(request)
        said = await body_of(request, Touch)
        sign = self._people.whoever if kind is IncentiveRedeemed else self._people.who
        by = sign(request, said.by)
        issued = voucher.issued
        act = kind(incentive=issued.key, by=by, note=said.note)
        ident = await self._people.do(request, issued.site, act)
        after = self._desk.cares()[issued.site].purse.vouchers[issued.key]
        if after.act != ident:
            raise ProblemError(409, f"this voucher is {after.fate} already", reason=after.fate)
        return answers.as_json(await self._shown(after))

    async def follow_up(self, request: web.Request) -> web.Response:
        """Note that somebody asked the customer how it went."""
        voucher = await self._find(request)
        said = await body_of(request, Touch)
        by = self._people.who(request, said.by)
        issued = voucher.issued
        await self._people.do(
            request, issued.site, IncentiveFollowedUp(incentive=issued.key, by=by, note=said.note)
        )
        return answers.as_json(await self._shown(self._desk.cares()[issued.site].purse.vouchers[issued.key]))

    async def _find(self, request: web.Request) -> Voucher:
        """The voucher of the code in the path; finding none takes as long as finding one."""
        known = {key: one for care in self._desk.cares().values() for key, one in care.purse.vouchers.items()}
        issuing = await self._issuing(list(known))
        codes = {key: code for key in known if (code := self._code(key, issuing[key])) is not None}
        key = match(request.match_info["code"], codes)
        if key is None:
            raise ProblemError(404, "there is no voucher with this code; look whether it was read right")
        return known[key]

    async def _shown(self, voucher: Voucher) -> Incentive:
        """One voucher as it is answered to those who act."""
        (one,) = entries(voucher.decided())
        await self._say_issued((one,), with_code=True)
        return one


_FILTERS = ("queue", "customer", "contact", "rule", "why")
_SENTENCES = {
    "over_own_limit": "this is more than you may grant today; budget.by_hand_day in the config sets how much",
    "overall_budget_spent": "the site's budget for the day or month is spent; [budget] in the config sets it",
}
