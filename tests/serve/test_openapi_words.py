"""What descriptions of routes are made of."""

from __future__ import annotations

from queuewatch.serve.openapi_words import deed, get, listed


def test_what_anybody_may_read_asks_for_no_token() -> None:
    anybody = get("Metrics.", None, {"200": {"description": "They."}})["get"]
    assert "security" not in anybody
    assert set(anybody["responses"]) == {"200"}


def test_what_needs_a_scope_says_what_comes_without_it() -> None:
    readers = get("Queues.", "read", {"200": {"description": "They."}})["get"]
    assert readers["security"] == [{"bearer": ["read"]}]
    assert set(readers["responses"]) == {"200", "401", "403"}


def test_an_act_can_be_repeated_safely_and_may_have_no_body() -> None:
    plain = deed("Claim.", None, {})["post"]
    assert "requestBody" not in plain
    assert [one["name"] for one in plain["parameters"]] == ["Idempotency-Key"]
    assert deed("Grant.", "Grant", {})["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Grant"
    }


def test_a_list_comes_as_a_table_too() -> None:
    content = listed("Vouchers.", "Incentives", ())["get"]["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/csv"}
