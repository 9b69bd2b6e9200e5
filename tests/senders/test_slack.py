"""Slack: messages that are understood at a glance, within Slack's limits, that ping nobody by accident."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.decisions import AlertChanged
from queuewatch.outgoing import Bulletin, Delivery, Sender
from queuewatch.ports import SendFailedError
from queuewatch.senders.said import Voice
from queuewatch.senders.slack import (
    MOST_HEADER,
    MOST_TEXT,
    SlackBot,
    SlackWebhook,
    escape,
    message,
)
from queuewatch.senders.web import Line
from tests.clocks import HandClock
from tests.decided import NOON, alert
from tests.senders.battery import FarSide, bot, webhook

LINE = Line()
BOARD = "https://board.example"


def told(*alerts: AlertChanged, receipt: str = "", news: tuple[AlertChanged, ...] | None = None) -> Delivery:
    bulletin = Bulletin(
        site="default", alerts=alerts, news=alerts[-1:] if news is None else news, receipt=receipt
    )
    return Delivery(key="k", kind="alert", at=NOON, bulletin=bulletin)


def said(*alerts: AlertChanged) -> dict[str, Any]:
    bulletin = told(*alerts).bulletin
    assert bulletin is not None
    return message(bulletin, BOARD, Voice("en"))


def within_limits(payload: dict[str, Any]) -> None:
    """Slack's limits: https://docs.slack.dev/reference/block-kit/blocks"""
    assert len(payload["blocks"]) <= 50
    for block in payload["blocks"]:
        match block["type"]:
            case "header":
                assert 1 <= len(block["text"]["text"]) <= MOST_HEADER
            case "section":
                assert 1 <= len(block["text"]["text"]) <= MOST_TEXT
            case "context":
                assert len(block["elements"]) <= 10
            case kind:
                assert kind == "actions"
                assert len(block["elements"]) <= 25


def test_it_says_what_hurts_since_when_and_what_helps() -> None:
    payload = said(alert())
    header, section, actions = payload["blocks"]
    assert header["text"]["text"] == "\N{LARGE ORANGE CIRCLE} sales is unusually busy"
    text = section["text"]["text"]
    assert text.split("\n") == [
        (
            "Since <!date^1795262400^{time}|12:00 UTC> · 7 waiting, the longest 4 min 5 s · 4 agents there"
            " · 62% chance to wait past 1 min · 30% chance to wait past 3 min"
        ),
        "*What helps:* +2 agents: then 18% would wait past 1 min",
        "Why: above",
    ]
    assert actions["elements"][0]["url"] == f"{BOARD}#/queue/default/sales"


def section_of(one: AlertChanged) -> str:
    text: str = said(one)["blocks"][1]["text"]["text"]
    return text.split("\n", maxsplit=1)[0]


def test_what_is_over_says_from_when_to_when_it_was() -> None:
    over = section_of(alert("resolved", at=NOON + 1200))
    assert over == "Since <!date^1795262400^{time}|12:00 UTC>, until <!date^1795263600^{time}|12:20 UTC>"


@pytest.mark.parametrize(
    ("after_s", "shown"),
    [
        (12 * 3600 - 1, "<!date^1795262400^{time}|12:00 UTC>"),
        (12 * 3600, "<!date^1795262400^{date_short_pretty} {time}|2026-11-21 12:00 UTC>"),
    ],
)
def test_what_began_half_a_day_ago_says_on_which_day(after_s: float, shown: str) -> None:
    assert section_of(alert("updated", at=NOON + after_s)).startswith(f"Since {shown} ·")


def test_from_when_on_agents_will_be_missing_is_told_on_the_readers_clock_too() -> None:
    short = alert(kind="shortage_ahead", waiting=None, count=2, begins_at=NOON + 1800, chances={})
    assert "from <!date^1795264200^{time}|12:30 UTC>: 4 planned, 6 needed" in section_of(short)


def test_it_is_in_the_language_of_the_team() -> None:
    bulletin = told(alert(reason="very_busy")).bulletin
    assert bulletin is not None
    header, section, actions = message(bulletin, BOARD, Voice("de"))["blocks"]
    assert header["text"]["text"].endswith("In sales ist ungewöhnlich viel los")
    assert section["text"]["text"].startswith("Seit <!date^1795262400^{time}|12:00 UTC> · 7 warten")
    assert "*Was hilft:* +2 Personen" in section["text"]["text"]
    assert actions["elements"][0]["text"]["text"] == "Zur Übersicht"


def test_the_worst_comes_first_and_what_is_over_last() -> None:
    payload = said(
        alert(queue="mail"), alert("resolved", queue="chat"), alert("escalated"), alert(queue="north")
    )
    header, *sections = (block["text"]["text"] for block in payload["blocks"][:5])
    assert header == "\N{LARGE RED CIRCLE} 3 need help: mail, sales, north"
    assert ["sales" in sections[0], "Over: chat" in sections[3]] == [True, True]


