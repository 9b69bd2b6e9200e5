"""Centres on which nothing was chosen: looked at once, when the estimator was done.

Run ``python -m benchmarks.unseen [NAME-PART] [SEED]``. Rows are as in ``benchmarks.centres``, whose fourteen
were looked at while the estimator was made; these were not. Another seed makes other days of each.
"""

import sys
from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.centres import HOUR_S, Trying, show, told_at_once
from benchmarks.waits import MONDAY_AT
from queuewatch.core.hours import Hours
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan, Shift, Standing
from queuewatch.simulate.events import events
from queuewatch.simulate.laws import DAY_S, Duration, Profile, Surge
from queuewatch.simulate.run import simulate

SEED = 7
OFFICE = (9 * HOUR_S, 18 * HOUR_S)
TWO_PEAKS = (0.0,) * 7 + (0.3, 0.8, 1.5, 1.7, 1.1, 0.8, 0.9, 1.4, 1.6, 1.2, 0.8, 0.5, 0.2) + (0.0,) * 4


def _tried(centre: Centre, days: float, rng: np.random.Generator, rules: Rules | None = None) -> Trying:
    truth = simulate(centre, MONDAY_AT, MONDAY_AT + days * DAY_S, rng, drain_s=HOUR_S)
    return Trying(told_at_once(events(truth)), rules=rules or Rules())


def two_peaks(rng: np.random.Generator) -> Trying:
    """60 agents in three shifts with lunch, one queue with two peaks a day; some ring before they answer."""
    queue = QueuePlan(
        name="hotline",
        channel="phone",
        profile=Profile(per_hour=tuple(520.0 * one for one in TWO_PEAKS), day_cv=0.1),
        handling=Duration(mean_s=310.0, cv=0.9),
        wrap_up=Duration(mean_s=40.0, cv=0.5),
        patience=Duration(mean_s=500.0, cv=1.5),
        ring=Duration(mean_s=4.0, cv=0.5),
    )
    crew = tuple(
        AgentPlan(
            name=f"a{i}",
            skills={"hotline": 1},
            shifts=(
                Shift(
                    from_s=(7 + 2 * (i % 3)) * HOUR_S,
                    to_s=(15.5 + 2 * (i % 3)) * HOUR_S,
                    breaks=(((11.5 + i % 3 / 2) * HOUR_S, (12 + i % 3 / 2) * HOUR_S),),
                ),
            ),
            absence=0.08,
            pace=(0.85, 1.0, 1.2)[i % 3],
        )
        for i in range(60)
    )
    return _tried(Centre(queues=(queue,), agents=crew), 3, rng)


def night_line(rng: np.random.Generator) -> Trying:
    """Two agents from ten at night to six in the morning; long talks, patient callers."""
    queue = QueuePlan(
        name="night",
        channel="phone",
        profile=Profile(per_hour=(9.0,) * 6 + (0.0,) * 16 + (11.0,) * 2),
        handling=Duration(mean_s=540.0, cv=1.1),
        patience=Duration(mean_s=900.0, cv=1.2),
    )
    shift = Shift(from_s=22 * HOUR_S, to_s=30 * HOUR_S)
    crew = tuple(AgentPlan(name=f"n{i}", skills={"night": 1}, shifts=(shift,)) for i in range(2))
    return _tried(Centre(queues=(queue,), agents=crew), 40, rng)


