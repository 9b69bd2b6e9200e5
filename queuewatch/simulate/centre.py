"""What a simulated contact centre is made of: queues, agents, shifts, and what goes wrong."""

from __future__ import annotations

import math
from collections import Counter

from msgspec import Struct

from queuewatch.core.facts.terms import Channel, Tier
from queuewatch.simulate.laws import DAY_S, Duration, Profile, Surge


class Standing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class of customers and how it is treated in line.

    Attributes:
        share: Share of the customers, in [0, 1]; the shares of a queue add up to 1.
        tier: What the events say about the customer.
        priority: Higher goes first, whatever the others have waited.
        ahead_s: Put ahead as if it had arrived so many seconds earlier.
    """

    share: float
    tier: Tier | None = None
    priority: int = 0
    ahead_s: float = 0.0


class QueuePlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A queue: who comes, how long it takes to serve them, and how long they wait for it.

    Attributes:
        handling: Time with an agent (talk), seconds.
        wrap_up: Time the agent needs after it; None: none.
        patience: How long a customer waits before giving up; None: for ever.
        ring: From offer to answer; None: agents answer at once.
        ring_limit_s: After so long an offer has failed.
        rest_s: How long an agent who did not answer is taken out of routing.
        standings: Classes of customers; empty: all are equal.
        languages: Share of the customers by language; empty: no language is told, any agent will do.
        ahead_s: Head start of this queue over others where an agent serves several, seconds.
        time_out_s: The longest the queue lets anyone wait.
        overflow_to: Where a contact goes at the time-out; None: it is turned away.
        transfers: Share of the answered that is transferred, by target queue.
        repeat_abandoned, repeat_answered: Share that calls again after giving up or after a conversation.
        repeat_after_s: Mean of the exponential time until then.
        first_reply_s: Chat: from answer to the agent's first message.

    Raises:
        ValueError: Shares that are none.
    """

    name: str
    channel: Channel
    profile: Profile
    handling: Duration
    site: str = "default"
    wrap_up: Duration | None = None
    patience: Duration | None = None
    ring: Duration | None = None
    ring_limit_s: float = 15.0
    rest_s: float = 30.0
    standings: tuple[Standing, ...] = ()
    languages: dict[str, float] = {}
    ahead_s: float = 0.0
    time_out_s: float = math.inf
    overflow_to: str | None = None
    transfers: dict[str, float] = {}
    repeat_abandoned: float = 0.0
    repeat_answered: float = 0.0
    repeat_after_s: float = 600.0
    first_reply_s: float = 10.0

    def __post_init__(self) -> None:
        _shares(self.name, "standings", [one.share for one in self.standings])
        _shares(self.name, "languages", list(self.languages.values()))
        if sum(self.transfers.values()) > 1 or max(self.repeat_abandoned, self.repeat_answered) > 1:
            raise ValueError(f"queue {self.name}: transfers and repeats are shares, at most 1")


def _shares(queue: str, what: str, shares: list[float]) -> None:
    if shares and (min(shares) < 0 or not math.isclose(sum(shares), 1.0, abs_tol=1e-9)):
        raise ValueError(f"queue {queue}: the shares of its {what} must add up to 1, not {sum(shares):g}")


class Shift(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an agent works: seconds of the local day, on some weekdays (0 is Monday).

    Attributes:
        to_s: May lie past midnight (over 86400).
        breaks: (from_s, to_s) within the shift, ascending.
    """

    from_s: float = 0.0
    to_s: float = DAY_S
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    breaks: tuple[tuple[float, float], ...] = ()


class AgentPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agent: what they can do, when they are there, how they work.

    Attributes:
        skills: Queue → rank; rank 1 is served before rank 2. All queues belong to one site.
        languages: Languages spoken; empty: all.
        capacity: Contacts at a time per channel, where not 1. One channel at a time.
        duty: Further times on duty, points in time (from_at, to_at), beside the shifts.
        pace: Factor on handling and wrap-up; 1.3 is a slow agent.
        absence: Chance to be ill, per shift.
        no_answer: Share of the offers that are left ringing.
    """

    name: str
    skills: dict[str, int]
    shifts: tuple[Shift, ...] = (Shift(),)
    duty: tuple[tuple[float, float], ...] = ()
    languages: tuple[str, ...] = ()
    capacity: dict[Channel, int] = {}
    pace: float = 1.0
    absence: float = 0.0
    no_answer: float = 0.0


class Away(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agents cannot take contacts from `from_at` to `to_at`, for `reason`: an outage, a fire drill."""

    agents: tuple[str, ...]
    from_at: float
    to_at: float
    reason: str = "outage"


class Centre(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contact centre.

    Attributes:
        name: Begins the ids of its contacts.
        utc_offset_s: Local time minus UTC, seconds: profiles and shifts are local.
        customers: How many different customers there are.
        sources: Who tells of each channel; where missing, the channel's own name.

    Raises:
        ValueError: A name is used twice or not known, or an agent serves queues of two sites.
    """

    queues: tuple[QueuePlan, ...]
    agents: tuple[AgentPlan, ...]
    surges: tuple[Surge, ...] = ()
    aways: tuple[Away, ...] = ()
    name: str = "sim"
    utc_offset_s: float = 0.0
    customers: int = 20_000
    sources: dict[Channel, str] = {}

    def __post_init__(self) -> None:
        names = Counter([one.name for one in self.queues] + [one.name for one in self.agents])
        twice = [name for name, count in names.items() if count > 1]
        if twice:
            raise ValueError(f"queues and agents need different names; used twice: {', '.join(twice)}")
        sites = {one.name: one.site for one in self.queues}
        asked = {target for one in self.queues for target in (*one.transfers, one.overflow_to) if target}
        asked |= {name for one in self.agents for name in one.skills} | {one.queue for one in self.surges}
        if unknown := sorted(asked - sites.keys()):
            raise ValueError(f"no such queue: {', '.join(unknown)}")
        for one in self.agents:
            if len({sites[name] for name in one.skills}) != 1:
                raise ValueError(f"agent {one.name} must serve queues of exactly one site")

    def source(self, channel: Channel) -> str:
        """Who tells of this channel."""
        return self.sources.get(channel, channel)
