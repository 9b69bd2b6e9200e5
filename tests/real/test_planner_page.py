"""The planner page in a real browser: five languages, every screen, the keyboard, and open to everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, tzinfo
from typing import Any, Literal

import pytest
from aiohttp import web
from playwright.async_api import expect

from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.agents import WhatIf
from queuewatch.core.plan.document import Plan
from queuewatch.core.plan.outlook import NoForecastError
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from tests.clocks import HandClock
from tests.planning.plans import by_kind, made, young
from tests.real.browser import Viewer, viewer
from tests.real.servers import free_port
from tests.serve.desk import CUSTOMERS, FakeDesk, FakeWording

pytestmark = pytest.mark.real

SCREENS = ((390, 844), (1280, 720), (1920, 1080), (3840, 2160))
WEIGHT = 300_000
FIRST_PAINT_MS = 1000.0
TRIES = 5
expect.set_options(timeout=30_000)


class Planner:
    """Plans sales, an office with a gap at its end, a front by kinds of agents; a new queue it cannot."""

    defaults = (1800, 7)

    def __init__(self) -> None:
        self.changes: list[WhatIf] = []

    def plannable(self) -> Sequence[tuple[str, str, Channel | None]]:
        return [
            ("default", "sales", "phone"),
            ("default", "office", None),
            ("default", "front", None),
            ("default", "new", "chat"),
        ]

    def figures(self) -> Sequence[Any]:
        return ()

    def zone_of(self, _queue: str) -> tzinfo:
        return UTC

    async def make(self, place: tuple[str, str], _length_s: int, _horizon_days: int, change: WhatIf) -> Plan:
        self.changes.append(change)
        if place[1] == "new":
            raise NoForecastError("the history holds no whole day with counts")
        return {"office": young, "front": by_kind}.get(place[1], made)()


@pytest.fixture
def planner() -> Planner:
    return Planner()


@pytest.fixture
async def url(planner: Planner) -> AsyncIterator[str]:
    """The address of a service that plans."""
    app = make_app(
        FakeDesk(),
        Access(),
        clock=HandClock(),
        customers=CUSTOMERS,
        wording=FakeWording(),
        planning=planner,
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture
async def somebody() -> AsyncIterator[Viewer]:
    """A planner at a desk."""
    async with viewer(width=1280, height=900) as one:
        yield one


SAID = {
    "en": ("Planner", "no history of Monday yet", "Monday"),
    "de": ("Planung", "noch keine Vergangenheit für Montag", "Montag"),
    "nl": ("Planning", "nog geen verleden van maandag", "maandag"),
    "fr": ("Planification", "historique pour lundi", "lundi"),
    "es": ("Planificación", "aún sin historia de lunes", "lunes"),
}
"""Its title, why a part of the plan is unknown, and a day, in each language."""
ENGLISH = ("weeks", "Handling", "unknown", "closed", "To be safe", "What if")


async def test_it_says_how_often_a_single_interval_keeps_its_targets(url: str, somebody: Viewer) -> None:
    page, promised = somebody.page, made().promise
    assert promised.holds is not None
    assert promised.holds_safe is not None
    await page.goto(f"{url}/planner?lang=en&queue=sales")
    said = page.locator("#promise")
    await expect(said).to_contain_text(f"30 min with about {promised.contacts:.0f}")
    await expect(said).to_contain_text(f"in {100 * promised.holds:.0f}% of cases")
    await expect(said).to_contain_text(f"in {100 * promised.holds_safe:.0f}%.")


@pytest.mark.parametrize("language", SAID)
async def test_it_speaks_the_language_of_who_plans_and_fits_every_screen(
    url: str, somebody: Viewer, language: str
) -> None:
    page = somebody.page
    title, gap, day = SAID[language]
    await page.goto(f"{url}/planner?lang={language}&queue=office")
    await expect(page.locator("h1")).to_have_text(title)
    await expect(page.locator("#gaps")).to_contain_text(gap)
    await expect(page.locator("#day-title")).to_contain_text(day)
    for width, height in SCREENS:
        await page.set_viewport_size({"width": width, "height": height})
        await page.wait_for_timeout(300)  # for the charts to be drawn anew
        assert await somebody.misfits() == [], width
    said = await page.locator("main").inner_text()
    assert language == "en" or [text for text in ENGLISH if text in said] == []
    assert somebody.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_it_keeps_nobody_out(url: str, scheme: Literal["light", "dark"], width: int) -> None:
    async with viewer(width=width, height=900, scheme=scheme) as one:
        await one.page.goto(f"{url}/planner?queue=office")
        await expect(one.page.locator("#fan svg")).to_be_visible()
        assert await one.failings() == []
        assert one.complaints == []


async def test_the_week_is_walked_by_the_arrow_keys(url: str, somebody: Viewer) -> None:
    page = somebody.page
    await page.goto(f"{url}/planner")
    cells = page.locator("#grid tbody td[tabindex='0']")
    await expect(cells).to_have_count(1)  # one stop of the tabulator, not hundreds
    await cells.focus()
    first = await page.locator("#cell").inner_text()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#cell")).not_to_have_text(first)
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("#cell")).to_have_text(first)
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate("document.activeElement.cellIndex") == 2
    await expect(page.locator("#grid tbody td[tabindex='0']")).to_have_count(1)
    assert somebody.complaints == []


async def test_agents_of_each_kind_stand_in_the_week_and_in_the_day(url: str, somebody: Viewer) -> None:
    page = somebody.page
    await page.goto(f"{url}/planner?queue=front")
    kind = page.get_by_role("button", name="Agents: both")
    cells = page.locator("#grid tbody td:not(.closed):not(.unknown)")
    await expect(cells.first).not_to_have_text("0")
    await kind.focus()
    await page.keyboard.press("Enter")
    await expect(kind).to_have_attribute("aria-pressed", "true")
    await expect(kind).to_be_focused()
    assert set(await cells.all_inner_texts()) == {"0"}, "the plan has none of this kind"
    await expect(page.locator("#by-kind tbody tr")).to_have_count(2)
    await expect(page.locator("#by-kind tbody tr").nth(1)).to_contain_text("both")
    for width, height in SCREENS:
        await page.set_viewport_size({"width": width, "height": height})
        assert await somebody.misfits() == [], width
    assert await somebody.failings() == []
    await page.locator("#queue").select_option("0")
    await expect(page.locator("#by-kind")).to_be_hidden()
    await expect(page.get_by_role("button", name="Agents", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert somebody.complaints == []


async def test_a_day_is_chosen_by_its_heading(url: str, somebody: Viewer) -> None:
    page = somebody.page
    await page.goto(f"{url}/planner")
    headings = page.locator("#grid thead button")
    await expect(headings).to_have_count(7)
    before = await page.locator("#day-title").inner_text()
    await headings.nth(2).press("Enter")
    await expect(headings.nth(2)).to_have_attribute("aria-pressed", "true")
    await expect(headings.nth(2)).to_be_focused()
    await expect(page.locator("#day-title")).not_to_have_text(before)


async def test_a_change_is_planned_anew_and_taken_back(url: str, planner: Planner, somebody: Viewer) -> None:
    page = somebody.page
    await page.goto(f"{url}/planner")
    await expect(page.locator("#fan svg")).to_be_visible()
    await page.locator("#if input[name=volume]").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#if-says")).to_contain_text("agent hours instead of")
    assert planner.changes[-1].volume == 1.05
    await page.get_by_role("button", name="As it is").click()
    await expect(page.locator("#if-says")).to_have_text("")
    assert planner.changes[-1].volume == 1.0


async def test_what_cannot_be_planned_is_said_in_words(url: str, somebody: Viewer) -> None:
    page = somebody.page
    await page.goto(f"{url}/planner?queue=new&lang=de")
    await expect(page.locator("#state")).to_contain_text("Es gibt keinen Plan: ")
    await expect(page.locator("#result")).to_be_hidden()


async def test_another_language_and_colours_are_chosen_here_and_hold_on_the_board_too(
    url: str, somebody: Viewer
) -> None:
    page = somebody.page
    await page.goto(f"{url}/planner")
    await page.locator("#option-lang").select_option("es")
    await expect(page.locator("h1")).to_have_text("Planificación")
    await expect(page.locator("#horizon")).to_contain_text("2 semanas")
    await page.locator("#option-theme").select_option("dark")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.goto(url)
    await expect(page.locator("html")).to_have_attribute("lang", "es")


async def test_it_is_light_and_soon_there(url: str, somebody: Viewer) -> None:
    page = somebody.page
    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    paints_ms: list[float] = []
    for _ in range(TRIES):
        await page.goto(f"{url}/planner")
        await page.wait_for_function(f"{paint} !== undefined")
        paints_ms.append(float(await page.evaluate(paint)))
        if paints_ms[-1] < FIRST_PAINT_MS:
            break
    assert min(paints_ms) < FIRST_PAINT_MS
    await expect(page.locator("#fan svg")).to_be_visible()
    assert 20_000 < sum(somebody.loaded.values()) < WEIGHT
