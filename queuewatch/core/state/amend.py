"""What is not in order: a fact that comes late, twice or corrected, and lists of who waits, into the state.

Such a fact is put in its place among the contact's facts, and the contact's visits are told anew from the
beginning; what was counted of them is set right. So the state does not depend on how the facts came in.
What comes in its order takes the short way of `course.py`, and ends in the same state.
"""

from __future__ import annotations

from bisect import insort

from queuewatch.core.facts.events import (
    ContactFact,
    Enqueued,
    Event,
    Sighting,
    is_later_version,
    order,
    supersedes,
)
from queuewatch.core.facts.terms import Channel
from queuewatch.core.rules import Ages
from queuewatch.core.state.contact import Contact
from queuewatch.core.state.journey import fold, step
from queuewatch.core.state.site import (
    BEGUN_PAGE_S,
    Change,
    Mark,
    Site,
    Source,
    enter,
    withdraw,
)
from queuewatch.core.state.visit import IN_LINE, OPEN, Visit

# A snapshot and the facts around it are not told at one instant: what a source said of a contact this
# shortly before its list is trusted over the contact's absence from it, seconds.
SNAPSHOT_GRACE_S = 1.0


def tell(site: Site, event: Event, recorded_at: float, ages: Ages) -> None:
    """Take in any fact about a contact, whatever is known of it; its queue is known.

    Args:
        site: The event's site.
        event: What happened to the contact.
        recorded_at: When it was written into the journal (our clock).
        ages: How long contacts are kept in mind.
    """
    name = event.subject
    contact = site.contacts.get(name)
    if contact is None:
        called_back = isinstance(event.data, Enqueued) and event.data.callback
        if site.gone.knows(name, event.at) and not called_back:
            site.misfits.add("forgotten")
            return
        contact = _meet(site, name, recorded_at, ages)
    contact.heard_at = recorded_at
    contact.spell_out(site.name)
    if place(contact, event):
        _heed_marks(site, contact, event)
        retell(site, contact, event.at)
        site.ended.add(recorded_at + ages.late_s, name)


def _meet(site: Site, name: str, heard_at: float, ages: Ages) -> Contact:
    """A contact nobody had heard of; it is looked at before it can be too old."""
    site.begun.add(heard_at + ages.late_s - BEGUN_PAGE_S, name)
    contact = site.contacts[name] = Contact(name, heard_at)
    return contact


def place(contact: Contact, event: Event) -> bool:
    """Put a fact in its place among those of a contact, which are all spelled out.

    Returns:
        False when it is known already, or older than the version that is known.
    """
    facts = list(contact.facts)
    for index, known in enumerate(facts):
        if known.id == event.id and known.source == event.source and _inside(known) == _inside(event):
            if not supersedes(event, known):
                return False
            del facts[index]
            break
    insort(facts, event, key=order)
    contact.facts = tuple(facts)
    return True


def _inside(event: Event) -> bool:
    """Whether the fact was made in here: its id is ours, and no event from outside can correct it."""
    return isinstance(event.data, Sighting)


def retell(site: Site, contact: Contact, at: float) -> None:
    """Tell a contact's visits anew from all its facts, and set right what was counted of them."""
    before = contact.visits
    for visit in before:
        withdraw(site, visit)
    for misfit in contact.misfits:
        site.misfits.take(misfit)
    after, misfits = fold(contact.facts)
    contact.misfits = tuple(misfits)
    contact.stay = _ordinary(contact, after)
    contact.stays = () if contact.stay is not None else tuple(after)
    for visit in after:
        enter(site, visit)
    for misfit in contact.misfits:
        site.misfits.add(misfit)
    old = {(visit.queue, visit.number): visit for visit in before}
    for visit in after:
        known = old.pop((visit.queue, visit.number), None)
        if known is None:
            late = bool(before) and at < contact.facts[-1].at
            site.changes.append(Change(visit, None, visit.stage, at, revised=late))
        elif known != visit:
            site.changes.append(Change(visit, known.stage, visit.stage, at, revised=known.stage not in OPEN))
    for visit in old.values():
        site.changes.append(Change(visit, visit.stage, None, at, revised=True))


def _ordinary(contact: Contact, visits: list[Visit]) -> Visit | None:
    """The only visit, if the next fact can be taken in as a step of it."""
    if len(visits) != 1:
        return None
    (visit,) = visits
    if visit.implied or visit.callback or visit.confirmed_at != contact.facts[-1].at:
        return None
    told = (visit.talk_s, visit.hold_s, visit.wrap_up_s, visit.resolved)
    told_of_an_end_before = visit.stage in OPEN and any(one is not None for one in told)
    return None if told_of_an_end_before else visit


