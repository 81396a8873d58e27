"""Many calls at once: in order whoever was quicker, and none that begins after a fault of ours."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from people_transforms.delivery.side_by_side import side_by_side


def test_results_keep_the_order_of_the_tasks_whichever_worker_is_quicker() -> None:
    last_is_done = threading.Event()

    def do(number: int) -> list[int]:
        if number == 0:
            assert last_is_done.wait(60)
        if number == 9:
            last_is_done.set()
        return [number, -number] if number % 2 else []

    with ThreadPoolExecutor(2) as workers:
        found = side_by_side(workers, 2, do, range(10))

    assert found == [1, -1, 3, -3, 5, -5, 7, -7, 9, -9]


def test_a_fault_in_one_worker_lets_the_others_begin_nothing_more() -> None:
    both_at_work = threading.Barrier(2, timeout=60)
    begun: list[int] = []

    def do(number: int) -> list[int]:
        begun.append(number)
        both_at_work.wait()
        if number == 1:
            raise IndexError("a fault of ours")
        # Of two workers the one that failed must be done with it to take this up.
        workers.submit(int).result(60)
        return [number]

    with ThreadPoolExecutor(2) as workers, pytest.raises(IndexError, match="a fault of ours"):
        side_by_side(workers, 2, do, range(10))

    assert sorted(begun) == [0, 1]
