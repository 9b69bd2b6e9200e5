"""A value that must not be seen."""

from __future__ import annotations

import json

import msgspec
import pytest

from queuewatch.config import Secret


def test_only_reveal_gives_the_value() -> None:
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r:>20}", "%s" % secret, repr([secret])):  # noqa: UP031
        assert "hunter2" not in shown
    assert str(secret) == "***"


def test_json_never_has_the_value() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret("hunter2"))
    with pytest.raises(TypeError):
        msgspec.json.encode(Secret("hunter2"))
    assert json.dumps(Secret("hunter2"), default=str) == '"***"'


def test_the_object_has_no_dictionary_to_look_into() -> None:
    with pytest.raises(TypeError):
        vars(Secret("hunter2"))


def test_equal_values_are_equal_secrets() -> None:
    assert Secret("hunter2") == Secret("hunter2")
    assert hash(Secret("hunter2")) == hash(Secret("hunter2"))
    assert Secret("hunter2") != Secret("hunter3")
    assert Secret("ü") != Secret("u")


def test_a_secret_is_not_its_value() -> None:
    assert Secret("hunter2") != "hunter2"
