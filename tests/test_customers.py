"""Customers are hidden behind a keyed hash, the same for every spelling."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import Answered, Enqueued, Event
from queuewatch.customers import Customers, normalise

KEY = b"sixteen bytes ok"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("  Ada.Lovelace@Example.ORG\n", "ada.lovelace@example.org"),
        ("+49 (30) 123-45.67", "+49301234567"),
        ("0049 30 1234567", "+49301234567"),
        ("4930/1234567", "+49301234567"),
        ("+0049301234567", "+49301234567"),
        ("tel:+49301234567", "+49301234567"),
        ("1234567", "+1234567"),
        ("123456", "123456"),
        (" K-2043/b ", "K-2043/b"),
        ("", ""),
    ],
)
def test_every_spelling_of_a_customer_comes_to_one(written: str, meant: str) -> None:
    assert normalise(written) == meant


@given(st.text())
def test_a_normal_spelling_is_its_own(written: str) -> None:
    once = normalise(written)
    assert normalise(once) == once or once.startswith("+")


def test_the_pseudonym_is_the_keyed_hash_with_the_version_of_the_key() -> None:
    digest = hmac.new(KEY, b"ada@example.org", hashlib.sha256).hexdigest()
    assert Customers(KEY, version=3).pseudonym("Ada@example.org") == f"p3:{digest}"


as_numbers_are_written = st.text("+0123456789 ().-/\t", max_size=20) | st.from_regex(
    r"\+[0-9][0-9 ().\-/]{4,12}\n?", fullmatch=True
)


@given(st.binary(min_size=16, max_size=200), st.text() | as_numbers_are_written)
def test_any_key_makes_the_hash_that_the_library_makes(key: bytes, customer: str) -> None:
    digest = hmac.new(key, normalise(customer).encode(), hashlib.sha256).hexdigest()
    assert Customers(key).pseudonym(customer) == f"p1:{digest}"


@pytest.mark.parametrize("named", ["ada@example.org", "phone:+4930123456", "p1:ada", "p1:" + 63 * "0"])
def test_whoever_is_not_named_by_a_whole_pseudonym_is_named_as_the_sources_do(named: str) -> None:
    customers = Customers(KEY)
    assert customers.whom(named) == customers.pseudonym(named)


def test_a_pseudonym_names_its_customer() -> None:
    ada = Customers(KEY, version=2).pseudonym("ada@example.org")
    assert Customers(KEY, version=3).whom(ada) == ada


def test_another_key_makes_another_pseudonym() -> None:
    assert Customers(KEY).pseudonym("ada") != Customers(KEY[::-1]).pseudonym("ada")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="15 bytes; it needs at least 16"):
        Customers(KEY[1:])


def test_the_key_is_not_shown() -> None:
    assert "sixteen" not in repr(Customers(KEY))


def test_an_event_loses_its_customer_and_nothing_else() -> None:
    customers = Customers(KEY)
    fact = Enqueued(queue="sales", channel="phone", customer="Ada@example.org", priority=2)
    event = Event("1", "/pbx", 5.0, fact, "c-1", sequence="0007")
    hidden = customers.hide(event)
    pseudonym = customers.pseudonym("ada@example.org")
    assert hidden == Event(
        "1",
        "/pbx",
        5.0,
        Enqueued(queue="sales", channel="phone", customer=pseudonym, priority=2),
        "c-1",
        sequence="0007",
    )


def test_a_blank_customer_is_nobody() -> None:
    event = Event("1", "/pbx", 5.0, Enqueued(queue="sales", channel="phone", customer="  "), "c-1")
    hidden = Customers(KEY).hide(event).data
    assert isinstance(hidden, Enqueued)
    assert hidden.customer is None


@pytest.mark.parametrize("fact", [Enqueued(queue="q", channel="chat"), Answered(queue="q", channel="chat")])
def test_an_event_without_a_customer_stays_as_it_is(fact: Enqueued | Answered) -> None:
    event = Event("1", "/pbx", 5.0, fact, "c-1")
    assert Customers(KEY).hide(event) is event
