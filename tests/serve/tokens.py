"""Tokens of people and machines, and the header that shows them."""

from __future__ import annotations

from hashlib import sha256

from queuewatch.serve.access import Access, Scope, Token


def token(name: str, *scopes: Scope) -> Token:
    """One whose secret is its name."""
    return Token(name, sha256(name.encode()).hexdigest(), frozenset(scopes))


def shown(name: str) -> dict[str, str]:
    """The header by which this one comes in."""
    return {"Authorization": f"Bearer {name}"}


def only(name: str, *scopes: Scope) -> Access:
    """Lets this one in and nobody else."""
    return Access([token(name, *scopes)])
