"""What docker-compose.yml starts in containers, started natively with the very same files."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from tests.real.composed import Composed
from tests.real.servers import running, shipped

pytestmark = pytest.mark.real
PATIENCE_S = 60.0
# The scripts find the package as it stands here, installed or not.
ENV = {**os.environ, "PYTHONPATH": str(shipped("."))}
WELL_IN_S = 60.0


def first_start(folder: Path, base: Path) -> None:
    """Run the first service's script for a folder of our own."""
    script = shipped("config/compose/first_start.py")
    subprocess.run([sys.executable, script, base, folder], check=True, env=ENV)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Composed]:
    """All services but Grafana and the demo, started by the commands of docker-compose.yml."""
    monkeypatch.setenv("PYTHONPATH", ENV["PYTHONPATH"])
    root = tmp_path / "root"
    root.mkdir()
    composed = Composed(root)
    subprocess.run(composed.command("first-start"), check=True, env=ENV)
    with ExitStack() as servers:
        for name in ("mosquitto", "queuewatch", "alertmanager", "prometheus"):
            log = tmp_path / f"{name}.log"
            servers.enter_context(running(composed.command(name), composed.ports[name], log))
        yield composed


def url(stack: Composed, name: str) -> str:
    """Where a service is."""
    return f"http://127.0.0.1:{stack.ports[name]}"


def well(stack: Composed, name: str) -> bool:
    """Whether the service's own health check says so within the time that an engine gives it."""
    until = time.monotonic() + WELL_IN_S
    while subprocess.run(stack.health(name), check=False, env=ENV, capture_output=True).returncode:
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


async def answer(session: ClientSession, stack: Composed, query: str) -> list[dict[str, Any]]:
    """Prometheus' answer, once there is one."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            async with session.get(
                f"{url(stack, 'prometheus')}/api/v1/query", params={"query": query}
            ) as told:
                found: list[dict[str, Any]] = (await told.json())["data"]["result"]
                if found:
                    return found
        except (ClientError, KeyError):
            pass  # it is still starting
        await asyncio.sleep(0.2)
    pytest.fail(f"no answer to {query} after {PATIENCE_S} s")


@pytest.mark.slow
async def test_the_services_find_each_other_and_the_demo_fills_the_boards(
    stack: Composed, tmp_path: Path
) -> None:
    with (tmp_path / "feed.log").open("wb") as log:
        live = tmp_path / "live"
        command = [*stack.command("demo")[:-1], str(live)]
        demo = await asyncio.create_subprocess_exec(*command, env=ENV, stdout=log, stderr=log)
        try:
            async with ClientSession() as session:
                await answer(session, stack, 'up{job="queuewatch"} == 1')
                await answer(session, stack, 'queuewatch_contacts_waiting{queue="sales"} > 0')
                # What was decided went out through the broker, with the login that was made.
                await answer(session, stack, 'queuewatch_deliveries_total{sender="mqtt",outcome="sent"} > 0')
                async with session.get(f"{url(stack, 'prometheus')}/api/v1/alertmanagers") as told:
                    (found,) = (await told.json())["data"]["activeAlertmanagers"]
                assert found["url"] == f"{url(stack, 'alertmanager')}/api/v2/alerts"
            assert live.exists()
        finally:
            demo.terminate()
            await demo.wait()


def test_every_health_check_finds_its_service_well(stack: Composed) -> None:
    checked = [name for name in stack.ports if shutil.which(stack.health(name)[0])]
    assert "queuewatch" in checked
    assert [name for name in checked if not well(stack, name)] == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may pass through, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = Path(folder) / "root"
        root.mkdir(mode=0o755)
        yield root


def may(*command: str) -> bool:
    """Whether this user may run a command."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.slow
def test_locked_up_as_in_their_containers_the_services_are_well(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not may("unshare", "--mount", "true"):
        pytest.skip("making a mount namespace takes root")
    monkeypatch.setenv("PYTHONPATH", ENV["PYTHONPATH"])
    composed = Composed(open_folder)
    # Ours runs as its user where that may read this Python and this checkout; else as root without powers.
    script = f"import os; os.listdir({str(shipped('queuewatch'))!r})"
    readable = may("setpriv", "--reuid=10001", "--clear-groups", sys.executable, "-c", script)
    composed.own(ours_as_user=readable)
    subprocess.run(composed.locked("first-start", as_user=readable), check=True, env=ENV)
    with ExitStack() as servers:
        for name in ("mosquitto", "queuewatch", "alertmanager", "prometheus"):
            command = composed.locked(name, as_user=readable or name != "queuewatch")
            servers.enter_context(running(command, composed.ports[name], tmp_path / f"{name}.log"))
        checked = [name for name in composed.ports if shutil.which(composed.health(name)[0])]
        assert [name for name in checked if not well(composed, name)] == []


async def test_without_a_token_or_a_login_nobody_comes_in(stack: Composed) -> None:
    async with ClientSession() as session, session.get(f"{url(stack, 'queuewatch')}/v1/queues") as refused:
        assert refused.status == 401
    port = str(stack.ports["mosquitto"])
    subscribe = ["mosquitto_sub", "-p", port, "-t", "#", "-C", "1", "-W", "2"]
    told = await asyncio.to_thread(subprocess.run, subscribe, capture_output=True, check=False)
    assert b"not authorised" in told.stderr.lower()


@pytest.mark.slow
def test_what_the_image_is_built_from_makes_a_wheel_with_every_file(tmp_path: Path) -> None:
    seen = tmp_path / "context"
    seen.mkdir()
    for line in shipped(".dockerignore").read_text().splitlines():
        source = shipped(line.removeprefix("!"))
        if line.startswith("!"):
            (shutil.copytree if source.is_dir() else shutil.copy)(source, seen / source.name)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(seen),
    ]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("queuewatch-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if name.startswith("queuewatch/")}
    package = shipped("queuewatch")
    there = {path.relative_to(package.parent).as_posix() for path in package.rglob("*") if path.is_file()}
    assert {name for name in there if "__pycache__" not in name} - inside == set()


def test_the_tokens_stay_over_a_second_start_and_only_the_group_reads_them(tmp_path: Path) -> None:
    base = shipped("config/compose/queuewatch.toml")
    first_start(tmp_path, base)
    made = {path.name: path.read_text() for path in tmp_path.glob("*.token")}
    assert set(made) == {"prometheus.token", "pbx.token", "board.token"}
    first_start(tmp_path, base)
    assert {path.name: path.read_text() for path in tmp_path.glob("*.token")} == made
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o640}
    logins = (tmp_path / "mosquitto.passwd").read_text().splitlines()
    assert [line.partition(":")[0] for line in logins] == ["queuewatch", "pbx"]
    # The configuration knows the hashes, not the tokens.
    text = (tmp_path / "queuewatch.toml").read_text()
    assert text.count("sha256") == 3
    assert not [token for token in made.values() if token in text]
