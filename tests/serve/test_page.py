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
    response = await client.get("/static/app.js", headers={"If-None-Match": f"W/{etag}"})
    assert response.status == 304


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fhttp.py", "%2e%2e%2fpage.py", "__init__.py"])
async def test_nothing_else_is_served(client: Client, name: str) -> None:
    response = await client.get(f"/static/{name}")
    assert response.status == 404
    assert response.content_type == "application/problem+json"


STATIC = resources.files("queuewatch.serve").joinpath("static")
LANGUAGES = ("en", "de", "nl", "fr", "es")


WORDS = {"index.html": ("words",), "planner.html": ("words", "planner")}
"""The files of texts that each page reads."""


def texts(language: str, file: str = "words") -> dict[str, Any]:
    read: dict[str, Any] = json.loads(STATIC.joinpath(f"{file}.{language}.json").read_text("utf-8"))
    return read


def forms(text: Any) -> list[str]:
    """A text, or its plural forms."""
    return list(text.values()) if isinstance(text, dict) else [text]


def loaded(page: str = "index.html") -> set[str]:
    """The files that a page loads, by name; the words of one language among them."""
    names, new = {f"{one}.de.json" for one in WORDS[page]}, {page}
    while new:
        names |= new
        texts = [STATIC.joinpath(name).read_text("utf-8") for name in new if name.endswith((".html", ".js"))]
        found = {name for text in texts for name in re.findall(r"/static/([\w.-]+\.(?:js|css|svg))", text)}
        new = found - names
    return names


def scripts(page: str) -> Iterator[str]:
    for name in loaded(page) - {"uplot.js"}:
        if name.endswith((".js", ".html")):
            yield STATIC.joinpath(name).read_text("utf-8")


@pytest.mark.parametrize("file", ["words", "planner"])
def test_every_language_says_the_same_with_the_same_values(file: str) -> None:
    english = texts("en", file)
    for language in LANGUAGES[1:]:
        other = texts(language, file)
        assert list(other) == list(english)
        for name, text in english.items():
            values = set(re.findall(r"\{(\w+)\}", forms(text)[-1]))
            for form in forms(other[name]):
                assert form.strip()
                assert set(re.findall(r"\{(\w+)\}", form)) == values, (language, name)


def named_in(page: str) -> tuple[set[str], tuple[str, ...]]:
    """The texts that a page's files name, and the beginnings of those named by what they are about."""
    code = "\n".join(scripts(page))
    named = set(re.findall(r"""\b(?:t|say)\(\s*(?:[\w.]+ \? )?["']([a-z_]+)["']""", code))
    named |= set(re.findall(r"""\bt\([^()]*\? ["']([a-z_]+)["'] : ["'](?:[a-z_]+)["']""", code))
    named |= set(re.findall(r"""\bt\([^()]*\? ["'](?:[a-z_]+)["'] : ["']([a-z_]+)["']""", code))
    named |= set(re.findall(r'data-t(?:-label)?="([a-z_]+)"', code))
    families = tuple(re.findall(r"\bt\(`([a-z]+_)\$", code))
    families += tuple(f"{family}_" for family in re.findall(r'\bnamed\("([a-z]+)"', code))
    # The titles and deeds of lists are named in tables.
    all_there_are = set(texts("en")) | set(texts("en", "planner"))
    named |= set(re.findall(r"""(?:title: |empty: |\[)["']([a-z_]+)["']""", code)) & all_there_are
    return named, families


@pytest.mark.parametrize(("page", "file"), [("index.html", "words"), ("planner.html", "planner")])
def test_every_text_is_used_and_every_text_used_is_there(page: str, file: str) -> None:
    named, families = named_in(page)
    known = {name for one in WORDS[page] for name in texts("en", one)}
    assert named <= known
    assert {name for name in set(texts("en", file)) - named if not name.startswith(families)} == set()


@pytest.mark.parametrize("page", ["index.html", "planner.html"])
def test_a_page_with_all_it_loads_is_light(page: str) -> None:
    assert {"words.js", "dom.js", page} <= loaded(page)
    assert sum(len(STATIC.joinpath(name).read_bytes()) for name in loaded(page)) < 300_000


def test_what_is_not_ours_comes_with_its_licence() -> None:
    assert "MIT" in STATIC.joinpath("uplot.LICENSE").read_text("utf-8")
