"""Text that others wrote, on a terminal: what would steer it, or begin a line, is shown as it is."""

from __future__ import annotations

import re

# Controls, ends of lines, and marks that turn the direction of what follows.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def legible(text: str) -> str:
    r"""The text on one line, with `\x1b` for an escape and `\n` for the end of a line."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
