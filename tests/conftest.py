"""What holds for all tests: no time is asserted, so that a busy machine fails none.

A dozen examples of each law keep `make check` quick; `make test` asks for more with
`--hypothesis-profile=thorough`. Laws that want a number of their own say so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

for name, examples in (("quick", 12), ("thorough", 60)):
    settings.register_profile(
        name, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile("quick")


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
