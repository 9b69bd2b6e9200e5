"""A contact: what was told of it, kept in little room, and the visits that follow from that.

A busy site has ten thousand contacts in mind, nearly all of which join, are answered and are completed, each
told once. A fact of that course leaves nearly all that it said in the visit it moved: of such a fact only the
id is kept, and it is made anew when a contact has to be told from its beginning.
"""

from __future__ import annotations

from sys import intern

from msgspec import Struct

from queuewatch.core.facts.events import Answered, Completed, ContactData, Enqueued, Event, order
from queuewatch.core.state.journey import Misfit
from queuewatch.core.state.visit import Visit, set_plainly


@set_plainly
class Contact(Struct, gc=False):
    """A contact: its facts, and the visits that follow from them.

    Attributes:
        heard_at: When the last of the facts came in (our clock), which may be long after it happened.
        stay: The visit of a contact that is ordinary: it has no other, was told of this one from its
            beginning, and its last fact confirmed it.
        joined, answered, completed: Ids of facts that the stay bears, which are not among `facts`; empty
            where there is none. Whoever keeps one here has seen that `told` can make it anew.
        facts: All other facts, in order.
        stays: The visits of one that is not ordinary.
        misfits: Why facts did not fit.
    """

    id: str
    heard_at: float
    stay: Visit | None = None
    joined: str = ""
    answered: str = ""
    completed: str = ""
    facts: tuple[Event, ...] = ()
    stays: tuple[Visit, ...] = ()
    misfits: tuple[Misfit, ...] = ()

    @property
    def visits(self) -> tuple[Visit, ...]:
        """All visits, in the order in which they began."""
        return self.stays if self.stay is None else (self.stay,)

    def visit(self, queue: str, number: int) -> Visit:
        """The visit of this number in this queue, which must exist."""
        return self.stay or next(v for v in self.stays if v.number == number and v.queue == queue)

    @property
    def last_at(self) -> float:
        """Time of the last fact; there is one."""
        return self.facts[-1].at if self.stay is None else self.stay.confirmed_at

    def told(self, site: str) -> list[Event]:
        """All facts, in order.

        Args:
            site: The name of the contact's site.

        Returns:
            The facts as they were told, but for what makes no difference to the state (such as the position
            in line, or how long it rang) in those that were made anew.
        """
        borne = [] if self.stay is None else self._borne(self.stay, site)
        return sorted([*borne, *self.facts], key=order)

    def spell_out(self, site: str) -> None:
        """Have all facts among `facts`: there will be others among them."""
        self.facts = tuple(self.told(site))
        self.joined = self.answered = self.completed = ""

    def _borne(self, stay: Visit, site: str) -> list[Event]:
        """The facts that the stay bears."""
        queue, channel = stay.queue, stay.channel
        joined = Enqueued(
            queue=queue,
            channel=channel,
            customer=stay.customer,
            tier=stay.tier,
            language=stay.language,
            priority=stay.priority,
        )
        answered = Answered(queue=queue, channel=channel, agent=stay.agent)
        completed = Completed(queue=queue, channel=channel, talk_s=stay.talk_s)
        course: tuple[tuple[str, float | None, ContactData], ...] = (
            (self.joined, stay.enqueued_at, joined),
            (self.answered, stay.answered_at, answered),
            (self.completed, stay.ended_at, completed),
        )
        shared = intern(site)  # as it is where an event bears its default: frozen, they look alike
        return [
            Event(ident, stay.source, at, data, self.id, shared)
            for ident, at, data in course
            if ident and at is not None
        ]
