"""A real Asterisk 22 with callers: the state is what the PBX says, and the totals are those of its queue log.

`QUEUEWATCH_CALLS_S` is for how long calls are made at each rate: 10 s by default, and those still there some
seconds later are hung up. From 60 s on all calls end by themselves, which takes about another minute.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from queuewatch.clock import SystemClock
from queuewatch.config import AsteriskAmiSource, Secret, Service, Settings
from queuewatch.core.facts.events import SourceGap, SourceStarted
from queuewatch.core.past.replay import Replay
from queuewatch.core.state.site import Queue
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_ami import AsteriskAmi
from queuewatch.sources.asterisk_login import AmiSettings
from queuewatch.sources.context import UnusableError
from queuewatch.sources.files import open_history
from queuewatch.sources.followed import probes
from queuewatch.sources.reading import Reading
from queuewatch.sources.stream import Connect, Streams, open_stream
from tests.real.asterisk import Pbx, asterisk
from tests.real.asterisk_calls import QUEUES, Driver, Manager, manager
from tests.real.asterisk_mirror import RULES, SITE, Comparison, Mirror, counted, mirrored

pytestmark = [pytest.mark.real, pytest.mark.slow]

CALLS_S = float(os.environ.get("QUEUEWATCH_CALLS_S", "10"))
BY_THEMSELVES_S = 60.0
"""When calls are made for at least so long, they are also left to end by themselves."""

SECRETS = {
    "queuewatch": "listens-only",
    "filtered": "listens-to-less",
    "mute": "hears-nothing",
    "deaf": "hears-no-callers",
}
WRAP_UP_S = dict.fromkeys(QUEUES, 3.0)
READING = Reading(hash_customer=lambda _: "hash", source="pbx")
GRACE_S = AmiSettings(host="", username="", secret="").grace_s
PATIENCE_S = 90.0

UNANSWERED = {"timed_out": "EXITWITHTIMEOUT", "key": "EXITWITHKEY", "empty": "EXITEMPTY"}
"""Our reasons of leaving and the verbs of the log; a full queue refuses, and logs nothing."""


@pytest.fixture
def pbx(tmp_path: Path) -> Iterator[Pbx]:
    with asterisk(tmp_path) as pbx:
        yield pbx


def source_of(
    pbx: Pbx,
    user: str = "queuewatch",
    *,
    secret: str = "",
    connect: Connect = open_stream,
    resync_s: float = 3600.0,
) -> AsteriskAmi:
    """The source; it asks for the list once only, so that what follows is known from events alone."""
    settings = AmiSettings(
        host="127.0.0.1",
        port=pbx.port,
        username=user,
        secret=secret or SECRETS[user],
        resync_s=resync_s,
        wrap_up_s=WRAP_UP_S,
    )
    return AsteriskAmi("pbx", settings, READING, SystemClock(), chance=random.random, connect=connect)


@asynccontextmanager
async def compared(mirror: Mirror, pbx: Manager) -> AsyncIterator[Comparison]:
    """Compares every two seconds while the block runs, and once at its end."""
    comparison = Comparison(mirror, pbx)
    running = asyncio.create_task(comparison.run(2.0), name="comparison")
    try:
        yield comparison
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    await comparison.once()
    await comparison.once()


@pytest.mark.parametrize(("calls_per_s", "user"), [(0.5, "queuewatch"), (20.0, "filtered")])
async def test_the_state_is_what_the_pbx_says_and_the_totals_are_those_of_its_log(
    pbx: Pbx, calls_per_s: float, user: str
) -> None:
    async with manager(pbx.port) as own, mirrored(source_of(pbx, user)) as mirror:
        await mirror.until(lambda: QUEUES.keys() <= mirror.lines.keys())
        driver = Driver(own, seed=1)
        async with compared(mirror, own) as comparison:
            await driver.run(CALLS_S, calls_per_s)
            await driver.all_gone(hang_up_after_s=None if CALLS_S >= BY_THEMSELVES_S else 8.0)
            await asyncio.sleep(GRACE_S + 1.0)
    print(told(calls_per_s, driver, mirror, comparison))  # noqa: T201  # what was measured
    assert not comparison.faults, "\n".join(comparison.faults)
    assert mirror.refused == []
    log = counted(pbx.queue_log)
    assert {queue: of_state(mirror.site.queues[queue]) for queue in QUEUES} == {
        queue: of_log(log[queue], driver.dialled[queue]) for queue in QUEUES
    }
    assert of_reader(pbx.queue_log) == {
        queue: of_log(log[queue], log[queue]["ENTERQUEUE"]) for queue in QUEUES if log[queue]["ENTERQUEUE"]
    }


def told(calls_per_s: float, driver: Driver, mirror: Mirror, comparison: Comparison) -> str:
    """What was seen, for whoever reads the test's output."""
    delays_ms = sorted(1000 * delay for delay in mirror.delays_s)
    quantiles = ", ".join(f"{delays_ms[int(len(delays_ms) * q)]:.1f}" for q in (0.5, 0.9, 0.99))
    return (
        f"\n{calls_per_s:g} calls/s for {CALLS_S:g} s: {driver.dialled.total()} calls, "
        f"{comparison.count['answers']} answers of the PBX compared (longest line {comparison.longest}), "
        f"{dict(comparison.count)}; from the PBX's event to the core {quantiles} ms (p50, p90, p99), "
        f"most {delays_ms[-1]:.1f} ms, load {os.getloadavg()[0]:.1f}"
    )


