"""What people do at our own routes, as facts: overrides, promises, vouchers, call-backs, plans."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from queuewatch.core.facts.terms import Channel, Name, Tier, Whole


class NoticeOverridden(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="notice.overridden"
):
    """A supervisor set the notice level of a queue by hand. `level` None gives it back to the rules."""

    queue: Name
    level: Literal["normal", "busy", "very_busy"] | None = None
    by: Name
    until_at: float | None = None


class IncentiveGranted(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="incentive.granted"
):
    """Somebody granted a contact a voucher by hand, within a limit of their own.

    `customer` is a keyed hash. `holder` names whose limit it counts against: an access token, or the person.
    """

    queue: Name
    channel: Channel
    contact: Name
    amount: Decimal
    by: Name
    holder: Name
    note: str
    customer: str | None = None
    tier: Tier | None = None
    language: str | None = None


class IncentiveTouched(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="incentive.touched"
):
    """What all acts on a voucher say: which, by its key, and who acted."""

    incentive: str
    by: Name
    note: str = ""


class IncentiveRedeemed(IncentiveTouched, frozen=True, kw_only=True, gc=False, tag="incentive.redeemed"):
    """A voucher was used."""


class IncentiveRevoked(IncentiveTouched, frozen=True, kw_only=True, gc=False, tag="incentive.revoked"):
    """A voucher was taken back."""


class IncentiveFollowedUp(IncentiveTouched, frozen=True, kw_only=True, gc=False, tag="incentive.followed_up"):
    """Somebody asked the customer how it went."""


class PromiseTold(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="promise.told"
):
    """Somebody who waits was told `text` through us: how long it will be, or that there is no saying.

    `visit` is which of the contact's stays in this queue; `told_s` the time still to wait that was told
    (None: none), `waited_s` what had been waited by then, seconds. The rest is as in `WaitView`.
    """

    queue: Name
    channel: Channel
    contact: Name
    visit: int
    language: str
    text: str
    waited_s: float
    told_s: float | None = None
    mean_s: float | None = None
    quantiles_s: dict[str, float] = {}
    chances: dict[str, float] = {}
    estimator: str = ""
    no_estimate: str | None = None


class CallbackTouched(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="callback.touched"
):
    """What all acts on the call-back list say: because of which contact, and who acted."""

    contact: Name
    by: Name
    note: str = ""


class CallbackQueued(CallbackTouched, frozen=True, kw_only=True, gc=False, tag="callback.queued"):
    """The customer was put into the line again, in the place of the first wait."""


class CallbackClaimed(CallbackTouched, frozen=True, kw_only=True, gc=False, tag="callback.claimed"):
    """Somebody is calling the customer back."""


class CallbackDone(CallbackTouched, frozen=True, kw_only=True, gc=False, tag="callback.done"):
    """The customer was reached."""


class CallbackFailed(CallbackTouched, frozen=True, kw_only=True, gc=False, tag="callback.failed"):
    """The customer was not reached; the next one may try."""


class CustomerForgotten(
    Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    gc=False,
    tag_field="fact",
    tag="customer.forgotten",
):
    """A customer is to be forgotten: `stand_in` is put wherever the keyed hash `customer` stands.

    In the journal, once that is done, in this very fact, too.
    """

    customer: Name
    stand_in: Name


class PlannedSpan(Struct, frozen=True, gc=False):
    """So many agents are planned from one point in time to another (not included)."""

    begins_at: float
    until_at: float
    agents: Whole


class PlanTold(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="plan.told"
):
    """A planner brought in agents per interval for a queue; in order, none over another."""

    queue: Name
    by: Name
    spans: tuple[PlannedSpan, ...]


class NeedTold(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="need.told"
):
    """The planner's forecast calls for so many agents; in order, none over another.

    `queue` is a queue, or the name of several that share agents: these are `shared_by` then.
    """

    queue: Name
    spans: tuple[PlannedSpan, ...]
    shared_by: tuple[Name, ...] = ()


# What people do here, at the service's own routes: never read from outside as an event.
Act = (
    IncentiveGranted
    | IncentiveRedeemed
    | IncentiveRevoked
    | IncentiveFollowedUp
    | CallbackQueued
    | CallbackClaimed
    | CallbackDone
    | CallbackFailed
    | CustomerForgotten
    | PlanTold
    | NeedTold
)
