"""Calls in the queues of an Asterisk log: what one line cannot say alone about transfers and returns."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

_MOST = 20_000
"""Calls kept in mind; of more, the oldest half is forgotten: their ends must have gone missing."""

HAIR_S = 2.0**-20
"""About a microsecond: parts two facts of the same second that must have come one after the other.

A power of two, so that adding and subtracting it is exact for times of this century.
"""


class _Talk(Struct):
    """A call that an agent took; `returned_at` once it is back in the queue before its talk was closed."""

    queue: str
    agent: str
    returned_at: float | None = None


class Calls:
    """Who waits and who talks, as far as the lines read so far say."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], float] = {}
        self._talking: dict[str, _Talk] = {}
        self._alias: dict[tuple[str, str], str] = {}

    def clear(self) -> None:
        """The PBX started anew: no call of before is left."""
        self._waiting.clear()
        self._talking.clear()
        self._alias.clear()

    def joined(self, call: str, queue: str, at: float) -> float:
        """The call joined the queue.

        Returns:
            When it did: a hair later where it talks there still, having been transferred back before the log
            says that its talk is over.
        """
        talk = self._talking.get(call)
        if talk is not None and talk.queue == queue:
            at += HAIR_S
            talk.returned_at = at
        self._waiting[(call, queue)] = at
        if len(self._waiting) > _MOST:
            _forget(self._waiting)
        return at

    def taken(self, call: str, queue: str, agent: str, at: float, wait_s: float | None) -> str:
        """An agent took the call.

        Returns:
            The id under which the call waited: after an attended transfer it is that of the agent's
            consultation, which joined the queue in the caller's stead.
        """
        contact = self._alias.get((call, queue), call) if self._alias else call
        if self._waiting.pop((contact, queue), None) is None:
            contact = self._consultation(call, queue, at, wait_s) or contact
            self._waiting.pop((contact, queue), None)
        self._talking[contact] = _Talk(queue, agent)
        if len(self._talking) > _MOST:
            _forget(self._talking)
        return contact

    def _consultation(self, call: str, queue: str, at: float, wait_s: float | None) -> str | None:
        """The one call that joined when this one, which never did, must have joined."""
        if wait_s is None or call not in self._talking:
            return None
        joined_at = at - wait_s
        fit = [
            other
            for (other, where), since in self._waiting.items()
            if where == queue and abs(since - joined_at) <= 1
        ]
        if len(fit) != 1:
            return None
        self._alias[(call, queue)] = fit[0]
        return fit[0]

    def ended(self, call: str, queue: str, at: float) -> tuple[str, float]:
        """The call's stay ended.

        Returns:
            The id under which it stayed, and when it ended: before the call was back, if it is.
        """
        contact = self._alias.pop((call, queue), call) if self._alias else call
        talk = self._talking.get(contact)
        if talk is None or talk.queue != queue:
            self._waiting.pop((contact, queue), None)
            return contact, at
        del self._talking[contact]
        return contact, at if talk.returned_at is None else min(at, talk.returned_at - HAIR_S)

    def consulted(self, consultation: str, queue: str, agent: str) -> tuple[str, str | None]:
        """An agent handed its call over by an attended transfer, logged under the id of the consultation.

        Returns:
            The call that the agent talked to, and the queue it now waits in, if it does.
        """
        own = self._talking.get(consultation)
        if own is not None and own.queue == queue:
            return consultation, None
        talks = (call for call, talk in self._talking.items() if (talk.agent, talk.queue) == (agent, queue))
        call = next(talks, None)
        if call is None:
            return consultation, None
        to_queue = next((where for other, where in self._waiting if other == consultation), None)
        if to_queue is not None:
            self._alias[(call, to_queue)] = consultation
        return call, to_queue


def _forget(calls: dict[Any, Any]) -> None:
    for call in list(calls)[: _MOST // 2]:
        del calls[call]
