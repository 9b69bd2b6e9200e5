"""`[tolerance]`: how long customers put up with waiting."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from msgspec import Meta, Struct

from queuewatch.core.rules import Chance, NotNegative, Tolerance

_TOLERANCE = Tolerance()

Points = Annotated[
    tuple[tuple[NotNegative, Chance], ...],
    Meta(min_length=1, description="pairs of seconds and a share, such as [[0, 0.3], [60, 0.6]]"),
]


class ToleranceSection(Struct, frozen=True, kw_only=True):
    """`[tolerance]`: by surveys; pairs of seconds and share."""

    resents: Points = _TOLERANCE.resents
    gives_up: Points = _TOLERANCE.gives_up
    survey_counts: NotNegative = _TOLERANCE.survey_counts


def about_tolerance(tolerance: ToleranceSection) -> Iterator[str]:
    """What is wrong with it, and how to mend it."""
    for name in ("resents", "gives_up"):
        for (before_s, fewer), (after_s, more) in pairwise(getattr(tolerance, name)):
            if after_s <= before_s or more < fewer:
                yield (
                    f"tolerance.{name} has [{after_s:g}, {more:g}] after [{before_s:g}, {fewer:g}];"
                    " the seconds must rise, and the shares must not fall"
                )
