"""CloudEvents over HTTP, against the public conformance cases and the letter of the binding."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from queuewatch.serve.cloudevents import UnreadableError, UnsupportedError, read, unpacked

_FEATURE = "data/samples/cloudevents/conformance/http-protocol-binding.feature"


def _shared() -> Path | None:
    for folder in Path(__file__).resolve().parents:
        if (folder / "shared" / _FEATURE).exists():
            return folder / "shared" / _FEATURE
    return None


FEATURE = _shared()


def one(content_type: str, body: bytes, **headers: str) -> dict[str, Any]:
    names = CIMultiDict({f"ce-{name}": value for name, value in headers.items()})
    message = read(content_type, names, body)
    assert not message.is_batch
    (event,) = message.events
    decoded: dict[str, Any] = msgspec.json.decode(event)
    return decoded


def _table(text: str) -> dict[str, str]:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if "|" in line]
    return dict(rows[1:])


def _cases() -> list[tuple[str, str, dict[str, str], str]]:
    """Each outline of the feature file with each of its examples."""
    if FEATURE is None:
        return []
    cases = []
    for outline in FEATURE.read_text().split("Scenario Outline:")[1:]:
        scenario, _, examples = outline.partition("Examples:")
        request, data = re.findall(r'"""\n(.*?)"""', scenario, re.DOTALL)
        attributes = scenario.partition("attributes are:")[2].partition("And the data")[0]
        for content_type in re.findall(r"\|\s*(application/\S.*?)\s*\|", examples):
            filled = [part.replace("<contentType>", content_type) for part in (request, attributes)]
            cases.append((content_type, filled[0], _table(filled[1]), data))
    return cases


@pytest.mark.skipif(FEATURE is None, reason="the public conformance cases are not beside this checkout")
def test_the_public_conformance_cases_pass() -> None:
    cases = _cases()
    assert len(cases) == 4
    for content_type, request, attributes, data in cases:
        head, _, body = request.partition("\n\n")
        lines = [line.strip().split(": ", 1) for line in head.splitlines()[1:]]
        headers = CIMultiDict((name, value) for name, value in lines)
        message = read(content_type, headers, body.strip().encode())
        event = msgspec.json.decode(message.events[0])
        assert event.pop("data") == msgspec.json.decode(data)
        assert event == attributes


def _documents(name: str) -> list[dict[str, Any]]:
    if FEATURE is None:
        return []
    return [*yaml.load_all(FEATURE.with_name(name).read_text(), yaml.BaseLoader)]


@pytest.mark.skipif(FEATURE is None, reason="the public conformance cases are not beside this checkout")
@pytest.mark.parametrize("mode", ["binary", "structured"])
def test_the_public_conformance_events_are_read_as_they_are(mode: str) -> None:
    """Each of the suite's events in both modes: attributes, extensions, and data."""
    documents = [*_documents("v1.yaml"), *_documents("v1_minimum.yaml")]
    assert len(documents) > 3
    for document in documents:
        attributes = dict(document["ContextAttributes"])
        attributes |= attributes.pop("Extensions", {})
        kind, data = attributes.get("datacontenttype", "application/json"), document["Data"]
        wanted: dict[str, Any] = {**attributes, "datacontenttype": kind}
        wanted["data"] = msgspec.json.decode(data) if "json" in kind else data
        if mode == "structured":
            event = one("application/cloudevents+json", msgspec.json.encode(wanted))
        else:
            told = {name: quote(value, safe=" :/;=") for name, value in attributes.items()}
            told.pop("datacontenttype", None)
            event = one(kind, data.encode(), **told)
        assert event == wanted


def test_an_extension_may_hold_json_in_a_header() -> None:
    event = one("", b"", id="1", comexampleextension2='{"othervalue": 5}')
    assert event == {"id": "1", "comexampleextension2": '{"othervalue": 5}'}


