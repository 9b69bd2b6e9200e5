"""Logs: one line per thing, in one form, with nothing of a customer in it."""

from __future__ import annotations

import io
import json
import logging
import warnings
from typing import Any, Literal

import pytest

from queuewatch import logs
from queuewatch.config import Secret

pytestmark = pytest.mark.usefixtures("logging_as_it_was")


@pytest.fixture
def stream() -> io.StringIO:
    """Where logs go in a test."""
    return io.StringIO()


def as_json(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_in_json_a_line_is_an_object_with_its_time_level_and_room(stream: io.StringIO) -> None:
    logs.setup("json", "info", stream)
    logs.logger("store").info("journal opened", events=12)
    (line,) = as_json(stream)
    assert line.pop("at").endswith("Z")
    assert line == {"event": "journal opened", "events": 12, "level": "info", "logger": "queuewatch.store"}


def test_as_text_a_line_is_readable_and_without_colours_where_nobody_looks(stream: io.StringIO) -> None:
    logs.setup("text", "info", stream)
    logs.logger("store").info("journal opened", events=12)
    (line,) = stream.getvalue().splitlines()
    assert "[info" in line
    assert "journal opened" in line
    assert "events=12" in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_the_least_level_is_heard_and_what_is_below_is_not(
    stream: io.StringIO, level: Literal["debug", "info", "warning", "error"], heard: list[str]
) -> None:
    logs.setup("json", level, stream)
    log = logs.logger("store")
    for say in (log.debug, log.info, log.warning, log.error):
        say("something")
    assert [line["level"] for line in as_json(stream)] == heard


def test_libraries_speak_in_the_same_form_from_warnings_on(stream: io.StringIO) -> None:
    logs.setup("json", "debug", stream)
    logging.getLogger("aiohttp.access").info("a line for every request")
    logging.getLogger("gmqtt.client").warning("connection to %s lost", "broker")
    (line,) = as_json(stream)
    assert (line["event"], line["logger"]) == ("connection to broker lost", "gmqtt.client")


def test_a_python_warning_is_a_line_like_others(stream: io.StringIO) -> None:
    logs.setup("json", "info", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old habits", stacklevel=1)
    (line,) = as_json(stream)
    assert "old habits" in line["event"]


@pytest.mark.parametrize("style", ["text", "json"])
def test_nothing_of_a_customer_and_no_secret_is_written(
    stream: io.StringIO, style: Literal["text", "json"]
) -> None:
    logs.setup(style, "info", stream)
    logs.logger("serve").info(
        "refused",
        customer="ada",
        headers={"Authorization": "Bearer ada"},
        sent=[{"caller_id": "ada"}],
        key=Secret("ada"),
        path="/v1/customers/ada?force=yes",
    )
    logging.getLogger("aiohttp.server").error("DELETE /v1/customers/ada failed", extra={"customer": "ada"})
    assert "ada" not in stream.getvalue()
    assert stream.getvalue().count("***") >= 6


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_traceback_shows_no_local_variables(stream: io.StringIO, style: Literal["text", "json"]) -> None:
    logs.setup(style, "info", stream)
    hidden = "ada"
    try:
        int(hidden[:0] or "x")
    except ValueError:
        logs.logger("serve").exception("failed")
    assert "ValueError" in stream.getvalue()
    assert "ada" not in stream.getvalue()


@pytest.mark.parametrize("style", ["text", "json"])
def test_what_is_sent_to_us_cannot_begin_a_line_of_its_own(
    stream: io.StringIO, style: Literal["text", "json"]
) -> None:
    logs.setup(style, "info", stream)
    logs.logger("serve").warning("refused\nevent", source="pbx\r\n2026-01-01 [error] all is lost\x1b[2J")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_setting_up_again_replaces_what_was(stream: io.StringIO) -> None:
    logs.setup("text", "info", stream)
    logs.setup("json", "info", stream)
    logs.logger("store").info("once")
    assert len(as_json(stream)) == 1
