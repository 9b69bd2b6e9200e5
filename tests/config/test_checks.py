"""What no single key can show; each complaint's sentence is in tests/data/config/bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuewatch.config import load
from queuewatch.config.checks import is_loopback

TOKEN = '[[http.tokens]]\nname = "board"\nscopes = ["read"]\nsha256 = "' + "0" * 64 + '"\n'


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("128.0.0.1", False),
        ("192.168.1.5", False),
        ("localhost.example", False),
    ],
)
def test_loopback_is_what_only_this_machine_can_reach(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_with_a_token_others_may_reach_us(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text(f'[http]\nhost = "0.0.0.0"\n{TOKEN}')
    assert load(path).http.tokens[0].scopes == ("read",)


def test_a_level_may_end_at_the_very_chance_at_which_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text("[notice]\nenter_chance = 0.4\nend_chance = 0.4\nbusy_threshold_s = 180\n")
    assert load(path).rules().every.notice.end_chance == 0.4


def test_a_key_of_32_characters_is_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text('[customers]\nkey = "' + "k" * 32 + '"\n')
    assert load(path).customers.key is not None
