"""What a workshop knows in tests: settings, and the pasts of its queues."""

from __future__ import annotations

from datetime import timedelta

from queuewatch.config import Settings
from queuewatch.config.sections import Crew, HoursSection, Planner, Pool, Queue, QueuePlanner
from tests.core.plan.pasts import MONDAY, moment, office, past

NOW = moment(MONDAY + timedelta(weeks=6), 8.0)
DAY = "09:00-17:00"
SETTINGS = Settings(
    hours=HoursSection(zone="Europe/Berlin", mon=DAY, tue=DAY, wed=DAY, thu=DAY, fri=DAY, sat="10:00-14:00"),
    planner=Planner(
        shrinkage=0.2,
        pools={
            "all": Pool(queues=("sales", "support")),
            "some": Pool(
                queues=("sales", "support"),
                crews={"first": Crew(queues=("sales",)), "both": Crew(queues=("sales", "support"), most=9)},
            ),
        },
    ),
    queues={"new": Queue(planner=QueuePlanner(like="sales", scale=0.5))},
)
PASTS = {
    "sales": past(6, office),
    "support": past(6, office, seed=2),
    "new": past(1, lambda at: office(at) / 2, first=MONDAY + timedelta(weeks=5)),
}
