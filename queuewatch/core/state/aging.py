"""No contact waits for ever, and none is remembered for ever."""

from __future__ import annotations

from queuewatch.core.facts.events import Event, Sighting
from queuewatch.core.rules import Ages
from queuewatch.core.state.amend import place, retell
from queuewatch.core.state.calendar import earliest
from queuewatch.core.state.contact import Contact
from queuewatch.core.state.site import Site
from queuewatch.core.state.visit import OPEN, Visit

# Nobody confirms that a call-back is still wanted: it stands in line for a week at most.
CALLBACK_AGE_S = 7 * 86_400.0


def next_at(site: Site) -> float | None:
    """When to look at the contacts again; None while there are none."""
    return earliest((site.begun.next_at(), site.ages.next_at(), site.ended.next_at()))


def expire(site: Site, now: float, ages: Ages) -> None:
    """Close visits unconfirmed for longer than their channel's greatest age; forget contacts long ended.

    Args:
        site: The site.
        now: The present.
        ages: The greatest ages; lists of sources older than `late_s` are dropped too.
    """
    known = site.contacts.get
    for calendar in (site.begun, site.ages):
        for contact in filter(None, map(known, calendar.take(now))):
            stay = contact.stay
            if stay is None or stay.ended_at is None:  # nearly all have ended by then
                _see_to_age(site, contact, now, ages)
    ended = site.ended.take(now)
    if ended:
        _forget(site, ended, now, ages)
    for source in site.sources.values():
        if any(mark.heard_at < now - ages.late_s for mark in source.marks):
            source.marks = [mark for mark in source.marks if mark.heard_at >= now - ages.late_s]


def _see_to_age(site: Site, contact: Contact, now: float, ages: Ages) -> None:
    """Close what is too old, and have the rest looked at when it will be."""
    for visit in [one for one in contact.visits if one.stage in OPEN]:
        if _due_at(contact, visit, ages) <= now:
            too_old = _too_old(visit, ages)
            contact.spell_out(site.name)
            place(contact, too_old)
            retell(site, contact, too_old.at)
    dues = [_due_at(contact, visit, ages) for visit in contact.visits if visit.stage in OPEN]
    if not dues:
        site.ended.add(_forget_at(contact, ages), contact.id)
    elif min(dues) != float("inf"):
        site.ages.add(min(dues), contact.id)


def _forget(site: Site, names: list[str], now: float, ages: Ages) -> None:
    """Forget contacts, but who goes on, or has been heard of since."""
    contacts = site.contacts
    until_at = now - ages.late_s
    last_at: dict[str, float] = {}
    for contact in filter(None, map(contacts.get, names)):
        stay = contact.stay
        if stay.ended_at is None if stay is not None else any(one.stage in OPEN for one in contact.stays):
            _see_to_age(site, contact, now, ages)
            continue
        at = contact.last_at if stay is None else stay.confirmed_at
        if at > until_at or contact.heard_at > until_at:
            site.ended.add(_forget_at(contact, ages), contact.id)
        else:
            last_at[contact.id] = at
            del contacts[contact.id]
    site.gone.add(last_at)


def _forget_at(contact: Contact, ages: Ages) -> float:
    last_at = contact.last_at
    heard_at = contact.heard_at
    return (last_at if last_at > heard_at else heard_at) + ages.late_s  # noqa: FURB136  # quicker than max()


def _due_at(contact: Contact, visit: Visit, ages: Ages) -> float:
    """When a visit is too old; not while its source, which may be telling of the past, is still at it."""
    return max(visit.confirmed_at + _age_s(visit, ages), contact.heard_at + ages.late_s)


def _age_s(visit: Visit, ages: Ages) -> float:
    if visit.callback:
        return CALLBACK_AGE_S
    age_s = ages.waiting_s(visit.channel)
    return float("inf") if age_s is None else age_s


def _too_old(visit: Visit, ages: Ages) -> Event:
    """Great age, as a fact among the contact's facts; a sign of life that comes in late makes it void."""
    age_s = _age_s(visit, ages)
    due_at = visit.confirmed_at + age_s
    gone = Sighting(
        queue=visit.queue, channel=visit.channel, visit=visit.number, grace_s=age_s, talks_too=True
    )
    return Event(f"age@{visit.queue}/{visit.number}/{due_at}", visit.source, due_at, gone, visit.contact)
