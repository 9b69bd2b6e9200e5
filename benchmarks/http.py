"""Events over HTTP and scrapes: `python -m benchmarks.http` (about half a minute).

    python -m benchmarks.http                                  our routes before a desk that only counts
    python -m benchmarks.http --url http://127.0.0.1:8080      a service that runs already, durable

Single events and batches of 100 and 1,000 go to 202 from a load generator in a process of its own (plain
streams, kept-alive connections, bodies prepared beforehand). Beside them, in the same run, stands a bare
aiohttp handler that reads the body and answers 202. Then: decoding alone, and 10,000 series of /metrics
beside prometheus_client's generate_latest. Each figure is the best of three runs.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client import Histogram as PlainHistogram

from queuewatch.clock import SystemClock
from queuewatch.core.facts.events import Event
from queuewatch.core.view import (
    BUCKETS_S,
    BoardView,
    HistogramView,
    QueueView,
    SteadyView,
    WaitView,
)
from queuewatch.customers import Customers
from queuewatch.ports import CommitsView, Receipt, Refused
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from queuewatch.serve.ingest import Ingest
from queuewatch.serve.metrics import Sight, render
from tests.views import NO_COUNTS, quiet

SIZES = {1: 8_000, 100: 60_000, 1_000: 120_000}  # events of a request: events in all
CONNECTIONS = {1: 64, 100: 16, 1_000: 4}
RUNS = 3
QUEUES = 20
SERIES = 10_000


class CountingDesk:
    """Takes events and forgets them: what is measured is what comes before."""

    def __init__(self) -> None:
        self.count = 0

    async def take(self, _source: str, events: Sequence[Event], _refused: Sequence[Refused] = ()) -> Receipt:
        """Count them."""
        self.count += len(events)
        return Receipt(len(events), 0)

    def __getattr__(self, name: str) -> Any:
        """Nothing else is asked of it."""
        raise AttributeError(name)


class NoWording:
    """No notice is asked for."""

    def __getattr__(self, name: str) -> Any:
        """Nothing is asked of it."""
        raise AttributeError(name)


# ------------------------------------------------------------------ bodies


def events(count: int, run: str) -> Iterator[dict[str, Any]]:
    """Contacts who join, ring, are answered and done, over QUEUES queues; four events each, in order."""
    start = time.time() - count
    for number in range(count):
        contact, step = divmod(number, 4)
        data: dict[str, Any] = {"queue": f"queue-{contact % QUEUES}", "channel": "phone"}
        data |= (
            {"customer": f"+49 30 {1_000_000 + contact}", "tier": "existing", "language": "de"},
            {"agent": f"agent-{contact % 97}"},
            {"agent": f"agent-{contact % 97}", "wait_s": 12.5},
            {"talk_s": 180.0, "ended_by": "customer"},
        )[step]
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(start + number))
        yield {
            "specversion": "1.0",
            "id": f"{run}-{number}",
            "source": "/bench/pbx",
            "type": f"queuewatch.contact.{('enqueued', 'offered', 'answered', 'completed')[step]}",
            "time": f"{at}Z",
            "subject": f"contact/{run}-{contact}",
            "data": data,
        }


def requests(size: int, host: str, token: str | None) -> list[bytes]:
    """The whole requests, head and body."""
    kind = "cloudevents" if size == 1 else "cloudevents-batch"
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    made = list(events(SIZES[size], f"{os.getpid()}-{time.time_ns()}"))
    found = []
    for first in range(0, len(made), size):
        body = msgspec.json.encode(made[first] if size == 1 else made[first : first + size])
        head = (
            f"POST /v1/events HTTP/1.1\r\nHost: {host}\r\n{authorization}"
            f"Content-Type: application/{kind}+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


# ------------------------------------------------------------------ load


@dataclass(frozen=True)
class Load:
    """What one run came to: requests a second, and latencies in seconds."""

    per_s: float
    median_s: float
    p99_s: float


async def _drive(host: str, port: int, share: list[bytes], took: list[float]) -> None:
    """One connection: send, wait for the answer, send the next."""
    reading, writing = await asyncio.open_connection(host, port)
    while share:
        message = share.pop()
        began = time.perf_counter()
        writing.write(message)
        head = await reading.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reading.readexactly(length)
        took.append(time.perf_counter() - began)
        if b" 202 " not in head[:20]:
            raise RuntimeError(f"not accepted: {(head + body).decode(errors='replace')}")
    writing.close()
    await writing.wait_closed()


async def _load(url: str, size: int, token: str | None) -> Load:
    """Send everything over all connections."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    share = requests(size, f"{host}:{port}", token)[::-1]
    count = len(share)
    took: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS[size]):
            group.create_task(_drive(host, port, share, took))
    elapsed = time.perf_counter() - began
    return Load(count / elapsed, statistics.median(took), statistics.quantiles(took, n=100)[-1])


def _loader(pipe: Connection, url: str, size: int, token: str | None) -> None:
    """The load generator's process."""
    pipe.send(_run(_load(url, size, token)))


def _run(coroutine: Any) -> Any:
    """Run it, on uvloop where it is installed, as the service does."""
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415 - an extra

        return uvloop.run(coroutine)
    return asyncio.run(coroutine)


def load(url: str, size: int, token: str | None = None) -> Load:
    """The best of RUNS runs."""
    found: list[Load] = []
    for _ in range(RUNS):
        ours, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=_loader, args=(theirs, url, size, token))
        process.start()
        theirs.close()
        found.append(ours.recv())
        process.join()
    return max(found, key=lambda one: one.per_s)


# ------------------------------------------------------------------ servers


