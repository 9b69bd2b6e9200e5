"""The systems that speak by webhook: which there are, and one of them as the HTTP route sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, structs

from queuewatch.config import Settings, WebhookSource
from queuewatch.ports import Refused
from queuewatch.sources import (
    amazon_connect,
    chatwoot,
    generic_json,
    genesys_cloud,
    intercom,
    rocketchat,
    twilio,
    zammad,
    zendesk,
)
from queuewatch.sources.webhook import Found, Hook, Parse, Rule, decode
from queuewatch.sources.webhook_fields import UnreadableError
from queuewatch.sources.webhook_signatures import Call, Verify, body_hmac, hub_sha1, token


class Kind(Struct, frozen=True):
    """One system: how its payloads are read, and how it proves that it sent them."""

    parse: Parse
    verify: Verify


KINDS: dict[str, Kind] = {
    "amazon-connect": Kind(amazon_connect.parse, token()),
    "chatwoot": Kind(chatwoot.parse, chatwoot.verify),
    "generic-json": Kind(generic_json.parse, token()),
    "genesys-cloud": Kind(genesys_cloud.parse, token()),
    "intercom": Kind(intercom.parse, hub_sha1),
    "rocketchat": Kind(rocketchat.parse, rocketchat.verify),
    "twilio": Kind(twilio.parse, twilio.verify),
    "zammad": Kind(zammad.parse, hub_sha1),
    "zendesk": Kind(zendesk.parse, zendesk.verify),
}


class Webhook:
    """One configured source: who may speak, and what it says.

    Args:
        hook: What its parse is told.
        own: Its section of the config.
    """

    def __init__(self, hook: Hook, own: WebhookSource) -> None:
        self._parse = KINDS[own.kind].parse
        self._hook = hook
        self._own = own
        self._verify = _verify(own)

    @property
    def name(self) -> str:
        """The source's name in config, metrics and logs."""
        return self._hook.source

    def verify(self, headers: Mapping[str, str], body: bytes, url: str, now: float) -> Refused | None:
        """Why a request is not from whom it should be; None when it is.

        Args:
            headers: By name, in any case.
            body: As it came.
            url: As the request was received.
            now: The present.
        """
        lower = {name.lower(): value for name, value in headers.items()}
        own = self._own
        if own.url is not None:
            asked = url.partition("?")[2]
            url = f"{own.url}?{asked}" if asked else own.url
        return self._verify(Call(lower, body, url, now, own.max_age_s), own.secret.reveal())

    def parse(self, body: bytes, content_type: str) -> list[Found]:
        """What a request says: events and refusals, never an exception."""
        try:
            payload = decode(body, content_type)
        except UnreadableError as error:
            return [Refused(error.reason, str(error))]
        return self._parse(payload, self._hook)


def _verify(own: WebhookSource) -> Verify:
    """How the sender proves itself: as the system does by itself, unless the config says otherwise."""
    if own.auth == "hmac-sha256":
        return body_hmac(own.auth_header or "X-Signature", "sha256")
    if own.auth == "hmac-sha1":
        return body_hmac(own.auth_header or "X-Signature", "sha1")
    if own.auth == "token" or own.auth_header is not None:
        return token(own.auth_header or "X-Api-Key")
    return KINDS[own.kind].verify


def webhooks(settings: Settings, hash_customer: Callable[[str], str]) -> list[Webhook]:
    """The configured webhook sources.

    Args:
        settings: What the administrator decided.
        hash_customer: Turns a customer's identifier into its keyed hash.
    """
    return [
        Webhook(_hook(name, own, settings.site.name, hash_customer), own)
        for name, own in settings.sources.items()
        if isinstance(own, WebhookSource)
    ]


def _hook(name: str, own: WebhookSource, site: str, hash_customer: Callable[[str], str]) -> Hook:
    return Hook(
        source=name,
        hash_customer=hash_customer,
        site=own.site or site,
        queue=own.queue,
        channel=own.channel,
        queues=own.queues,
        channels=own.channels,
        states=own.states,
        languages=own.languages,
        rules=tuple(Rule(**structs.asdict(rule)) for rule in own.rules),
    )
