"""The senders that the config names are made, and no others."""

from __future__ import annotations

import json
from pathlib import Path

from queuewatch import words
from queuewatch.config import Settings, load
from queuewatch.senders.configured import poster, senders
from queuewatch.senders.slack import SlackBot, SlackWebhook
from tests.clocks import HandClock
from tests.senders.battery import FarSide

FULL = """
[slack]
token = "xoxb-1"
channel = "C1"
[teams]
url = "https://teams.example/x"
[hooks.widget]
url = "https://chat.example/x"
sends = ["notice"]
[issuer]
url = "https://vouchers.example/v"
ask_url = "https://vouchers.example/v/{key}"
"""


def made(settings: Settings) -> dict[str, object]:
    return {one.name: one for one in senders(settings, HandClock(), words, ["en"])}


def test_without_sections_there_are_none() -> None:
    assert made(Settings()) == {}


def test_each_section_makes_its_sender(tmp_path: Path) -> None:
    file = tmp_path / "queuewatch.toml"
    file.write_text(FULL)
    found = made(load(file))
    assert set(found) == {"slack", "teams", "widget", "issuer"}
    assert isinstance(found["slack"], SlackBot)
    file.write_text('[slack]\nwebhook_url = "https://hooks.example/x"\n')
    assert isinstance(made(load(file))["slack"], SlackWebhook)


async def test_a_text_is_posted_to_slack(tmp_path: Path) -> None:
    far = FarSide(body=b"ok")
    async with far.open():
        file = tmp_path / "queuewatch.toml"
        file.write_text(f'[slack]\nwebhook_url = "{far.url}/x"\n')
        settings = load(file)
        assert settings.slack is not None
        await poster(settings.slack, settings, HandClock())("the week")
    assert json.loads(far.asked[0][3])["text"] == "the week"
