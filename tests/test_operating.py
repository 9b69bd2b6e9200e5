"""What docs/operating.md has people do is so: the unit starts our command, a backup can be opened."""

from __future__ import annotations

import configparser
import re
import shlex
from contextlib import closing
from pathlib import Path

import pytest

from queuewatch.__main__ import load_command
from queuewatch.cli.command import COULD_NOT_RUN
from queuewatch.config import JOURNAL_FILE, Service, Settings, customer_key, voucher_key
from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.store.database import open_for_reading
from queuewatch.store.reading import read_groups
from tests.clocks import HandClock
from tests.store.facts import open_journal

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/operating.md").read_text()


@pytest.fixture
def unit() -> configparser.ConfigParser:
    """The systemd unit."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of systemd have capitals
    parser.read(ROOT / "config/queuewatch.service")
    return parser


def test_the_unit_starts_our_command_and_leaves_it_where_it_could_not_run(
    unit: configparser.ConfigParser,
) -> None:
    program, command, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert Path(program).name == "queuewatch"
    load_command(command).parser().parse_args(arguments)
    assert unit["Service"]["RestartPreventExitStatus"] == str(COULD_NOT_RUN)
    assert unit["Service"]["WorkingDirectory"] == f"/var/lib/{unit['Service']['StateDirectory']}"


def test_what_the_page_has_people_type_parses() -> None:
    typed = re.findall(r"queuewatch ((?:check|deliveries)[^`\n]*)", PAGE)
    assert len(typed) >= 3
    for line in typed:
        command, *arguments = shlex.split(line)
        load_command(command).parser().parse_args(arguments)


async def test_a_backup_taken_while_the_service_writes_can_be_opened_and_read(tmp_path: Path) -> None:
    (statement,) = re.findall(r'queuewatch\.db "(VACUUM INTO [^"]+)"', PAGE)
    copy = tmp_path / "copy.db"
    statement = statement.replace("/var/backups/queuewatch.db", str(copy))
    journal = open_journal(tmp_path / JOURNAL_FILE, HandClock(1000.0))
    joined = Event("1", "pbx", 1000.0, Enqueued(queue="sales", channel="phone"), "c1")
    await journal.append([joined])
    with closing(open_for_reading(tmp_path / JOURNAL_FILE)) as reader:
        reader.execute(statement)
    await journal.close()
    assert [one.event for group in read_groups(copy) for one in group.recorded] == [joined]
    again = open_journal(copy, HandClock(2000.0))
    await again.append([Event("2", "pbx", 2000.0, Enqueued(queue="sales", channel="phone"), "c2")])
    await again.close()


def test_every_file_that_is_to_be_kept_is_named(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path))
    customer_key(settings)
    voucher_key(settings)
    assert {one.name for one in tmp_path.iterdir()} | {JOURNAL_FILE} == set(
        re.findall(r"^\| `([a-z.]+)` \|", PAGE, re.MULTILINE)
    )