@pytest.mark.parametrize(
    ("content_type", "body", "data"),
    [
        ("application/json", b'"Hello, \xf0\x9f\x8c\x8e!"', "Hello, 🌎!"),
        ("application/json", b'["Hello","\xf0\x9f\x8c\x8e!"]', ["Hello", "🌎!"]),
        ("application/vnd.acme+json; v=1", b"{}", {}),
        ("", b"[1]", [1]),
        ("application/json; charset=iso-8859-1", b'"\xe4"', "ä"),
        ('application/json; charset="utf-16"', '"ä"'.encode("utf-16"), "ä"),
        ("text/plain; charset=us-ascii", b"Hello, World!", "Hello, World!"),
        ("application/xml; charset=utf-8", b"<msg>\xf0\x9f\x8c\x8e</msg>", "<msg>🌎</msg>"),
    ],
)
def test_binary_data_is_read_as_its_type_says(content_type: str, body: bytes, data: Any) -> None:
    event = one(content_type, body, id="1")
    assert event["data"] == data
    assert event.get("datacontenttype", "") == content_type


def test_a_body_cannot_smuggle_attributes_in() -> None:
    with pytest.raises(UnreadableError):
        one("application/json", b'{},"id":"other"', id="1")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1))
def test_any_text_survives_percent_encoding(text: str) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in text.encode())
    assert one("", b"", id=encoded)["id"] == text


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ('"quoted"', "quoted"),
        (r'"a \"b\" \\c"', r'a "b" \c'),
        ('"', '"'),
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("100%", "100%"),
    ],
)
def test_quotes_of_older_senders_are_taken_off(value: str, meant: str) -> None:
    assert one("", b"", id=value)["id"] == meant


@pytest.mark.parametrize("value", ["%FF", "\udcff"])
def test_a_header_that_is_no_utf8_is_refused(value: str) -> None:
    with pytest.raises(UnreadableError, match="ce-id"):
        one("", b"", id=value)


def test_binary_bytes_are_refused() -> None:
    with pytest.raises(UnreadableError, match="neither JSON nor text"):
        one("image/png", b"\x89PNG\xff", id="1")


def test_text_in_another_charset_than_it_says_is_refused() -> None:
    with pytest.raises(UnreadableError, match="not utf-16"):
        one("application/json; charset=utf-16", b'"ab', id="1")


def test_a_byte_order_mark_is_taken_off() -> None:
    assert one("application/json", b'\xef\xbb\xbf{"id":"1"}') == {"id": "1"}


@pytest.mark.parametrize("body", [b"[]", b"  [ ] "])
@pytest.mark.parametrize("content_type", ["application/json", "application/cloudevents-batch+json"])
def test_an_empty_batch_holds_no_events(content_type: str, body: bytes) -> None:
    message = read(content_type, {}, body)
    assert message.is_batch
    assert list(message.events) == []


@pytest.mark.parametrize(
    ("content_type", "named"),
    [
        ("", "without Content-Type"),
        ("text/plain", "text/plain"),
        ("application/cloudevents+avro", "cloudevents\\+avro"),
        ("application/cloudevents-batch+xml", "cloudevents-batch\\+xml"),
        ("application/json; charset=zlib", "charset .zlib. is not known"),
    ],
)
def test_other_types_are_refused_by_name(content_type: str, named: str) -> None:
    with pytest.raises(UnsupportedError, match=named):
        read(content_type, {}, b"{}")


@pytest.mark.parametrize(
    "event",
    [b"{", b"[]", b'{"data":{}}', b'{"data_base64":7}', b'{"data_base64":"?"}', b'{"data_base64":"e"}',
     b'{"data_base64":"/w=="}', b'{"i\xafd":"1","data_base64":"e30="}'],
)  # fmt: skip
def test_what_packs_no_json_stays_packed(event: bytes) -> None:
    assert unpacked(event) is None


def test_json_packed_as_base64_becomes_data() -> None:
    plain = unpacked(b'{"id":"1","data_base64":"eyJhIjoxfQ=="}')
    assert plain is not None
    assert msgspec.json.decode(plain) == {"id": "1", "data": {"a": 1}}
