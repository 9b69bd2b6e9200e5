"""Linear algebra on one thread: matrices of some hundred rows are too small to share.

On a busy machine the threads of a BLAS spend a hundred times the work's time on waiting for each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from scipy import linalg  # noqa: F401 -- brings scipy's own BLAS, which the controller must find
from threadpoolctl import ThreadpoolController

_CONTROLLER = ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it the BLAS libraries work on the calling thread only."""
    with _CONTROLLER.limit(limits=1, user_api="blas"):
        yield
