"""Colours that people of every colour vision tell apart: Okabe and Ito's, the same meaning on every board.

Blue is well, orange is a warning, vermilion hurts. No panel tells by colour alone: the number or the word
stands there too.
"""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

WELL: Final = "#0072B2"
WARNING: Final = "#E69F00"
HURTS: Final = "#D55E00"
PLAIN: Final = "#56B4E9"
OTHER: Final = "#CC79A7"
SPARE: Final = "#009E73"
DIM: Final = "#999999"
WARNING_GROUND: Final = "#F5B800"
"""Of a warning with words on it: so light that Grafana writes them in black, not in white on orange."""
GROUNDS: Final = {WELL: "transparent", WARNING: WARNING_GROUND}

Steps = tuple[tuple[float | None, str], ...]
"""From which value on (None: from the lowest) which colour holds."""

CALM: Steps = ((None, PLAIN),)
CHANCE: Steps = ((None, WELL), (0.3, WARNING), (0.5, HURTS))
"""The default rule of notices: over 0.3 it does not end, from 0.5 on it begins."""
ANY_IS_BAD: Steps = ((None, WELL), (1, HURTS))
ANY_IS_GOOD: Steps = ((None, HURTS), (1, WELL))
LEVEL: Steps = ((None, WELL), (1, WARNING), (2, HURTS))
WAIT: Steps = ((None, WELL), (60, WARNING), (180, HURTS))
AGE: Steps = ((None, WELL), (120, WARNING), (900, HURTS))
"""Of the latest fact: on a quiet night minutes pass without one."""
KEPT: Steps = ((None, HURTS), (0.8, WARNING), (0.88, WELL))
"""Of what was told for nine in ten; from 88 % on chance alone can explain the rest."""
OCCUPANCY: Steps = ((None, WELL), (0.85, WARNING), (0.95, HURTS))
AGENTS: Final = {
    "available": SPARE,
    "ringing": PLAIN,
    "busy": WELL,
    "wrap_up": WARNING,
    "not_ready": OTHER,
    "offline": DIM,
}


def thresholds(steps: Steps) -> list[Threshold]:
    """Steps as Grafana takes them."""
    return [Threshold(value=value, color=colour) for value, colour in steps]


def ground(steps: Steps) -> Steps:
    """The steps of what is written on its colour: what is well keeps quiet, so that the rest is seen."""
    return tuple((value, GROUNDS.get(colour, colour)) for value, colour in steps)


def words(**by_value: tuple[str, str]) -> list[ValueMapping]:
    """A word and a colour for each value: `words(_0=("normal", WELL))`."""
    return [
        ValueMap(
            {
                value.removeprefix("_"): ValueMappingResult(text=word, color=colour, index=index)
                for index, (value, (word, colour)) in enumerate(by_value.items())
            }
        )
    ]


UNKNOWN: Final = SpecialValueMap(
    DashboardSpecialValueMapOptions(
        match=SpecialValueMatch.NULL_AND_NAN, result=ValueMappingResult(text="?", color=DIM, index=9)
    )
)
"""For a cell without a value: it is neither well nor bad."""
LEVELS = words(_0=("normal", WELL), _1=("busy", WARNING_GROUND), _2=("very busy", HURTS))
LEVELS_WRITTEN = words(_0=("normal", GROUNDS[WELL]), _1=("busy", WARNING_GROUND), _2=("very busy", HURTS))
"""On their colour, where what is well keeps quiet."""
UP = words(_0=("silent", HURTS), _1=("speaks", WELL))
