"""What holds for all tests: no time is asserted, so that a busy machine fails none.

A dozen examples of each law keep `make check` quick; `make test` asks for more with
`--hypothesis-profile=thorough`. Laws that want a number of their own say so.
"""

from __future__ import annotations

import asyncio.constants
import gc
import logging
import traceback
from collections.abc import Generator, Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

for name, examples in (("quick", 12), ("thorough", 60)):
    settings.register_profile(
        name, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile("quick")

# In its debug mode asyncio notes for every future and every callback where it came from. These frames are the
# code's own; the sixty below them are pytest's, and to look each of them up took a third of the tests' time.
FRAMES = 5
asyncio.constants.DEBUG_STACK_DEPTH = FRAMES  # type: ignore[misc]  # final, but there to be set
traceback.extract_stack.__defaults__ = (None, FRAMES)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What was collected stays to the end: the garbage collector need not look at it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Whatever a test makes of it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("queuewatch").setLevel(logging.NOTSET)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