def test_a_message_of_many_alerts_says_how_many_more_there_are() -> None:
    payload = said(*(alert(queue=f"q{number}") for number in range(70)))
    within_limits(payload)
    assert "And 50 more on the board." in json.dumps(payload)


@given(st.text(max_size=5_000), st.text(max_size=400))
def test_any_name_stays_within_the_limits_and_forms_nothing(name: str, reason: str) -> None:
    payload = said(alert(queue=name, subject=name or "q", reason=reason))
    within_limits(payload)
    assert "<!channel" not in json.dumps(payload["blocks"][1])


@pytest.mark.parametrize(
    "bad", ["<!channel>", "<!here|x>", "<@U123>", "<http://evil|click>", "@here", "*b*", "a&b"]
)
def test_a_name_pings_links_and_formats_nothing(bad: str) -> None:
    escaped = escape(bad)
    assert "<" not in escaped
    assert "@" not in escaped.replace("\N{ZERO WIDTH SPACE}@", "")
    assert escape("a & <b>") == "a &amp; &lt;b&gt;"


async def test_a_bot_posts_once_and_then_changes_its_message() -> None:
    async with FarSide().open() as far:
        sender = bot(far.url, LINE)
        receipt = await sender.send(told(alert()))
        assert receipt == "C1 17.5"
        await sender.send(told(alert("updated", at=NOON + 60), receipt=receipt or ""))
        await sender.send(told(alert("resolved", at=NOON + 90), receipt=receipt or ""))
    assert [path for _, path, _, _ in far.asked] == [
        "/api/chat.postMessage",
        "/api/chat.update",
        "/api/chat.update",
    ]
    last = json.loads(far.asked[-1][3])
    assert (last["channel"], last["ts"]) == ("C1", "17.5")
    assert last["blocks"][0]["text"]["text"].endswith("Over: sales")


async def test_what_got_worse_is_said_in_the_thread_so_that_it_rings_a_bell() -> None:
    async with FarSide().open() as far:
        await bot(far.url, LINE).send(told(alert("escalated", at=NOON + 60), receipt="C1 17.5"))
    update, reply = far.asked
    body = json.loads(reply[3])
    assert update[1] == "/api/chat.update"
    assert (body["thread_ts"], body["reply_broadcast"]) == ("17.5", True)
    assert body["text"].startswith("\N{LARGE RED CIRCLE} *sales is still unusually busy*: 7 waiting, the ")


async def test_a_message_that_somebody_deleted_is_posted_anew() -> None:
    far = FarSide(body=b'{"ok": false, "error": "message_not_found"}')
    async with far.open():
        with pytest.raises(SendFailedError, match="message_not_found"):
            await bot(far.url, LINE).send(told(alert(), receipt="C1 17.5"))
    assert [path for _, path, _, _ in far.asked] == ["/api/chat.update", "/api/chat.postMessage"]


@pytest.mark.parametrize(
    ("word", "permanent"),
    [
        ("channel_not_found", True),
        ("invalid_auth", True),
        ("missing_scope", True),
        ("invalid_blocks", True),
        ("ratelimited", False),
        ("internal_error", False),
    ],
)
async def test_a_no_of_slack_is_final_unless_it_passes(word: str, permanent: bool) -> None:
    async with FarSide(body=json.dumps({"ok": False, "error": word}).encode()).open() as far:
        with pytest.raises(SendFailedError, match=word) as caught:
            await bot(far.url, LINE).send(told(alert()))
    assert caught.value.permanent == permanent


async def test_a_webhook_gets_text_and_blocks() -> None:
    async with FarSide(body=b"ok").open() as far:
        await webhook(far.url, LINE).send(told(alert()))
    payload = json.loads(far.asked[0][3])
    assert "sales is unusually busy" in payload["text"]
    within_limits(payload)


async def test_trying_posts_nothing() -> None:
    async with FarSide(status=400, body=b"no_text").open() as far:
        assert await SlackWebhook(far.url, HandClock(), LINE).probe() == "the incoming webhook answers"
        assert json.loads(far.asked[0][3]).get("text") == ""
        far.status, far.body = 404, b"no_service"
        with pytest.raises(SendFailedError, match="404"):
            await SlackWebhook(far.url, HandClock(), LINE).probe()
    async with FarSide(body=b'{"ok": true, "user": "qw", "team": "Acme"}').open() as far:
        sender = SlackBot("t", "C1", HandClock(), LINE, api=f"{far.url}/api/")
        assert await sender.probe() == "the bot qw is let in to Acme"


def test_they_are_what_senders_are() -> None:
    senders: list[Sender] = [bot("http://x", LINE), webhook("http://x", LINE)]
    assert [one.manner.edits for one in senders] == [True, False]
