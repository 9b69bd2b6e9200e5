"""The wall board fits: every view in every language on every screen, and walls with too little room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Event,
    SourceStopped,
)
from tests.real.browser import viewer
from tests.real.house import House, fact, joins, one_agent_busy

pytestmark = [pytest.mark.real, pytest.mark.slow]

LANGUAGES = ("en", "de", "nl", "fr", "es")
SCREENS = ((1280, 720), (1920, 1080), (3840, 2160), (1080, 1920), (683, 384), (390, 844))
VIEWS = {
    "": "#troubled .queue",
    "queue/default/sales": "tbody tr",
    "what-if/default/sales": ".bars li",
    "callbacks": "tbody tr",
    "incentives": "tbody tr",
    "trust": "tbody tr",
}
"""Each view, and what stands in it once it is drawn."""
_numbers = count(1)
expect.set_options(timeout=30_000)


def served(queue: str, channel: Any = "phone", agents: int = 1) -> list[Event]:
    """A queue that is known, with so many agents who are free."""
    where: dict[str, Any] = {"queue": queue, "channel": channel}
    contact = f"first-{next(_numbers)}"
    return [
        *(
            fact(AgentChanged(state="available", queues=(queue,)), f"{queue}-{number}", 400)
            for number in range(agents)
        ),
        fact(Enqueued(**where), contact, 300),
        fact(Answered(**where, agent=f"{queue}-0"), contact, 299.5),
        fact(Completed(**where), contact, 200),
    ]


def a_bad_morning() -> list[Event]:
    """All that a board can have to say at once: trouble, long names, nobody there, a silent source."""
    silent: dict[str, Any] = {"queue": "mail", "channel": "email"}
    alone: dict[str, Any] = {"queue": "returns-and-complaints", "channel": "phone"}
    gave_up: dict[str, Any] = {"queue": "sales", "channel": "phone"}
    mailbox = [Event("m1", "mailbox", fact(SourceStopped(), "").at - 90, Enqueued(**silent), "mail-1")]
    return [
        *one_agent_busy(),
        *served("billing", agents=2),
        *served("customer-support-international", "chat"),
        *joins(*(f"contact-{number}" for number in range(12))),
        fact(Enqueued(**gave_up), "left", 250),
        fact(Abandoned(**gave_up), "left", 10),
        fact(Enqueued(**alone), "nobody-there", 100),
        fact(AgentChanged(state="not_ready", queues=("returns-and-complaints",)), "rosa", 300),
        *mailbox,
        Event("m2", "mailbox", mailbox[0].at + 30, SourceStopped(), ""),
    ]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A service on a bad morning, with a voucher granted and a wait told."""
    place = House(tmp_path, "\n[budget]\nby_hand_day = 20\n")
    async with place.running(), aiohttp.ClientSession(place.url) as session:
        assert await place.post(a_bad_morning()) == 202
        grant = {"queue": "sales", "contact": "contact-1", "amount": "5.00", "note": "sorry", "by": "Grace"}
        async with session.post("/v1/incentives", json=grant) as answer:
            assert answer.status == 201, await answer.text()
        async with session.post("/v1/queues/sales/contacts/contact-2/promises?lang=en", json={}) as answer:
            assert answer.status < 300, await answer.text()
        yield place


async def settled(page: Page) -> None:
    """Returns once the page has had the time to draw itself anew."""
    await page.wait_for_timeout(1100)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_cut_off_in_any_view_on_any_screen(house: House, language: str) -> None:
    async with viewer() as somebody:
        page = somebody.page
        for view, shown in VIEWS.items():
            await page.goto("about:blank")  # else only the fragment changes
            await page.goto(f"{house.url}/?lang={language}#/{view}")
            await expect(page.locator(shown).first).to_be_visible()
            for width, height in SCREENS:
                await page.set_viewport_size({"width": width, "height": height})
                await settled(page)
                assert await somebody.misfits() == [], (view, width)
        assert somebody.complaints == []


async def test_the_rows_grow_denser_until_the_wall_needs_no_scrolling(house: House) -> None:
    await house.post([one for number in range(14) for one in served(f"line-{number}")])
    async with viewer() as somebody:
        page = somebody.page
        await page.goto(house.url)
        await expect(page.locator(".queue")).to_have_count(19)
        for width, height in SCREENS[:3]:
            await page.set_viewport_size({"width": width, "height": height})
            await settled(page)
            assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight + 2"), width


