"""Vouchers over HTTP: why this customer got 10 euros, who decided, and whether it was used."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from queuewatch.core.care import Care
from queuewatch.core.decisions import Audited, FollowUpDue, IncentiveMoved
from queuewatch.core.facts.acts import IncentiveRedeemed
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.rules import Budget, Rules
from queuewatch.outgoing import Issuing
from queuewatch.serve.access import Access, Scope
from queuewatch.vouchers import Codes
from tests.serve.conftest import Client, Connect
from tests.serve.desk import CUSTOMERS, NOON, FakeDesk, queue
from tests.serve.tokens import only, shown, token
from tests.serve.vouchers import ADA, refusal, voucher

ROUTE = "/v1/incentives"
CODES = Codes(CUSTOMERS.key)


@pytest.fixture
def owed(desk: FakeDesk) -> Care:
    """Ada has a voucher, Bob was refused one, and each person may grant 25 a day."""
    care = desk.owed["default"] = Care()
    care.purse.put(voucher(), "2026-07-20", None)
    care.purse.refuse(refusal())
    desk.rules = Rules(budget=Budget(by_hand_day=Decimal(25)))
    return care


async def listed(client: Client, query: str = "", **more: Any) -> list[dict[str, Any]]:
    response = await client.get(f"{ROUTE}{query}", **more)
    assert response.status == 200
    found: list[dict[str, Any]] = (await response.json())["incentives"]
    return found


@pytest.mark.usefixtures("owed")
async def test_each_voucher_says_why_who_decided_how_much_and_whether_it_was_used(client: Client) -> None:
    bob, ada = await listed(client)
    assert (ada["state"], ada["why"], ada["decided_by"]) == ("open", "wait_passed", "rule long-wait")
    assert (ada["amount"], ada["currency"], ada["wait_s"]) == ("10.00", "EUR", 180.0)
    assert (ada["at"], ada["expires_at"]) == (
        rfc3339(NOON - 60).replace(".000000", ""),
        rfc3339(NOON + 1000).replace(".000000", ""),
    )
    assert ada["code"] == CODES.code("incentive/default/long-wait/sales/ada/1")
    assert (bob["state"], bob["why"], bob["code"]) == ("refused", "queue_budget_spent", None)


@pytest.mark.usefixtures("owed")
async def test_what_is_outstanding_is_added_up(client: Client) -> None:
    assert (await (await client.get(ROUTE)).json())["outstanding"] == {"EUR": "10.00"}
    assert (await (await client.get(f"{ROUTE}?state=refused")).json())["outstanding"] == {}


@pytest.mark.usefixtures("owed")
async def test_codes_are_told_to_those_alone_who_may_act(connect: Connect) -> None:
    client = await connect(Access([token("reader", "read"), token("till", "read", "act")]))
    assert [one["code"] for one in await listed(client, headers=shown("reader"))] == [None, None]
    assert (await listed(client, headers=shown("till")))[1]["code"] is not None


@pytest.mark.parametrize(
    ("query", "contacts"),
    [
        ("?state=open", ["ada"]),
        ("?state=refused", ["bob"]),
        ("?queue=sales", ["bob", "ada"]),
        ("?queue=support", []),
        ("?contact=ada", ["ada"]),
        ("?rule=by-hand", []),
        ("?why=queue_budget_spent", ["bob"]),
        ("?site=berlin", []),
        (f"?customer={ADA}", ["ada"]),
        ("?customer=Ada@example.org", ["ada"]),
        (f"?since={rfc3339(NOON - 30)}", ["bob"]),
        (f"?until={rfc3339(NOON - 30)}", ["ada"]),
    ],
)
@pytest.mark.usefixtures("owed")
async def test_the_list_can_be_filtered(client: Client, query: str, contacts: list[str]) -> None:
    assert [one["contact"] for one in await listed(client, query)] == contacts


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?state=lost", "state must be one of open"),
        ("?since=yesterday", "since must be a time"),
        ("?since=2026-07-20T12:00:00", "since must be a time with its zone"),
        ("?format=xml", "format must be one of json, csv"),
    ],
)
async def test_a_filter_that_cannot_be_read_is_told(client: Client, query: str, says: str) -> None:
    response = await client.get(f"{ROUTE}{query}")
    assert response.status == 400
    assert says in (await response.json())["detail"]


async def test_the_list_comes_as_a_table_that_no_spreadsheet_takes_for_formulas(
    client: Client, owed: Care
) -> None:
    owed.purse.put(voucher("=cmd()", -10.0, by="Grace", note="+49 30 1"), "2026-07-20", None)
    for response in (
        await client.get(f"{ROUTE}?format=csv"),
        await client.get(ROUTE, headers={"Accept": "text/csv"}),
    ):
        assert response.content_type == "text/csv"
        assert "incentives.csv" in response.headers["Content-Disposition"]
        first, _, last = list(csv.DictReader(io.StringIO(await response.text())))
        assert (first["contact"], first["note"], first["decided_by"]) == ("'=cmd()", "'+49 30 1", "Grace")
        assert (last["amount"], last["text"]) == ("10.00", "en: Sorry, and thank you.")


async def test_nothing_but_json_and_csv_can_be_had(client: Client) -> None:
    assert (await client.get(ROUTE, headers={"Accept": "image/png"})).status == 406


class FakeAudit:
    """An audit that holds what it is given, and keeps what it was asked."""

    def __init__(self, held: Sequence[Audited], outside: Mapping[str, Issuing] | None = None) -> None:
        self.held = tuple(held)
        self.outside = {one.key: Issuing() for one in held} if outside is None else outside

    async def read(
        self,
        *,
        since_at: float | None = None,
        site: str | None = None,
        customer: str | None = None,
        most: int = 1_000,
    ) -> tuple[Audited, ...]:
        assert most > 1_000
        assert customer in (None, ADA)
        return tuple(one for one in self.held if site in (None, one.site) and one.at >= (since_at or 0.0))

    async def issuing(self, incentives: Sequence[str]) -> dict[str, Issuing]:
        return {key: one for key, one in self.outside.items() if key in incentives}


@pytest.mark.usefixtures("owed")
async def test_what_is_long_past_comes_from_the_audit(connect: Connect) -> None:
    last_year = voucher("old", -4e7)
    used = IncentiveMoved(
        key=f"{last_year.key}/redeemed",
        site="default",
        at=NOON - 3.9e7,
        incentive=last_year.key,
        to="redeemed",
        by="till 3",
    )
    client = await connect(audit=FakeAudit([last_year, used, voucher()]))
    *_, ada, old = await listed(client)
    assert (ada["contact"], old["contact"]) == ("ada", "old")
    assert (old["state"], old["moved_by"]) == ("redeemed", "till 3")


# ── an issuer outside ─────────────────────────────────────────────────────────────────────────────────────

SHOP = "SHOP-77-XYZ"


@pytest.mark.usefixtures("owed")
@pytest.mark.parametrize(
    ("outside", "issuer", "code", "why"),
    [
        ({"state": "sent", "code": SHOP}, "issued", SHOP, ""),
        ({"state": "pending"}, "pending", None, ""),
        ({"state": "claimed", "why": "shop answered 503"}, "pending", None, "shop answered 503"),
        ({"state": "dead", "why": "shop answered 401"}, "failed", None, "shop answered 401"),
        ({}, "own", CODES.code(voucher().key), ""),
    ],
)
async def test_one_row_says_how_far_an_issuer_outside_is_and_its_code(
    connect: Connect, outside: dict[str, Any], issuer: str, code: str | None, why: str
) -> None:
    audit = FakeAudit([voucher()], {voucher().key: Issuing(**outside)})
    (refused, ada) = await listed(await connect(audit=audit, outside=True))
    assert (ada["issuer"], ada["code"], ada["issuer_why"]) == (issuer, code, why)
    assert (refused["issuer"], refused["code"]) == (None, None)


@pytest.mark.usefixtures("owed")
async def test_what_is_not_written_down_yet_is_on_its_way_to_the_issuer(connect: Connect) -> None:
    (_, ada) = await listed(await connect(audit=FakeAudit([]), outside=True))
    assert (ada["issuer"], ada["code"]) == ("pending", None)


@pytest.mark.usefixtures("owed")
async def test_a_voucher_from_outside_is_redeemed_by_its_code_there_and_not_by_one_of_ours(
    connect: Connect,
) -> None:
    audit = FakeAudit([voucher()], {voucher().key: Issuing(state="sent", code=SHOP)})
    client = await connect(audit=audit, outside=True)
    assert (
        await client.post(f"{ROUTE}/{CODES.code(voucher().key)}/redeem", json={"by": "till"})
    ).status == 404
    used = await client.post(f"{ROUTE}/{SHOP.lower()}/redeem", json={"by": "till"})
    assert (used.status, (await used.json())["code"]) == (200, SHOP)
    assert (await client.post(f"{ROUTE}/{SHOP}/redeem", json={"by": "till"})).status == 409


@pytest.mark.usefixtures("owed")
async def test_those_whom_somebody_should_ask_how_it_went_are_a_list_of_their_own(
    connect: Connect, owed: Care
) -> None:
    key = voucher().key
    client = await connect()
    assert await listed(client, "?follow_up=due") == []
    owed.purse.vouchers[key].follow_up = FollowUpDue(
        key=f"{key}/follow-up",
        site="default",
        at=NOON,
        incentive=key,
        queue="sales",
        contact="ada",
        customer=ADA,
    )
    (due,) = await listed(client, "?follow_up=due")
    assert due["contact"] == "ada"
    assert (await client.get(f"{ROUTE}?follow_up=soon")).status == 400


@pytest.mark.usefixtures("owed")
async def test_without_tokens_a_voucher_can_be_redeemed_without_saying_by_whom(client: Client) -> None:
    used = await client.post(f"{ROUTE}/{CODES.code(voucher().key)}/redeem")
    assert (used.status, (await used.json())["moved_by"]) == (200, "somebody")


@pytest.mark.usefixtures("owed")
async def test_a_voucher_is_redeemed_once_by_a_code_however_it_was_read(
    client: Client, desk: FakeDesk
) -> None:
    code = CODES.code(voucher().key).lower()
    first = await client.post(f"{ROUTE}/{code}/redeem", json={"by": "till 3"})
    answer = await first.json()
    assert (first.status, answer["state"], answer["moved_by"]) == (200, "redeemed", "till 3")
    again = await client.post(f"{ROUTE}/{code}/redeem", json={"by": "till 4"})
    assert (again.status, (await again.json())["reason"]) == (409, "redeemed")
    assert (await client.post(f"{ROUTE}/{code}/revoke")).status == 422  # who takes something back says so
    late = await client.post(f"{ROUTE}/{code}/revoke", json={"by": "Grace"})
    assert (late.status, (await late.json())["reason"]) == (409, "redeemed")
    assert [type(event.data) for event in desk.taken][:1] == [IncentiveRedeemed]


@pytest.mark.usefixtures("owed")
async def test_the_same_request_again_is_answered_the_same(client: Client) -> None:
    code = CODES.code(voucher().key)
    for _ in range(2):
        response = await client.post(
            f"{ROUTE}/{code}/redeem", json={"by": "till 3"}, headers={"Idempotency-Key": "receipt 17"}
        )
        assert response.status == 200


@pytest.mark.usefixtures("owed")
async def test_a_code_that_nobody_knows_is_not_found(client: Client, desk: FakeDesk) -> None:
    for what in ("redeem", "revoke", "follow-up"):
        response = await client.post(f"{ROUTE}/0000-0000-0000-0000/{what}", json={"by": "x"})
        assert response.status == 404
    assert desk.taken == []


async def test_an_expired_voucher_is_refused(client: Client, owed: Care) -> None:
    owed.purse.put(voucher("late", expires_at=NOON), "2026-07-20", None)
    code = CODES.code("incentive/default/long-wait/sales/late/1")
    response = await client.post(f"{ROUTE}/{code}/redeem", json={"by": "till 3"})
    assert (response.status, (await response.json())["reason"]) == (409, "expired")


@pytest.mark.usefixtures("owed")
async def test_a_voucher_can_be_revoked_with_a_note(client: Client) -> None:
    code = CODES.code(voucher().key)
    response = await client.post(f"{ROUTE}/{code}/revoke", json={"by": "Grace", "note": "a mistake"})
    answer = await response.json()
    assert (answer["state"], answer["moved_by"], answer["moved_note"]) == ("revoked", "Grace", "a mistake")


@pytest.mark.usefixtures("owed")
async def test_a_follow_up_is_noted(client: Client) -> None:
    code = CODES.code(voucher().key)
    response = await client.post(f"{ROUTE}/{code}/follow-up", json={"by": "Grace", "note": "all well"})
    answer = await response.json()
    assert (answer["follow_up"], answer["follow_up_by"], answer["follow_up_note"]) == (
        "done",
        "Grace",
        "all well",
    )


GRANT = {"queue": "sales", "contact": "cyd", "amount": "15", "note": "the line was cut", "by": "Grace"}


@pytest.mark.usefixtures("owed")
async def test_a_person_grants_a_voucher_with_a_reason(client: Client) -> None:
    response = await client.post(ROUTE, json={**GRANT, "customer": "ada@example.org"})
    answer = await response.json()
    assert response.status == 201
    assert (answer["why"], answer["decided_by"], answer["note"]) == ("granted", "Grace", "the line was cut")
    assert (answer["amount"], answer["currency"], answer["rule"]) == ("15", "EUR", "by-hand")
    assert (answer["customer"], answer["code"]) == (ADA, CODES.code(answer["key"]))


@pytest.mark.usefixtures("owed")
async def test_whoever_is_granted_one_is_hidden_also_where_the_name_looks_like_a_hash(client: Client) -> None:
    response = await client.post(ROUTE, json={**GRANT, "customer": "phone:+49 30 123456"})
    assert (await response.json())["customer"] == CUSTOMERS.pseudonym("phone:+49 30 123456")


@pytest.mark.usefixtures("owed")
async def test_over_their_limit_a_person_is_refused_with_the_reason_and_the_audit_has_it(
    client: Client,
) -> None:
    assert (await client.post(ROUTE, json=GRANT)).status == 201
    response = await client.post(ROUTE, json=GRANT)
    assert (response.status, (await response.json())["reason"]) == (409, "over_own_limit")
    newest = (await listed(client))[0]
    assert (newest["state"], newest["decided_by"]) in {("refused", "refused to Grace"), ("open", "Grace")}
    assert len(await listed(client, "?why=over_own_limit")) == 1


@pytest.mark.usefixtures("owed")
async def test_the_limit_is_the_tokens_whatever_name_is_given(connect: Connect) -> None:
    client = await connect(only("team", "act"))
    assert (await client.post(ROUTE, json=GRANT, headers=shown("team"))).status == 201
    assert (await client.post(ROUTE, json={**GRANT, "by": "Hugo"}, headers=shown("team"))).status == 409


@pytest.mark.usefixtures("owed")
async def test_the_same_grant_again_is_the_same_voucher(client: Client) -> None:
    again = {"Idempotency-Key": "ticket 4"}
    keys = {(await (await client.post(ROUTE, json=GRANT, headers=again)).json())["key"] for _ in range(2)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"queue": "slaes"}, 404),
        ({"amount": "0"}, 422),
        ({"amount": "NaN"}, 422),
        ({"amount": "much"}, 422),
        ({"note": " "}, 422),
        ({"by": " "}, 422),
        ({"why": "x"}, 422),
    ],
)
@pytest.mark.usefixtures("owed")
async def test_a_grant_that_cannot_be_taken_is_refused(
    client: Client, desk: FakeDesk, changes: dict[str, Any], status: int
) -> None:
    response = await client.post(ROUTE, json={**GRANT, **changes})
    assert response.status == status
    assert desk.taken == []


@pytest.mark.usefixtures("owed")
async def test_who_acts_is_whose_token_it_is_unless_they_say(connect: Connect) -> None:
    client = await connect(only("till 3", "act"))
    response = await client.post(f"{ROUTE}/{CODES.code(voucher().key)}/redeem", headers=shown("till 3"))
    assert (await response.json())["moved_by"] == "till 3"


@pytest.mark.usefixtures("owed")
async def test_a_key_of_a_request_that_is_too_long_is_refused(client: Client) -> None:
    response = await client.post(ROUTE, json=GRANT, headers={"Idempotency-Key": "k" * 129})
    assert response.status == 400


@pytest.mark.parametrize("path", ["", "/0000-0000-0000-0000/redeem", "/0000-0000-0000-0000/revoke"])
@pytest.mark.parametrize("scope", ["read", "ingest"])
async def test_acting_takes_the_scope_act(connect: Connect, path: str, scope: Scope) -> None:
    client = await connect(only("one", scope))
    assert (await client.post(f"{ROUTE}{path}", json=GRANT, headers=shown("one"))).status == 403


async def test_vouchers_are_in_the_metrics_without_a_name(client: Client, desk: FakeDesk, owed: Care) -> None:
    desk.views.append(queue())
    await client.post(f"{ROUTE}/{CODES.code(voucher().key)}/redeem", json={"by": "till 3"})
    owed.purse.put(voucher("bea", -1.0), "2026-07-20", None)
    text = await (await client.get("/metrics")).text()
    of_sales = 'site="default",queue="sales"'
    assert f'queuewatch_incentives_total{{{of_sales},reason="wait_passed"}} 2.0' in text
    assert f'queuewatch_incentives_refused_total{{{of_sales},reason="queue_budget_spent"}} 1.0' in text
    assert f'queuewatch_incentive_value_total{{{of_sales},currency="EUR"}} 20.0' in text
    assert 'queuewatch_incentives_open{site="default"} 1.0' in text
    assert 'queuewatch_incentive_outstanding_value{site="default",currency="EUR"} 10.0' in text
    for name in ("ada", "bea", ADA):
        assert name not in text.replace('"load', "")
