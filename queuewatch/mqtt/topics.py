"""Topics: `queuewatch/v1/{site}/…`, with names made safe for MQTT and read back.

A site's or queue's name is one level of a topic, where `/`, `+` and `#` mean something and control
characters are not allowed. Those, and `%` itself, are percent-encoded as in a URL (`Sales/North` becomes
`Sales%2FNorth`); everything else, `Kündigung` too, stays as it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal
from urllib.parse import quote, unquote

ROOT = "queuewatch/v1"
PROBE_QUEUE = "%check"
"""A level that no queue's name becomes: `check` tries on it whether we may publish."""


def level(name: str) -> str:
    """The name as one level of a topic; `unquote` reads it back."""
    if name.isprintable() and not any(special in name for special in "%/+#"):
        return name
    return "".join(
        char if char.isprintable() and char not in "%/+#" else quote(char, safe="", errors="replace")
        for char in name
    )


def topic(site: str, *levels: str) -> str:
    """`queuewatch/v1/{site}/…`; each level is made safe."""
    return "/".join((ROOT, level(site), *map(level, levels)))


def queue_topic(site: str, queue: str, what: Literal["state", "notice"]) -> str:
    """Where a queue's state or notice is published, retained."""
    return topic(site, "queues", queue, what)


def probe_topic(site: str) -> str:
    """Where `check` tries whether we may publish."""
    return f"{topic(site)}/queues/{PROBE_QUEUE}/state"


def event_filters(sites: tuple[str, ...]) -> list[str]:
    """What to subscribe to: the events of these sites; of every site when none is named."""
    return [f"{topic(site)}/events/#" for site in sites] or [f"{ROOT}/+/events/#"]


@lru_cache(maxsize=4096)
def event_site(event_topic: str) -> str | None:
    """The site of a topic that events come in on; None when it is no such topic."""
    product, version, site, events, *_ = (*event_topic.split("/"), "", "", "", "")
    if f"{product}/{version}" != ROOT or events != "events" or not site:
        return None
    return unquote(site)