def of_state(queue: Queue) -> dict[str, int]:
    """The totals of a queue as the core has them."""
    tally = queue.tally
    return {
        "offered": tally.of("offered"),
        "answered": tally.of("answered"),
        "completed": sum(queue.handling.now),
        "abandoned": tally.of("abandoned"),
        "transferred": tally.of("transferred:blind"),
        **{
            key.removeprefix("left:"): count
            for key, count in tally.now.items()
            if key.startswith("left:") and count
        },
    }


def of_log(verbs: Counter[str], offered: int) -> dict[str, int]:
    """The same from the log's verbs; who was offered and is not in the log found the queue full."""
    left = {reason: verbs[verb] for reason, verb in UNANSWERED.items()}
    left["full"] = offered - verbs["ENTERQUEUE"]
    transferred = verbs["BLINDTRANSFER"]
    return {
        "offered": offered,
        "answered": verbs["CONNECT"],
        "completed": verbs["COMPLETEAGENT"] + verbs["COMPLETECALLER"] + transferred,
        "abandoned": verbs["ABANDON"],
        "transferred": transferred,
        **{reason: count for reason, count in left.items() if count},
    }


def of_reader(queue_log: Path) -> dict[str, dict[str, int]]:
    """The same as our own reader of the log tells it to the core."""
    replay = Replay(RULES)
    with open_history([str(queue_log)]) as history:
        for one in history.read("asterisk-queue-log", READING):
            if isinstance(one, Refused):
                assert "WRAPUPCODE" in one.detail, "the one verb that the driver made up"
            else:
                replay.take(one)
    queues = replay.core.site(SITE)[0].queues
    return {name: of_state(queue) for name, queue in queues.items() if queue.tally.of("offered")}


class Line:
    """The line to the PBX, which can be cut and comes back when it is let."""

    def __init__(self) -> None:
        self.whole = True
        self._writer: asyncio.StreamWriter | None = None

    async def connect(self, host: str, port: int, tls: ssl.SSLContext | None) -> Streams:
        if not self.whole:
            raise ConnectionRefusedError("the line is cut")
        reader, self._writer = await open_stream(host, port, tls)
        return reader, self._writer

    def cut(self) -> None:
        assert self._writer is not None
        self.whole = False
        self._writer.transport.abort()


