"""What is written for people is true: examples run, names exist, the table is the code's."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from msgspec import Struct

import queuewatch
from queuewatch import words
from queuewatch.__main__ import COMMANDS, load_command
from queuewatch.config import load
from queuewatch.core.decisions import AlertKind
from queuewatch.core.facts.events import Left
from queuewatch.core.facts.wire import TYPES, decode
from queuewatch.core.state.journey import LEAVING, MOVES
from queuewatch.core.state.visit import Stage
from queuewatch.serve import metrics
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from tests.clocks import HandClock
from tests.serve.desk import CUSTOMERS, FakeDesk

ROOT = Path(__file__).parents[1]
PAPER = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "benchmarks/README.md",
    *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").rglob("*.md"))),
)
README = (ROOT / "README.md").read_text()
NOW = 1_795_255_200.0


def blocks(language: str, text: str = README) -> list[str]:
    """The code blocks of this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def command_lines(program: str) -> list[list[str]]:
    """What the README has people type for this program, split as a shell does."""
    split = [
        shlex.split(line, comments=True)
        for block in blocks("sh")
        for line in re.split(r"\n(?=[a-z.])", block)
    ]
    return [line for line in split if line and Path(line[0]).name == program]


def test_every_queuewatch_command_in_the_readme_parses() -> None:
    lines = command_lines("queuewatch")
    for _, command, *arguments in lines:
        load_command(command).parser().parse_args(arguments)
    assert {line[1] for line in lines} >= {"serve", "check", "replay", "estimate", "staff", "token"}


def test_the_readme_has_every_command() -> None:
    shown = {line[1] for line in command_lines("queuewatch")} | {"demo"}  # which is `make demo` there
    assert shown == set(COMMANDS)


def test_every_target_of_make_that_the_paper_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = [block for paper in PAPER for block in blocks("sh", (ROOT / paper).read_text())]
    named = {name for block in shown for name in re.findall(r"^make ([a-z]+)", block, re.MULTILINE)}
    assert {"demo", "test", "check"} <= named <= targets


