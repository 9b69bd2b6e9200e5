"""The planner's routes as described."""

from __future__ import annotations

from queuewatch.serve.openapi_planner import planner_paths


def test_a_plan_is_described_in_all_its_forms() -> None:
    content = planner_paths()["/v1/queues/{queue}/staffing"]["get"]["responses"]["200"]["content"]
    assert {"application/json", "text/csv"} <= set(content)
    assert any("spreadsheetml" in kind for kind in content)
