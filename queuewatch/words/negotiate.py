"""Which language to speak: what is asked for (BCP 47, as in Accept-Language) against what there is."""

from __future__ import annotations

from collections.abc import Iterable


def negotiate(wanted: str | None, available: Iterable[str], default: str) -> str:
    """The best of the available languages, by RFC 4647 lookup with RFC 9110's weights.

    "de-AT" finds "de-AT", else "de"; and "pt" finds "pt-BR" where there is no plain "pt". What cannot be
    read is passed over.

    Args:
        wanted: A tag, or a list with weights: "de-AT,de;q=0.9,en;q=0.5"; None or empty asks for nothing.
        available: The tags there are.
        default: What is spoken when nothing fits, and what "*" stands for.

    Returns:
        One of `available`, or `default`.
    """
    tags = {tag.lower(): tag for tag in available}
    asked = _asked(wanted or "")
    refused = {tag for tag, weight in asked if weight == 0}
    for tag, weight in sorted(asked, key=lambda one: -one[1]):
        if weight == 0:
            continue
        found = default if tag == "*" else _lookup(tag, tags)
        if found is not None and found.lower() not in refused:
            return found
    return default


def _asked(wanted: str) -> list[tuple[str, float]]:
    """Tags and weights as they stand, in lower case; a weight is 1 unless given."""
    asked = []
    for part in wanted.lower().replace("_", "-").split(","):
        tag, _, parameter = part.partition(";")
        name, _, value = parameter.partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if tag.strip() and 0 <= weight <= 1:
            asked.append((tag.strip(), weight))
    return asked


def _lookup(tag: str, tags: dict[str, str]) -> str | None:
    """The tag itself, else with ever less behind it, else the first that says the same more closely."""
    shorter = tag
    while shorter:
        if shorter in tags:
            return tags[shorter]
        shorter = shorter.rpartition("-")[0]
    return next((tags[one] for one in sorted(tags) if one.startswith(f"{tag}-")), None)
