"""What a planner asks of a queue, as written: ``P(wait>60)<=0.2``, ``ASA<=20``, ``occupancy<=0.85``."""

import re
from dataclasses import dataclass
from enum import Enum

FORMS = "P(wait>S)<=X, P(wait<=S)>=X, SL(S)>=X, ASA<=S, abandon<=X, occupancy<=X"
"""The targets that ``parse_target`` reads: S in seconds, X a share (0.2) or per cent (20%)."""


class Measure(Enum):
    """What a target bounds from above; the value is how it is written."""

    OVER = "P(wait>{:g})"
    UNANSWERED = "1-SL({:g})"
    MEAN_WAIT = "ASA"
    ABANDON = "abandon"
    OCCUPANCY = "occupancy"


@dataclass(frozen=True, slots=True)
class Target:
    """A bound that a queue has to keep.

    Attributes:
        measure: What is bounded: P(wait > t) of one who does not hang up; the share not answered within t of
            all contacts; the mean wait over all contacts; the share that abandons; the occupancy.
        bound: The largest value allowed: seconds for the mean wait, else a share in [0, 1].
        threshold_s: The t of the first two in seconds, 0 or more; 0 for the others.
    """

    measure: Measure
    bound: float
    threshold_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.measure.value.format(self.threshold_s)}<={self.bound:g}"


_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
_SHARE = _NUMBER + r"(%?)"
_PATTERNS = (
    (Measure.OVER, False, re.compile(rf"p\(wait>{_NUMBER}s?\)<=?{_SHARE}")),
    (Measure.OVER, True, re.compile(rf"p\(wait<=?{_NUMBER}s?\)>=?{_SHARE}")),
    (Measure.UNANSWERED, True, re.compile(rf"sl\({_NUMBER}s?\)>=?{_SHARE}")),
    (Measure.ABANDON, False, re.compile(rf"abandon()<=?{_SHARE}")),
    (Measure.OCCUPANCY, False, re.compile(rf"occupancy()<=?{_SHARE}")),
)
_MEAN_WAIT = re.compile(rf"asa<=?{_NUMBER}s?")


def parse_target(text: str) -> Target:
    """Read a target, whatever its spaces and capitals.

    ``P(wait<=S)>=X`` is the complement of ``P(wait>S)<=1-X``. ``SL(S)>=X`` is the service level counted over
    all contacts: those who hung up were not answered.

    Raises:
        ValueError: The text has none of the known forms, or a share is above 1.
    """
    squeezed = "".join(text.split()).lower()
    if found := _MEAN_WAIT.fullmatch(squeezed):
        return Target(Measure.MEAN_WAIT, float(found[1]))
    for measure, at_least, pattern in _PATTERNS:
        if found := pattern.fullmatch(squeezed):
            threshold, number, per_cent = found.groups()
            share = float(number) / 100.0 if per_cent else float(number)
            if share > 1.0:
                raise ValueError(
                    f"the share in target {text!r} must lie between 0 and 1 (or 0% and 100%), got {number}"
                )
            return Target(measure, 1.0 - share if at_least else share, float(threshold or 0.0))
    raise ValueError(f"target {text!r} is none of {FORMS}; for example P(wait>60)<=0.2")
