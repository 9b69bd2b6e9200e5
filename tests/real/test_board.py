"""The wall board in a real browser, on a real service: what a supervisor sees, does, and is spared."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from queuewatch.config import token_hash
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Enqueued,
    SourceStopped,
)
from tests.real.browser import Viewer, viewer
from tests.real.house import SALES, House, fact, joins, one_agent_busy

pytestmark = pytest.mark.real

WEIGHT = 300_000
FIRST_PAINT_MS = 1000.0
SOON_S = 1.0
TRIES = 5
"""On a machine that is busy with other things the first try may be slow for their sake."""
expect.set_options(timeout=30_000)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A service of which one queue is known."""
    place = House(tmp_path)
    async with place.running():
        assert await place.post(one_agent_busy()) == 202
        yield place


@pytest.fixture
async def supervisor() -> AsyncIterator[Viewer]:
    """Somebody in front of a wall of 1920 by 1080."""
    async with viewer() as somebody:
        yield somebody


async def test_the_board_turns_red_within_a_second_of_the_event_that_makes_it_so(
    house: House, supervisor: Viewer
) -> None:
    page = supervisor.page
    await page.goto(house.url)
    took_s = []
    for _ in range(TRIES):
        # With one ahead, 41 % wait over a minute (Erlang, two stages of 30 s); with two ahead, 68 %.
        await house.post(joins("ada"))
        await expect(page.locator("#calm .chance").first).to_have_attribute("data-band", "watch")
        begun = time.monotonic()
        posted = asyncio.ensure_future(house.post(joins("bob")))
        await expect(page.locator("#troubled .chance").first).to_have_attribute("data-band", "trouble")
        took_s.append(time.monotonic() - begun)
        assert await posted == 202
        await expect(page.locator("#summary")).to_have_text("1 of 1 in trouble")
        await expect(page.locator(".help")).to_contain_text("agent")
        await expect(page.locator("#announcements")).to_contain_text("sales is in trouble.")
        await house.post([fact(Abandoned(**SALES), "ada"), fact(Abandoned(**SALES), "bob")])
        await expect(page.locator("#announcements")).to_contain_text("sales is calm again.")
        if took_s[-1] < SOON_S:
            break
    assert min(took_s) < SOON_S
    assert supervisor.complaints == []


async def test_it_is_light_and_soon_there(house: House, supervisor: Viewer) -> None:
    page = supervisor.page
    paints_ms = []
    for _ in range(TRIES):
        await page.goto(house.url)
        await expect(page.locator(".queue")).to_have_count(1)
        paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        paints_ms.append(float(await page.evaluate(paint)))
        if paints_ms[-1] < FIRST_PAINT_MS:
            break
    assert min(paints_ms) < FIRST_PAINT_MS
    # All a viewer may load, the charts too.
    await page.goto(f"{house.url}/#/queue/default/sales")
    await expect(page.locator("#view h2")).to_have_text("sales")
    assert 50_000 < sum(supervisor.loaded.values()) < WEIGHT
    assert supervisor.complaints == []


async def test_it_says_that_the_connection_is_lost_and_comes_back_by_itself(
    house: House, supervisor: Viewer
) -> None:
    page = supervisor.page
    await page.goto(house.url)
    await expect(page.locator("body")).to_have_attribute("data-connection", "live")
    house.kill()
    await expect(page.locator("#alarm")).to_contain_text("The connection to queuewatch is lost.")
    said = await page.locator("#alarm").text_content()
    await expect(page.locator("#alarm")).not_to_have_text(said or "")  # the age of the figures grows
    await expect(page.locator("#announcements")).to_have_text("Connection lost")
    await expect(page.locator(".queue .name")).to_have_text("sales")
    await house.start()
    await expect(page.locator("body")).to_have_attribute("data-connection", "live")
    await expect(page.locator("#alarm")).to_be_hidden()
    await house.post(joins("cyd"))
    await expect(page.locator(".waiting .big")).to_have_text("1")


async def test_it_says_that_nothing_is_written_down_for_as_long_as_that_is_so(
    house: House, supervisor: Viewer
) -> None:
    page = supervisor.page
    await page.goto(house.url)
    await expect(page.locator("#alarm")).to_be_hidden()
    shell = sqlite3.connect(house.data / "queuewatch.db", isolation_level=None)
    shell.execute("BEGIN IMMEDIATE")
    assert await house.post(joins("cyd")) == 503
    await expect(page.locator("#alarm")).to_contain_text("cannot write anything down")
    await expect(page.locator("body")).to_have_attribute("data-connection", "live")
    shell.execute("ROLLBACK")
    shell.close()
    await expect(page.locator("#alarm")).to_be_hidden(timeout=20_000)


