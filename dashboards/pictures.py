"""Takes the pictures of docs/img from the running demo: `python -m dashboards.pictures`.

Needs Debian's Chromium and the extra `dev`. The demo runs at ten times real speed until its campaign has
overrun a queue; each picture is brought down to 256 colours, so that it stays small.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
from PIL import Image
from playwright.async_api import Page

from queuewatch.clock import SystemClock
from tests.real.browser import viewer
from tests.real.servers import free_port, running

FOLDER = Path(__file__).parents[1] / "docs" / "img"
CLOCK = SystemClock()
SPEED = "10"
PATIENCE_S = 120
SETTLED_S = 25.0
"""So long the trouble is left to grow, seconds of ours."""


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: Its file, without the ending.
        path: The page, with its query and view.
        width, height: The window.
        scheme: Light or dark.
        scale: Device pixels per pixel.
        keys: Keys pressed before it is taken, on the first slider.
    """

    name: str
    path: str = "/"
    width: int = 1920
    height: int = 1080
    scheme: Literal["light", "dark"] = "dark"
    scale: float = 1
    keys: tuple[str, ...] = ()


PICTURES = (
    Picture("board"),
    Picture("board-light", scheme="light"),
    Picture("board-4k", "/?kiosk", width=3840, height=2160),
    Picture("board-phone", width=390, height=844, scheme="light", scale=2),
    Picture("board-phone-dark", "/?lang=de", width=390, height=844, scale=2),
    Picture("queue", "/#/queue/default/sales", height=1940, scheme="light"),
    Picture("what-if", "/#/what-if/default/sales", width=1280, height=800, keys=("ArrowRight",) * 4),
    Picture("vouchers", "/#/incentives", width=1280, height=720, scheme="light"),
    Picture("trust", "/#/trust", width=1280, height=720),
    Picture("planner", "/planner?queue=support", width=1280, height=1400, scheme="light"),
)
DRAWN = "#troubled .queue, #view .panel td, .bars li, #fan svg"
"""What stands on a page once it is drawn."""
DRAWN_WITHIN_S = 120.0
"""The planner tries all its methods on the past before it plans for the first time."""


async def in_trouble(url: str) -> None:
    """Returns once a queue is very busy."""
    async with aiohttp.ClientSession() as session:
        for _ in range(PATIENCE_S):
            async with session.get(f"{url}/v1/queues") as response:
                if '"level":"very_busy"' in await response.text():
                    return
            await CLOCK.sleep_until(CLOCK.now() + 1.0)
    raise SystemExit("no queue of the demo became very busy")


async def take(url: str, picture: Picture) -> None:
    """Open the page as it is meant to be seen, and keep what it shows."""
    size = {"width": picture.width, "height": picture.height}
    async with viewer(**size, scheme=picture.scheme, scale=picture.scale) as somebody:
        page = somebody.page
        await page.goto(url + picture.path)
        await page.wait_for_selector(DRAWN, timeout=1000 * DRAWN_WITHIN_S)
        await _press(page, picture.keys)
        await page.wait_for_timeout(2000)
        image = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    few = image.quantize(256, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{picture.name}.png", optimize=True)


async def _press(page: Page, keys: tuple[str, ...]) -> None:
    if keys:
        await page.wait_for_selector(".bars li")
        await page.locator("input[type=range]").first.focus()
    for key in keys:
        await page.keyboard.press(key)


async def main() -> None:
    """Take those named on the command line, or all."""
    wanted = [one for one in PICTURES if not sys.argv[1:] or one.name in sys.argv[1:]]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "queuewatch", "demo", "--port", str(port), "--speed", SPEED]
    with tempfile.TemporaryDirectory() as folder, running(command, port, Path(folder) / "log"):
        await in_trouble(url)
        await CLOCK.sleep_until(CLOCK.now() + SETTLED_S)
        for picture in wanted:
            await take(url, picture)


if __name__ == "__main__":
    asyncio.run(main())
