"""The SELECT that makes typed rows of a file of RECORD lines.

DuckDB parses; every leaf is read as text and cast here, so that one odd value sets aside one record
instead of failing the file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from people_transforms.models.contracts import NEEDED_STREAMS, RawColumn, RawStream

# DuckDB's own casts to these pass over blanks, and of a day over a time behind it.
_CASTS_PAST_BLANKS = {"day", "integer"}


def typed_batch(stream: RawStream, settings: Mapping[str, Any], *, numbered: bool) -> str:
    """Compose the SELECT that turns a file of lines into typed rows with hash and verdict.

    The file has RECORD lines, or `{"n": line number, "record": …}` where `numbered`. Lines that
    can't be read give no row. `_key_hash` is for comparisons within the run; it is never stored.
    """
    stored = stored_columns(stream, settings)
    paths = {c.path for c in stored} | {"total_size"}
    texts = "".join(f", {_member(c.path)} as {_text_name(c)}" for c in stored)
    casts = ", ".join(
        f"{_typed(c)} as {c.name}" if c in stored else f"null::{c.stored_as} as {c.name}"
        for c in stream.columns
    )
    wrong = [
        f"when {_text_name(c)} is not null and {c.name} is null and trim({_text_name(c)}) <> '' "
        f"then '{c.name}'"
        for c in stored
        if c.type != "text"
    ]
    if "employee_id" in stream.key:
        # An object where a text should be is another shape of record, not a name that somebody has.
        wrong += [
            f"when regexp_matches({c.name}, '^(\\{{|\\[\")') and json_valid({c.name}) then '{c.name}'"
            for c in stored
            if c.type == "text"
        ]
    wrong += [f"when {c.name} is null then '{c.name}'" for c in stored if c.name in stream.key]
    no_longer_read = " ".join(f"when {_is_taken(c.path)} then '{c.name}'" for c in stored)
    is_counted = [f"{name} is not null" for name in stream.key]
    if stream.name not in NEEDED_STREAMS:
        # Of whom a value is may be unknown by it: a list that lacks one is not whole.
        is_counted.append("_taken is null")
    typed_from = [_text_name(c) for c in stored if c.type != "text"]
    return f"""
        create or replace temp table batch as
        with
        texts as (
            select
                {"n" if numbered else "null::bigint"} as _line,
                record.emitted_at as _emitted_ms,
                if(record.meta.changes is not null, case {no_longer_read} end, null) as _taken,
                try_cast({_member("total_size")} as bigint) as _total_size
                {texts}
            from read_json(
                ?, format = 'newline_delimited', ignore_errors = true,
                maximum_object_size = ?::uinteger,
                columns = {{
                    n: 'BIGINT', record: 'STRUCT(
                        emitted_at BIGINT, meta STRUCT(changes STRUCT(field VARCHAR)[]),
                        data {_struct(paths)}
                    )'
                }}
            )
            where record.data is not null
        ),
        typed as (
            select _line, _emitted_ms, _taken, _total_size, {", ".join([*typed_from, casts])} from texts
        ),
        checked as (
            select *, coalesce(_taken, case {" ".join(wrong)} end) as _unreadable,
                {_content_of(stream)} as _content,
            from typed
        )
        select
            * exclude ({", ".join(["_emitted_ms", "_taken", "_content", *typed_from])}),
            to_timestamp(_emitted_ms / 1000.0) as _extracted_at,
            if(_unreadable is null, {hash_of("_content")}, null) as _record_hash,
            if({" and ".join(is_counted)},
                hash({", ".join(stream.key)}), null) as _key_hash,
            contains(_content, 'NaN') or contains(_content, 'Infinity') as _may_be_loose
        from checked
    """


def stored_columns(stream: RawStream, settings: Mapping[str, Any]) -> list[RawColumn]:
    """List what these settings allow to be stored of a stream."""
    return [column for column in stream.columns if _is_stored(column, settings)]


def keep_known(stream: RawStream, names: Collection[str]) -> tuple[str, str]:
    """Compose the UPDATEs of `$list` in `temp.batch`: columns that don't arrive stay as last known."""
    taken = ", ".join(f"{name} = known.{name}" for name in names)
    same = " and ".join(f"batch.{name} = known.{name}" for name in stream.key)
    here = f"{list_of(stream, 'batch')} = $list"
    return (
        f"""
        update temp.batch as batch set {taken} from raw.{stream.table} as known
        where known._valid_to_run is null and {same} and {here}
        """,
        f"""
        update temp.batch as batch set _record_hash = {hash_of(_content_of(stream))}
        where _record_hash is not null and {here}
        """,
    )


def list_of(stream: RawStream, table: str) -> str:
    """Compose the name of the list that a record was read in; a stream without a scope is one."""
    return f"coalesce({table}.{stream.scope}, '')" if stream.scope else "''"


def hash_of(content: str) -> str:
    return f"md5_number_lower({content})"


def _content_of(stream: RawStream) -> str:
    """Compose the canonical text of a row's stored values, every null explicit."""
    return f"concat_ws(chr(31), {', '.join(f'coalesce({c.name}::varchar, chr(0))' for c in stream.columns)})"


def _is_stored(column: RawColumn, settings: Mapping[str, Any]) -> bool:
    """Data minimisation: some values are stored only when a setting asks for them."""
    if not column.only_if:
        return True
    return any(
        str(settings.get(name)).lower() == value
        for name, value in (condition.split("=", 1) for condition in column.only_if)
    )


def _member(path: str) -> str:
    return "record.data." + ".".join(f'"{part}"' for part in path.split("."))


def _is_taken(path: str) -> str:
    """Compose whether the record's `meta` says that this value was nulled or cut on the way."""
    return f"""
        len(list_filter(record.meta.changes, lambda change: change.field is null
            or starts_with('{path}.', ltrim(change.field, '$.') || '.')
            or starts_with(ltrim(change.field, '$.') || '.', '{path}.'))) > 0
    """


def _text_name(column: RawColumn) -> str:
    """Name of a value before its cast."""
    return column.name if column.type == "text" else f"_text_of_{column.name}"


def _typed(column: RawColumn) -> str:
    text = _text_name(column)
    if column.type == "text":
        return text
    if column.type not in _CASTS_PAST_BLANKS:
        text = f"trim({text})"
    typed = f"try_cast({text} as {column.stored_as})"
    if column.type == "day":
        # DuckDB knows days before and after the years that a calendar, Python and the vendors have.
        typed = (
            f"case when {typed} between date '0001-01-01' and date '9999-12-31' then {typed} end"
        )
    return typed


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
