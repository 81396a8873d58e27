"""The queue between the threads that read and the one that prints keeps what the CDK's own promises."""

from __future__ import annotations

import threading
from queue import Empty, Full
from typing import Any

import pytest
from airbyte_cdk.sources.concurrent_source.concurrent_source import ConcurrentSource
from airbyte_cdk.sources.concurrent_source.stream_thread_exception import StreamThreadException
from airbyte_cdk.sources.streams.concurrent.partition_reader import PartitionReader
from airbyte_cdk.sources.streams.concurrent.partitions.types import PartitionCompleteSentinel
from airbyte_cdk.sources.types import Record
from people_connector.batches import BATCH, BatchQueue
from people_connector.guard import config_error


class Partition:
    """Some records of a stream, and how it ends."""

    def __init__(self, name: str, count: int, end: Exception | None = None) -> None:
        self._name, self._count, self._end = name, count, end

    def stream_name(self) -> str:
        return self._name

    def read(self) -> Any:
        yield from (Record(data={"n": n}, stream_name=self._name) for n in range(self._count))
        if self._end:
            raise self._end


class Cursor:
    def observe(self, record: Record) -> None: ...
    def close_partition(self, partition: Partition) -> None: ...


def read_side_by_side(*partitions: Partition) -> list[Any]:
    """Everything that the CDK's readers hand on, as the thread that prints takes it."""
    queue = BatchQueue(maxsize=10_000)
    threads = [
        threading.Thread(target=PartitionReader(queue).process_partition, args=(one, Cursor()))
        for one in partitions
    ]
    for thread in threads:
        thread.start()
    taken: list[Any] = []
    ends = 0
    while ends < len(partitions):
        taken.append(queue.get(timeout=60))
        ends += isinstance(taken[-1], PartitionCompleteSentinel)
    for thread in threads:
        thread.join()
    assert queue.empty()
    return taken


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH + 7])
def test_a_partition_arrives_whole_and_in_order_before_its_end(count: int) -> None:
    *records, end = read_side_by_side(Partition("a", count))
    assert [record.data["n"] for record in records] == list(range(count))
    assert end.is_successful


def test_partitions_side_by_side_lose_nothing() -> None:
    # More than the queue holds: a full queue must block its writers, not drop or mix.
    taken = read_side_by_side(*(Partition(name, 15_001) for name in "abcd"))
    for name in "abcd":
        own = [one for one in taken if isinstance(one, Record) and one.stream_name == name]
        assert [record.data["n"] for record in own] == list(range(15_001))


def test_what_a_partition_read_before_it_failed_comes_before_its_error() -> None:
    taken = read_side_by_side(Partition("a", 3, config_error("no right")))
    kinds = [type(one) for one in taken]
    assert kinds == [Record] * 3 + [StreamThreadException, PartitionCompleteSentinel]


def test_it_is_as_full_as_the_cdk_means_it_and_a_refused_item_is_not_kept() -> None:
    queue = BatchQueue(maxsize=2 * BATCH)
    for n in range(2 * BATCH):
        queue.put(Record(data={"n": n}, stream_name="a"), block=False)
    with pytest.raises(Full):  # the thread that prints keeps it and tries again
        queue.put("a message", block=False)
    assert [queue.get(block=False).data["n"] for _ in range(2 * BATCH)] == list(range(2 * BATCH))
    with pytest.raises(Empty):
        queue.get(block=False)
    queue.put("a message", block=False)
    assert queue.get(block=False) == "a message"
    assert queue.empty()


def test_the_cdk_still_makes_its_queue_where_the_command_puts_ours() -> None:
    """A later CDK that makes it elsewhere would leave ours unused without a word."""
    from airbyte_cdk.sources.declarative import concurrent_declarative_source as module

    assert "queue" in ConcurrentSource.create.__code__.co_varnames
    assert "Queue" in module.ConcurrentDeclarativeSource.__init__.__code__.co_names