async def test_moving_the_agents_by_keys_moves_the_chances(house: House, supervisor: Viewer) -> None:
    page = supervisor.page
    await house.post(joins("ada", "bob", "cyd"))
    await page.goto(f"{house.url}/#/what-if")
    agents = page.get_by_label("Agents", exact=True)
    await expect(agents).to_have_value("1")
    chance = page.locator(".trial .figure .then").first
    # Erlang, four stages of 30 s, over 60 s: 86 %; a little less for those ahead who may hang up.
    await expect(chance).to_have_text(re.compile("^8[3-6]%$"))
    await agents.focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".slider output").first).to_have_text("3 (+2)")
    # Two are answered at once, one is still ahead, and three agents let go.
    await expect(chance).to_have_text(re.compile("^(<1|[1-5])%$"))
    await expect(page.locator(".trial .figure .was").first).to_have_text(re.compile("^now 8[3-6]%$"))
    await expect(page.locator(".bars li")).to_have_count(3)
    assert supervisor.complaints == []


def side(page: Page, name: str) -> Locator:
    """The agents of the queue, `here`, or of where more come from, `there`."""
    return page.locator(f".side[data-side={name}]")


async def middle(of: Locator) -> tuple[float, float]:
    """Where one would point at it."""
    box = await of.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def test_agents_are_dragged_from_another_queue_which_says_what_that_costs(
    house: House, supervisor: Viewer
) -> None:
    page = supervisor.page
    other: dict[str, Any] = {"queue": "returns", "channel": "phone"}
    agents = [
        fact(AgentChanged(state="available", queues=("returns",)), name, 200) for name in ("bea", "cem")
    ]
    await house.post([*agents, fact(Enqueued(**other), "one", 1), *joins("ada", "bob")])
    await page.goto(f"{house.url}/#/what-if/default/sales")
    await expect(side(page, "here").locator(".person")).to_have_count(1)
    await page.get_by_label("Take them from").select_option("returns")
    await expect(side(page, "there").locator("output")).to_have_text("2")
    await page.mouse.move(*await middle(side(page, "there").locator(".person").first))
    await page.mouse.down()
    await page.mouse.move(*await middle(side(page, "here")), steps=5)
    await expect(side(page, "here")).to_have_attribute("data-over", "yes")
    await page.mouse.up()
    await expect(page.locator(".slider output").first).to_have_text("2 (+1)")
    await expect(side(page, "there").locator("output")).to_have_text("1")
    await expect(page.get_by_text("What it means for returns")).to_be_visible()
    await side(page, "here").locator(".person").last.click()  # a tap takes it back
    await expect(page.locator(".slider output").first).to_have_text("1")
    await expect(side(page, "there").locator("output")).to_have_text("2")
    assert supervisor.complaints == []


async def test_a_finger_drags_an_agent_over_and_drops_none_beside(house: House) -> None:
    async with viewer(width=390, height=844, has_touch=True) as somebody:
        page = somebody.page
        await page.goto(f"{house.url}/#/what-if/default/sales")
        await expect(side(page, "here").locator(".person")).to_have_count(1)
        finger = await page.context.new_cdp_session(page)

        async def touch(kind: str, *at: float) -> None:
            points = [dict(zip("xy", at, strict=True))] if at else []
            await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        for target, said in ((side(page, "here"), "2 (+1)"), (page.locator("#view h2"), "2 (+1)")):
            await page.evaluate("scrollTo(0, 0)")
            await touch("touchStart", *await middle(side(page, "there").locator(".person").first))
            await touch("touchMove", *await middle(target))
            await touch("touchEnd")
            await expect(page.locator(".slider output").first).to_have_text(said)
        await page.get_by_role("button", name="One agent fewer").click()
        await expect(page.locator(".slider output").first).to_have_text("1")
        assert somebody.complaints == []


