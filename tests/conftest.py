"""What holds for all tests: no time is asserted, so that a busy machine fails none.

Fifty examples of a law keep the quick run quick; laws that want more say so.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "untimed", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")
