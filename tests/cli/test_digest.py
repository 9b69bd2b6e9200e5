"""The digest made in a process of its own: its text, its complaint, its end when it takes too long."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from queuewatch.cli.digest import composer
from queuewatch.service.weekly import NoDigestError
from tests.clocks import HandClock
from tests.store.facts import open_journal

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def test_it_is_asked_for_the_facts_of_the_week_until_then_with_the_same_config() -> None:
    program = python("import sys; print(' '.join(sys.argv[1:]))")
    assert await composer(Path("here.toml"), "Europe/Berlin", program=program)(NOON) == (
        "report --config here.toml --facts --digest --until 2026-11-21T12:00:00.000000Z"
        " --timezone Europe/Berlin"
    )
    assert "--config" not in await composer(None, "UTC", program=program)(NOON)


async def test_the_journal_of_the_service_is_told_of(tmp_path: Path) -> None:
    await open_journal(tmp_path / "queuewatch.db", HandClock(NOON)).close()
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}"\n')
    told = await composer(config, "UTC")(NOON)
    assert told.startswith("*The week in the queues*: Sat 14 Nov 2026 12:00 to Sat 21 Nov 2026 12:00")
    assert "Nobody contacted us in this time." in told


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (python("raise SystemExit('there is no journal here')"), "^there is no journal here$"),
        (python("raise SystemExit(3)"), "the report ended with status 3"),
        (python("pass"), "the report ended with status 0"),
        (("/no/where/at/all",), "the report could not be started"),
    ],
)
async def test_without_a_text_there_is_none(program: tuple[str, ...], why: str) -> None:
    with pytest.raises(NoDigestError, match=why):
        await composer(None, "UTC", program=program)(NOON)


async def test_what_takes_too_long_is_ended() -> None:
    stuck = python("import threading; threading.Event().wait()")
    with pytest.raises(NoDigestError, match=r"took longer than 0\.2 s"):
        await composer(None, "UTC", limit_s=0.2, program=stuck)(NOON)