async def test_a_supervisor_sets_a_notice_by_hand_and_gives_it_back(house: House, supervisor: Viewer) -> None:
    page = supervisor.page
    await page.goto(house.url)
    await page.get_by_role("link", name="sales").click()
    await page.get_by_label("Your name").fill("Grace")
    await page.get_by_role("button", name="Say “very busy” now").click()
    await expect(page.locator("#view")).to_contain_text("set by Grace until")
    await expect(page.get_by_role("region", name="Notice to customers")).to_contain_text(
        "far busier than usual"
    )
    _, said = await house.get("/v1/queues/sales/notice?lang=en&format=text")
    assert "far busier than usual" in said
    await page.get_by_role("button", name="Back to the rules").click()
    await expect(page.locator("#view")).not_to_contain_text("set by Grace")
    assert supervisor.complaints == []


async def test_without_a_queue_there_are_no_headings_and_no_plan_to_download(
    tmp_path: Path, supervisor: Viewer
) -> None:
    empty, page = House(tmp_path), supervisor.page
    async with empty.running():
        await page.goto(empty.url)
        await expect(page.locator("#empty")).to_be_visible()
        await expect(page.locator("#columns")).to_be_hidden()
        await page.goto(f"{empty.url}/planner")
        await expect(page.get_by_role("button", name="CSV")).to_be_disabled()
    assert supervisor.complaints == []


@pytest.mark.parametrize("ahead_s", [-2 * 3600.0, 2 * 86_400.0])
async def test_a_screen_whose_clock_is_wrong_goes_by_the_services(
    house: House, supervisor: Viewer, ahead_s: float
) -> None:
    page = supervisor.page
    await house.post([fact(Enqueued(**SALES), "ada", 90), fact(Abandoned(**SALES), "ada")])
    await page.clock.set_fixed_time(time.time() + ahead_s)
    await page.goto(f"{house.url}/#/callbacks")
    await expect(page.locator("tbody tr")).to_contain_text("gave up")
    await page.goto(f"{house.url}/#/queue/default/sales")
    await page.get_by_label("Your name").fill("Grace")
    await page.get_by_role("button", name="Say “busy” now").click()
    await expect(page.locator("#view")).to_contain_text("set by Grace until")
    _, told = await house.get("/v1/queues/sales")
    until_at = datetime.fromisoformat(json.loads(told)["notice"]["until_at"]).timestamp()
    assert 3500.0 < until_at - time.time() < 3700.0
    assert supervisor.complaints == []


async def test_who_may_only_read_is_asked_for_a_token_and_offered_no_acts(
    tmp_path: Path, supervisor: Viewer
) -> None:
    tokens = "".join(
        f'\n[[http.tokens]]\nname = "{name}"\nsha256 = "{token_hash(name)}"\nscopes = {scopes}\n'
        for name, scopes in (("reader", ["read"]), ("boss", ["read", "act", "ingest"]))
    )
    house = House(tmp_path, tokens, token="boss")
    page = supervisor.page
    async with house.running():
        await house.post(one_agent_busy())
        await page.goto(f"{house.url}/#/queue/default/sales")
        field = page.get_by_label("Token with the scope read")
        await field.fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.locator("#login-why")).to_have_text("This token is not known here.")
        await field.fill("reader")
        await page.keyboard.press("Enter")
        await expect(page.locator("#view h2")).to_have_text("sales")
        await expect(page.locator("#view .one .waiting .big")).to_have_text("0")
        await expect(page.get_by_role("button", name="Back to the rules")).to_have_count(0)
        await page.goto(f"{house.url}/?again#token=boss")
        await expect(page.locator(".queue .name")).to_have_text("sales")
        assert "boss" not in page.url
        await page.get_by_role("link", name="sales").click()
        # Whose token it is acts, and need not say so.
        await expect(page.get_by_text("You act as boss.")).to_be_visible()
        await expect(page.get_by_label("Your name")).to_have_count(0)
        await page.get_by_role("button", name="Say “busy” now").click()
        await expect(page.locator("#view")).to_contain_text("set by boss until")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_kept_out(house: House, scheme: Literal["light", "dark"]) -> None:
    await house.post(joins("ada", "bob", "cyd"))
    async with viewer(scheme=scheme) as somebody:
        page = somebody.page
        views = {
            "": "#troubled",
            "queue/default/sales": "td",
            "what-if": ".bars li",
            "trust": "tbody tr",
        }
        for view, shown in views.items():
            await page.goto(f"{house.url}/#/{view}")
            await expect(page.locator(shown).first).to_be_visible()
            assert await somebody.failings() == []
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(f"{house.url}/#/")
        await page.locator("summary").click()
        assert await somebody.failings() == []
        assert somebody.complaints == []


