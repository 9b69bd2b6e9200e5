"""Microsoft Teams: a card that says the same as Slack's, with nothing in it that formats or links."""

from __future__ import annotations

import json

import pytest

from queuewatch.outgoing import Bulletin
from queuewatch.ports import SendFailedError
from queuewatch.senders.said import Voice
from queuewatch.senders.teams import MOST_ALERTS, Teams, escape, message
from queuewatch.senders.web import Line
from tests.clocks import HandClock
from tests.decided import alert
from tests.senders.battery import FarSide, delivery, teams


def test_the_card_says_what_hurts_and_what_helps_and_leads_to_the_board() -> None:
    one = alert()
    both = Bulletin(site="default", alerts=(one, alert("resolved", queue="mail")), news=(one,))
    card = message(both, "https://b", Voice("en"))["attachments"][0]["content"]
    (_, _, since, known, over, until, _) = card["body"]
    facts = {fact["title"]: fact["value"] for fact in known["facts"]}
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert (since["text"], until["text"]) == ("since 12:00 UTC", "since 12:00 UTC, until 12:00 UTC")
    assert "7 waiting" in facts["Now"]
    assert card["actions"][0]["url"] == "https://b#/queue/default/sales"
    assert "Over: mail" in over["text"]


def test_the_card_is_in_the_language_of_the_team() -> None:
    one = alert(reason="very_busy")
    card = message(Bulletin(site="default", alerts=(one,), news=(one,)), "https://b", Voice("fr"))
    body = card["attachments"][0]["content"]["body"]
    assert "affluence inhabituelle" in body[0]["text"]
    assert [fact["title"] for fact in body[3]["facts"]] == ["Maintenant", "Ce qui aide", "Pourquoi"]


def test_it_says_of_which_site_it_is_and_how_many_more_there_are() -> None:
    alerts = tuple(alert(queue=f"q{number}") for number in range(MOST_ALERTS + 2))
    bulletin = Bulletin(site="berlin", alerts=alerts, news=alerts)
    body = message(bulletin, None, Voice("en"))["attachments"][0]["content"]["body"]
    assert body[-1]["text"] == "Site berlin. And 2 more on the board."


def test_markdown_in_a_name_stays_text() -> None:
    assert escape("[click](http://evil) *b* <at>all</at>") == (
        "\\[click\\]\\(http://evil\\) \\*b\\* ‹at\\>all‹/at\\>"  # noqa: RUF001
    )


async def test_an_old_connector_that_says_429_in_a_200_is_believed() -> None:
    async with FarSide(body=b"Webhook message delivery failed with error: HTTP error 429").open() as far:
        sender = teams(far.url, Line())
        with pytest.raises(SendFailedError) as caught:
            await sender.send(delivery(sender))
    assert caught.value.retry_after_s == 60


async def test_trying_posts_nothing() -> None:
    async with FarSide(status=405).open() as far:
        said = await Teams(far.url, HandClock(), Line()).probe()
    assert said == "127.0.0.1 is there (it answered 405); nothing was posted"
    assert [one[0] for one in far.asked] == ["HEAD"]
    assert json.loads(far.body)
