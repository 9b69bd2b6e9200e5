"""The notice as JSON, text and SSML, in the asker's language."""

from __future__ import annotations

import pytest

from tests.serve.conftest import Client
from tests.serve.desk import FakeDesk

PATH = "/v1/queues/sales/notice"


async def test_as_json_it_says_level_reason_and_words(client: Client) -> None:
    response = await client.get(PATH)
    assert response.status == 200
    assert await response.json() == {
        "level": "busy",
        "since_at": "2026-07-20T11:58:30Z",
        "reason": "chance_60",
        "by": None,
        "until_at": None,
        "language": "en",
        "text": "We are busy.",
        "site": "default",
        "queue": "sales",
        "channel": "phone",
    }
    assert response.headers["Content-Language"] == "en"
    assert response.headers["Cache-Control"] == "max-age=5"
    assert response.headers["Vary"] == "Accept, Accept-Language, Origin"


@pytest.mark.parametrize(
    ("query", "accept", "content_type", "body"),
    [
        ("?format=text", "application/json", "text/plain", "We are busy."),
        ("?format=ssml&lang=de", "", "application/ssml+xml", "<speak>Wir sind busy.</speak>"),
        ("?format=twiml", "", "text/xml", "<Response><Say>We are busy.</Say></Response>"),
        ("", "text/plain", "text/plain", "We are busy."),
        ("", "application/ssml+xml", "application/ssml+xml", "<speak>We are busy.</speak>"),
    ],
)
async def test_the_form_is_the_asker_s_choice(
    client: Client, query: str, accept: str, content_type: str, body: str
) -> None:
    response = await client.get(PATH + query, headers={"Accept": accept})
    assert (response.content_type, response.charset) == (content_type, "utf-8")
    assert await response.text() == body


async def test_the_language_is_the_asker_s_choice(client: Client) -> None:
    german = {"Accept-Language": "de-AT, en;q=0.5", "Accept": "text/plain"}
    assert await (await client.get(PATH, headers=german)).text() == "Wir sind busy."
    assert await (await client.get(f"{PATH}?lang=en", headers=german)).text() == "We are busy."


async def test_a_normal_queue_speaks_too(client: Client) -> None:
    response = await client.get("/v1/queues/quiet/notice?format=text")
    assert await response.text() == "We are normal."


async def test_an_unknown_format_is_told_which_there_are(client: Client) -> None:
    response = await client.get(f"{PATH}?format=xml")
    assert response.status == 400
    assert "json, text, ssml, twiml, not 'xml'" in (await response.json())["detail"]


async def test_a_type_that_cannot_be_had_is_not_acceptable(client: Client) -> None:
    assert (await client.get(PATH, headers={"Accept": "image/png"})).status == 406


@pytest.mark.parametrize("wrap", ["{}", "W/{}", '"other", {}'])
async def test_who_has_it_already_is_spared_the_words(client: Client, desk: FakeDesk, wrap: str) -> None:
    etag = (await client.get(PATH)).headers["ETag"]
    known = {"If-None-Match": wrap.format(etag)}
    response = await client.get(PATH, headers=known)
    assert response.status == 304
    assert await response.read() == b""
    assert response.headers["ETag"] == etag
    assert (await client.get(f"{PATH}?lang=de", headers=known)).status == 200
    desk.views.reverse()
    assert (await client.get(PATH, headers={"If-None-Match": "*"})).status == 304
