"""Starts real servers for the tests: on free loopback ports, in folders of their own, and stops them."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

_PATIENCE_S = 60.0


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Server:
    """A process that listens on a port; its output goes to `log`."""

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until the port answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until = time.monotonic() + _PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                pytest.fail(f"{self._command[0]} did not start:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.02)

    def stop(self) -> int | None:
        """End it in good order; harmless when it is gone. Returns its exit status, None when it was gone."""
        return self._end("terminate")

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._end("kill")

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """It holds its connections and says nothing, as behind a dead network."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _end(self, how: str) -> int | None:
        if self._process is None:
            return None
        getattr(self._process, how)()
        status = self._process.wait(_PATIENCE_S)
        self._process = None
        return status

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@contextlib.contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[Server]:
    """A server that runs for as long as the block does."""
    server = Server(command, port, log)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def shipped(path: str) -> Path:
    """A file that the project ships, by its path from the project's folder."""
    return Path(__file__).parents[2] / path


def mosquitto_config(folder: Path, port: int, *, more: str = "", anonymous: bool = True) -> Path:
    """The shipped mosquitto.conf with its port and folders put into `folder`."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    text = shipped("config/mosquitto.conf").read_text()
    for pattern, instead in (
        (r"^listener 1883 127\.0\.0\.1$", f"listener {port} 127.0.0.1"),
        (r"^persistence_location .*$", f"persistence_location {data}/"),
        (r"^allow_anonymous true$", f"allow_anonymous {str(anonymous).lower()}"),
        # Started as root, Mosquitto becomes a user who may not write into the test's folder.
        (r"\Z", f"\nuser root\n{more}\n"),
    ):
        text, found = re.subn(pattern, instead, text, count=1, flags=re.MULTILINE)
        assert found, pattern
    path = folder / "mosquitto.conf"
    path.write_text(text)
    return path


@contextlib.contextmanager
def mosquitto(folder: Path, *, more: str = "", anonymous: bool = True) -> Iterator[Server]:
    """Mosquitto with the shipped configuration, and `more` lines of it."""
    port = free_port()
    config = mosquitto_config(folder, port, more=more, anonymous=anonymous)
    with running(["mosquitto", "-c", str(config)], port, folder / "mosquitto.log") as server:
        yield server


def prometheus_config(folder: Path, target: str, *, alertmanager: str, hold_s: int | None) -> Path:
    """The shipped prometheus.yml, its rules beside it, for this target; it scrapes and decides every second.

    Alerts are held back for `hold_s` seconds, or for as long as the rules say.
    """
    for rules in ("recording_rules.yml", "alert_rules.yml"):
        text = shipped(f"config/{rules}").read_text().replace("interval: 15s", "interval: 1s")
        if hold_s is not None:
            text = re.sub(r"\bfor: \d+m$", f"for: {hold_s}s", text, flags=re.MULTILINE)
        (folder / rules).write_text(text)
    text = shipped("config/prometheus.yml").read_text()
    for old, new in (
        ("127.0.0.1:8080", target),
        ("127.0.0.1:9093", alertmanager),
        ("scrape_interval: 5s", "scrape_interval: 1s"),
        ("scrape_timeout: 4s", "scrape_timeout: 1s"),
        ("evaluation_interval: 15s", "evaluation_interval: 1s"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "prometheus.yml"
    path.write_text(text)
    subprocess.run(["promtool", "check", "config", path], check=True, capture_output=True)
    return path


@contextlib.contextmanager
def prometheus(
    folder: Path, target: str, *, alertmanager: str = "127.0.0.1:9093", hold_s: int | None = None
) -> Iterator[str]:
    """The address of a Prometheus with the shipped configuration that scrapes `target` (host and port)."""
    config = prometheus_config(folder, target, alertmanager=alertmanager, hold_s=hold_s)
    port = free_port()
    address = f"127.0.0.1:{port}"
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with running(command, port, folder / "prometheus.log"):
        yield f"http://{address}"
