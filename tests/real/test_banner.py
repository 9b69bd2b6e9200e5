"""The banner on a help page of another origin, in a real browser: the wait in the visitor's language."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright, expect

from queuewatch.core.facts.events import Enqueued, Event
from tests.real.browser import CHROMIUM, FLAGS
from tests.real.house import House
from tests.real.servers import free_port

pytestmark = pytest.mark.real


@asynccontextmanager
async def a_visitor(url: str, locale: str) -> AsyncIterator[tuple[str, list[str]]]:
    """What a visitor with this language reads on the banner, and what the browser complains of."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = await (await browser.new_context(locale=locale)).new_page()
            complaints: list[str] = []
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            await page.goto(url)
            banner = page.locator(".queuewatch-banner")
            await expect(banner).to_be_visible()
            yield await banner.inner_text(), complaints
        finally:
            await browser.close()


async def test_a_help_page_shows_the_wait_in_the_language_of_its_visitor(tmp_path: Path) -> None:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    house = House(tmp_path, f'[banner]\norigins = ["{origin}"]\n')
    async with house.running():
        joined = [
            Event(
                f"e{number}", "pbx", time.time() - 300, Enqueued(queue="sales", channel="phone"), f"c{number}"
            )
            for number in range(5)
        ]
        await house.post(joined)
        async with aiohttp.ClientSession() as session:
            told = {"level": "busy", "by": "ada"}
            async with session.post(f"{house.url}/v1/queues/sales/notice/override", json=told) as answer:
                assert answer.status == 200
        app = web.Application()
        script = f'<script src="{house.url}/banner.js?queue=sales" async></script>'

        async def page(_request: web.Request) -> web.Response:
            return web.Response(
                text=f"<!doctype html><link rel=icon href='data:,'><h1>Help</h1>{script}",
                content_type="text/html",
            )

        app.router.add_get("/", page)
        server = TestServer(app, port=port)
        await server.start_server()
        try:
            for locale, words in (
                ("de-AT", "Danke für Ihren Anruf"),
                ("fr-FR", "Merci"),
                ("pl-PL", "Thank you"),
            ):
                async with a_visitor(origin, locale) as (text, complaints):
                    assert text.startswith(words)
                    assert complaints == []
        finally:
            await server.close()