async def test_the_keyboard_alone_leads_to_a_queue(house: House, supervisor: Viewer) -> None:
    page = supervisor.page
    await page.goto(house.url)
    await expect(page.locator(".queue .name")).to_have_text("sales")
    for _ in range(10):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent") == "sales":
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#view h2")).to_be_focused()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "1 Schlange, ruhig"),
        ("nl", "1 rij, rustig"),
        ("fr", "1 file, calme"),
        ("es", "1 cola, en calma"),
    ],
)
async def test_it_speaks_other_languages(house: House, supervisor: Viewer, language: str, said: str) -> None:
    page = supervisor.page
    await page.goto(f"{house.url}/?lang={language}")
    await expect(page.locator("#summary")).to_have_text(said)
    await expect(page.locator("html")).to_have_attribute("lang", language)
    assert supervisor.complaints == []


async def test_what_is_chosen_is_remembered_and_a_kiosk_shows_nothing_to_choose(
    house: House, supervisor: Viewer
) -> None:
    page = supervisor.page
    await page.goto(house.url)
    await page.locator("summary").click()
    await page.get_by_label("Colours").select_option("dark")
    await page.get_by_label("Language").select_option("de")
    await expect(page.locator("#summary")).to_have_text("1 Schlange, ruhig")
    await page.goto(f"{house.url}/?kiosk")
    await expect(page.locator("#summary")).to_have_text("1 Schlange, ruhig")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("nav")).to_be_hidden()
    await expect(page.locator("#options")).to_be_hidden()


async def test_a_silent_source_is_named_first(house: House, supervisor: Viewer) -> None:
    page = supervisor.page
    await page.goto(house.url)
    await expect(page.locator("#sources li")).to_contain_text("pbx: up")
    await house.post([fact(SourceStopped(), "")])
    await expect(page.locator("#sources li").first).to_contain_text("pbx: silent")
    await expect(page.locator(".queue")).to_have_attribute("data-state", "stale")
    await expect(page.locator(".chance .big").first).to_have_text("unknown")
    # What nobody knows is not called calm.
    await expect(page.locator("#summary")).to_have_text("1 unknown")


async def test_who_gave_up_is_called_back_from_the_list(house: House, supervisor: Viewer) -> None:
    page = supervisor.page
    await house.post([fact(Enqueued(**SALES), "ada", 90), fact(Abandoned(**SALES), "ada")])
    await page.goto(f"{house.url}/#/callbacks")
    row = page.locator("tbody tr")
    await expect(row).to_contain_text("gave up")
    await page.get_by_label("Your name").fill("Grace")
    await page.get_by_role("button", name="I call").click()
    await expect(row).to_contain_text("being called, Grace")
    assert await supervisor.failings() == []
    await page.get_by_role("button", name="Reached", exact=True).click()
    await expect(row).to_have_count(0)
    await expect(page.locator("#view")).to_contain_text("Nobody is to be called back.")
    assert supervisor.complaints == []


async def test_a_voucher_granted_by_hand_is_redeemed_once(tmp_path: Path, supervisor: Viewer) -> None:
    house = House(tmp_path, "\n[budget]\nby_hand_day = 20\n")
    page = supervisor.page
    async with house.running():
        await house.post(one_agent_busy())
        body = {"queue": "sales", "contact": "before", "amount": "5.00", "note": "sorry", "by": "Grace"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{house.url}/v1/incentives", json=body) as answer,
        ):
            assert answer.status == 201, await answer.text()
        await page.goto(f"{house.url}/#/incentives")
        row = page.locator("tbody tr")
        await expect(row).to_contain_text("€5.00")
        await expect(row).to_contain_text("granted by a person")
        await expect(page.get_by_role("button", name="Issued (1)")).to_have_attribute("aria-pressed", "true")
        await page.get_by_label("Your name").fill("Ben")
        await page.get_by_role("button", name="Redeem").click()
        await expect(row).to_contain_text("redeemed")
        await expect(page.get_by_role("button", name="Redeem")).to_have_count(0)
        assert await supervisor.failings() == []
        assert supervisor.complaints == []
