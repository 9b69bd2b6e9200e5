"""A real browser on the board: Debian's Chromium, driven by Playwright; what it complains of is kept."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Response, async_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)

# What does not fit: a page or a box wider than its place, or text that is cut off. Charts paint themselves.
MISFITS = """() => {
  const found = [];
  const page = document.scrollingElement;
  const [whole, seen] = [page.scrollWidth, page.clientWidth];
  if (whole > seen + 1) found.push(`the page: ${whole} of ${seen} px`);
  for (const box of document.body.querySelectorAll('*')) {
    if (box.closest('[hidden], .unseen, .skip, svg, .u-wrap, select, [data-wide]')) continue;
    if (!box.clientWidth) continue;
    const style = getComputedStyle(box);
    if (style.clipPath !== 'none' || style.display === 'inline' || style.visibility === 'hidden') continue;
    const head = box.closest('thead');
    if (head && getComputedStyle(head).clipPath !== 'none') continue;
    const wide = box.scrollWidth > box.clientWidth + 1;
    const cut = style.overflowY === 'hidden' && box.scrollHeight > box.clientHeight + 1;
    const name = `${box.tagName.toLowerCase()}${box.id ? `#${box.id}` : ''}.${box.className}`;
    const text = box.textContent.trim().slice(0, 60);
    if (wide) found.push(`${name}: ${box.scrollWidth} of ${box.clientWidth} px wide: ${text}`);
    else if (cut) found.push(`${name}: ${box.scrollHeight} of ${box.clientHeight} px high: ${text}`);
  }
  return found;
}"""


class Viewer:
    """Somebody who looks at a page.

    Attributes:
        page: The page.
        complaints: Errors on its console, and exceptions that nothing caught.
        loaded: Bytes of each answer that was read whole, by its URL; streams are not.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.loaded: dict[str, int] = {}
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._weigh)

    async def _weigh(self, response: Response) -> None:
        if "/v1/" not in response.url and response.ok and response.request.method == "GET":
            self.loaded[response.url] = len(await response.body())

    async def misfits(self) -> list[str]:
        """What is wider than its place, or cut off, as the page stands."""
        found: list[str] = await self.page.evaluate(MISFITS)
        return found

    async def failings(self) -> list[str]:
        """What axe finds that keeps people out, serious or critical."""
        found: dict[str, Any] = (await Axe().run(self.page)).response
        return [
            f"{one['id']}: {one['help']}: {node['html'][:120]}: {node.get('failureSummary', '')[:200]}"
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]


@contextlib.asynccontextmanager
async def viewer(
    *,
    width: int = 1920,
    height: int = 1080,
    scheme: Literal["light", "dark"] = "light",
    scale: float = 1,
    **more: Any,
) -> AsyncIterator[Viewer]:
    """A browser of this size."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            device_scale_factor=scale,
            locale="en-GB",
            **more,
        )
        try:
            yield Viewer(await context.new_page())
        finally:
            await browser.close()