async def _accept(request: web.Request) -> web.Response:
    """The bare handler."""
    await request.read()
    return web.Response(status=202, body=b'{"accepted":1,"repeated":0}', content_type="application/json")


def _application(kind: str) -> web.Application:
    if kind == "bare":
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/events", _accept)
        return app
    return make_app(
        CountingDesk(), Access(), clock=SystemClock(), customers=Customers(b"k" * 32), wording=NoWording()
    )


async def _serve(pipe: Connection, kind: str) -> None:
    runner = web.AppRunner(_application(kind), access_log=None)
    await runner.setup()
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        await web.SockSite(runner, sock).start()
        pipe.send(f"http://127.0.0.1:{sock.getsockname()[1]}")
        await asyncio.Event().wait()


def _server(pipe: Connection, kind: str) -> None:
    """A server's process."""
    _run(_serve(pipe, kind))


@contextlib.contextmanager
def server(kind: str) -> Iterator[str]:
    """A server of this kind, at the address given."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_server, args=(theirs, kind))
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


# ------------------------------------------------------------------ without a network


def best(work: Callable[[], object]) -> float:
    """Seconds, the best of RUNS runs."""
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def decoding() -> float:
    """Events a second that the handler decodes, customers hashed, in batches of 100."""
    ingest = Ingest(CountingDesk(), Access(), SystemClock(), Customers(b"k" * 32))
    whole = list(events(40_000, "decode"))
    bodies = [msgspec.json.encode(whole[first : first + 100]) for first in range(0, len(whole), 100)]
    kind = "application/cloudevents-batch+json"
    return len(whole) / best(
        lambda: [ingest.decode(ingest.read(kind, {}, body), lambda one: one) for body in bodies]
    )


def _view(number: int) -> QueueView:
    waits = HistogramView(counts=tuple(range(len(BUCKETS_S) + 1)), sum_s=1e6 / 7)
    chances = {"60": 1 / 3, "180": 1 / 7}
    return quiet(
        f"queue-{number}",
        channel="chat",
        waiting=3,
        oldest_wait_s=7.5,
        serving=4,
        agents={"available": 1, "busy": 4, "not_ready": 1},
        occupancy=0.8,
        past_threshold={"60": 1, "180": 0},
        next=WaitView(
            place=4, mean_s=60.0, quantiles_s={"0.1": 5 / 3, "0.5": 50 / 3, "0.9": 700 / 3}, chances=chances
        ),
        steady=SteadyView(
            arrivals_per_hour=60.0, handling_s=180.0, load_erlangs=3.0, chances=chances, agents_required=5
        ),
        counts=replace(
            NO_COUNTS,
            offered=100,
            answered=90,
            abandoned=7,
            left={"timed_out": 3},
            transferred={"blind": 2},
            wait=waits,
            handling=waits,
            first_response=waits,
        ),
    )


def _plain(queues: int) -> CollectorRegistry:
    """A registry of the library's own metrics with about as many series of each kind as ours."""
    registry = CollectorRegistry()
    names = ["site", "queue", "channel"]
    gauges = [Gauge(f"gauge_{n}", "A gauge.", names, registry=registry) for n in range(23)]
    counters = [Counter(f"counter_{n}", "A counter.", names, registry=registry) for n in range(5)]
    histograms = [
        PlainHistogram(f"histogram_{n}", "A histogram.", names, registry=registry, buckets=BUCKETS_S)
        for n in range(3)
    ]
    for number in range(queues):
        values = ("default", f"queue-{number}", "chat")
        for gauge in gauges:
            gauge.labels(*values).set(number / 7)
        for counter in counters:
            counter.labels(*values).inc(number / 7)
        for histogram in histograms:
            histogram.labels(*values).observe(number)
    return registry


def scraping() -> tuple[float, float, int]:
    """Seconds to write about SERIES series: ours, the library's; and how many there are."""
    queues = SERIES // 97
    board = BoardView(at=2.5, version=1, queues=tuple(_view(n) for n in range(queues)), sources=())
    sight = Sight(board, CommitsView(counts=(0,) * 13, sum_s=0.0), {}, {}, {})
    registry = _plain(queues)
    series = sum(not line.startswith("#") for line in render(sight, openmetrics=False).splitlines())
    ours = best(lambda: render(sight, openmetrics=False))
    return ours, best(lambda: generate_latest(registry)), series


# ------------------------------------------------------------------ all of it

SPAWN = multiprocessing.get_context("spawn")


def compare(url: str, token: str | None) -> None:
    """Measure the service at this address beside the bare handler, size by size."""
    print("events a request   events/s     median        p99   bare: requests/s  ratio")
    with server("bare") as bare:
        for size in SIZES:
            ours, theirs = load(url, size, token), load(bare, size)
            figures = (
                f"{ours.per_s * size:>10,.0f} {ours.median_s * 1e3:>7.1f} ms {ours.p99_s * 1e3:>7.1f} ms"
            )
            print(f"{size:>16,} {figures} {theirs.per_s:>18,.0f} {ours.per_s / theirs.per_s:>6.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure events over HTTP, and scrapes.")
    parser.add_argument(
        "--url", help="a running service; without it our routes before a desk that only counts"
    )
    parser.add_argument("--token", help="a token with the scope ingest")
    arguments = parser.parse_args()
    if arguments.url:
        compare(arguments.url, arguments.token)
    else:
        with server("ours") as url:
            compare(url, None)
    print(f"decoding alone, batches of 100: {decoding():,.0f} events/s")
    ours, theirs, series = scraping()
    times = f"{ours * 1e3:.1f} ms, generate_latest {theirs * 1e3:.1f} ms"
    print(f"{series:,} series of /metrics: {times}, ratio {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
