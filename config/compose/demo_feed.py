"""Sends the demo's traffic to the queuewatch of docker-compose.yml.

Run it as python demo_feed.py URL TOKEN-FILE LIVE-FILE. LIVE-FILE is made when what was past at the start is
told. Prometheus begins then: it would count a night's contacts as those of one minute.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from queuewatch.clock import SystemClock
from queuewatch.simulate.demo import demo_feed

if __name__ == "__main__":
    shown = Path(sys.argv[2]).read_text(encoding="utf-8")
    live = Path(sys.argv[3])
    live.unlink(missing_ok=True)
    asyncio.run(demo_feed(sys.argv[1], clock=SystemClock(), token=shown, on_live=live.touch))
