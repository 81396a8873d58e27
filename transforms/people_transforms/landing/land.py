"""Records into raw tables: typed, only listed columns, one version per change.

DuckDB parses the lines itself (a file in memory per batch). The whole of a
run's landing is one transaction: a source that dies half-way, or a kill, leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import orjson

from people_transforms.landing.arrivals import Arrivals, Missing
from people_transforms.landing.catalog import Catalog
from people_transforms.landing.evidence import record_evidence
from people_transforms.landing.lines_file import LinesFile, lines_file
from people_transforms.landing.messages import Batch, Intake
from people_transforms.landing.parse import keep_known, stored_columns, typed_batch
from people_transforms.landing.raw_tables import create_raw_tables
from people_transforms.landing.source import refuse_another_source
from people_transforms.models.contracts import NEEDED_STREAMS, RawStream
from people_transforms.privacy.forgotten import drop_erased
from people_transforms.privacy.pseudonyms import load_key, use_key

_BUFFER_BYTES = 8 * 1024 * 1024


class Landing:
    """Lands one run's records of one source system."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        streams: Mapping[str, RawStream],
        *,
        run_id: str,
        folder: Path,
        settings: Mapping[str, Any],
        catalog: Catalog,
    ) -> None:
        self.connection = connection
        self.streams = streams
        self.catalog = catalog
        self.run_id = run_id
        self.folder = folder
        self.settings = settings
        self._begun: set[str] = set()
        self._has_rows: set[str] = set()
        self._lost: set[str] = set()
        self._repeated: set[str] = set()
        self._changed: set[str] = set()
        self._arrived: dict[str, Arrivals] = {}
        self._somebody_is_erased = False
        self.forgotten = 0

    def begin(self) -> None:
        """Create missing raw tables and open the transaction of this run's landing."""
        create_raw_tables(self.connection, self.streams.values())
        erased = self.connection.execute("select 1 from sync.erased limit 1").fetchone()
        if erased:
            self._somebody_is_erased = True
            use_key(self.connection, load_key(self.folder))
        # Packing strings the default way costs twice as much.
        self.connection.execute("set force_compression = 'zstd'")
        self.connection.execute("begin transaction")

    def land(self, batch: Batch) -> None:
        """Land one batch of RECORD lines."""
        stream = self.streams[batch.stream]
        if batch.stream not in self._begun:
            self._begun.add(batch.stream)
            self._begin_stream(stream)
        self._parse(stream, batch)
        self._keep_what_does_not_arrive(stream, batch)
        self._note_seen(stream)
        if self._somebody_is_erased:
            self.forgotten += drop_erased(self.connection, stream)
        self._add_versions(stream)
        self.connection.execute("drop table temp.batch")

    def _parse(self, stream: RawStream, batch: Batch) -> None:
        """Make `temp.batch`. Line numbers are worth their price only when something is wrong."""
        batch.file.finish()
        self._read(stream, batch.file, batch, numbered=False)
        found = self.connection.execute(
            "select count(*), count(_unreadable), count(*) filter (_may_be_loose) from temp.batch"
        ).fetchone()
        if found != (batch.count, 0, 0):
            with lines_file() as numbered:
                for number, line in batch.lines():
                    if _is_json(line):
                        numbered.write(_numbered(number, line))
                self._read(stream, numbered, batch, numbered=True)
            self._set_aside(stream, batch)

    def _read(self, stream: RawStream, file: LinesFile, batch: Batch, *, numbered: bool) -> None:
        # DuckDB's buffers have twice this size. A number never doubles the length of a line.
        longest = max(_BUFFER_BYTES, 2 * max(size for _, size in batch.pieces))
        # Rows keep the order of their lines here: what is looked for in a line is found by it.
        self.connection.execute("set preserve_insertion_order = true")
        self.connection.execute(
            typed_batch(stream, self.settings, numbered=numbered), [str(file.path), longest]
        )
        self.connection.execute("set preserve_insertion_order = false")

    def _keep_what_does_not_arrive(self, stream: RawStream, batch: Batch) -> None:
        """Let a column that no record of a list has as a key keep what was known: it was not read."""
        arrivals = self._arrived.setdefault(
            stream.name, Arrivals(stream, stored_columns(stream, self.settings))
        )
        arrivals.note(self.connection, batch)
        if stream.name not in self._has_rows:
            return
        for scope, names in arrivals.missing_in_batch.items():
            kept = [name for name in names if name not in stream.key]
            if kept:
                for statement in keep_known(stream, kept):
                    self.connection.execute(statement, {"list": scope})

    def _missing(self, stream: RawStream) -> Missing:
        """Name the columns that don't arrive: no record has them, or there is none and they are unticked."""
        arrivals = self._arrived.get(stream.name)
        if arrivals is not None:
            return arrivals.missing()
        stored = stored_columns(stream, self.settings)
        return Missing([c.name for c in stored if self.catalog.lacks(stream.name, c.path)])

    def has_nothing(self) -> bool:
        """Tell whether no record could be read at all."""
        return not any(
            self.connection.execute(
                f"select 1 from temp.seen_{self.streams[name].table} "
                "where _key_hash is not null limit 1"
            ).fetchone()
            for name in self._begun
        )

    def finish(self, intake: Intake) -> None:
        """Prove the reads, close what was replaced or is no longer there, and commit."""
        # A stream that nobody asked for and that sent nothing is as it was.
        concerned = {
            name: stream
            for name, stream in self.streams.items()
            if name in self._begun or name in self.catalog.streams or name in NEEDED_STREAMS
        }
        for name, stream in concerned.items():
            if name not in self._begun:
                self._begin_stream(stream)
        refuse_another_source(self.connection, self.streams, self.run_id)
        for stream in concerned.values():
            self._note_repeated(stream)
        record_evidence(
            self.connection,
            self.streams,
            intake,
            self.run_id,
            asked=self.catalog.streams,
            concerned=concerned,
            lost=self._lost,
            missing={name: self._missing(stream) for name, stream in self.streams.items()},
        )
        for name, stream in concerned.items():
            if name in self._repeated:
                self._settle_repeats(stream)
            if name in self._has_rows:
                if name in self._changed:
                    self._close_replaced(stream)
                self._close_absent(stream)
            self.connection.execute(f"drop table temp.seen_{stream.table}")
            self.connection.execute(f"drop table temp.known_{stream.table}")
            self.connection.execute(f"drop table temp.repeated_{stream.table}")
        self.connection.execute("commit")
        self.connection.execute("set force_compression = 'auto'")

    def _begin_stream(self, stream: RawStream) -> None:
        self.connection.execute(
            f"""
            create or replace temp table seen_{stream.table} (
                _key_hash ubigint, _scope varchar, _total_size bigint, _record_hash ubigint
            )
            """
        )
        known = self.connection.execute(
            f"""
            create or replace temp table known_{stream.table} as
            select _record_hash from raw.{stream.table} where _valid_to_run is null
            """
        ).fetchone()
        if known and known[0]:
            self._has_rows.add(stream.name)

    def _set_aside(self, stream: RawStream, batch: Batch) -> None:
        """Count records that can't be read; the person keeps the last readable version."""
        key = " || '/' || ".join(f"coalesce({column}, '?')" for column in stream.key)
        self.connection.execute(
            f"""
            insert into sync.rejected_records
            select ?, ?, _line, {key}, {stream.scope or "null"}::varchar, _unreadable
            from temp.batch where _unreadable is not null
            """,
            [self.run_id, stream.name],
        )
        if self.connection.execute(
            "select 1 from temp.batch where _key_hash is null limit 1"
        ).fetchone():
            # Nobody knows who that was.
            self._lost.add(stream.name)
        read = {
            row[0] for row in self.connection.execute("select _line from temp.batch").fetchall()
        }
        lost = [number for number, _ in batch.lines() if number not in read]
        if lost:
            self._lost.add(stream.name)
            self.connection.executemany(
                "insert into sync.rejected_records values (?, ?, ?, null, null, null)",
                [[self.run_id, stream.name, number] for number in lost],
            )

    def _note_seen(self, stream: RawStream) -> None:
        self.connection.execute(
            f"""
            insert into temp.seen_{stream.table}
            select _key_hash, {stream.scope or "null"}, _total_size, _record_hash from temp.batch
            """
        )

    def _add_versions(self, stream: RawStream) -> None:
        """Add the records whose values no current version has."""
        columns = ", ".join(column.name for column in stream.columns)
        added = self.connection.execute(
            f"""
            insert into raw.{stream.table} by name
            select {columns}, _record_hash, ? as _valid_from_run, _extracted_at
            from temp.batch
            anti join temp.known_{stream.table} as known
                on batch._record_hash = known._record_hash
            where _record_hash is not null
            """,
            [self.run_id],
        ).fetchone()
        if added and added[0]:
            self._changed.add(stream.name)

    def _note_repeated(self, stream: RawStream) -> None:
        repeated = self.connection.execute(
            f"""
            create or replace temp table repeated_{stream.table} as
            select _key_hash, count(distinct _record_hash) > 1 as is_contradicted,
            from temp.seen_{stream.table} group by all having count(*) > 1
            """
        ).fetchone()
        if repeated and repeated[0]:
            self._repeated.add(stream.name)

    def _settle_repeats(self, stream: RawStream) -> None:
        """Keep one version of what came more than once, and none of records that contradict each other.

        Which of two is right nobody knows: what was known before stays, and the record is set aside.
        """
        table, key_hash = f"raw.{stream.table}", f"hash({', '.join(stream.key)})"
        repeated = f"temp.repeated_{stream.table}"
        is_contradicted = f"{key_hash} in (select _key_hash from {repeated} where is_contradicted)"
        if "employee_id" in stream.key:
            self.connection.execute(
                f"""
                insert into sync.rejected_records
                select distinct $run_id, $stream, null::bigint, concat_ws('/', {", ".join(stream.key)}),
                    {stream.scope or "null"}, null
                from {table} where _valid_from_run = $run_id and {is_contradicted}
                """,
                {"run_id": self.run_id, "stream": stream.name},
            )
        if stream.name != "employers":
            self.connection.execute(
                f"delete from {table} where _valid_from_run = ? and {is_contradicted}",
                [self.run_id],
            )
        self.connection.execute(
            f"""
            delete from {table} where rowid in (
                select rowid from {table}
                where _valid_from_run = ? and {key_hash} in (select _key_hash from {repeated})
                qualify row_number() over (partition by {key_hash} order by rowid desc) > 1
            )
            """,
            [self.run_id],
        )

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
        """Close what a whole list no longer has; any other closes nothing."""
        self.connection.execute(
            f"""
            update raw.{stream.table} set _valid_to_run = $run_id
            where _valid_to_run is null and _valid_from_run <> $run_id
            and {f"coalesce({stream.scope}, '')" if stream.scope else "''"} in (
                select employer_id from sync.evidence
                where run_id = $run_id and stream = $stream and verdict = 'whole'
            )
            and hash({", ".join(stream.key)}) not in (
                select _key_hash from temp.seen_{stream.table} where _key_hash is not null
            )
            """,
            {"run_id": self.run_id, "stream": stream.name},
        )


def _is_json(line: bytes) -> bool:
    """Refuse numbers that JSON does not have: DuckDB would read their names as text."""
    if b"NaN" not in line and b"Infinity" not in line:
        return True
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _numbered(number: int, line: bytes) -> bytes:
    """Give a RECORD line its number as a member of its own."""
    return b'{"n":%d,%b\n' % (number, line.strip()[1:])
