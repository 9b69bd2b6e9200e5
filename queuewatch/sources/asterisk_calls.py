"""Calls in the queues of an Asterisk log: what one line cannot say alone about transfers and returns."""

from __future__ import annotations

from typing import Any

_MOST = 20_000
"""Calls kept in mind; of more, the oldest half is forgotten: their ends must have gone missing."""

HAIR_S = 2.0**-20
"""About a microsecond: parts two facts of the same second that must have come one after the other.

A power of two, so that adding and subtracting it is exact for times of this century.
"""


class Calls:
    """Who waits and who talks, as far as the lines read so far say."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, float]] = {}  # call → queue, since when
        self._talking: dict[str, tuple[str, str]] = {}  # call → queue, agent
        self._returned: dict[str, float] = {}  # call → when it joined anew before its talk was closed
        self._alias: dict[tuple[str, str], str] = {}

    def clear(self) -> None:
        """The PBX started anew: no call of before is left."""
        self._waiting.clear()
        self._talking.clear()
        self._returned.clear()
        self._alias.clear()

    def joined(self, call: str, queue: str, at: float) -> tuple[float, str | None]:
        """The call joined the queue.

        Returns:
            When it did: a hair later where it talks there still, having been transferred back before the log
            says that its talk is over; and the other queue in which it waited until then, where the line that
            it left went missing: in Asterisk a call waits in one queue at a time.
        """
        talk = self._talking.get(call)
        if talk is not None and talk[0] == queue:
            at = self._returned[call] = at + HAIR_S
            if len(self._returned) > _MOST:
                _forget(self._returned)
        waiting = self._waiting
        before = waiting.get(call)
        waiting[call] = queue, at
        if len(waiting) > _MOST:
            _forget(waiting)
        return at, None if before is None or before[0] == queue else before[0]

    def taken(self, call: str, queue: str, agent: str, at: float, wait_s: float | None) -> str:
        """An agent took the call.

        Returns:
            The id under which the call waited: after an attended transfer it is that of the agent's
            consultation, which joined the queue in the caller's stead.
        """
        contact = self._alias.get((call, queue), call) if self._alias else call
        talking = self._talking
        wait = self._waiting.pop(contact, None)
        if wait is None or wait[0] != queue:
            contact = self._consultation(call, queue, at, wait_s) or contact
            self._waiting.pop(contact, None)
        talking[contact] = queue, agent
        if self._returned:
            self._returned.pop(contact, None)
        if len(talking) > _MOST:
            _forget(talking)
        return contact

    def _consultation(self, call: str, queue: str, at: float, wait_s: float | None) -> str | None:
        """The one call that joined when this one, which never did, must have joined."""
        if wait_s is None or call not in self._talking:
            return None
        joined_at = at - wait_s
        fit = [
            other
            for other, (where, since) in self._waiting.items()
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
        if talk is None or talk[0] != queue:
            wait = self._waiting.get(contact)
            if wait is not None and wait[0] == queue:
                del self._waiting[contact]
            return contact, at
        del self._talking[contact]
        if contact in self._returned:
            return contact, min(at, self._returned.pop(contact) - HAIR_S)
        return contact, at

    def consulted(self, consultation: str, queue: str, agent: str) -> tuple[str, str | None]:
        """An agent handed its call over by an attended transfer, logged under the id of the consultation.

        Returns:
            The call that the agent talked to, and the queue it now waits in, if it does.
        """
        own = self._talking.get(consultation)
        if own is not None and own[0] == queue:
            return consultation, None
        call = next((call for call, talk in self._talking.items() if talk == (queue, agent)), None)
        if call is None:
            return consultation, None
        wait = self._waiting.get(consultation)
        if wait is None:
            return call, None
        self._alias[(call, wait[0])] = consultation
        return call, wait[0]


def _forget(calls: dict[Any, Any]) -> None:
    for call in list(calls)[: _MOST // 2]:
        del calls[call]
