"""Tests of the table of webhook systems: each can be configured, and has its page."""

from __future__ import annotations

import json
import re
from datetime import UTC
from pathlib import Path
from typing import get_args

import pytest

from queuewatch.config import Secret, Settings, WebhookSource, load
from queuewatch.config.kinds import SourceKind
from queuewatch.core.facts.events import Event
from queuewatch.sources.reading import moment
from queuewatch.sources.webhooks import KINDS, Webhook, webhooks
from tests.sources.conformance import hidden

DOCS = Path(__file__).parents[2] / "docs/sources"
ENVIRON = re.compile(r'env = "([A-Z_]+)"')


def test_every_kind_that_can_be_configured_is_there() -> None:
    assert set(get_args(SourceKind)) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_page_whose_config_is_taken(kind: str, tmp_path: Path) -> None:
    page = (DOCS / f"{kind.replace('-', '_')}.md").read_text()
    (toml,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "queuewatch.toml"
    path.write_text(re.sub(r"(?m)^   ", "", toml))
    settings = load(path, dict.fromkeys(ENVIRON.findall(toml), "a secret"))
    (own,) = settings.sources.values()
    assert own.kind == kind
    (source,) = webhooks(settings, hidden)
    assert source.name in settings.sources


def test_the_site_is_the_sources_own_or_everybodys() -> None:
    own = WebhookSource(kind="zammad", secret=Secret("s"))
    north = WebhookSource(kind="zammad", secret=Secret("s"), site="north")
    first, second = webhooks(Settings(sources={"a": own, "b": north}), hidden)
    body = (
        b'{"ticket": {"id": 1, "group": {"name": "g"}, "created_at": "2026-11-21T10:00:00Z",'
        b' "updated_at": "2026-11-21T10:00:00Z"}}'
    )
    assert [one.parse(body, "")[0].site for one in (first, second)] == ["default", "north"]  # type: ignore[union-attr]


SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of real systems are not here")


def sampled(kind: str, **more: str) -> Webhook:
    own = WebhookSource(kind=kind, secret=Secret(more.get("secret", "s")), queue="q", url=more.get("url"))  # type: ignore[arg-type]
    (source,) = webhooks(Settings(sources={"desk": own}), hidden)
    return source


@needs_samples
@pytest.mark.parametrize(
    ("kind", "sample", "facts"),
    [
        ("amazon-connect", "amazon_connect/contact_event_connected_to_agent", ["Answered"]),
        ("amazon-connect", "amazon_connect/agent_event_state_change_acw_start", ["AgentChanged"]),
        ("amazon-connect", "amazon_connect/agent_event_heart_beat", []),
        ("chatwoot", "chatwoot/conversation_created", ["Enqueued"]),
        ("chatwoot", "chatwoot/message_created_agent", ["MessageSent", "Answered"]),
        ("genesys-cloud", "genesys_cloud/eventbridge_flow_outcome", []),
        ("intercom", "intercom/conversation_user_created", ["Enqueued"]),
        ("intercom", "intercom/ping", []),
        ("rocketchat", "rocketchat/01_LivechatSessionStart", ["Enqueued"]),
        ("rocketchat", "rocketchat/02_LivechatSessionTaken", ["Enqueued", "Answered"]),
        ("rocketchat", "rocketchat/03_Message_visitor", ["MessageReceived"]),
        ("rocketchat", "rocketchat/04_Message_agent", ["MessageSent"]),
        ("rocketchat", "rocketchat/05_LivechatSessionForwarded", ["Transferred", "Enqueued", "Answered"]),
        ("rocketchat", "rocketchat/06_LivechatSession_close", ["Completed"]),
        ("twilio", "twilio/event_streams_reservation_created", ["Offered"]),
        ("zammad", "zammad/ticket_webhook", ["Enqueued", "MessageReceived"]),
        ("zendesk", "zendesk/agent_state_changed", ["AgentChanged"]),
        ("zendesk", "zendesk/messaging_ticket_message_added", ["MessageSent"]),
        ("zendesk", "zendesk/ticket_created", ["Enqueued"]),
    ],
)
def test_what_real_systems_send_is_read(kind: str, sample: str, facts: list[str]) -> None:
    found = sampled(kind).parse((SAMPLES / f"{sample}.json").read_bytes(), "application/json")
    assert [type(one.data).__name__ if isinstance(one, Event) else one.reason for one in found] == facts


@needs_samples
def test_a_contact_record_that_comes_again_corrects_itself() -> None:
    source = sampled("amazon-connect")
    first, second, third = (
        source.parse((SAMPLES / f"amazon_connect/ctr_{name}.json").read_bytes(), "")
        for name in ("1_first", "2_reemitted", "3_reemitted")
    )
    for again in (second, third):
        assert [one.id for one in again if isinstance(one, Event)] == [
            one.id for one in first if isinstance(one, Event)
        ]
    versions = [one[0].version_at for one in (first, second, third) if isinstance(one[0], Event)]
    assert versions == sorted(versions, key=float)  # type: ignore[arg-type]


@needs_samples
@pytest.mark.parametrize("spoilt", [False, True])
def test_what_real_systems_sign_is_known_and_a_change_is_found_out(*, spoilt: bool) -> None:
    for kind in ("chatwoot", "zendesk"):
        vector = json.loads((SAMPLES / kind / "signature_vector.json").read_bytes())
        headers = vector.get("headers") or {name: value for name, value in vector.items() if name[:2] == "X-"}
        stamp = next(value for name, value in headers.items() if name.endswith("Timestamp"))
        body = (SAMPLES / kind / vector["body_file"]).read_bytes() + (b" " if spoilt else b"")
        refused = sampled(kind, secret=vector["secret"]).verify(headers, body, "", moment(stamp, UTC))
        assert (refused is None) is not spoilt


@needs_samples
@pytest.mark.parametrize("spoilt", [False, True])
def test_what_twilio_signs_is_known_and_a_change_is_found_out(*, spoilt: bool) -> None:
    made = json.loads((SAMPLES / "twilio/CONSTRUCTED_event_callback.json").read_bytes())
    source = sampled("twilio", secret=made["auth_token"], url=made["url"])
    signature = next(value for name, value in made.items() if name.lower() == "x-twilio-signature")
    body = made["body"].encode() + (b"&more=1" if spoilt else b"")
    headers = {"X-Twilio-Signature": signature, "Content-Type": made["content_type"]}
    assert (source.verify(headers, body, "", 0.0) is None) is not spoilt
    if not spoilt:
        (found,) = source.parse(body, made["content_type"])
        assert isinstance(found, Event)
        assert type(found.data).__name__ == "Answered"


@needs_samples
def test_an_unlisted_system_is_an_hours_work_and_no_code(tmp_path: Path) -> None:
    """Intercom's own webhook, read by the rules on the page about unknown systems."""
    (toml,) = re.findall(r"```toml\n(.*?)```", (DOCS / "generic_json.md").read_text(), re.DOTALL)
    path = tmp_path / "queuewatch.toml"
    path.write_text(toml)
    settings = load(path, dict.fromkeys(ENVIRON.findall(toml), "a secret"))
    (by_rules,) = webhooks(settings, hidden)
    body = (SAMPLES / "intercom/conversation_user_created.json").read_bytes()
    (found,) = by_rules.parse(body, "application/json")
    (known,) = sampled("intercom").parse(body, "application/json")
    assert isinstance(found, Event)
    assert isinstance(known, Event)
    assert type(found.data) is type(known.data)
    assert found.subject == known.subject
    assert found.at == known.at
