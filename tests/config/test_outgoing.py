"""What goes out, in the config: contradictions fail with their own sentence, and no secret is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuewatch.config import ConfigError, load

GOOD = [
    '[slack]\nwebhook_url = "https://hooks.example/x"\n',
    '[slack]\ntoken = "xoxb"\nchannel = "C1"\n',
    '[outgoing]\nboard_url = "https://b.example"\nproxy = "http://p:3128"\n',
]
BAD = [
    ('[banner]\norigins = ["https://help.example/page"]\n', "which is no origin"),
    ("[slack]\n", "slack needs either webhook_url, or token and channel"),
    ('[slack]\nwebhook_url = "https://h/x"\ntoken = "t"\nchannel = "C"\n', "slack needs either webhook_url"),
    ('[slack]\ntoken = "t"\n', "slack.token is set without slack.channel"),
    ('[slack]\nwebhook_url = "https://h/x"\nchannel = "C"\n', "slack.channel is for a bot's token"),
    ('[teams]\nurl = "T0PS3CRET"\n', "teams.url is no address"),
    ('[hooks.mqtt]\nurl = "https://h/x"\n', 'hooks."mqtt" cannot be the name of a sender'),
    ('[hooks.a]\nurl = "https://["\n', "hooks.a.url is no address"),
    (
        '[hooks.a]\nurl = "https://h/x"\nsecret = "whsec_no base64"\n',
        'hooks.a.secret begins with "whsec_", but what follows is no base64',
    ),
    ('[issuer]\nurl = "https://h/x"\nask_url = "https://h/x"\n', "issuer.ask_url has no {key} in it"),
    ('[outgoing]\nproxy = "ftp://p"\n', "outgoing.proxy is no address"),
]


@pytest.mark.parametrize("text", GOOD)
def test_what_fits_is_taken(tmp_path: Path, text: str) -> None:
    file = tmp_path / "queuewatch.toml"
    file.write_text(text)
    load(file)


@pytest.mark.parametrize(("text", "complaint"), BAD)
def test_what_does_not_fit_is_told_without_its_secret(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "queuewatch.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"queuewatch\.toml") as caught:
        load(file)
    assert complaint in str(caught.value)
    assert "T0PS3CRET" not in str(caught.value)