async def test_what_customers_are_told_stays_on_a_wall_that_has_room_for_it(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        lines = [one for number in range(6) for one in served(f"line-{number}")]
        await house.post([*one_agent_busy(), *lines, *joins(*(f"contact-{number}" for number in range(12)))])
        async with viewer(width=1366, height=560) as somebody:
            await somebody.page.goto(f"{house.url}/?lang=de")
            await expect(somebody.page.locator("#troubled .said")).to_contain_text("Wir sagen")
            await settled(somebody.page)
            await expect(somebody.page.locator("#troubled .said")).to_be_visible()
            fits = "document.documentElement.scrollHeight <= innerHeight + 2"
            assert await somebody.page.evaluate(fits)


LONG = "Rechtsschutzversicherungsgesellschaften-Kundenbetreuung"


async def test_a_long_name_takes_hardly_more_room_than_a_short_one_and_is_not_cut_off(house: House) -> None:
    waits = [fact(Enqueued(queue=name, channel="phone"), f"waits-{name}", 240) for name in (LONG, "line-1")]
    lines = [one for number in range(9) for one in served(f"line-{number}")]
    await house.post([*lines, *served(LONG), *waits])
    async with viewer() as somebody:
        page = somebody.page
        await page.goto(house.url)
        rows = page.locator(".queue")
        await expect(rows).to_have_count(15)
        for width, height in SCREENS[:3]:
            await page.set_viewport_size({"width": width, "height": height})
            await settled(page)
            assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight + 2"), width
            long, short = [
                await rows.filter(has_text=name).locator(".head").evaluate("head => head.offsetHeight")
                for name in (LONG, "line-1")
            ]
            assert long < 2 * short, width
            assert await somebody.misfits() == []


async def in_view(page: Page) -> list[str]:
    """The queues one sees, without scrolling: their names."""
    names: list[str] = await page.evaluate(
        """() => {
             const foot = document.getElementById('footer').getBoundingClientRect().top + 1;
             return [...document.querySelectorAll('#wall .queue')].filter((row) => {
               const { top, bottom, height } = row.getBoundingClientRect();
               return height && top >= 0 && bottom <= foot;
             }).map((row) => row.querySelector('.name').textContent);
           }"""
    )
    return names


async def test_in_kiosk_mode_queues_without_room_take_turns_and_trouble_stays(house: House) -> None:
    await house.post([one for number in range(80) for one in served(f"line-{number:02}")])
    async with viewer() as somebody:
        page = somebody.page
        await page.goto(f"{house.url}/?kiosk")
        await expect(page.locator(".queue")).to_have_count(85)
        await expect(page.locator("#turns")).to_be_visible()
        pages = int((await page.locator("#turns").inner_text()).partition(" / ")[2])
        seen: set[str] = set()
        for turn in range(1, pages + 1):
            await expect(page.locator("#turns")).to_have_text(f"{turn} / {pages}")
            now = await in_view(page)
            assert now[:2] == ["returns-and-complaints", "sales"]
            seen.update(now)
        assert len(seen) == 85
        assert await somebody.misfits() == []


async def test_a_kiosk_with_more_trouble_than_room_counts_the_calm(house: House) -> None:
    await house.post([one for number in range(30) for one in served(f"line-{number:02}")])
    for number in range(25):
        where: dict[str, Any] = {"queue": f"line-{number:02}", "channel": "phone"}
        crowd = [fact(Enqueued(**where), f"crowd-{number}-{place}") for place in range(10)]
        await house.post([*crowd, fact(Answered(**where, agent=f"line-{number:02}-0"), f"crowd-{number}-0")])
    async with viewer() as somebody:
        page = somebody.page
        await page.goto(f"{house.url}/?kiosk")
        await expect(page.locator("#summary")).to_contain_text("27 of 35 in trouble")
        await expect(page.locator("#turns")).to_have_text("1 / 3 · and 8 calm")
        await expect(page.locator("#calm")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_lists_keep_nobody_out(house: House, scheme: Any) -> None:
    async with viewer(scheme=scheme, width=390, height=844) as somebody:
        for view in ("callbacks", "incentives", "trust", "queue/default/sales"):
            await somebody.page.goto(f"{house.url}/#/{view}")
            await expect(somebody.page.locator(VIEWS[view]).first).to_be_visible()
            assert await somebody.failings() == []


async def test_what_was_told_and_kept_stands_above_all_in_trust(house: House) -> None:
    async with viewer() as somebody:
        page = somebody.page
        await page.goto(f"{house.url}/#/trust")
        row = page.locator("tbody tr").first
        await expect(row).to_contain_text("sales")
        await expect(page.locator(".headline")).to_contain_text("so nothing can be said yet.")
        await house.post([fact(Answered(queue="sales", channel="phone", agent="ann"), "contact-2")])
        kept = "We kept 100% of the waits we told today (of 1); the aim is 90%."
        await expect(page.locator(".headline")).to_have_text(kept)
        await expect(row.locator("td").nth(2)).to_have_text("100% of 1")
