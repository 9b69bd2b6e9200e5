"""How long to wait before the next try: twice as long each time, spread by chance, up to an end."""

from __future__ import annotations

# Doubled so often, any first pause is longer than any last one; a float doubled a thousand times is none.
_MOST_DOUBLED = 30


def back_off_s(tries: int, first_s: float, last_s: float, chance: float) -> float:
    """The pause before the next try.

    Args:
        tries: Tries in a row that failed; where none did, the pause is that after the first.
        first_s: The longest pause after the first, seconds.
        last_s: The longest pause of all, seconds.
        chance: A random number in [0, 1), so that many who failed together do not come again together.

    Returns:
        Seconds, between half and all of `first_s`, doubled with each try up to `last_s`.
    """
    longest_s = min(last_s, first_s * 2.0 ** min(max(0, tries - 1), _MOST_DOUBLED))
    return longest_s * (0.5 + chance / 2.0)
