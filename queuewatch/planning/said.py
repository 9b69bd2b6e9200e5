"""What a plan holds to, in a planner's words rather than as the config has it."""

from __future__ import annotations

from queuewatch.core.plan.document import PlanRow
from queuewatch.queueing.targets import Measure, parse_target

_HARDLY_ANY = 0.05
_UNITS = ((3600.0, "h"), (60.0, "min"))


def threshold(seconds: float) -> str:
    """A threshold in its largest whole unit: "45 s", "1 min", "90 s", "4 h"."""
    for unit_s, name in _UNITS:
        if seconds >= unit_s and seconds % unit_s == 0.0:
            return f"{seconds / unit_s:g} {name}"
    return f"{seconds:g} s"


def target(text: str) -> str:
    """A target as `queueing.targets` reads it, as one says it: "at most 20 % wait over 1 min".

    Raises:
        ValueError: The text has none of the known forms.
    """
    read = parse_target(text)
    share = f"at most {100 * read.bound:.3g} %"
    match read.measure:
        case Measure.OVER:
            return f"{share} wait over {threshold(read.threshold_s)}"
        case Measure.UNANSWERED:
            return f"{share} not answered within {threshold(read.threshold_s)}"
        case Measure.MEAN_WAIT:
            return f"a mean wait of at most {threshold(read.bound)}"
        case Measure.ABANDON:
            return f"{share} hang up"
        case Measure.OCCUPANCY:
            return f"agents busy for {share} of their time"


def is_quiet(row: PlanRow) -> bool:
    """Whether nobody is expected and nobody is needed: then a chance to wait is no figure to go by.

    Whoever came nevertheless would find nobody there, a chance of 1, which spoils every mean over a day.
    """
    return row.agents == 0 and row.contacts < _HARDLY_ANY