@pytest.mark.parametrize("block", blocks("toml"))
def test_every_piece_of_config_in_the_readme_is_read(block: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("not a real one")
    path = tmp_path / "queuewatch.toml"
    path.write_text(block.replace("/run/secrets/mqtt-password", str(tmp_path / "password")))
    load(path)


async def test_the_requests_in_the_readme_are_taken_and_answered() -> None:
    desk = FakeDesk()
    app = make_app(desk, Access(), clock=HandClock(NOW), customers=CUSTOMERS, wording=words, max_body=100_000)
    client: TestClient[Request, Application]
    async with TestClient(TestServer(app)) as client:
        for line in command_lines("curl"):
            url = next(word for word in line if word.startswith("http://"))
            path = url.removeprefix("http://127.0.0.1:8080")
            if "-d" not in line:
                assert (await client.get(path)).status in {200, 404}  # 404: this desk knows no queue
                continue
            name, _, value = line[line.index("-H") + 1].partition(": ")
            answer = await client.post(path, data=line[line.index("-d") + 1], headers={name: value})
            assert answer.status == 202, await answer.text()
    assert [type(event.data).__name__ for event in desk.taken] == ["Enqueued", "Answered"]
    assert [event.subject for event in desk.taken] == ["call-17", "call-17"]


def test_the_readmes_events_have_their_type_and_time() -> None:
    for line in command_lines("curl"):
        if "-d" in line:
            body = line[line.index("-d") + 1]
            event = decode(body.encode(), NOW)
            written = json.loads(body)
            assert written["type"] == TYPES[type(event.data)]
            assert datetime.fromisoformat(written["time"]).timestamp() == event.at


def families() -> set[str]:
    """Every metric that /metrics may have, as Prometheus stores it."""
    text = "".join(path.read_text() for path in Path(metrics.__file__).parent.glob("*.py"))
    found = re.findall(r'Family\(\s*"([a-z_]+)",\s*"([a-z]+)"', text)
    assert found
    suffixes = {
        "counter": ("_total",),
        "info": ("_info",),
        "histogram": ("_bucket", "_count", "_sum", ""),
        "summary": ("", "_count", "_sum"),
    }
    return {f"queuewatch_{name}{end}" for name, kind in found for end in suffixes.get(kind, ("",))}


def papers_and_config() -> Iterator[Path]:
    yield from (ROOT / paper for paper in PAPER)
    there = (path for folder in ("config", "dashboards") for path in (ROOT / folder).rglob("*.*"))
    yield from (path for path in there if path.suffix != ".pyc")


def test_every_metric_that_is_named_exists() -> None:
    assert "queuewatch_contacts_waiting" in families()
    for path in papers_and_config():
        named = set(re.findall(r"\bqueuewatch_[a-z_]+[a-z]\b", path.read_text()))
        assert named <= families(), path


def test_the_alerts_of_prometheus_are_those_that_the_paper_lists() -> None:
    rules = re.findall(r"- alert: (\w+)", (ROOT / "config" / "alert_rules.yml").read_text())
    table = (ROOT / "docs" / "compose.md").read_text().partition("## Alerts")[2].partition("\n## ")[0]
    told = [
        name for row in re.findall(r"^\|(.+?)\|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    ]
    assert Counter(told) == Counter(rules)


RULE_FOR = {
    "queue_busy": "QueueVeryBusy",
    "threshold_passed": "CustomerPastLastThreshold",
    "source_stale": "SourceSilent",
    "promises_broken": "PromisesBroken",
    "budget_low": "VoucherBudgetSpent",
    "journal_trouble": "JournalNotWritten",
    "shortage_ahead": "AgentsShortOfPlan",
}
"""The rule of Prometheus beside each of our own alerts."""
OURS_ALONE = {"customer_failed_again"}
"""About one person: metrics know no persons."""


def test_what_we_alert_of_prometheus_alerts_of_too() -> None:
    assert set(get_args(AlertKind)) == set(RULE_FOR) | OURS_ALONE
    rules = re.findall(r"- alert: (\w+)", (ROOT / "config" / "alert_rules.yml").read_text())
    assert set(RULE_FOR.values()) <= set(rules)


def test_the_readme_leads_to_every_page_of_the_docs() -> None:
    pages = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert pages <= set(re.findall(r"\]\(([^)#]+)\)", README))
    listed = (ROOT / "docs" / "sources" / "README.md").read_text()
    assert {page.name for page in (ROOT / "docs" / "sources").glob("*.md")} - {"README.md"} <= set(
        re.findall(r"\]\(([^)#]+)\)", listed)
    )


def test_every_place_that_the_paper_points_to_exists() -> None:
    for paper in PAPER:
        path = ROOT / paper
        for target in re.findall(r"\]\((?!http)([^)]+)\)", path.read_text()):
            file, _, place = target.partition("#")
            page = path.parent / file if file else path
            assert page.exists(), f"{paper} points to {target}"
            assert not place or place in places(page.read_text()), f"{paper} points to {target}"


def places(page: str) -> set[str]:
    """What a page's headings are called in links."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_trap_of_the_sources_is_held_by_the_tests_it_names() -> None:
    text = (ROOT / "docs/sources/traps.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if re.match(r"\| \d", line)]
    assert [int(row[0].strip("| ")) for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        held = re.findall(r"`([\w/]+\.py)`: ([^;|]+?)(?=;| \||$)", row[3])
        assert held, row
        for file, name in held:
            test = f"def test_{name.replace(' ', '_')}("
            assert test in (ROOT / "tests" / file).read_text(), (file, name)


def test_the_page_of_a_system_that_is_not_run_here_says_so() -> None:
    sources = ROOT / "docs/sources"
    rows = [line for line in (sources / "README.md").read_text().splitlines() if " not on " in line]
    pages = [page for row in rows for page in re.findall(r"\]\((\w+\.md)\)", row) if page != "webhooks.md"]
    assert len(pages) == 9
    for page in pages:
        assert re.search(r"\*Not tried (against|on) a (real|running) ", (sources / page).read_text()), page


def test_the_changelog_has_the_version() -> None:
    assert re.search(
        rf"^## .*\b{re.escape(queuewatch.__version__)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )


def journey_table() -> str:
    """The life cycle as a table: what each fact makes of a visit at each stage."""
    rows: list[tuple[str, dict[Stage, Stage]]] = [(_fact(kind), moves) for kind, moves in MOVES.items()]
    place = [name for name, _ in rows].index(_fact(Left))
    rows.insert(place + 1, (f"{_fact(Left)} (`unknown`)", LEAVING))
    stages = list(dict.fromkeys(stage for _, moves in rows for stage in (*moves, *moves.values())))
    lines = [f"| from | {' | '.join(stages)} |", f"|---|{'---|' * len(stages)}"]
    for name, moves in rows:
        told = [moves.get(stage, "") for stage in stages]
        cells = ["=" if to == stage else to for stage, to in zip(stages, told, strict=True)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _fact(kind: type[Struct]) -> str:
    return f"`{TYPES[kind].removeprefix('queuewatch.')}`"


CORE_DOC = (ROOT / "docs" / "core.md").read_text()
PACKAGE = Path(queuewatch.__file__).parent


def test_the_example_of_the_core_runs_and_says_what_stands_there(capsys: pytest.CaptureFixture[str]) -> None:
    (program,), (output,) = blocks("python", CORE_DOC), blocks("text", CORE_DOC)
    exec(program, {})  # noqa: S102  # it is ours
    assert capsys.readouterr().out == output


def test_the_guide_to_the_core_places_every_file_once() -> None:
    table = CORE_DOC.partition("## What stands where")[2].partition("|---|---|")[2]
    placed = Counter(re.findall(r"`(\w+)/?`", table))
    core = PACKAGE / "core"
    rooms = {one.parent.name for one in core.glob("*/__init__.py")}
    whole = {"estimate", "plan"}  # docs/waits.md and docs/planning.md tell what stands in them
    files = {one.stem for one in core.rglob("*.py") if not whole & set(one.relative_to(core).parts)}
    there = rooms | files - {"__init__"}
    assert set(placed) == there
    assert set(placed.values()) == {1}


def test_the_rooms_that_the_paper_shows_are_those_there_are() -> None:
    table = (ROOT / "docs" / "architecture.md").read_text().partition("## The rooms")[2].partition("\n## ")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    shown = {name for cell in cells for name in re.findall(r"`([\w.]+)/?`", cell)}
    there = {one.name for one in PACKAGE.iterdir() if one.suffix == ".py" or (one / "__init__.py").exists()}
    assert shown == there - {"__init__.py"}


def test_the_docs_show_the_journey_as_it_is() -> None:
    shown = (ROOT / "docs" / "architecture.md").read_text()
    assert journey_table() in shown, f"put this into docs/architecture.md:\n{journey_table()}"
