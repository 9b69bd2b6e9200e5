"""The contact centre of the demo: seven queues, some thirty agents, and a morning on which things happen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from queuewatch.core.rules import NoticeRule, QueueRules, Rules
from queuewatch.simulate.centre import AgentPlan, Away, Centre, QueuePlan, Shift, Standing
from queuewatch.simulate.laws import DAY_S, WEEKDAY_OF_EPOCH, Duration, Profile, Surge

HOUR_S, MINUTE_S = 3600.0, 60.0
# The demo goes live on a Tuesday at 10:00 of the centre, whatever the clock on the wall says.
LIVE_S = DAY_S + 10 * HOUR_S
HISTORY_S = 17 * HOUR_S  # since the evening before, so that the night's e-mails are there
SHOW_S = 7 * DAY_S
CAMPAIGN_LEAD_S = 75.0
_MAIL_THRESHOLDS_S = (1.5 * HOUR_S, 4 * HOUR_S)

_WEEK = (1.0, 1.0, 0.95, 0.95, 0.9, 0.5, 0.35)
_HOURS = (0, 0, 0, 0, 0, 0, 0, 0.4, 0.7, 1, 1.1, 1.1, 0.95, 0.95, 1, 0.95, 0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0, 0)
_LANGUAGES = {"en": 0.6, "de": 0.25, "nl": 0.15}
_CUSTOMERS = (
    Standing(share=0.15, tier="existing", ahead_s=60.0),
    Standing(share=0.55, tier="existing"),
    Standing(share=0.3, tier="new"),
)
# Queues by rank, and who serves them early (7:00), in the middle (9:00) and late (12:00).
_CREWS: tuple[tuple[dict[str, int], str, str, str], ...] = (
    ({"support": 1}, "ada ben carla dirk", "elif femke", "goran hanna ida"),
    ({"sales": 1}, "ivan julia", "kofi lena", "marek nina"),
    ({"billing": 1, "returns": 2}, "omar", "petra quentin", "rosa"),
    ({"returns": 1, "billing": 2}, "sven", "tess", "ulla"),
    ({"chat": 1, "chat-sales": 1}, "victor wanda", "xenia yusuf", "zoe anouk"),
    ({"mail": 1}, "bram chiara", "david emma farid", ""),
)
_NIGHT = "gijs helga"
_BACK_OFFICE = "jasper katja liam mara nils olga"
_CUT_OFF = ("victor", "wanda", "xenia")
_STARTS_H = (7.0, 9.0, 12.0)
_PACES = (1.0, 0.9, 1.1, 1.2)
_RUSH = (("support", 34, 20, 100.0), ("chat", 33, 17, 80.0))
_WAVES = (("support", 48.0), ("sales", 24.0), ("billing", 16.0), ("chat", 36.0))
_OPEN = (8.0, 18.0)
_MAILS = (3, 3, 3, 3, 3, 5, 9, 18, 36, 72, 96, 84, 44, 34, 30, 28, 26, 20, 12, 8, 6, 6, 5, 4)  # by hour
_SPOKEN = (("en", "de", "nl"), ("en", "de"), ("en", "de", "nl"), ("en", "nl"))


def demo_rules() -> Rules:
    """The rules that suit the demo: e-mail is measured in hours, all else by the defaults."""
    busy_s, very_busy_s = _MAIL_THRESHOLDS_S
    notice = NoticeRule(busy_threshold_s=busy_s, very_busy_threshold_s=very_busy_s)
    return Rules(queues={"mail": QueueRules(thresholds_s=_MAIL_THRESHOLDS_S, notice=notice)})


def demo_centre(live_at: float, rng: np.random.Generator) -> Centre:
    """A mid-sized centre in which, counted from `live_at`, the following happens.

    - In the hour before: `support` and `chat` have their morning rush, and have worked it off by the end.
    - Just before: a campaign's mailing has gone out, and `sales` is being overrun.
    - After 9 minutes the back office logs in to help, after 12 the wave is over, and the queue recovers.
    - From the 25th to the 45th minute most of the chat agents are cut off.
    - All morning more e-mails come than the crew can answer; they are worked off in the afternoon.
    - Later, about every two hours, a wave comes to one of the queues; `rng` says when, where and how high.

    Args:
        live_at: Point in time; 10:00 on a Tuesday in the centre.
        rng: Decides on the later waves.
    """
    in_week = (live_at + WEEKDAY_OF_EPOCH * DAY_S) % (7 * DAY_S)
    outage = Away(agents=_CUT_OFF, from_at=live_at + 25 * MINUTE_S, to_at=live_at + 45 * MINUTE_S)
    campaign = Surge(
        queue="sales", from_at=live_at - CAMPAIGN_LEAD_S, to_at=live_at + 12 * MINUTE_S, per_hour=300.0
    )
    return Centre(
        name="demo",
        queues=_queues(),
        agents=tuple(chain(_crews(), _night(), _back_office(live_at))),
        surges=(*_rush(live_at), campaign, *_waves(live_at, rng)),
        aways=(outage,),
        utc_offset_s=LIVE_S - in_week,
        customers=12_000,
        sources={"phone": "pbx", "chat": "web-chat", "email": "mailbox"},
    )


def _rush(live_at: float) -> Iterator[Surge]:
    """What came in the last hour."""
    for queue, from_min, to_min, per_hour in _RUSH:
        from_at, to_at = live_at - from_min * MINUTE_S, live_at - to_min * MINUTE_S
        yield Surge(queue=queue, from_at=from_at, to_at=to_at, per_hour=per_hour)


def _waves(live_at: float, rng: np.random.Generator) -> Iterator[Surge]:
    """What else happens during the week, in daytime."""
    at = live_at + 90 * MINUTE_S
    while at < live_at + SHOW_S:
        hour = (LIVE_S + at - live_at) % DAY_S / HOUR_S
        queue, usual = _WAVES[int(rng.integers(len(_WAVES)))]
        lasts_s, height = rng.uniform(8, 20) * MINUTE_S, rng.uniform(2.0, 5.0)
        if _OPEN[0] <= hour < _OPEN[1]:
            yield Surge(queue=queue, from_at=at, to_at=at + lasts_s, per_hour=usual * height)
        at += rng.uniform(1.0, 3.0) * HOUR_S


def _profile(day: float, *, opens: int = 7, closes: int = 22, night: float = 0.0) -> Profile:
    """Arrivals per hour: `day` times the shape of the day while open (hours), `night` for the rest."""
    open_hours = range(opens, closes)
    return Profile(
        per_hour=tuple(day * _HOURS[hour] if hour in open_hours else night for hour in range(24)), days=_WEEK
    )


def _phone(name: str, profile: Profile, handling_s: float, *, transfers: dict[str, float]) -> QueuePlan:
    return QueuePlan(
        name=name,
        channel="phone",
        profile=profile,
        handling=Duration(mean_s=handling_s, cv=0.9),
        wrap_up=Duration(mean_s=30.0, cv=0.6),
        patience=Duration(mean_s=420.0, cv=1.1),
        ring=Duration(mean_s=4.0, cv=0.5),
        standings=_CUSTOMERS,
        languages=_LANGUAGES,
        transfers=transfers,
        repeat_abandoned=0.35,
        repeat_after_s=20 * MINUTE_S,
    )


def _chat(name: str, profile: Profile, handling_s: float) -> QueuePlan:
    return QueuePlan(
        name=name,
        channel="chat",
        profile=profile,
        handling=Duration(mean_s=handling_s, cv=0.7),
        wrap_up=Duration(mean_s=20.0, cv=0.5),
        patience=Duration(mean_s=300.0, cv=1.0),
        languages={"en": 0.7, "de": 0.3},
        first_reply_s=12.0,
    )


def _queues() -> tuple[QueuePlan, ...]:
    mail = QueuePlan(
        name="mail",
        channel="email",
        profile=Profile(per_hour=_MAILS, days=_WEEK),
        handling=Duration(mean_s=270.0, cv=0.8),
        standings=(Standing(share=0.7, tier="existing"), Standing(share=0.3, tier="new")),
    )
    return (
        _phone("support", _profile(48, night=4), 260.0, transfers={"billing": 0.05}),
        _phone("sales", _profile(24, opens=8, closes=20), 300.0, transfers={"support": 0.04}),
        _phone("billing", _profile(16, opens=8, closes=18), 250.0, transfers={"support": 0.03}),
        _phone("returns", _profile(12, opens=8, closes=20), 200.0, transfers={}),
        _chat("chat", _profile(36, night=2), 560.0),
        _chat("chat-sales", _profile(12, opens=8, closes=20), 480.0),
        mail,
    )


def _shifts(from_h: float, hours: float, nth: int) -> tuple[Shift, ...]:
    """Working days with a break; every second agent works at the weekend too."""
    pause_s = (from_h + 3.9 + 0.4 * nth) * HOUR_S
    return (
        Shift(
            from_s=from_h * HOUR_S,
            to_s=(from_h + hours) * HOUR_S,
            days=(0, 1, 2, 3, 4) if nth % 2 else (0, 1, 2, 3, 4, 5, 6),
            breaks=((pause_s, pause_s + 25 * MINUTE_S),),
        ),
    )


def _crews() -> Iterator[AgentPlan]:
    for skills, *names in _CREWS:
        for crew, from_h in zip(names, _STARTS_H, strict=True):
            for nth, name in enumerate(crew.split()):
                yield AgentPlan(
                    name=name,
                    skills=skills,
                    shifts=_shifts(from_h, 8.5, nth),
                    languages=_SPOKEN[nth % len(_SPOKEN)],
                    capacity={"chat": 3},
                    pace=_PACES[nth % len(_PACES)],
                    absence=0.02,
                    no_answer=0.015,
                )


def _night() -> Iterator[AgentPlan]:
    for name in _NIGHT.split():
        yield AgentPlan(
            name=name, skills={"support": 1, "chat": 1}, shifts=_shifts(20.0, 11.5, 0), capacity={"chat": 2}
        )


def _back_office(live_at: float) -> Iterator[AgentPlan]:
    """Who helps in `sales` for the rest of the hour, and is not on the phone otherwise."""
    duty = ((live_at + 9 * MINUTE_S, live_at + 60 * MINUTE_S),)
    for name in _BACK_OFFICE.split():
        yield AgentPlan(name=name, skills={"sales": 1}, shifts=(), duty=duty)
