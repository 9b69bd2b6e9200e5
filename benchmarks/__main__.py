"""All benchmarks, one after the other, each in a process of its own: `python -m benchmarks`."""

from __future__ import annotations

import subprocess
import sys

ALL = (
    *("core", "memory", "replay", "parsing", "erlang", "waits", "simulate"),
    *("journal", "http", "turn", "service", "mqtt", "forecast", "ranges", "staffing", "board"),
)


def main() -> int:
    """Run them; one that fails does not keep the others from running."""
    failed = []
    for name in ALL:
        print(f"\n== python -m benchmarks.{name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
