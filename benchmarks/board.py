"""The wall board with 200 queues in a real browser: `python -m benchmarks.board` (about a minute).

Starts `queuewatch serve` on a free port and Chromium on the board at 1920x1080. Measured are the delay from
before `POST /v1/events` to the frame after the figure on the page changed (both clocks are this machine's),
and the processor time of service and browser while 20 events a second come in, with 7 queues and with 200.
Beside it, in the same run, a page that asks for `/v1/queues` every second and draws its table anew.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from playwright.async_api import Page, ViewportSize, async_playwright

from queuewatch.core.facts.events import AgentChanged, Answered, Completed, Data, Enqueued, Event
from queuewatch.core.facts.wire import to_cloudevent
from tests.real.browser import CHROMIUM, FLAGS
from tests.real.servers import free_port, running

FEW, MANY = 7, 200
EVENTS_PER_S = 20
TRIALS = 100
LOAD_S = 12.0
SIZE: ViewportSize = {"width": 1920, "height": 1080}
LINE = 10
"""So many wait in the watched queue, so that it stands on top."""
_numbers = count(1)

# Remembers when the text of the watched element last changed, at the frame after that.
WATCH = """() => {
  const target = document.querySelector('#troubled .waiting .big');
  window.changedAt = 0;
  new MutationObserver(() => requestAnimationFrame(() => requestAnimationFrame(() => {
    window.changedAt = performance.timeOrigin + performance.now();
  }))).observe(target, { childList: true, characterData: true, subtree: true });
}"""

SMOOTH = """() => {
  window.slow = []; window.frames = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => window.slow.push(one.duration)))
    .observe({ entryTypes: ['longtask'] });
  const frame = () => { window.frames += 1; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""

# The plain way: ask every second, write the table anew.
POLL = """() => {
  document.body.innerHTML = '<table></table>';
  const table = document.querySelector('table');
  window.changedAt = 0;
  let before = '';
  setInterval(async () => {
    const { queues } = await (await fetch('/v1/queues')).json();
    const rows = queues.map((one) => `<tr><td>${one.queue}</td><td>${one.waiting}</td></tr>`).join('');
    if (rows === before) return;
    before = rows;
    table.innerHTML = rows;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      window.changedAt = performance.timeOrigin + performance.now();
    }));
  }, 1000);
}"""


def fact(data: Data, subject: str, ago_s: float = 0.0) -> Event:
    """Something that happened so many seconds ago."""
    return Event(f"e{next(_numbers)}", "pbx", time.time() - ago_s, data, subject)


def opening(queues: int) -> list[Event]:
    """What makes so many queues known: an agent each, and one contact that was served."""
    events = []
    for number in range(queues):
        where: dict[str, Any] = {"queue": f"queue-{number:03}", "channel": "phone"}
        who = f"first-{number}"
        events += [
            fact(AgentChanged(state="available", queues=(where["queue"],)), f"agent-{number}", 400),
            fact(Enqueued(**where), who, 300),
            fact(Answered(**where, agent=f"agent-{number}"), who, 299.5),
            fact(Completed(**where), who, 200),
        ]
    return events


class Service:
    """A service and its processor time.

    Args:
        url: Its address.
        session: Posts to it.
    """

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def post(self, *events: Event) -> None:
        """Tell what happened; returns once it is durable."""
        body = msgspec.json.encode([to_cloudevent(event) for event in events])
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        async with self._session.post(f"{self.url}/v1/events", data=body, headers=headers) as response:
            response.raise_for_status()

    async def traffic(self, queues: int, seconds: float) -> None:
        """Contacts come and are answered, all over the queues."""
        until = time.monotonic() + seconds
        for turn in count():
            if time.monotonic() > until:
                return
            number = turn % queues
            where: dict[str, Any] = {"queue": f"queue-{number:03}", "channel": "phone"}
            who = f"c{next(_numbers)}"
            await self.post(
                fact(Enqueued(**where), who), fact(Answered(**where, agent=f"agent-{number}"), who)
            )
            await asyncio.sleep(2 / EVENTS_PER_S)  # a load generator paces itself


@asynccontextmanager
async def service(queues: int) -> AsyncIterator[Service]:
    """`queuewatch serve` in a process of its own, so many queues known to it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="queuewatch-board-") as folder:
        config = Path(folder) / "queuewatch.toml"
        config.write_text(f'[service]\ndata_dir = "{folder}/var"\n[http]\nport = {port}\n')
        command = [sys.executable, "-m", "queuewatch", "serve", "--config", str(config)]
        with running(command, port, Path(folder) / "log"):
            async with aiohttp.ClientSession() as session:
                here = Service(f"http://127.0.0.1:{port}", session)
                await here.post(*opening(queues))
                yield here


@contextmanager
def processor_time(match: str) -> Iterator[dict[str, float]]:
    """Measures the processor seconds of the processes whose command line has `match`, per second."""
    spent: dict[str, float] = {}
    before, begun = _spent(match), time.monotonic()
    yield spent
    spent["share"] = (_spent(match) - before) / (time.monotonic() - begun)


def _spent(match: str) -> float:
    """Processor seconds so far of our descendants whose command line has `match` (Linux)."""
    ticks, parents = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
            if match in (folder / "cmdline").read_text().replace("\0", " "):
                ticks[int(folder.name)] = int(fields[11]) + int(fields[12])
    return sum(spent for pid, spent in ticks.items() if _ours(pid, parents)) / os.sysconf("SC_CLK_TCK")


def _ours(pid: int, parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = parents.get(pid, 0)
    return False


async def delays_ms(page: Page, here: Service, trials: int) -> list[float]:
    """From before the request to the frame after the page changed, once per trial."""
    found = []
    for trial in range(trials):
        await page.evaluate("window.changedAt = 0")
        where: dict[str, Any] = {"queue": "queue-000", "channel": "phone"}
        begun_ms = time.time() * 1000
        await here.post(fact(Enqueued(**where), f"trial-{trial}-{begun_ms}"))
        await page.wait_for_function("window.changedAt > 0", polling="raf")
        found.append(float(await page.evaluate("window.changedAt")) - begun_ms)
        # Not in step with the service's pace of boards.
        await asyncio.sleep(0.3 + (trial % 10) * 0.05)
    return found


def told(name: str, delays: list[float]) -> str:
    """A line of the table."""
    cuts = statistics.quantiles(delays, n=100)
    return f"{name:44} median {cuts[49]:5.0f} ms   p99 {cuts[98]:5.0f} ms   largest {max(delays):5.0f} ms"


async def measure(trials: int) -> None:
    """All of it, printed."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        medians = {}
        for queues in (FEW, MANY):
            async with service(queues) as here:
                page = await browser.new_page(bypass_csp=True, viewport=SIZE)
                await page.goto(here.url)
                await page.wait_for_selector(".queue")
                await page.evaluate(SMOOTH)
                with processor_time("queuewatch serve") as serving, processor_time("chromium") as showing:
                    await here.traffic(queues, LOAD_S)
                slow = await page.evaluate("[window.slow.length, Math.max(0, ...window.slow), window.frames]")
                print(
                    f"{queues:3} queues, {EVENTS_PER_S} events/s: service {serving['share']:.0%} of a core,"
                    f" browser {showing['share']:.0%}, {slow[2] / LOAD_S:.0f} frames/s,"
                    f" {slow[0]} tasks over 50 ms (longest {slow[1]:.0f} ms)"
                )
                where: dict[str, Any] = {"queue": "queue-000", "channel": "phone"}
                await here.post(*(fact(Enqueued(**where), f"line-{place}") for place in range(LINE)))
                await page.wait_for_selector("#troubled .queue")
                await page.evaluate(WATCH)
                delays = await delays_ms(page, here, trials)
                medians[queues] = statistics.median(delays)
                print(told(f"{queues:3} queues: event to changed pixel", delays))
                await page.close()
        async with service(MANY) as here:
            page = await browser.new_page(bypass_csp=True, viewport=SIZE)
            await page.goto(f"{here.url}/healthz")
            await page.evaluate(POLL)
            delays = await delays_ms(page, here, trials // 2)
            print(told(f"{MANY:3} queues: a page that asks every second", delays))
            print(f"ratio of medians: {statistics.median(delays) / medians[MANY]:.1f}")
        await browser.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=TRIALS)
    asyncio.run(measure(parser.parse_args().trials))


if __name__ == "__main__":
    main()
