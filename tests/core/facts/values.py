"""Any value that a field may hold, drawn."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

# Floats from 2001 to 2096 are finer than the microseconds of the wire; on that grid nothing is lost.
moments = st.integers(10**15, 4 * 10**15).map(lambda micros: micros / 1e6)
names = st.text(min_size=1, max_size=12)
POINTS_IN_TIME = {"enqueued_at", "as_of", "until_at"}


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:  # noqa: C901 (a case per kind of field)
    """Any value that a field of this type may hold."""
    match kind:
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=int(least), lt=int(beyond)):
            return st.integers(least, beyond - 1)
        case inspect.FloatType(ge=least, le=most):
            return st.floats(min_value=least, max_value=most, allow_nan=False, allow_infinity=False)
        case inspect.StrType(min_length=shortest):
            return st.text(min_size=shortest or 0, max_size=12)
        case inspect.LiteralType(values=known):
            return st.sampled_from(known)
        case inspect.UnionType(types=kinds):
            return st.one_of([values(one) for one in kinds])
        case inspect.VarTupleType(item_type=item):
            return st.lists(values(item), max_size=3).map(tuple)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(values(key), values(value), max_size=3)
        case inspect.StructType(cls=struct, fields=fields):
            drawn = {
                one.name: point(one) if one.name in POINTS_IN_TIME else values(one.type) for one in fields
            }
            return st.builds(struct, **drawn)
    raise AssertionError(kind)


def point(_field: inspect.Field) -> st.SearchStrategy[float | None]:
    return st.none() | moments
