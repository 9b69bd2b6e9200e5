"""What docker-compose.yml starts in containers, started natively with the very same files."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientError, ClientSession

from tests.real.servers import free_port, running, shipped

pytestmark = pytest.mark.real
PATIENCE_S = 60.0
COMPOSE = "config/compose"
# The scripts find the package as it stands here, installed or not.
ENV = {**os.environ, "PYTHONPATH": str(shipped("."))}


class Stack(NamedTuple):
    """Where everything is."""

    access: Path
    queuewatch: str
    prometheus: str
    mqtt_port: int


def first_start(folder: Path, base: Path) -> None:
    """Run the first service, as compose does."""
    script = shipped(f"{COMPOSE}/first_start.py")
    subprocess.run([sys.executable, script, base, folder], check=True, env=ENV)


def put(text: str, *changes: tuple[str, str]) -> str:
    """The text with names of the compose network and paths of containers replaced; each must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Mosquitto, queuewatch, the demo's traffic and Prometheus with what compose mounts into them."""
    port, mqtt, prom = free_port(), free_port(), free_port()
    access = tmp_path / "access"
    access.mkdir()
    base = tmp_path / "base.toml"
    ours = shipped(f"{COMPOSE}/queuewatch.toml").read_text()
    base.write_text(
        put(
            ours,
            ("/var/lib/queuewatch", str(tmp_path / "journal")),
            ('"0.0.0.0"', '"127.0.0.1"'),
            ("port = 8080", f"port = {port}"),
            ('host = "mosquitto"', f'host = "127.0.0.1"\nport = {mqtt}'),
            ("/access/", f"{access}/"),
        )
    )
    first_start(access, base)
    broker = tmp_path / "mosquitto.conf"
    (tmp_path / "broker").mkdir()
    conf = shipped(f"{COMPOSE}/mosquitto.conf").read_text()
    broker.write_text(
        put(
            conf,
            ("listener 1883", f"listener {mqtt} 127.0.0.1"),
            ("/mosquitto/data/", f"{tmp_path / 'broker'}/"),
            ("/access/", f"{access}/"),
        )
        + "\nuser root\n"
    )
    for rules in ("recording_rules.yml", "alert_rules.yml"):
        (tmp_path / rules).write_text(shipped(f"config/{rules}").read_text())
    scrape = tmp_path / "prometheus.yml"
    scrape.write_text(
        put(
            shipped(f"{COMPOSE}/prometheus.yml").read_text(),
            ("queuewatch:8080", f"127.0.0.1:{port}"),
            ("/access/", f"{access}/"),
            ("scrape_interval: 5s", "scrape_interval: 1s"),
            ("scrape_timeout: 4s", "scrape_timeout: 1s"),
        )
    )
    serve = [sys.executable, "-m", "queuewatch", "serve", "--config", str(access / "queuewatch.toml")]
    watch = [
        "prometheus",
        f"--config.file={scrape}",
        f"--storage.tsdb.path={tmp_path / 'metrics'}",
        f"--web.listen-address=127.0.0.1:{prom}",
    ]
    with ExitStack() as servers:
        servers.enter_context(running(["mosquitto", "-c", str(broker)], mqtt, tmp_path / "mosquitto.log"))
        servers.enter_context(running(serve, port, tmp_path / "queuewatch.log"))
        servers.enter_context(running(watch, prom, tmp_path / "prometheus.log"))
        yield Stack(access, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{prom}", mqtt)


async def answer(session: ClientSession, stack: Stack, query: str) -> list[dict[str, Any]]:
    """Prometheus' answer, once there is one."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            async with session.get(f"{stack.prometheus}/api/v1/query", params={"query": query}) as told:
                found: list[dict[str, Any]] = (await told.json())["data"]["result"]
                if found:
                    return found
        except (ClientError, KeyError):
            pass  # it is still starting
        await asyncio.sleep(0.2)
    pytest.fail(f"no answer to {query} after {PATIENCE_S} s")


@pytest.mark.slow
async def test_the_services_find_each_other_and_the_demo_fills_the_boards(
    stack: Stack, tmp_path: Path
) -> None:
    feed = shipped(f"{COMPOSE}/demo_feed.py")
    with (tmp_path / "feed.log").open("wb") as log:
        demo = await asyncio.create_subprocess_exec(
            sys.executable,
            feed,
            stack.queuewatch,
            stack.access / "pbx.token",
            env=ENV,
            stdout=log,
            stderr=log,
        )
        try:
            async with ClientSession() as session:
                await answer(session, stack, 'up{job="queuewatch"} == 1')
                await answer(session, stack, 'queuewatch_contacts_waiting{queue="sales"} > 0')
                # What was decided went out through the broker, with the login that was made.
                await answer(session, stack, 'queuewatch_deliveries_total{sender="mqtt",outcome="sent"} > 0')
                async with session.get(f"{stack.queuewatch}/readyz") as ready:
                    assert ready.status == 200
        finally:
            demo.terminate()
            await demo.wait()


async def test_without_a_token_or_a_login_nobody_comes_in(stack: Stack) -> None:
    async with ClientSession() as session, session.get(f"{stack.queuewatch}/v1/queues") as refused:
        assert refused.status == 401
    subscribe = ["mosquitto_sub", "-p", str(stack.mqtt_port), "-t", "#", "-C", "1", "-W", "2"]
    told = await asyncio.to_thread(subprocess.run, subscribe, capture_output=True, check=False)
    assert b"not authorised" in told.stderr.lower()


def test_the_tokens_stay_over_a_second_start_and_only_the_group_reads_them(tmp_path: Path) -> None:
    base = shipped(f"{COMPOSE}/queuewatch.toml")
    first_start(tmp_path, base)
    made = {path.name: path.read_text() for path in tmp_path.glob("*.token")}
    assert set(made) == {"prometheus.token", "pbx.token", "board.token"}
    first_start(tmp_path, base)
    assert {path.name: path.read_text() for path in tmp_path.glob("*.token")} == made
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o640}
    # The configuration knows the hashes, not the tokens.
    text = (tmp_path / "queuewatch.toml").read_text()
    assert text.count("sha256") == 3
    assert not [token for token in made.values() if token in text]
