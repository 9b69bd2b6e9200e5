"""Writes every board as JSON: `python -m dashboards.grafana`."""

from __future__ import annotations

from dashboards.grafana import BOARDS, path, text

if __name__ == "__main__":
    for name in BOARDS:
        path(name).write_text(text(name), encoding="utf-8")