def take_mark(site: Site, source: Source, mark: Mark, ages: Ages) -> None:
    """A source's list of who waits holds for all contacts it may concern."""
    known = next((one for one in source.marks if one.event == mark.event and one.queue == mark.queue), None)
    if known is not None:
        if not is_later_version(mark.version_at, known.version_at):
            return
        source.marks.remove(known)
    insort(source.marks, mark, key=lambda one: one.at)
    site.marked_at = max(site.marked_at, mark.at)
    for name in [*mark.listed, *_concerned(site, mark, corrected=known is not None)]:
        contact = site.contacts.get(name) or _meet(site, name, mark.heard_at, ages)
        _sight(site, contact, source.name, mark, ages)
    for queue in site.queues.values() if mark.queue is None else (site.queues[mark.queue],):
        queue.latest_at = max(queue.latest_at, mark.at)


def _concerned(site: Site, mark: Mark, *, corrected: bool) -> list[str]:
    """The contacts not listed of whom a mark may say something: by their visits, or by facts after it."""
    line: list[str] = []
    since_at = mark.at
    if corrected:
        since_at = float("-inf")
    elif mark.queue is not None:
        line = [name for _, _, name, _ in site.queues[mark.queue].line]
        if mark.at > site.queues[mark.queue].latest_at:
            return [name for name in line if name not in mark.listed]
    # Of many contacts few have facts that late: that is looked at first.
    late = (one for one in site.contacts.values() if one.last_at >= since_at)
    told = [one.id for one in late if any(mark.queue in (None, visit.queue) for visit in one.visits)]
    if mark.queue is None:
        line = [one.id for one in site.contacts.values() if any(v.stage in OPEN for v in one.visits)]
    return [name for name in dict.fromkeys([*line, *told]) if name not in mark.listed]


def _sightings(site: Site, contact: Contact, source: str, mark: Mark) -> list[Event]:
    """What a mark says of one contact, as facts to be put among its facts."""
    if mark.queue is not None:
        channels: dict[str, Channel] = {mark.queue: mark.channel}
    else:
        told = [fact.data for fact in contact.told(site.name)]
        channels = {one.queue: one.channel for one in told if isinstance(one, ContactFact | Sighting)}
    return [
        Event(
            f"{mark.event}@{queue}",
            source,
            mark.at,
            Sighting(
                queue=queue,
                channel=channel,
                listed=mark.listed.get(contact.id),
                grace_s=0.0 if mark.queue is None else SNAPSHOT_GRACE_S,
                talks_too=mark.queue is None,
            ),
            contact.id,
            version_at=mark.version_at,
        )
        for queue, channel in channels.items()
    ]


def _sight(site: Site, contact: Contact, source: str, mark: Mark, ages: Ages) -> None:
    """Tell one contact of a mark; one that only confirms what is known is taken in passing."""
    for sighting in _sightings(site, contact, source, mark):
        if _confirms(contact, sighting):
            step(list(contact.visits), sighting)
            in_a_row = len(contact.facts) > 1 and all(map(_lists, contact.facts[-2:]))
            before = contact.facts[:-1] if in_a_row else contact.facts
            contact.facts = (*before, sighting)
            continue
        contact.spell_out(site.name)
        if place(contact, sighting):
            _heed_marks(site, contact, sighting)
            retell(site, contact, mark.at)
            site.ended.add(mark.heard_at + ages.late_s, contact.id)


def _lists(fact: Event) -> bool:
    """Whether a fact says that the contact waits: of many such in a row, the first and the last suffice."""
    return isinstance(fact.data, Sighting) and fact.data.listed is not None


def _confirms(contact: Contact, sighting: Event) -> bool:
    """Whether a sighting, later than all facts, lists a contact that is known to wait in just one queue."""
    data = sighting.data
    return (
        isinstance(data, Sighting)
        and data.listed is not None
        and len(contact.visits) == 1
        and contact.visits[0].stage in IN_LINE
        and contact.visits[0].queue == data.queue
        and contact.visits[0].source == sighting.source
        and sighting.at > contact.last_at
    )


def _heed_marks(site: Site, contact: Contact, event: Event) -> None:
    """A late fact comes after lists that speak of its contact: they are put among its facts too."""
    queues = {fact.data.queue for fact in contact.facts if isinstance(fact.data, ContactFact | Sighting)}
    for name in {fact.source for fact in contact.facts} & site.sources.keys():  # a call-back is of none
        for mark in site.sources[name].marks:
            if mark.at >= event.at and (mark.queue is None or mark.queue in queues):
                for sighting in _sightings(site, contact, name, mark):
                    place(contact, sighting)
