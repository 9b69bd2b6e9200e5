"""How fast webhooks are read, each beside the least that could be done with it in the same run.

    python -m benchmarks.webhooks

The payloads are those of the tests' stories. The plain loop decodes the same bodies as JSON (or forms) and
looks at nothing; processor time is counted, of the best of many runs in turn.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec

from benchmarks.ratio import compare
from queuewatch.sources.webhooks import Webhook
from tests.sources.conformance import Story, source
from tests.sources.test_amazon_connect import TestContactEvents, TestContactRecords
from tests.sources.test_chatwoot import TestChatwoot
from tests.sources.test_generic_json import TestGenericJson
from tests.sources.test_genesys_cloud import TestGenesysCloud
from tests.sources.test_intercom import TestIntercom
from tests.sources.test_rocketchat import TestRocketChat
from tests.sources.test_twilio import TestEventCallback, TestEventStreams
from tests.sources.test_zammad import TestZammad
from tests.sources.test_zendesk import TestZendesk

STORIES = {
    "Amazon Connect, contact events": TestContactEvents.story,
    "Amazon Connect, contact records": TestContactRecords.story,
    "Chatwoot": TestChatwoot.story,
    "Genesys Cloud": TestGenesysCloud.story,
    "Intercom": TestIntercom.story,
    "Intercom by configuration": TestGenericJson.story,
    "Rocket.Chat": TestRocketChat.story,
    "Twilio, event callback": TestEventCallback.story,
    "Twilio, Event Streams": TestEventStreams.story,
    "Zammad": TestZammad.story,
    "Zendesk": TestZendesk.story,
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
