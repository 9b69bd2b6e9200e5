"""The page is served from the package, whole, and brings nothing of others."""

from __future__ import annotations

import re

import pytest

from tests.serve.conftest import Client


async def test_the_page_is_html(client: Client) -> None:
    response = await client.get("/")
    assert response.status == 200
    assert (response.content_type, response.charset) == ("text/html", "utf-8")
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("app.js", "text/javascript"), ("style.css", "text/css"), ("icon.svg", "image/svg+xml")],
)
async def test_its_files_have_their_types(client: Client, name: str, content_type: str) -> None:
    response = await client.get(f"/static/{name}")
    assert response.status == 200
    assert response.content_type == content_type


async def test_all_it_refers_to_is_there_and_ours(client: Client) -> None:
    page = await (await client.get("/")).text()
    references = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert references
    for reference in references:
        assert re.match(r"/(?!/)", reference), "it is not ours"
        assert (await client.get(reference)).status == 200


async def test_it_holds_no_script_or_style_of_its_own(client: Client) -> None:
    page = await (await client.get("/")).text()
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert re.findall(r"<script([^>]*)>", page) == [' type="module" src="/static/app.js"']


async def test_an_unchanged_file_is_not_sent_again(client: Client) -> None:
    etag = (await client.get("/static/app.js")).headers["ETag"]
    response = await client.get("/static/app.js", headers={"If-None-Match": etag})
    assert response.status == 304


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fhttp.py", "%2e%2e%2fpage.py", "__init__.py"])
async def test_nothing_else_is_served(client: Client, name: str) -> None:
    response = await client.get(f"/static/{name}")
    assert response.status == 404
    assert response.content_type == "application/problem+json"
