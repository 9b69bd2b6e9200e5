"""Grafana's boards as code; `python -m dashboards.grafana` writes them as JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import detail, operations, planner, trust, wall

FOLDER = Path(__file__).parent

BOARDS: dict[str, Callable[[], Dashboard]] = {
    "wall-board": wall.board,
    "queue-detail": detail.board,
    "planner": planner.board,
    "trust": trust.board,
    "operations": operations.board,
}
"""Each board, by the name of its file."""


def text(name: str) -> str:
    """The JSON of one of BOARDS, ending in a line feed."""
    return json.dumps(BOARDS[name](), cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


def path(name: str) -> Path:
    """Where the JSON of a board stands."""
    return FOLDER / f"{name}.json"
