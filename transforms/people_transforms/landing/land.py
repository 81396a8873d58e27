"""Records into raw tables: typed, only listed columns, one version per change.

DuckDB parses the lines itself (a temporary file per batch, private to the store). The whole of a
run's landing is one transaction: a source that dies half-way, or a kill, leaves no trace.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from people_transforms.landing.messages import Batch, Intake
from people_transforms.landing.parse import typed_batch
from people_transforms.landing.raw_tables import create_raw_tables
from people_transforms.landing.reads import record_reads
from people_transforms.models.contracts import RawStream


class Landing:
    """Lands one run's records of one source system."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        streams: Mapping[str, RawStream],
        *,
        run_id: str,
        temporary: Path,
        settings: Mapping[str, Any],
    ) -> None:
        self.connection = connection
        self.streams = streams
        self.run_id = run_id
        self.temporary = temporary
        self.settings = settings
        self._begun: set[str] = set()

    def begin(self) -> None:
        """Create missing raw tables and open the transaction of this run's landing."""
        create_raw_tables(self.connection, self.streams.values())
        self.connection.execute("begin transaction")

    def land(self, batch: Batch) -> None:
        """Land one batch of RECORD lines."""
        stream = self.streams[batch.stream]
        if batch.stream not in self._begun:
            self._begun.add(batch.stream)
            self._begin_stream(stream)
        path = self.temporary / f"land-{stream.table}.ndjson"
        _write_lines(path, batch)
        try:
            self.connection.execute(
                typed_batch(stream, self.settings), [str(path), 1 + max(map(len, batch.lines)) * 2]
            )
        finally:
            path.unlink()
        self._set_aside(stream, batch)
        self._note_seen(stream)
        self._add_versions(stream)
        self.connection.execute("drop table temp.batch")

    def finish(self, intake: Intake) -> None:
        """Prove the reads, close what was replaced or is no longer there, and commit."""
        for name, stream in self.streams.items():
            if name not in self._begun:
                self._begin_stream(stream)
        record_reads(self.connection, self.streams, intake, self.run_id)
        for name, stream in self.streams.items():
            if name in self._begun:
                self._settle_repeats(stream)
                self._close_replaced(stream)
            self._close_absent(stream)
            self.connection.execute(f"drop table temp.seen_{stream.table}")
            self.connection.execute(f"drop table temp.known_{stream.table}")
        self.connection.execute("commit")

    def _begin_stream(self, stream: RawStream) -> None:
        keys = ", ".join(f"{column} varchar" for column in stream.key)
        self.connection.execute(
            f"""
            create or replace temp table seen_{stream.table} (
                {keys}, _scope varchar, _total_size bigint, _record_hash ubigint, _line bigint
            )
            """
        )
        self.connection.execute(
            f"""
            create or replace temp table known_{stream.table} as
            select _record_hash from raw.{stream.table} where _valid_to_run is null
            """
        )

    def _set_aside(self, stream: RawStream, batch: Batch) -> None:
        """Count records that can't be read; the person keeps the last readable version."""
        counted = self.connection.execute(
            "select count(*), count(_unreadable) from temp.batch"
        ).fetchone()
        read, unreadable = counted or (0, 0)
        if unreadable:
            key = " || '/' || ".join(f"coalesce({column}, '?')" for column in stream.key)
            self.connection.execute(
                f"""
                insert into sync.rejected_records
                select ?, ?, _line, {key}, {stream.scope or "null"}::varchar, _unreadable
                from temp.batch where _unreadable is not null
                """,
                [self.run_id, stream.name],
            )
        if read != len(batch.lines):
            found = {
                row[0] for row in self.connection.execute("select _line from temp.batch").fetchall()
            }
            self.connection.executemany(
                "insert into sync.rejected_records values (?, ?, ?, null, null, null)",
                [[self.run_id, stream.name, line] for line in batch.numbers if line not in found],
            )

    def _note_seen(self, stream: RawStream) -> None:
        self.connection.execute(
            f"""
            insert into temp.seen_{stream.table}
            select {", ".join(stream.key)}, {stream.scope or "null"}, _total_size,
                if(_unreadable is null, _record_hash, null), _line
            from temp.batch
            """
        )

    def _add_versions(self, stream: RawStream) -> None:
        """Add the records whose values no current version has."""
        columns = ", ".join(column.name for column in stream.columns)
        self.connection.execute(
            f"""
            insert into raw.{stream.table} by name
            select {columns}, _record_hash, ? as _valid_from_run, _extracted_at
            from temp.batch
            anti join temp.known_{stream.table} as known
                on batch._record_hash = known._record_hash
            where _unreadable is null
            """,
            [self.run_id],
        )

    def _settle_repeats(self, stream: RawStream) -> None:
        """A record that came more than once counts once, and what came last counts."""
        table, keys = f"raw.{stream.table}", ", ".join(stream.key)
        repeated = self.connection.execute(
            f"select count(*) > count(distinct ({keys})) from temp.seen_{stream.table}"
        ).fetchone()
        if not repeated or not repeated[0]:
            return
        same_key = " and ".join(f"latest.{c} = version.{c}" for c in stream.key)
        self.connection.execute(
            f"""
            create or replace temp table latest as
            select {keys}, arg_max(_record_hash, _line) as _record_hash
            from temp.seen_{stream.table} group by all having count(*) > 1
            """
        )
        self.connection.execute(
            f"""
            delete from {table} as version using temp.latest as latest
            where {same_key} and version._valid_from_run = ?
            and latest._record_hash is not null and version._record_hash <> latest._record_hash
            """,
            [self.run_id],
        )
        self.connection.execute(
            f"""
            delete from {table} where rowid in (
                select version.rowid from {table} as version
                inner join temp.latest as latest on {same_key}
                where version._valid_from_run = ?
                qualify row_number() over (
                    partition by {", ".join(f"version.{c}" for c in stream.key)}
                    order by version.rowid
                ) > 1
            )
            """,
            [self.run_id],
        )
        self.connection.execute("drop table temp.latest")

    def _close_replaced(self, stream: RawStream) -> None:
        keys = ", ".join(stream.key)
        self.connection.execute(
            f"""
            update raw.{stream.table} set _valid_to_run = $run_id
            where _valid_to_run is null and _valid_from_run <> $run_id
            and ({keys}) in (
                select ({keys}) from raw.{stream.table} where _valid_from_run = $run_id
            )
            """,
            {"run_id": self.run_id},
        )

    def _close_absent(self, stream: RawStream) -> None:
        """Close what a complete read no longer has; an incomplete one closes nothing."""
        same_key = " and ".join(f"seen.{c} = version.{c}" for c in stream.key)
        self.connection.execute(
            f"""
            update raw.{stream.table} as version set _valid_to_run = $run_id
            where version._valid_to_run is null and version._valid_from_run <> $run_id
            and {f"coalesce({stream.scope}, '')" if stream.scope else "''"} in (
                select employer_id from sync.reads
                where run_id = $run_id and stream = $stream and is_complete
            )
            and not exists (select 1 from temp.seen_{stream.table} as seen where {same_key})
            """,
            {"run_id": self.run_id, "stream": stream.name},
        )


def _write_lines(path: Path, batch: Batch) -> None:
    """Write the lines as they came, each wrapped with its number so that a broken one is found."""
    with open(path, "wb", buffering=1 << 20, opener=_private) as file:  # noqa: PTH123 (opener)
        file.writelines(
            b'{"n":%d,"m":%b}\n' % (number, line.rstrip(b"\r\n"))
            for number, line in zip(batch.numbers, batch.lines, strict=True)
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
