"""What every webhook source must pass: a battery to be inherited, with a story of the system's own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from hashlib import sha1
from hmac import new as hmac
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from queuewatch.config import Settings, WebhookSource
from queuewatch.core.facts.events import Data, Event
from queuewatch.core.facts.wire import pack, unpack
from queuewatch.ports import Refused
from queuewatch.sources.webhooks import Webhook, webhooks
from tests.core.histories import MORNING, laws, picture, told

NAME = "desk"
URL = "https://queuewatch.example/v1/sources/desk"
FORM = "application/x-www-form-urlencoded"

# The battery is inherited on purpose: each source runs it by itself, and draws are not kept between runs.
judged = settings(
    laws, max_examples=3 * settings().max_examples, suppress_health_check=[HealthCheck.differing_executors]
)

Signed = tuple[dict[str, str], str]


class Story(Struct, frozen=True, kw_only=True):
    """A system's own account of a morning.

    Attributes:
        own: The source's section of the config.
        payloads: What the system sends, in order.
        facts: What it means: seconds after ten, contact or agent, fact.
        sign: The headers and the URL that prove who sent a body.
        signs_body: Whether a changed body is found out.
        form: Whether payloads are sent as forms.
        identifiers: Customers' identifiers in the payloads, which must not go further.
    """

    own: WebhookSource
    payloads: list[dict[str, Any]]
    facts: list[tuple[float, str, Data]]
    sign: Callable[[bytes, str], Signed]
    signs_body: bool = True
    form: bool = False
    identifiers: list[str] = field(default_factory=list)

    @property
    def content_type(self) -> str:
        return FORM if self.form else "application/json"

    def body(self, payload: object) -> bytes:
        if self.form and isinstance(payload, dict):
            return urlencode({name: str(value) for name, value in payload.items()}).encode()
        return msgspec.json.encode(payload)

    def parsed(self, payload: object) -> list[Event | Refused]:
        """What one payload says."""
        return source(self.own).parse(self.body(payload), self.content_type)

    def meant(self, payload: object) -> list[Any]:
        """The facts that one payload means, where nothing of it is refused."""
        return [data for _, _, data in plain(events(self.parsed(payload)))]


def hidden(raw: str) -> str:
    """A stand-in for the keyed hash that does not show what it stands for."""
    return f"h{sum(raw.encode())}"


def sign_hub(body: bytes, secret: str) -> Signed:
    """HMAC-SHA1 of the body in `X-Hub-Signature`, as several systems do it."""
    return {"X-Hub-Signature": f"sha1={hmac(secret.encode(), body, sha1).hexdigest()}"}, URL


def source(own: WebhookSource) -> Webhook:
    (only,) = webhooks(Settings(sources={NAME: own}), hidden)
    return only


def at(seconds: float) -> float:
    """So many seconds after ten, as a point in time."""
    return MORNING + seconds


def events(found: list[Event | Refused]) -> list[Event]:
    """The events, where nothing was refused."""
    assert not [one for one in found if isinstance(one, Refused)]
    return [one for one in found if isinstance(one, Event)]


def plain(found: list[Event]) -> list[tuple[float, str, Data]]:
    return [(round(one.at - MORNING, 3), one.subject, one.data) for one in found]  # type: ignore[misc]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_OCTETS = st.binary(max_size=9).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
_HEADERS = st.dictionaries(st.text(max_size=5), _OCTETS, max_size=2)
_ODDITIES: list[Any] = [
    None,
    True,
    "",
    " ",
    "\x00",
    "x" * 300,
    "٣",
    "9" * 30,
    "1e400",
    -1,
    2**70,
    1e300,
    [],
    {},
]
_ODD = st.sampled_from(_ODDITIES)


def _leaves(value: object) -> Iterator[tuple[Any, Any]]:
    """Where values stand in a payload: holder and key."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in list(members):
        yield value, key
        yield from _leaves(inner)


