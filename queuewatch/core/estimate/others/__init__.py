"""The formulas other products announce waits by, online from the same events, for the bake-off.

Each is a small class behind the estimators' seam; its memory is of one site, whose queues are one pool.
"""

from __future__ import annotations

from queuewatch.core.estimate.others.averages import (
    AlwaysTheAverage,
    Asterisk,
    LastTen,
    LastToEnterService,
    Recent,
    SalesforceOmni,
    Smoothed,
    TrailingMean,
    Webex,
)
from queuewatch.core.estimate.others.line import ErlangC, Google, HeadOfLine, QueueLength, RocketChat
from queuewatch.core.estimate.wait import Estimator

AVERAGE = AlwaysTheAverage.name
"""The rule that skill is measured against."""

PRODUCTS: dict[str, str] = {
    AlwaysTheAverage.name: "to everybody the average of all who had to wait",
    Asterisk.name: "Asterisk: a quarter of the way towards the last wait",
    ErlangC.name: "the textbook: Erlang C's mean for those who wait",
    Google.name: "Google CCAI: line x handling time / agents + 10 s",
    HeadOfLine.name: "how long the head of the line has waited (AWS sample)",
    LastTen.name: "mean of the last 10 answered (Ivanti Voice and others)",
    LastToEnterService.name: "wait of the last who was answered",
    "puzzel": "Puzzel: half of the way towards the last wait",
    QueueLength.name: "line x handling time / agents (Cisco, Mitel, Genesys Engage)",
    RocketChat.name: "Rocket.Chat: mean conversation, hardly more further back",
    "salesforce_chat": "Salesforce chat: a tenth of the way towards the last wait",
    SalesforceOmni.name: "Salesforce Omni: last 10 in 10 minutes, the latest most",
    "trailing_5_min": "mean of the last 5 minutes (Twilio sample)",
    "trailing_15_min": "mean of the last 15 minutes (Kazoo)",
    Webex.name: "Webex: mean of the minutes' means, where they are alike",
}
"""Whose rule each is, in a few words, by its name."""


def others() -> tuple[Estimator, ...]:
    """All of them for one site, knowing nothing yet."""
    return (
        AlwaysTheAverage(),
        Asterisk(),
        LastTen(),
        SalesforceOmni(),
        Smoothed("salesforce_chat", 0.1),
        Smoothed("puzzel", 0.5),
        TrailingMean("trailing_5_min", Recent(300.0)),
        TrailingMean("trailing_15_min", Recent(900.0)),
        Webex(),
        LastToEnterService(),
        HeadOfLine(),
        QueueLength(),
        Google(),
        RocketChat(),
        ErlangC(),
    )
