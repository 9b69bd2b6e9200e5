"""Who may do what: bearer tokens with scopes, and the guard against foreign pages while all is open."""

from __future__ import annotations

import functools
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from queuewatch.serve.problems import Handler, ProblemError

Scope = Literal["ingest", "read", "promise", "act"]

_INCLUDED: dict[Scope, frozenset[Scope]] = {"act": frozenset(("promise",))}
"""What a scope allows besides what it is called: who may do everything may also tell waits."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Token:
    """A token we accept. Only its hash is known.

    Attributes:
        name: Whose it is, for logs.
        sha256: SHA-256 of the token, 64 hexadecimal digits in lower case.
        scopes: What it allows.
    """

    name: str
    sha256: str
    scopes: frozenset[Scope]

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(
                f"the hash of token {self.name!r} must be 64 hexadecimal digits in lower case (SHA-256)"
            )


class Access:
    """Decides what a request may do.

    Without tokens all is open, to requests whose Host is a loopback name: a page of another site that points
    its own name at 127.0.0.1 (DNS rebinding) is turned away.

    Args:
        tokens: The tokens we accept; none opens all.
        hosts: Further names this service may be called by while all is open.
    """

    def __init__(self, tokens: Iterable[Token] = (), hosts: Iterable[str] = ()) -> None:
        self._tokens = tuple(tokens)
        self._hosts = frozenset(host.lower() for host in hosts)

    @property
    def is_open(self) -> bool:
        """Whether anybody may do anything."""
        return not self._tokens

    def guard(self, scope: Scope | None, handler: Handler, *, token_in_query: bool = False) -> Handler:
        """The handler, reached only with this scope; None lets everybody in.

        Args:
            scope: The scope the request needs.
            handler: What answers it.
            token_in_query: Whether `?access_token=` counts too, for webhook senders that set no headers.
        """

        async def guarded(request: web.Request) -> web.StreamResponse:
            if self.is_open:
                self._check_host(request)
                _check_origin(request)
            elif scope is not None and scope not in self._granted(request, token_in_query=token_in_query):
                raise ProblemError(
                    403, f"this needs a token with the scope {scope!r}", headers=challenge(scope)
                )
            return await handler(request)

        return guarded

    def holder(self, request: web.Request) -> str | None:
        """Whose token a request that passed a guard shows; None where all is open."""
        token = self._find(_presented(request, token_in_query=False))
        return None if token is None else token.name

    def author(self, request: web.Request, said: str) -> str | None:
        """Who acts in a request that passed a guard: the token's name, which nobody can make up.

        Where several people share a token, who of them it was is what they say: `Grace (token board)`. Where
        all is open there is only what they say; None where they say nothing.
        """
        said, holder = said.strip(), self.holder(request)
        if holder is None or said in {"", holder}:
            return holder or said or None
        return f"{said} (token {holder})"

    def allows(self, scope: Scope, request: web.Request) -> bool:
        """Whether a request that passed a guard may do this as well."""
        return self.is_open or scope in self._granted(request, token_in_query=True)

    def may(self, scope: Scope, request: web.Request) -> bool:
        """Whether a request that passed no guard may do this; a wrong token is as good as none."""
        return self.is_open or scope in (self.scopes(_presented(request, token_in_query=False)) or ())

    def _check_host(self, request: web.Request) -> None:
        host = _hostname(request.headers.get("Host", ""))
        if not _is_loopback(host) and host not in self._hosts:
            raise ProblemError(
                403,
                f"without tokens queuewatch answers only to loopback names such as localhost, not to"
                f" {host!r}; configure tokens to open it to others",
            )

    def _granted(self, request: web.Request, *, token_in_query: bool) -> frozenset[Scope]:
        presented = _presented(request, token_in_query=token_in_query)
        if not presented:
            raise ProblemError(
                401,
                "this needs a token: send it as 'Authorization: Bearer …'",
                headers={"WWW-Authenticate": 'Bearer realm="queuewatch"'},
            )
        granted = self.scopes(presented)
        if granted is None:
            raise ProblemError(
                401,
                "this token is not known here",
                headers={"WWW-Authenticate": 'Bearer realm="queuewatch", error="invalid_token"'},
            )
        return granted

    def scopes(self, presented: str) -> frozenset[Scope] | None:
        """What this token allows; None when it is unknown. Any takes as long as any other."""
        token = self._find(presented)
        if token is None:
            return None
        return token.scopes.union(*(_INCLUDED.get(scope, frozenset()) for scope in token.scopes))

    def _find(self, presented: str) -> Token | None:
        digest = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()
        found: Token | None = None
        for token in self._tokens:
            if hmac.compare_digest(digest, token.sha256):
                found = token
        return found


def _presented(request: web.Request, *, token_in_query: bool) -> str:
    """The token that a request shows; empty where it shows none."""
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        presented = request.query.get("access_token", "") if token_in_query else ""
    return presented.strip()


def _check_origin(request: web.Request) -> None:
    """A page of another origin must not write; the browser says where a request is from."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        raise ProblemError(403, "without tokens pages of other origins may not send anything here")


def challenge(scope: Scope) -> dict[str, str]:
    """The header that tells the bearer of a token which scope it lacks."""
    return {"WWW-Authenticate": f'Bearer realm="queuewatch", error="insufficient_scope", scope="{scope}"'}


def _hostname(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().removesuffix(".")


@functools.lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
