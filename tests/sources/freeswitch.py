"""What the tests of FreeSWITCH share: events as its event socket frames them, and one made by hand.

No FreeSWITCH runs here: what it says is written by us after its documentation and source.
"""

from __future__ import annotations

from urllib.parse import quote

from queuewatch.core.facts.events import Event
from queuewatch.ports import Refused
from queuewatch.sources.freeswitch_frames import Fields, Frame, Frames, parse
from queuewatch.sources.freeswitch_translator import Lists, Translator
from tests.sources import wire
from tests.sources.ami import READING

CORE = "0a1b2c3d-0000-4000-8000-00000000c0de"
MEMBERS = (
    "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch|rejoined_epoch"
    "|bridge_epoch|abandoned_epoch|base_score|skill_score|serving_agent|serving_system|state|score"
)
AGENTS = (
    "name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time"
    "|busy_delay_time|no_answer_delay_time|last_bridge_start|last_bridge_end|last_offered_call"
    "|last_status_change|no_answer_count|calls_answered|talk_time|ready_time|external_calls_count"
)
TIERS = "queue|agent|state|level|position"
QUEUES = "name|strategy|moh_sound|time_base_score"


def fields(action: str, at: float = 1000.0, /, **more: str) -> Fields:
    """An event's fields, as `parse` gives them."""
    named = {f"cc-{name.replace('_', '-')}": value for name, value in more.items()}
    stamp = {"event-date-timestamp": f"{at * 1e6:.0f}", "core-uuid": CORE}
    return {
        "event-name": "CUSTOM",
        "event-subclass": "callcenter::info",
        "cc-action": action,
        **stamp,
        **named,
    }


def member(number: str = "1", **more: str) -> dict[str, str]:
    """The fields that say which caller an event is about."""
    return {
        "queue": "support@default",
        "member_uuid": f"stay-{number}",
        "member_session_uuid": f"call-{number}",
        "member_cid_number": f"+49300{number}",
        **more,
    }


def framed(event: Fields) -> bytes:
    """An event as it goes over the wire."""
    body = "".join(f"{name}: {quote(value)}\n" for name, value in event.items()).encode() + b"\n"
    return f"Content-Length: {len(body)}\nContent-Type: text/event-plain\n\n".encode() + body


def answered(body: str) -> bytes:
    """An answer as it goes over the wire."""
    raw = body.encode()
    return f"Content-Type: api/response\nContent-Length: {len(raw)}\n\n".encode() + raw


def listed(header: str, *rows: str) -> str:
    """A list as `callcenter_config` writes it; an empty one has no header."""
    return "".join(f"{row}\n" for row in ((header, *rows) if rows else ())) + "+OK\n"


def waits(number: str = "1", state: str = "Waiting", joined: int = 990, name: str = "Ann") -> str:
    """A row of the list of callers."""
    return (
        f"support@default|single_box|stay-{number}|call-{number}|+49300{number}|{name}|{joined}|{joined}"
        f"|0|0|0|0|0|||{state}|10"
    )


def agent(
    name: str = "ada@default", status: str = "Available", state: str = "Waiting", wrap: int = 10
) -> str:
    """A row of the list of agents."""
    contact = "[leg_timeout=10]user/ada|user/ada-mobile"
    return f"{name}|single_box||callback|{contact}|{status}|{state}|3|{wrap}|1|1|1|0|0|0|0|0|0|0|0|0"


def serves(name: str = "ada@default", queue: str = "support@default") -> str:
    """A row of the list of who serves what."""
    return f"{queue}|{name}|Ready|1|1"


class Switch:
    """Feeds a translator by hand and keeps what it tells."""

    def __init__(self) -> None:
        self.translator = Translator(READING)
        self.told: list[Event] = []
        self.refused: list[Refused] = []

    def says(self, action: str, at: float = 1000.0, /, **more: str) -> list[Event]:
        """One event; what it and a pause after it bring."""
        return self.takes(fields(action, at, **more), at)

    def takes(self, event: Fields, now: float) -> list[Event]:
        """The same with all fields given."""
        news = [*self.translator.feed(event, now), *self.translator.due(now)]
        self.refused += [one for one in news if isinstance(one, Refused)]
        return self._keep([one for one in news if isinstance(one, Event)])

    def lists(self, lists: Lists, now: float = 1000.0) -> list[Event]:
        """The answer to being asked for everything."""
        return self._keep([*self.translator.listed(lists, now), *self.translator.due(now)])

    def _keep(self, events: list[Event]) -> list[Event]:
        self.told += events
        return events