async def test_after_a_cut_connection_those_who_wait_are_again_those_the_pbx_lists(pbx: Pbx) -> None:
    line = Line()
    async with manager(pbx.port) as own, mirrored(source_of(pbx, connect=line.connect)) as mirror:
        driver = Driver(own, seed=2)
        await driver.run(8.0, 3.0)
        gaps = mirror.told(SourceGap)
        async with asyncio.timeout(PATIENCE_S):
            line.cut()
            await mirror.until(lambda: mirror.told(SourceGap) > gaps)
            assert "closed" in str(mirror.source.trouble) or "cut" in str(mirror.source.trouble)
            assert mirror.site.sources["pbx"].stale(RULES.ages)
            await driver.run(9.0, 2.0)
            line.whole = True
            await mirror.until(lambda: mirror.source.trouble is None)
            await mirror.until(lambda: not mirror.site.sources["pbx"].stale(RULES.ages))
        async with compared(mirror, own) as comparison:
            await driver.run(10.0, 2.0)
    print(f"\nafter the cut: {dict(comparison.count)}, longest line {comparison.longest}")  # noqa: T201  # what was measured
    assert not comparison.faults, "\n".join(comparison.faults)
    assert comparison.longest > 0
    assert mirror.told(SourceGap) == gaps + 1
    assert mirror.told(SourceStarted) == 0


async def test_after_we_were_away_all_is_again_as_the_pbx_lists(pbx: Pbx) -> None:
    """What ended meanwhile is over, though nobody said so and the source remembers nothing."""
    async with manager(pbx.port) as own:
        driver = Driver(own, seed=5)
        async with mirrored(source_of(pbx)) as before:
            await driver.run(7.0, 3.0)
        assert any(agent.handling for agent in before.site.agents.values())
        await driver.run(8.0, 1.0)
        async with mirrored(source_of(pbx), before.core) as after:
            await after.until(lambda: after.source.trouble is None and QUEUES.keys() <= after.lines.keys())
            async with compared(after, own) as comparison:
                await driver.run(6.0, 2.0)
    print(f"\nafter being away: {dict(comparison.count)}, longest line {comparison.longest}")  # noqa: T201  # what was measured
    assert not comparison.faults, "\n".join(comparison.faults)
    assert comparison.longest > 0


@pytest.mark.parametrize("how", ["kill", "stop"])
async def test_after_a_restart_of_the_pbx_nobody_waits_whom_it_no_longer_knows(pbx: Pbx, how: str) -> None:
    async with mirrored(source_of(pbx)) as mirror, asyncio.timeout(2 * PATIENCE_S):
        async with manager(pbx.port) as own:
            await mirror.until(lambda: QUEUES.keys() <= mirror.lines.keys())
            driver = Driver(own, seed=3)
            for _ in range(6):
                driver.call("patient", "support", 60)
            support = mirror.site.queues["support"]
            await mirror.until(lambda: bool(support.line) and support.serving > 0)
            before = set(mirror.site.contacts)
            gaps = mirror.told(SourceGap)  # the PBX may have closed a connection while it was starting
            await asyncio.to_thread(getattr(pbx, how))
        await mirror.until(lambda: mirror.told(SourceGap) > gaps)
        pbx.start()
        await mirror.until(lambda: mirror.told(SourceStarted) == 1 and mirror.source.trouble is None)
        async with manager(pbx.port) as own, compared(mirror, own) as comparison:
            await Driver(own, seed=4).run(8.0, 1.5)
    assert mirror.told(SourceStarted) == 1
    ends = Counter(
        (visit.stage, visit.reason) for one in before for visit in mirror.site.contacts[one].visits
    )
    print(f"\n{how}: {dict(ends)}; afterwards {dict(comparison.count)}, longest line {comparison.longest}")  # noqa: T201  # what was measured
    # In an orderly stop the PBX hangs up on everybody, and says first that it is the one who does.
    waited = {"kill": "lost", "stop": "left"}[how]
    assert {stage for stage, _ in ends} == {waited, "completed"}
    assert {reason for stage, reason in ends if stage == "left"} <= {"system"}
    assert ends.total() == 6
    assert not comparison.faults, "\n".join(comparison.faults)
    assert comparison.longest > 0


