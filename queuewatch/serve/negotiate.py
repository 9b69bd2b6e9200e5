"""What an asker likes best, and has already: Accept and If-None-Match (RFC 9110, 12.5.1 and 13.1.2)."""

from __future__ import annotations

from collections.abc import Sequence


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """The media type the asker likes best; the earlier one of `offered` among equals.

    An empty header accepts anything. The most specific range that fits a type says how much it is liked.

    Returns:
        None when nothing offered is acceptable.
    """
    ranges = _ranges(accept) if accept.strip() else {"*/*": 1.0}
    best, liked = None, 0.0
    for kind in offered:
        weight = _weight(kind, ranges)
        if weight > liked:
            best, liked = kind, weight
    return best


def has(if_none_match: str, etag: str) -> bool:
    """Whether the asker has what bears this tag; a proxy may have made it a weak one on its way."""
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in known or etag in known


def _weight(kind: str, ranges: dict[str, float]) -> float:
    for candidate in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0


def _ranges(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if kind:
            found[kind] = max(found.get(kind, 0.0), _quality(parameters))
    return found


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
