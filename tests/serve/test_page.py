"""The page is served from the package, whole, and brings nothing of others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from tests.serve.conftest import Client


async def test_the_page_is_html(client: Client) -> None:
    response = await client.get("/")
    assert response.status == 200
    assert (response.content_type, response.charset) == ("text/html", "utf-8")
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("app.js", "text/javascript"),
        ("style.css", "text/css"),
        ("icon.svg", "image/svg+xml"),
        ("words.de.json", "application/json"),
    ],
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


STATIC = resources.files("queuewatch.serve").joinpath("static")
LANGUAGES = ("en", "de", "nl", "fr", "es")


def texts(language: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(STATIC.joinpath(f"words.{language}.json").read_text("utf-8"))
    return read


def forms(text: Any) -> list[str]:
    """A text, or its plural forms."""
    return list(text.values()) if isinstance(text, dict) else [text]


def loaded() -> set[str]:
    """The files that the board loads, by name; the words of one language among them."""
    names, new = {"words.de.json"}, {"index.html"}
    while new:
        names |= new
        texts = [STATIC.joinpath(name).read_text("utf-8") for name in new if name.endswith((".html", ".js"))]
        found = {name for text in texts for name in re.findall(r"/static/([\w.-]+\.(?:js|css|svg))", text)}
        new = found - names
    return names


def scripts() -> Iterator[str]:
    for name in loaded() - {"uplot.js"}:
        if name.endswith((".js", ".html")):
            yield STATIC.joinpath(name).read_text("utf-8")


def test_every_language_says_the_same_with_the_same_values() -> None:
    english = texts("en")
    for language in LANGUAGES[1:]:
        other = texts(language)
        assert list(other) == list(english)
        for name, text in english.items():
            values = set(re.findall(r"\{(\w+)\}", forms(text)[-1]))
            for form in forms(other[name]):
                assert form.strip()
                assert set(re.findall(r"\{(\w+)\}", form)) == values, (language, name)


def test_every_text_is_used_and_every_text_used_is_there() -> None:
    page = "\n".join(scripts())
    named = set(re.findall(r"""\bt\(\s*(?:\w+ \? )?["']([a-z_]+)["']""", page))
    named |= set(re.findall(r"""\bt\([^()]*\? ["']([a-z_]+)["'] : ["'](?:[a-z_]+)["']""", page))
    named |= set(re.findall(r"""\bt\([^()]*\? ["'](?:[a-z_]+)["'] : ["']([a-z_]+)["']""", page))
    named |= set(re.findall(r'data-t(?:-label)?="([a-z_]+)"', page))
    families = tuple(re.findall(r"\bt\(`([a-z]+_)\$", page))
    families += tuple(f"{family}_" for family in re.findall(r'\bnamed\("([a-z]+)"', page))
    # The titles and deeds of lists are named in tables.
    named |= set(re.findall(r"""(?:title: |empty: |\[)["']([a-z_]+)["']""", page)) & set(texts("en"))
    known = set(texts("en"))
    assert named <= known
    assert {name for name in known - named if not name.startswith(families)} == set()


def test_the_board_with_all_it_loads_is_light() -> None:
    assert {"app.js", "trust.js", "uplot.js", "style.css"} <= loaded()
    assert sum(len(STATIC.joinpath(name).read_bytes()) for name in loaded()) < 300_000


def test_what_is_not_ours_comes_with_its_licence() -> None:
    assert "MIT" in STATIC.joinpath("uplot.LICENSE").read_text("utf-8")
