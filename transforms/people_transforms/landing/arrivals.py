"""Which columns of the contract arrive: a key that no record of a list has is not read, never empty.

A column that somebody unticked in the connection, or that a new version of an API renamed, looks like
an empty one to whoever reads its value. So the keys are looked at, in each list (an employer's, say) for
itself: in its first records, where nearly always all are, and for those that are not there in every one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import duckdb
import orjson

from people_transforms.landing.messages import Batch
from people_transforms.landing.parse import list_of
from people_transforms.models.contracts import RawColumn, RawStream

_SAMPLE = 20
_EVERY = 999_999


@dataclass(frozen=True, slots=True)
class Missing:
    """Names of the columns that don't arrive: in each list, and where a list has no record."""

    everywhere: Sequence[str] = ()
    by_list: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Arrivals:
    """What has arrived of one stream's columns, batch by batch; `missing_in_batch` as of the last one."""

    def __init__(self, stream: RawStream, stored: Sequence[RawColumn]) -> None:
        self._list = list_of(stream, "batch")
        self._stored = stored
        self._paths = {column.path for column in stored}
        self._arrived: dict[str, set[str]] = {}
        self.missing_in_batch: Mapping[str, Sequence[str]] = {}

    def note(self, connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
        """Look at the records of `temp.batch`, and in its lines at the keys of what is empty there."""
        filled = self._filled(connection)
        for name, paths in filled.items():
            self._arrived.setdefault(name, set()).update(paths)
        unknown = {name for name in filled if self._paths - self._arrived[name]}
        if len(filled) == 1:
            for name in unknown:
                wanted = self._paths - self._arrived[name]
                self._arrived[name] |= arriving((line for _, line in batch.lines()), wanted)
        elif unknown:
            self._look_for(self._lines_of(connection, batch, unknown, _SAMPLE))
            unknown = {name for name in unknown if self._paths - self._arrived[name]}
            if unknown:
                self._look_for(self._lines_of(connection, batch, unknown))
        self.missing_in_batch = {name: self._names(name) for name in filled}

    def missing(self) -> Missing:
        """Name what has not arrived of the lists that had records, and in none of them."""
        arrived = set[str]().union(*self._arrived.values())
        return Missing(
            [column.name for column in self._stored if column.path not in arrived],
            {name: self._names(name) for name in self._arrived},
        )

    def _names(self, name: str) -> list[str]:
        return [c.name for c in self._stored if c.path not in self._arrived[name]]

    def _filled(self, connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
        """Give each list of the batch with the columns that have a value in it."""
        counts = ", ".join(f"count({column.name}) > 0" for column in self._stored)
        rows = connection.execute(
            f"select {self._list}, {counts} from temp.batch group by 1"
        ).fetchall()
        return {
            name: {c.path for c, is_filled in zip(self._stored, filled, strict=True) if is_filled}
            for name, *filled in rows
        }

    def _look_for(self, lines: Iterable[tuple[str, bytes]]) -> None:
        for name, line in lines:
            if wanted := self._paths - self._arrived[name]:
                self._arrived[name] |= _paths_in(line, wanted)

    def _lines_of(
        self,
        connection: duckdb.DuckDBPyConnection,
        batch: Batch,
        names: Collection[str],
        most: int = _EVERY,
    ) -> Iterator[tuple[str, bytes]]:
        """Give the first lines of these lists, each with its list."""
        rows = connection.execute(
            f"""
            select {self._list} as name,
                min(coalesce(_line, rowid - (select min(rowid) from temp.batch)), $most) as places,
                min(_line) is not null as is_numbered,
            from temp.batch where list_contains($names, {self._list}) group by 1
            """,
            {"names": sorted(names), "most": most},
        ).fetchall()
        owners = {place: name for name, places, _ in rows for place in places}
        is_numbered = any(row[2] for row in rows)
        for row, (number, line) in enumerate(batch.lines()):
            # Without numbers every line gave a row, in the same order.
            name = owners.get(number if is_numbered else row)
            if name is not None:
                yield name, line


def arriving(lines: Iterable[bytes], paths: Collection[str]) -> set[str]:
    """Name the dotted paths that at least one RECORD line has as a key, also with a null.

    Under a null parent the key counts as there: the record says that there is nothing.
    """
    wanted, found = set(paths), set[str]()
    rest = iter(lines)
    for line in islice(rest, _SAMPLE):
        found |= _paths_in(line, wanted - found)
    missing = wanted - found
    if not missing:
        return found
    leaves = {b'"' + path.rsplit(".", 1)[-1].encode() + b'"' for path in missing}
    for line in rest:
        if any(leaf in line for leaf in leaves):
            found |= _paths_in(line, missing)
            missing -= found
            if not missing:
                break
    return found


def _paths_in(line: bytes, paths: Collection[str]) -> set[str]:
    try:
        data = orjson.loads(line)["record"]["data"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return set()
    return {path for path in paths if _has(data, path)}


def _has(data: Any, path: str) -> bool:
    for part in path.split("."):
        if data is None:
            return True
        if not isinstance(data, dict) or part not in data:
            return False
        data = data[part]
    return True