class Conformance:
    """Inherit, and set `story`."""

    story: ClassVar[Story]

    def parse(self, payload: object) -> list[Event | Refused]:
        return source(self.story.own).parse(self.story.body(payload), self.story.content_type)

    def test_the_story_becomes_its_facts(self) -> None:
        found = [one for payload in self.story.payloads for one in self.parse(payload)]
        assert plain(events(found)) == self.story.facts
        assert {one.source for one in events(found)} == {NAME}

    def test_the_same_twice_bears_the_same_ids(self) -> None:
        for payload in self.story.payloads:
            assert self.parse(payload) == self.parse(payload)

    def test_different_facts_bear_different_ids(self) -> None:
        found = events([one for payload in self.story.payloads for one in self.parse(payload)])
        by_key = {(one.id, one.version_at): one for one in found}
        assert all(by_key[one.id, one.version_at] == one for one in found)

    @pytest.mark.parametrize("seed", range(10))
    def test_shuffled_and_repeated_it_gives_the_same_state(self, seed: int) -> None:
        payloads = [*self.story.payloads, *self.story.payloads]
        random.Random(seed).shuffle(payloads)  # noqa: S311 (an order, no secret)
        in_order = [one for payload in self.story.payloads for one in events(self.parse(payload))]
        mixed = [one for payload in payloads for one in events(self.parse(payload))]
        assert picture(told(mixed)) == picture(told(in_order))

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"\xff\xfe", b'"text"', b"7", b"[1, null]", b"[" * 100_000, b"{}", b"\x00" * 4096]
    )
    def test_garbage_is_refused(self, body: bytes) -> None:
        found = source(self.story.own).parse(body, "application/json")
        assert found
        assert all(isinstance(one, Refused) and one.reason and one.detail for one in found)

    @pytest.mark.parametrize("depth", [20, 300, 900])
    def test_depth_does_no_harm(self, depth: int) -> None:
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        for payload in self.story.payloads:
            body = msgspec.json.encode(payload)[:-1] + b',"deep":' + deep + b',"time":[' + deep + b"]}"
            _sound(source(self.story.own).parse(body, "application/json"))
        _sound(source(self.story.own).parse(b"[" * depth + b"]" * depth, "application/json"))

    def test_what_breaks_off_is_refused(self) -> None:
        for payload in self.story.payloads:
            body = msgspec.json.encode(payload)
            for end in range(1, len(body), max(1, len(body) // 7)):
                (refused,) = source(self.story.own).parse(body[:end], "application/json")
                assert isinstance(refused, Refused)
                assert refused.reason == "not_json"

    def test_huge_texts_do_no_harm(self) -> None:
        for payload in self.story.payloads:
            huge = msgspec.json.decode(msgspec.json.encode(payload))
            for holder, key in _leaves(huge):
                if isinstance(holder[key], str):
                    holder[key] += "x" * 100_000
            _sound(self.parse(huge))

    @judged
    @given(payload=anything)
    def test_any_json_gives_events_or_refusals(self, payload: object) -> None:
        _sound(self.parse(payload))

    @judged
    @given(data=st.data())
    def test_a_story_gone_wrong_gives_events_or_refusals(self, data: st.DataObject) -> None:
        payload = msgspec.json.decode(msgspec.json.encode(data.draw(st.sampled_from(self.story.payloads))))
        for _ in range(data.draw(st.integers(1, 3))):
            places = list(_leaves(payload))
            holder, key = data.draw(st.sampled_from(places))
            holder[key] = data.draw(_ODD | anything)
        try:
            self.story.body(payload)
        except (msgspec.MsgspecError, OverflowError):  # beyond what JSON is written with here
            return
        _sound(self.parse(payload))

    def test_it_knows_who_sent_it(self) -> None:
        body = self.story.body(self.story.payloads[0])
        headers, url = self.story.sign(body, self.story.own.secret.reveal())
        assert source(self.story.own).verify(headers, body, url, at(0)) is None

    def test_a_wrong_secret_is_refused(self) -> None:
        body = self.story.body(self.story.payloads[0])
        headers, url = self.story.sign(body, "not the secret")
        assert self._reason(headers, body, url) == "bad_signature"

    def test_without_proof_it_is_refused(self) -> None:
        body = self.story.body(self.story.payloads[0])
        assert self._reason({}, body, URL) == "bad_signature"

    def test_a_changed_body_is_refused_where_bodies_are_signed(self) -> None:
        body = self.story.body(self.story.payloads[0])
        headers, url = self.story.sign(body, self.story.own.secret.reveal())
        reason = self._reason(headers, body.replace(b"1", b"2"), url)
        assert reason == ("bad_signature" if self.story.signs_body else None)

    def _reason(self, headers: dict[str, str], body: bytes, url: str) -> str | None:
        refused = source(self.story.own).verify(headers, body, url, at(0))
        return None if refused is None else refused.reason

    @judged
    @given(_HEADERS, st.binary(max_size=40), _OCTETS, _OCTETS)
    def test_any_request_is_judged(self, headers: dict[str, str], body: bytes, host: str, query: str) -> None:
        """Headers and URLs hold whatever octets were sent, as the server hands them on."""
        signed, _ = self.story.sign(b"", "not the secret")
        odd = dict.fromkeys(signed, query) | headers
        for url in (f"https://{host}/v1/sources/desk?{query}", query):
            assert isinstance(source(self.story.own).verify(odd, body, url, at(0)), Refused)

    def test_customers_identifiers_go_no_further(self) -> None:
        found = [one for payload in self.story.payloads for one in events(self.parse(payload))]
        packed = b"\n".join(pack(one) for one in found).decode()
        assert [raw for raw in self.story.identifiers if raw in packed] == []


def _sound(found: list[Event | Refused]) -> None:
    """Whatever was found, the journal can keep it."""
    for one in found:
        if isinstance(one, Event):
            assert unpack(pack(one)) == one
        else:
            assert one.reason
            assert len(one.detail) < 1000
