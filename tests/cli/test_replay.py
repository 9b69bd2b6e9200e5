"""`queuewatch replay`: its figures agree with a plain count over the file, and bad input is one sentence."""

from __future__ import annotations

import csv
import gzip
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from queuewatch.__main__ import main
from queuewatch.core.facts.events import Event
from queuewatch.core.facts.wire import to_cloudevent
from queuewatch.sources.files import open_history
from queuewatch.sources.reading import Reading

DATA = Path(__file__).parents[1] / "data"
QUEUE_LOG = DATA / "asterisk" / "queue_log-22.10.1.gz"
BANK = Path(__file__).parents[3] / "shared" / "data" / "anonymous-bank-1999-02.csv.gz"
ON_DUTY_S = 1800.0  # without a contact for longer than this an agent is off duty: the default of ages.agent_s

Call = dict[str, Any]
"""What a count needs of one call: queue, enqueued_at, answered_at, ended_at, agent, how."""


def replayed(path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the command says in JSON."""
    assert main(["replay", str(path), "--format", name, "--json"]) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def counted(calls: Iterable[Call], channel: str = "phone") -> list[dict[str, Any]]:
    """The figures of each queue, counted plainly."""
    by_queue: dict[str, list[Call]] = defaultdict(list)
    talks: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for call in calls:
        by_queue[call["queue"]].append(call)
        if call["how"] == "answered":
            talks[call["agent"]].append((call["answered_at"], call["ended_at"]))
    times = {agent: busy_and_there(spans) for agent, spans in talks.items()}
    return [figures(queue, by_queue[queue], times, channel) for queue in sorted(by_queue)]


def figures(
    queue: str, calls: list[Call], times: dict[str, tuple[float, float]], channel: str
) -> dict[str, Any]:
    how = Counter(call["how"] for call in calls)
    answered = how.pop("answered", 0)
    abandoned = how.pop("abandoned", 0)
    waits = [call["answered_at"] - call["enqueued_at"] for call in calls if call["how"] == "answered"]
    endured = [
        (call["answered_at"] if call["how"] == "answered" else call["ended_at"]) - call["enqueued_at"]
        for call in calls
    ]
    crew = {call["agent"] for call in calls if call["how"] == "answered"}
    return {
        "queue": queue,
        "channel": channel,
        "offered": len(calls),
        "answered": answered,
        "abandoned": abandoned,
        "left": dict(how),
        "unfinished": 0,
        "mean_wait_s": pytest.approx(statistics.fmean(waits)),
        "p90_wait_s": pytest.approx(statistics.quantiles(waits, n=10, method="inclusive")[8]),
        "longest_wait_s": max(endured),
        "service_level": {
            str(limit): pytest.approx(sum(wait <= limit for wait in waits) / len(calls))
            for limit in (60, 180)
        },
        "occupancy": pytest.approx(sum(times[one][0] for one in crew) / sum(times[one][1] for one in crew)),
    }


def busy_and_there(spans: list[tuple[float, float]]) -> tuple[float, float]:
    """Seconds in which an agent talked, and seconds on duty: each second is looked at, one by one."""
    talking = {second for a, b in spans for second in range(int(a), int(b))}
    heard_of = sorted(talking | {int(end) for span in spans for end in span})
    steps = [later - earlier for earlier, later in pairwise(heard_of)]
    return len(talking), sum(step for step in steps if step <= ON_DUTY_S)


def only(keys: Iterable[str], queues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: queue[key] for key in keys} for queue in queues]


def calls_in_the_queue_log() -> list[Call]:
    """The calls of Asterisk's queue_log: time|callid|queue|agent|verb|…, in whole seconds."""
    exits = {"EXITEMPTY": "empty", "EXITWITHKEY": "key", "EXITWITHTIMEOUT": "timed_out"}
    ends = {"COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ATTENDEDTRANSFER"}
    calls: list[Call] = []
    now: dict[tuple[str, str], Call] = {}
    with gzip.open(QUEUE_LOG, "rt") as lines:
        for at, callid, queue, agent, verb, *_ in csv.reader(lines, delimiter="|"):
            place = (callid, queue)
            if verb == "ENTERQUEUE":
                now[place] = {"queue": queue, "enqueued_at": float(at)}
                calls.append(now[place])
            elif verb == "CONNECT":
                now[place] |= {"how": "answered", "answered_at": float(at), "agent": agent}
            elif verb == "ABANDON":
                now[place] |= {"how": "abandoned", "ended_at": float(at)}
            elif verb in exits:
                now[place] |= {"how": exits[verb], "ended_at": float(at)}
            elif verb in ends:
                now[place] |= {"ended_at": float(at)}
    return calls


def calls_of_the_bank() -> list[Call]:
    def at(written: str) -> float:
        return datetime.fromisoformat(written).timestamp()

    calls = []
    with gzip.open(BANK, "rt") as lines:
        for row in csv.DictReader(lines):
            call = {"queue": row["queue"], "enqueued_at": at(row["enqueued_at"])}
            if row["answered_at"]:
                call |= {"how": "answered", "answered_at": at(row["answered_at"]), "agent": row["agent"]}
                call |= {"ended_at": at(row["completed_at"])}
            else:
                call |= {"how": "abandoned", "ended_at": at(row["abandoned_at"])}
            calls.append(call)
    return calls


def test_the_figures_of_a_queue_log_are_those_of_a_plain_count(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = counted(calls_in_the_queue_log())
    assert sum(queue["offered"] for queue in wanted) == 340  # the file's lines with ENTERQUEUE
    said = replayed(QUEUE_LOG, "asterisk-queue-log", capsys)
    assert only(wanted[0], said["queues"]) == wanted
    assert said["refused"] == {"unknown_verb": 5}  # WRAPUPCODE: a dialplan's own, of which we know nothing


@pytest.mark.slow
@pytest.mark.skipif(not BANK.exists(), reason=f"{BANK.name} is not here: it is not ours to hand on")
def test_the_figures_of_the_bank_are_those_of_a_plain_count(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = counted(calls_of_the_bank())
    assert sum(queue["offered"] for queue in wanted) == 30_371
    said = replayed(BANK, "contacts-csv", capsys)
    assert only(wanted[0], said["queues"]) == wanted


def events_of_the_queue_log() -> list[Event]:
    reading = Reading(hash_customer=lambda _: "0" * 32)
    with open_history([str(QUEUE_LOG)]) as history:
        return [one for one in history.read("asterisk-queue-log", reading) if isinstance(one, Event)]


def test_the_same_history_as_cloudevents_gives_the_same_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(to_cloudevent(one)) + "\n" for one in events_of_the_queue_log()))
    as_events = replayed(path, "cloudevents-jsonl", capsys)
    as_log = replayed(QUEUE_LOG, "asterisk-queue-log", capsys)
    assert as_events["queues"] == as_log["queues"]
    assert as_events["decisions"] == as_log["decisions"]


def test_a_notice_that_would_have_been_decided_is_listed_with_its_time_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One agent, 100 s a call, a caller every 10 s: who comes then waits for minutes, very probably."""
    path = tmp_path / "calls.csv"
    rows = ["contact,queue,channel,enqueued_at,answered_at,completed_at,agent"]
    for number in range(60):
        begins, taken = 10 * number, 100 * number
        rows.append(f"c{number},sales,phone,{begins},{max(begins, taken)},{max(begins, taken) + 100},ada")
    path.write_text("\n".join(rows))
    said = replayed(path, "contacts-csv", capsys)
    first = said["decisions"][0]
    assert (first["level"], first["was"], first["queue"]) == ("very_busy", "normal", "sales")
    assert first["key"] == f"notice/default/sales/very_busy/{first['at']}"
    assert first["chances"]["180"] >= 0.5
    assert datetime.fromisoformat(first["at"]) < datetime.fromtimestamp(600, UTC)
    (queue,) = said["queues"]
    assert queue["notices"]["very_busy"] == 1
    assert queue["busy_s"] > 0


def test_the_table_shows_what_the_json_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(QUEUE_LOG), "--format", "asterisk-queue-log"]) == 0
    shown = capsys.readouterr().out
    assert "2026-11-21" in shown
    for queue in counted(calls_in_the_queue_log()):
        (line, *_) = (line for line in shown.splitlines() if line.startswith(queue["queue"]))
        assert line.split()[1:5] == [
            "phone",
            str(queue["offered"]),
            str(queue["answered"]),
            str(queue["abandoned"]),
        ]


def test_lines_that_cannot_be_read_are_counted_and_shown_and_the_others_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("contact,queue,channel,enqueued_at\nc1,sales,phone,100\nc2,sales,fax,100\n")
    assert main(["replay", str(path), "--format", "contacts-csv"]) == 0
    shown = capsys.readouterr().out
    assert "once: bad_row" in shown
    assert f'{path}, line 3: channel: "fax" is none of phone, chat, email' in shown


HEADER = b"contact,queue,channel,enqueued_at\n"
GARBAGE = bytes(range(256)) * 8


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "asterisk-queue-log", "there is no event in it; name a file that holds history"),
        (b"", "cloudevents-jsonl", "there is no event in it; name a file that holds history"),
        (b"", "contacts-csv", "it does not begin with a header"),
        (HEADER, "contacts-csv", "there is no event in it; name a file that holds history"),
        (b"a,b,c\n1,2,3\n", "contacts-csv", "the header has a, b, c; map them with --columns ours=theirs"),
        (
            HEADER + b"c1,sales,fax,100\n",
            "contacts-csv",
            '"fax" is none of phone, chat, email; nothing in it',
        ),
        (b"hello\n", "asterisk-queue-log", 'line 1: "hello" is not time|callid|queue|agent|verb; nothing'),
        (b"hello\n", "cloudevents-jsonl", "line 1: this is not JSON"),
        (
            GARBAGE,
            "asterisk-queue-log",
            "nothing in it can be read as asterisk-queue-log: name its",
        ),
        (GARBAGE, "cloudevents-jsonl", "nothing in it can be read as cloudevents-jsonl: name its"),
        (GARBAGE, "contacts-csv", "this is no text; name a file that holds a table"),
        (b"\x1f\x8b broken", "contacts-csv", "cannot be read from line 1 on"),
        (gzip.compress(HEADER * 999, mtime=0)[:-9], "contacts-csv", "fetch or write it again"),
    ],
)
def test_a_file_that_holds_no_history_is_one_sentence_that_names_it(
    content: bytes, name: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history"
    path.write_bytes(content)
    assert main(["replay", str(path), "--format", name]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"queuewatch: {path}")
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.err.strip().isprintable()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.csv", "--format", "contacts-csv"], "nowhere.csv: No such file or directory; name a file"),
        ([".", "--format", "contacts-csv"], ".: Is a directory; name a file that can be read"),
        ([str(QUEUE_LOG), "--format", "foo"], "invalid choice: 'foo' (choose from"),
        ([str(QUEUE_LOG)], "the following arguments are required: --format"),
        ([str(QUEUE_LOG), "--format", "contacts-csv", "--columns", "queue"], '"queue" is not ours=theirs'),
        ([str(QUEUE_LOG), "--format", "contacts-csv", "--columns", "x=y"], 'there is no column "x"'),
        ([str(QUEUE_LOG), "--format", "contacts-csv", "--timezone", "Mars"], 'there is no zone "Mars"'),
        (
            [str(QUEUE_LOG), "--format", "contacts-csv", "--config", "no.toml"],
            "no.toml: there is no such file",
        ),
    ],
)
def test_a_wrong_argument_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    assert said.err.count("\n") == 1


RULES = """
[incentives."long-wait"]
after_s = 100.0
unknown_customers = true
amount = 10.0
[budget]
day = 15.0
"""


def waited(tmp_path: Path) -> Path:
    """Three calls: one waits 99 s, two wait 150 s."""
    rows = ["contact,queue,channel,enqueued_at,answered_at,completed_at"]
    for name, begin, wait_s in (("a", 0, 99), ("b", 10, 150), ("c", 20, 150)):
        times = [
            datetime.fromtimestamp(1_795_255_200 + begin + s, UTC).isoformat()
            for s in (0, wait_s, wait_s + 60)
        ]
        rows.append(",".join((name, "sales", "phone", *times)))
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_rules_are_tried_for_what_they_would_have_cost_and_whom_they_would_have_reached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    arguments = ["replay", str(waited(tmp_path)), "--format", "contacts-csv", "--rules", str(rules)]
    assert main([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    (rule,) = said["incentives"]
    assert (rule["rule"], rule["issued"], rule["value"], rule["customers"]) == ("long-wait", 1, "10.0", 1)
    assert (rule["reasons"], rule["refused"]) == ({"wait_passed": 1}, {"overall_budget_spent": 1})
    (day,) = said["days"]
    assert (day["day"], day["incentives"], day["value"]) == ("2026-11-21", 1, "10.0")
    (issued,) = [one for one in said["decisions"] if one["decision"] == "incentive_issued"]
    assert (issued["contact"], issued["at"]) == ("b", "2026-11-21T10:01:50.000000Z")
    assert issued["expires_at"].endswith("Z")
    assert main(arguments) == 0
    table = capsys.readouterr().out
    assert "What vouchers would have cost: 10.00 EUR" in table
    assert "1 overall_budget_spent" in table
    (rule_line,) = (line for line in table.splitlines() if line.startswith("long-wait"))
    assert "10.00 unknown" in rule_line  # what it cost by tier, as money is written
    assert "What the one day was like" in table
    (cost,) = (line for line in table.splitlines() if line.startswith("their cost, EUR"))
    assert cost.split()[3:] == ["10.00", "10.00", "10.00"]


def test_where_nothing_would_have_been_decided_no_table_of_noughts_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(
        "contact,queue,channel,enqueued_at,answered_at\n"
        "1,sales,phone,2026-11-21T10:00:00Z,2026-11-21T10:00:05Z\n"
    )
    assert main(["replay", str(path), "--format", "contacts-csv"]) == 0
    shown = capsys.readouterr().out
    assert "On no day would a notice, an alert or a voucher have been decided." in shown
    assert "least" not in shown
    assert "0.0 s" not in shown


def test_a_median_between_two_days_is_told_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    rows = waited(tmp_path).read_text().splitlines()
    quiet = "z,sales,phone,2026-11-22T10:00:00Z,2026-11-22T10:00:01Z,2026-11-22T10:01:00Z"
    path = tmp_path / "two.csv"
    path.write_text("\n".join([*rows, quiet]) + "\n")
    assert main(["replay", str(path), "--format", "contacts-csv", "--rules", str(rules)]) == 0
    table = capsys.readouterr().out
    assert "What each of the 2 days was like" in table
    (line,) = (line for line in table.splitlines() if line.startswith("vouchers"))
    assert line.split()[1:] == ["0", "0.5", "1"]


def test_without_rules_nothing_would_have_been_issued(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(waited(tmp_path), "contacts-csv", capsys)["incentives"] == []
