"""Sends the demo's traffic to the queuewatch of docker-compose.yml: python demo_feed.py URL TOKEN-FILE."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from queuewatch.clock import SystemClock
from queuewatch.simulate.demo import demo_feed

if __name__ == "__main__":
    shown = Path(sys.argv[2]).read_text(encoding="utf-8")
    asyncio.run(demo_feed(sys.argv[1], clock=SystemClock(), token=shown))
