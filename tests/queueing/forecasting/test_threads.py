"""Tests that linear algebra stays on one thread, and gets them back."""

from threadpoolctl import threadpool_info

from queuewatch.queueing.forecasting.threads import one_thread


def threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_within_one_thread_every_blas_has_one_and_afterwards_as_many_as_before() -> None:
    before = threads()
    with one_thread():
        assert set(threads()) == {1}
    assert threads() == before
