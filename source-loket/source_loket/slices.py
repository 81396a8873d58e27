"""A stream as the CDK reads it: one partition per employer, and what is remembered of each."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from airbyte_cdk.sources.streams.concurrent.cursor import Cursor
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import (
    PartitionGenerator,
)
from airbyte_cdk.sources.types import Record
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_loket.account import Account, unknown_employers
from source_loket.errors import config_error
from source_loket.messages import Page, SliceRead

# A stream whose changes may not raise the version number is read at least every so many nights.
ROTA = 7
_log = logging.getLogger("airbyte.source-loket")


class Reader(Protocol):
    def read(self, employer_id: str) -> Iterator[Page]: ...


@dataclass(frozen=True, slots=True)
class SkipRule:
    """Whether an employer whose version number did not rise may be left out."""

    known: Mapping[str, Any]
    has_rota: bool = False

    def skips(self, employer_id: str, version: int | None) -> bool:
        entry = self.known.get(employer_id)
        if not isinstance(entry, dict) or version is None or entry.get("version") != version:
            return False
        return not self.has_rota or int(entry.get("unread", 0)) + 1 < ROTA


@dataclass(frozen=True, slots=True)
class EmployerSlices(PartitionGenerator):
    """Yields the partitions of a stream; for a list above the employers there is one, `None`."""

    stream: str
    account: Account
    reader: Reader
    is_per_employer: bool
    skip: SkipRule | None

    def generate(self) -> Iterable[Partition]:
        if self.is_per_employer:
            for employer_id in self.account.employer_ids():
                yield EmployerSlice(self.stream, employer_id, self._read_employer)
        else:
            yield EmployerSlice(self.stream, "", self._read_account)
        unknown = self.account.unknown_employer_ids()
        if unknown:
            raise config_error(f"{self.stream}: {unknown_employers(unknown)}")

    def _read_account(self, employer_id: str) -> Iterator[Any]:
        yield from self.reader.read(employer_id)
        yield SliceRead(self.stream, employer_id, {})

    def _read_employer(self, employer_id: str) -> Iterator[Any]:
        entry: dict[str, Any] = {}
        if self.skip is not None:
            # Asked for before the list is read: a change in between is seen the next time.
            version = self.account.version_of(employer_id)
            if self.skip.skips(employer_id, version):
                known = self.skip.known[employer_id]
                unread = int(known.get("unread", 0)) + 1
                yield SliceRead(self.stream, employer_id, {**known, "unread": unread})
                return
            entry = {"version": version, "unread": self._stagger(employer_id)}
        count = 0
        try:
            for page in self.reader.read(employer_id):
                count += page.count
                yield page
        except AirbyteTracedException as error:
            _log.warning("%s of employer %s: %s", self.stream, employer_id, error.message)
            raise
        yield SliceRead(self.stream, employer_id, {**entry, "records": count})

    def _stagger(self, employer_id: str) -> int:
        """Spread the rota, so that not every employer is read again in the same night."""
        first = employer_id not in (self.skip.known if self.skip else {})
        digest = hashlib.sha256(employer_id.encode()).digest()[0]
        return digest % ROTA if first and self.skip and self.skip.has_rota else 0


class EmployerSlice(Partition):
    def __init__(self, stream: str, employer_id: str, read: Callable[[str], Iterator[Any]]) -> None:
        self._stream = stream
        self._employer_id = employer_id
        self._read = read

    def read(self) -> Iterable[Record]:
        # Pages, not Records: the queue of the CDK passes any AirbyteMessage on as it is.
        return self._read(self._employer_id)

    def to_slice(self) -> Mapping[str, Any]:
        return {"employer_id": self._employer_id} if self._employer_id else {}

    def stream_name(self) -> str:
        return self._stream

    def __hash__(self) -> int:
        return hash((self._stream, self._employer_id))


class NoCursor(Cursor):
    """States are written in the main thread, in order, as slices end (see source.py)."""

    @property
    def state(self) -> dict[str, Any]:
        return {}

    def observe(self, record: Record) -> None:
        pass

    def close_partition(self, partition: Partition) -> None:
        pass

    def ensure_at_least_one_state_emitted(self) -> None:
        pass

    def should_be_synced(self, record: Record) -> bool:
        return True