def read(stream: bytes) -> list[Event | Refused]:
    """A recorded stream to events, as the source reads it."""
    translator = Translator(READING)
    told: list[Event | Refused] = []
    now = 1000.0
    for frame in Frames().feed(stream):
        if isinstance(frame, Refused):
            told.append(frame)
        elif frame.kind == "text/event-plain":
            told += translator.feed(parse(frame.body), now)
    return [*told, *translator.due(now)]


def a_morning() -> list[Fields]:
    """Ann is answered after a first agent did not take it, Ben gives up, Cy times out, Di finds nobody."""
    ada, bea = {"agent": "ada@default"}, {"agent": "bea@default"}
    talk = {"agent_called_time": "1012", "agent_answered_time": "1015", "member_joined_time": "1000"}
    return [
        fields("agent-status-change", 990.0, **ada, agent_status="Available"),
        fields("agent-state-change", 990.1, **ada, agent_state="Waiting"),
        fields("member-queue-start", 1000.0, **member("1")),
        fields("members-count", 1000.1, queue="support@default", count="1", selection="Single-Queue"),
        fields("agent-offering", 1001.0, **member("1"), **bea),
        fields("bridge-agent-fail", 1011.0, **member("1"), **bea, hangup_cause="NO_ANSWER"),
        fields("agent-state-change", 1012.0, **ada, agent_state="Receiving"),
        fields("agent-offering", 1012.1, **member("1"), **ada),
        fields("bridge-agent-start", 1015.0, **member("1"), **ada, **talk),
        fields("agent-state-change", 1015.1, **ada, agent_state="In a queue call"),
        fields("member-queue-start", 1020.0, **member("2")),
        fields("member-queue-start", 1021.0, **member("3")),
        fields("member-queue-start", 1022.0, **member("4")),
        fields(
            "member-queue-end", 1050.0, **member("2"), cause="Cancel", cancel_reason="BREAK_OUT",
            member_joined_time="1020", member_leaving_time="1050",
        ),
        fields(
            "member-queue-end", 1081.0, **member("3"), cause="Cancel", cancel_reason="TIMEOUT",
            member_joined_time="1021", member_leaving_time="1081",
        ),
        fields("member-queue-end", 1082.0, **member("4"), cause="Cancel", cancel_reason="NO_AGENT_TIMEOUT"),
        fields("bridge-agent-end", 1105.0, **member("1"), **ada, **talk, bridge_terminated_time="1105"),
        fields(
            "member-queue-end", 1105.1, **member("1"), **ada, **talk, cause="Terminated",
            member_leaving_time="1105",
        ),
        fields("agent-state-change", 1105.2, **ada, agent_state="Waiting"),
    ]  # fmt: skip


class Wire(wire.Wire):
    """FreeSWITCH's end of a connection."""

    def says(self, *frames: bytes) -> None:
        self.reader.feed_data(b"".join(frames))

    def lets_in(self) -> None:
        """Greeting, and the answers to the password and to what we want to hear."""
        self.says(
            b"Content-Type: auth/request\n\n",
            b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n",
            b"Content-Type: command/reply\nReply-Text: +OK event listener enabled plain\n\n",
        )

    def answers(self, *members: str, core: str = CORE, agents: tuple[str, ...] = (agent(),)) -> None:
        """The answers to being asked for everything: one queue, with these callers and agents."""
        self.says(
            answered(core),
            answered(listed(AGENTS, *agents)),
            answered(listed(TIERS, serves())),
            answered(f"{QUEUES}\nsupport@default|longest-idle-agent|local_stream://moh|system\n+OK"),
            answered(listed(MEMBERS, *members)),
        )


def frames(stream: bytes) -> list[Frame | Refused]:
    """The frames of a stream."""
    return Frames().feed(stream)
