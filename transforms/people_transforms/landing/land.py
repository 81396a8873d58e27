"""Records into raw tables: typed, only listed columns, one version per change.

DuckDB parses the lines itself (a temporary file per batch, private to the store). The whole of a
run's landing is one transaction: a source that dies half-way, or a kill, leaves no trace.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import duckdb

from people_transforms.landing.messages import Batch, Intake
from people_transforms.landing.reads import record_reads
from people_transforms.models.contracts import RawColumn, RawStream
from people_transforms.warehouse import quoted

_HISTORY_COLUMNS = {
    "_record_hash": ("varchar", "md5 of the stored values of this version"),
    "_valid_from_run": ("varchar", "Run that first saw this version"),
    "_valid_to_run": (
        "varchar",
        "Run that saw the next version or the record's absence; null = current",
    ),
    "_extracted_at": ("timestamptz", "When the source read this version (UTC)"),
}


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
        for stream in self.streams.values():
            create_raw_table(self.connection, stream)
        self.connection.execute("begin transaction")

    def land(self, batch: Batch) -> None:
        """Land one batch of RECORD lines."""
        stream = self.streams[batch.stream]
        if batch.stream not in self._begun:
            self._begun.add(batch.stream)
            self.connection.execute(_seen_table(stream))
        path = self.temporary / f"land-{stream.table}.ndjson"
        _write_lines(path, batch)
        try:
            self.connection.execute(
                _batch_sql(stream, self.settings), [str(path), 1 + max(map(len, batch.lines)) * 2]
            )
        finally:
            path.unlink()
        self._set_aside(stream, batch)
        self._note_seen(stream)
        self._add_versions(stream)
        self.connection.execute("drop table temp.batch")

    def finish(self, intake: Intake) -> None:
        """Prove the reads, close what a complete read no longer has, and commit."""
        for name, stream in self.streams.items():
            if name not in self._begun:
                self.connection.execute(_seen_table(stream))
        record_reads(self.connection, self.streams, intake, self.run_id)
        for stream in self.streams.values():
            self._close_absent(stream)
            self.connection.execute(f"drop table temp.seen_{stream.table}")
        self.connection.execute("commit")

    def _set_aside(self, stream: RawStream, batch: Batch) -> None:
        """Count records that can't be read; the person keeps the last readable version."""
        key = " || '/' || ".join(f"coalesce({column}, '?')" for column in stream.key)
        scope = stream.scope or "null"
        self.connection.execute(
            f"""
            insert into sync.rejected_records
            select ?, ?, _line, {key}, {scope}::varchar, _unreadable from temp.batch
            where _unreadable is not null
            """,
            [self.run_id, stream.name],
        )
        read = self.connection.execute("select count(*) from temp.batch").fetchone()
        if read and read[0] != len(batch.lines):
            found = {
                row[0] for row in self.connection.execute("select _line from temp.batch").fetchall()
            }
            self.connection.executemany(
                "insert into sync.rejected_records values (?, ?, ?, null, null, null)",
                [[self.run_id, stream.name, line] for line in batch.numbers if line not in found],
            )

    def _note_seen(self, stream: RawStream) -> None:
        self.connection.execute(
            f"insert into temp.seen_{stream.table} "
            f"select {', '.join(stream.key)}, {stream.scope or 'null'}, _total_size from temp.batch"
        )

    def _add_versions(self, stream: RawStream) -> None:
        columns = ", ".join(column.name for column in stream.columns)
        same_key = " and ".join(f"current_row.{c} = changed.{c}" for c in stream.key)
        table = f"raw.{stream.table}"
        self.connection.execute(
            f"""
            create or replace temp table changed as
            with latest as (
                select * from temp.batch where _unreadable is null
                qualify row_number() over (partition by {", ".join(stream.key)} order by _line desc) = 1
            )
            select changed.*, current_row._valid_from_run as _known_from from latest as changed
            left join {table} as current_row on {same_key} and current_row._valid_to_run is null
            where current_row._record_hash is distinct from changed._record_hash
            """
        )
        # The same record twice in one run with other content: the later one replaces the earlier.
        self.connection.execute(
            f"""
            delete from {table} as current_row using temp.changed as changed
            where {same_key} and current_row._valid_to_run is null
            and changed._known_from = ?
            """,
            [self.run_id],
        )
        self.connection.execute(
            f"""
            update {table} as current_row set _valid_to_run = ? from temp.changed as changed
            where {same_key} and current_row._valid_to_run is null
            and changed._known_from <> ?
            """,
            [self.run_id, self.run_id],
        )
        self.connection.execute(
            f"""
            insert into {table} by name
            select {columns}, _record_hash, ? as _valid_from_run, _extracted_at from temp.changed
            """,
            [self.run_id],
        )
        self.connection.execute("drop table temp.changed")

    def _close_absent(self, stream: RawStream) -> None:
        scope = stream.scope or "''"
        same_key = " and ".join(f"seen.{c} = current_row.{c}" for c in stream.key)
        self.connection.execute(
            f"""
            update raw.{stream.table} as current_row set _valid_to_run = ?
            where current_row._valid_to_run is null
            and {scope} in (
                select coalesce(employer_id, '') from sync.reads
                where run_id = ? and stream = ? and is_complete
            )
            and not exists (select 1 from temp.seen_{stream.table} as seen where {same_key})
            """,
            [self.run_id, self.run_id, stream.name],
        )