def chat_and_mail(rng: np.random.Generator) -> Trying:
    """Eight agents for chat, three at a time, and for mail between chats, which has a calendar."""
    chat = QueuePlan(
        name="chat",
        channel="chat",
        profile=Profile(per_hour=(0.0,) * 9 + (120.0,) * 9 + (0.0,) * 6, days=(1.1, 1, 1, 1, 0.9, 0, 0)),
        handling=Duration(mean_s=620.0, cv=0.8),
        patience=Duration(mean_s=260.0, cv=1.0),
    )
    mail = QueuePlan(
        name="mail",
        channel="email",
        profile=Profile(per_hour=(2.0,) * 7 + (11.0,) * 13 + (4.0,) * 4, days=(1.2, 1, 1, 1, 1, 0.5, 0.4)),
        handling=Duration(mean_s=420.0, cv=1.0),
    )
    shift = Shift(from_s=OFFICE[0], to_s=OFFICE[1], days=(0, 1, 2, 3, 4))
    chatting = [
        AgentPlan(name=f"c{i}", skills={"chat": 1}, shifts=(shift,), capacity={"chat": 3}) for i in range(7)
    ]
    writing = [AgentPlan(name=f"m{i}", skills={"mail": 1}, shifts=(shift,)) for i in range(3)]
    hours = Hours(zone=ZoneInfo("UTC"), week=((OFFICE,),) * 5 + ((), ()))
    centre = Centre(queues=(chat, mail), agents=(*chatting, *writing))
    return _tried(centre, 21, rng, Rules(queues={"mail": QueueRules(hours=hours)}))


def six_skills(rng: np.random.Generator) -> Trying:
    """Six queues, 26 agents with two or three skills each, some transfers, two ranks, heavy-tailed talks."""
    names = ("sales", "orders", "bills", "moving", "faults", "spanish")
    queues = tuple(
        QueuePlan(
            name=name,
            channel="phone",
            profile=Profile(per_hour=tuple(per_hour * one for one in TWO_PEAKS)),
            handling=Duration(mean_s=handling_s, cv=1.6),
            wrap_up=Duration(mean_s=30.0, cv=1.0),
            patience=Duration(mean_s=350.0, cv=1.4),
            standings=(Standing(share=0.2, priority=1), Standing(share=0.8)),
            transfers={"bills": 0.06} if name == "orders" else {},
        )
        for name, per_hour, handling_s in zip(
            names,
            (70.0, 55.0, 40.0, 20.0, 45.0, 12.0),
            (260.0, 200.0, 330.0, 280.0, 420.0, 300.0),
            strict=True,
        )
    )
    crew = tuple(
        AgentPlan(
            name=f"a{i}",
            skills={names[i % 6]: 1, names[(i + 1 + i // 6) % 6]: 2} | ({names[5]: 2} if i % 9 == 0 else {}),
            pace=0.8 + 0.1 * (i % 5),
            shifts=(Shift(from_s=7 * HOUR_S, to_s=20 * HOUR_S),),
        )
        for i in range(26)
    )
    return _tried(Centre(queues=queues, agents=crew), 6, rng)


def mailings(rng: np.random.Generator) -> Trying:
    """25 agents, calm but for an hour or two after each mailing, when far more call than they can serve."""
    queue = QueuePlan(
        name="desk",
        channel="phone",
        profile=Profile(per_hour=(200.0,)),
        handling=Duration(mean_s=300.0, cv=1.0),
        patience=Duration(mean_s=400.0, cv=1.3),
    )
    starts = [MONDAY_AT + day * DAY_S + (10 + 3 * (day % 3)) * HOUR_S for day in range(8)]
    surges = tuple(
        Surge(queue="desk", from_at=at, to_at=at + (1 + day % 2) * HOUR_S, per_hour=400.0)
        for day, at in enumerate(starts)
    )
    crew = tuple(AgentPlan(name=f"a{i}", skills={"desk": 1}) for i in range(25))
    return _tried(Centre(queues=(queue,), agents=crew, surges=surges), 8, rng)


UNSEEN: dict[str, Callable[[np.random.Generator], Trying]] = {
    "60 agents, two peaks": two_peaks,
    "night line, 2 agents": night_line,
    "chat and mail": chat_and_mail,
    "six skills, 26 agents": six_skills,
    "mailings": mailings,
}


def main() -> None:
    """Print a row for each centre."""
    show(UNSEEN, sys.argv[1] if len(sys.argv) > 1 else "", int(sys.argv[2]) if len(sys.argv) > 2 else SEED)


if __name__ == "__main__":
    main()
