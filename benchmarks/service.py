"""Durable events over HTTP into the real service: `python -m benchmarks.service` (about a minute).

`queuewatch serve` runs as a process of its own with a new journal on this disk; the load generator, on the
other core, waits for each 202. Beside it in the same run: a bare aiohttp handler, and what sqlite3 alone
takes in batches of 100 (`synchronous=FULL`, the same table).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks import http, journal


def free_port() -> int:
    """A port nobody uses."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def service() -> Iterator[str]:
    """A service with an empty journal; yields its URL."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        port = free_port()
        config = Path(folder) / "queuewatch.toml"
        config.write_text(f'[service]\ndata_dir = "{folder}/var"\n[http]\nport = {port}\n')
        command = [sys.executable, "-m", "queuewatch", "serve", "--config", str(config)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            url = f"http://127.0.0.1:{port}"
            try:
                wait_for(url)
                yield url
            finally:
                process.terminate()


def wait_for(url: str) -> None:
    """Return once the service is ready."""
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/readyz", timeout=1).close()  # noqa: S310  # our own URL
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the service did not start within ten seconds")


def main() -> None:
    """Measure and print."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"sqlite3 alone, batches of 100: {max(journal.raw(50_000, 100) for _ in range(3)):,.0f} events/s")
    with service() as url:
        http.compare(url, None)


if __name__ == "__main__":
    main()