async def test_a_wrong_secret_is_told_in_one_sentence(pbx: Pbx) -> None:
    async with manager(pbx.port), mirrored(source_of(pbx, secret="guessed")) as mirror:
        await asyncio.wait_for(mirror.until(lambda: bool(mirror.refused)), PATIENCE_S)
    sentence = (
        f'127.0.0.1:{pbx.port} refused user "queuewatch" (Authentication failed); '
        "check the secret and permit= of its section in manager.conf"
    )
    assert [(one.reason, one.detail) for one in mirror.refused] == [("login_refused", sentence)]
    assert mirror.source.trouble == sentence


@pytest.mark.parametrize(
    ("user", "sifts"),
    [
        ("queuewatch", "it sends all its events, as queuewatch lacks write = system; we sift them here"),
        ("filtered", "it sifts its events at their source"),
    ],
)
async def test_the_check_says_what_works(pbx: Pbx, tmp_path: Path, user: str, sifts: str) -> None:
    async with manager(pbx.port):
        said = await tried(pbx, tmp_path, user)
    assert re.fullmatch(
        rf'Asterisk 22\.\S+ at 127\.0\.0\.1:{pbx.port} lets in "{user}" in the clear; '
        rf"it has 4 queues: [a-z, ]+; {re.escape(sifts)}",
        said,
    )


@pytest.mark.parametrize(
    ("user", "more", "sentence"),
    [
        ("queuewatch", {"secret": Secret("guessed")}, "refused user .* check the secret and permit="),
        ("queuewatch", {"tls": True}, r"TLS fails \(WRONG_VERSION_NUMBER\); set tls and port"),
        ("queuewatch", {"port": 9}, r"127\.0\.0\.1:9 cannot be reached \(Connection refused\); is it up"),
        ("mute", {}, "is let in but hears nothing, .*; give it read = agent,call,dialplan,system"),
    ],
)
async def test_the_check_says_what_does_not_work_and_the_cure(
    pbx: Pbx, tmp_path: Path, user: str, more: dict[str, Any], sentence: str
) -> None:
    async with manager(pbx.port):
        with pytest.raises(UnusableError, match=sentence):
            await tried(pbx, tmp_path, user, **more)


async def tried(pbx: Pbx, data_dir: Path, user: str, **more: Any) -> str:
    """What `queuewatch check` says of the PBX."""
    given: dict[str, Any] = {"port": pbx.port, "username": user, "secret": Secret(SECRETS[user]), **more}
    own = AsteriskAmiSource(kind="asterisk-ami", **given)
    settings = Settings(service=Service(data_dir=data_dir), sources={"pbx": own})
    ((_, probe),) = probes(settings, SystemClock(), str)
    return await probe


async def test_who_may_not_hear_of_callers_is_told_when_the_first_is_listed(pbx: Pbx) -> None:
    """Which rights one has to read cannot be asked for."""
    source = source_of(pbx, "deaf", resync_s=1.0)
    async with manager(pbx.port) as own, mirrored(source) as mirror, asyncio.timeout(PATIENCE_S):
        await mirror.until(lambda: QUEUES.keys() <= mirror.lines.keys())
        await own.ask("Setvar", Variable="NOANSPCT", Value="100")
        await asyncio.sleep(5.0)  # whoever joined before cannot have been heard
        Driver(own, seed=6).call("patient", "support", 60)
        await mirror.until(lambda: bool(mirror.refused))
    assert [one.reason for one in mirror.refused] == ["not_heard"]
    assert "read = agent" in str(source.trouble)
    assert len(mirror.site.queues["support"].line) == 1  # the list tells of the caller all the same
