"""Tests of cutting the manager interface's stream into blocks, and of reading a block."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.ports import Refused
from queuewatch.sources.asterisk_blocks import FILTERS, MAX_BLOCK, Blocks, parse

RECORDED = Path(__file__).parents[1] / "data" / "asterisk" / "ami-restart-22.10.1.log.gz"
STREAM = gzip.decompress(RECORDED.read_bytes())


def test_blocks_are_the_same_wherever_the_stream_is_cut() -> None:
    whole = Blocks().feed(STREAM)
    cut = Blocks()
    assert [
        block for start in range(0, len(STREAM), 97) for block in cut.feed(STREAM[start : start + 97])
    ] == whole


def test_only_what_matters_to_queues_is_kept() -> None:
    kept = Counter(parse(block).get("event") for block in Blocks().feed(STREAM) if isinstance(block, bytes))
    names = Counter(name.decode() for name in re.findall(rb"\r\nEvent: (\w+)", STREAM))
    for name in (
        "QueueCallerJoin",
        "QueueCallerLeave",
        "AgentConnect",
        "HangupRequest",
        "QueueMember",
        "Shutdown",
    ):
        assert kept[name] == names[name] > 0
    assert kept["VarSet"] < names["VarSet"]
    assert kept["Hangup"] == kept["Newchannel"] == kept["QueueSummary"] == 0


def test_what_is_kept_passes_the_filter_that_is_sent_to_the_pbx() -> None:
    # a dot of the PBX's expressions stands for the end of a line, too
    sieves = [re.compile(sieve.replace("[[:space:]]", r"\s").encode(), re.DOTALL) for sieve in FILTERS]
    for block in Blocks().feed(STREAM):
        assert isinstance(block, bytes)
        assert not block.startswith(b"Event: ") or any(sieve.search(block) for sieve in sieves)


def test_a_variable_matters_when_it_is_the_queues() -> None:
    block = b"Event: VarSet\r\nVariable: %s\r\nValue: TIMEOUT\r\n\r\n"
    assert len(Blocks().feed(block % b"QUEUESTATUS" + block % b"QUEUESTATUSES" + block % b"COLOUR")) == 1


def test_a_hangup_that_the_pbx_asks_for_matters_when_it_is_being_stopped() -> None:
    block = b"Event: SoftHangupRequest\r\nUniqueid: c1\r\nCause: %s\r\n\r\n"
    assert Blocks().feed(block % b"16" + block % b"4" + block % b"32") == [(block % b"4")[:-4]]


def test_a_block_that_never_ends_is_refused_and_the_stream_goes_on() -> None:
    blocks = Blocks()
    assert blocks.feed(b"Event: Join\r\n" + b"x" * MAX_BLOCK) == [
        Refused("too_long", f"a block is longer than {MAX_BLOCK} bytes")
    ]
    assert blocks.feed(b"\r\n\r\nEvent: Shutdown\r\n\r\n")[-1] == b"Event: Shutdown"


def test_fields_are_named_in_small_letters_and_may_be_empty() -> None:
    assert parse(
        b"Event: AgentConnect\r\nHoldtime: 7\r\nAppData: a: b\r\nReason:\r\nPausedReason: \r\nnonsense"
    ) == {
        "event": "AgentConnect",
        "holdtime": "7",
        "appdata": "a: b",
        "reason": "",
        "pausedreason": "",
    }


def test_of_a_field_that_comes_again_the_first_counts() -> None:
    assert parse(b"Queue: desk\r\nVariable: a\r\nQueue: of a channel variable")["queue"] == "desk"


def test_names_are_utf_8_or_latin_1() -> None:
    for encoding in ("utf-8", "latin-1"):
        assert parse("MemberName: Gus Grün".encode(encoding)) == {"membername": "Gus Grün"}


@given(
    st.lists(st.binary(max_size=40) | st.sampled_from([b"Event: Join", b"\r\n", b"\r\n\r\n", b"Queue: q"]))
)
def test_any_bytes_are_cut_and_read(chunks: list[bytes]) -> None:
    blocks = Blocks()
    for chunk in chunks:
        for block in blocks.feed(chunk):
            assert isinstance(block, Refused) or isinstance(parse(block), dict)