def create_raw_table(connection: duckdb.DuckDBPyConnection, stream: RawStream) -> None:
    """Create the raw table of a stream with its comments, or add columns a release added."""
    columns = {c.name: (c.stored_as, f"{c.comment}. Purpose: {c.purpose}") for c in stream.columns}
    columns |= _HISTORY_COLUMNS
    known = {
        row[0]
        for row in connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'raw' and table_name = ?",
            [stream.table],
        ).fetchall()
    }
    if known >= set(columns):
        return
    listed = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
    connection.execute(f"create table if not exists raw.{stream.table} ({listed})")
    connection.execute(f"comment on table raw.{stream.table} is {quoted(stream.description)}")
    for name, (kind, comment) in columns.items():
        connection.execute(f"alter table raw.{stream.table} add column if not exists {name} {kind}")
        connection.execute(f"comment on column raw.{stream.table}.{name} is {quoted(comment)}")


def _seen_table(stream: RawStream) -> str:
    keys = ", ".join(f"{column} varchar" for column in stream.key)
    return f"create or replace temp table seen_{stream.table} ({keys}, _scope varchar, _total_size bigint)"


def _write_lines(path: Path, batch: Batch) -> None:
    """Write the lines as they came, each wrapped with its number so that a broken one is found."""
    with open(path, "wb", buffering=1 << 20, opener=_private) as file:  # noqa: PTH123 (opener)
        file.writelines(
            b'{"n":%d,"m":%b}\n' % (number, line.rstrip(b"\r\n"))
            for number, line in zip(batch.numbers, batch.lines, strict=True)
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _batch_sql(stream: RawStream, settings: Mapping[str, Any]) -> str:
    """Compose the SELECT that turns a file of lines into typed rows with hash and verdict."""
    stored = [c for c in stream.columns if _is_stored(c, settings)]
    paths = {c.path for c in stored} | {"total_size"}
    hashed = ", ".join(f"coalesce({c.name}::varchar, chr(0))" for c in stream.columns)
    casts = ", ".join(
        f"{_typed(c)} as {c.name}" if c in stored else f"null::{c.stored_as} as {c.name}"
        for c in stream.columns
    )
    wrong = [
        f"when {_text(c)} is not null and {_typed(c)} is null then '{c.name}'"
        for c in stored
        if c.type != "text"
    ]
    wrong += [f"when {_text(c)} is null then '{c.name}'" for c in stored if c.name in stream.key]
    return f"""
        create or replace temp table batch as
        with typed as (
            select
                n as _line,
                m.record.emitted_at as _emitted_ms,
                try_cast({_member("total_size")} as bigint) as _total_size,
                {casts},
                case {" ".join(wrong)} end as _unreadable
            from read_json(
                ?, format = 'newline_delimited', ignore_errors = true,
                maximum_object_size = greatest(16777216, ?)::uinteger,
                columns = {{n: 'BIGINT', m: 'STRUCT(record STRUCT(emitted_at BIGINT, data {_struct(paths)}))'}}
            )
            where n is not null
        )
        select
            * exclude (_emitted_ms),
            to_timestamp(_emitted_ms / 1000.0) as _extracted_at,
            md5(concat_ws(chr(31), {hashed})) as _record_hash
        from typed
    """


def _is_stored(column: RawColumn, settings: Mapping[str, Any]) -> bool:
    """Data minimisation: some values are stored only when a setting asks for them."""
    if not column.only_if:
        return True
    return any(
        str(settings.get(name)).lower() == value
        for name, value in (condition.split("=", 1) for condition in column.only_if)
    )


def _member(path: str) -> str:
    return "m.record.data." + ".".join(f'"{part}"' for part in path.split("."))


def _text(column: RawColumn) -> str:
    if column.type == "text":
        return _member(column.path)
    return f"nullif(trim({_member(column.path)}), '')"


def _typed(column: RawColumn) -> str:
    text = _text(column)
    if column.type == "text":
        return text
    if column.type == "day":
        text = f"left({text}, 10)"
    return f"try_cast({text} as {column.stored_as})"


def _struct(paths: Collection[str]) -> str:
    """Compose the STRUCT type that reads exactly these paths, every leaf as text."""
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    return _struct_of(tree)


def _struct_of(tree: Mapping[str, Any]) -> str:
    if not tree:
        return "VARCHAR"
    return "STRUCT(" + ", ".join(f'"{k}" {_struct_of(v)}' for k, v in tree.items()) + ")"
