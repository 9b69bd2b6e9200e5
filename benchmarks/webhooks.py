"""How fast webhooks are read, each beside the least that could be done with it in the same run.

    python -m benchmarks.webhooks

The payloads are those of the tests' mornings. The plain loop decodes the same bodies as JSON (or forms) and
looks at nothing; processor time is counted, of the best of many runs in turn.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec

from benchmarks.ratio import compare
from queuewatch.sources.webhooks import Webhook
from tests.sources.conformance import Story, source
from tests.sources.mornings import (
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

STORIES = {
    "Amazon Connect, contact events": amazon_connect.CONTACT_EVENTS,
    "Amazon Connect, contact records": amazon_connect.CONTACT_RECORDS,
    "Chatwoot": chatwoot.STORY,
    "Genesys Cloud": genesys_cloud.STORY,
    "Intercom": intercom.STORY,
    "Intercom by configuration": generic_json.STORY,
    "Rocket.Chat": rocketchat.STORY,
    "Twilio, event callback": twilio.STORY,
    "Twilio, Event Streams": twilio.STREAMED,
    "Zammad": zammad.STORY,
    "Zendesk": zendesk.STORY,
}
ROUNDS = 200


def parsing(name: str, story: Story) -> None:
    """Payloads to events; plain: decode them."""
    bodies = [story.body(payload) for payload in story.payloads] * ROUNDS
    hook: Webhook = source(story.own)

    def plain() -> None:
        for body in bodies:
            if story.form:
                dict(parse_qsl(body.decode()))
            else:
                msgspec.json.decode(body)

    def ours() -> None:
        for body in bodies:
            hook.parse(body, story.content_type)

    compare(name, len(bodies), plain, ours)


def main() -> None:
    """Measure all."""
    for name, story in STORIES.items():
        parsing(name, story)


if __name__ == "__main__":
    main()
