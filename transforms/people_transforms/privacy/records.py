"""What HR's records in schema raw say about given people: every stream that knows people."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from people_transforms.models.contracts import RawStream
from people_transforms.person_id import sql_id


def delete_records(
    connection: duckdb.DuckDBPyConnection,
    streams: Collection[RawStream],
    people: str,
    condition: str = "true",
) -> int:
    """Delete the versions that meet a condition, of the people in a table; gives their number.

    `people` is a table with a column `person_id`, of people of the streams' source system.
    """
    gone = 0
    by_stream = {stream.name: stream for stream in streams}
    source = by_stream["employments"].table.split("__", 1)[0]
    person = sql_id(f"'{source}'", "employer_id", "employee_id")
    is_theirs = f"{person} in (select person_id from {people})"
    connection.execute(
        "create or replace temp table their_employments as "
        f"select distinct employer_id, employment_id "
        f"from raw.{by_stream['employments'].table} where {is_theirs}"
    )
    for stream in by_stream.values():
        columns = {column.name for column in stream.columns}
        about = [is_theirs] if {"employer_id", "employee_id"} <= columns else []
        if {"employer_id", "employment_id"} <= columns:
            about.append(
                "(employer_id, employment_id) in "
                "(select (employer_id, employment_id) from temp.their_employments)"
            )
        if about:
            row = connection.execute(
                f"delete from raw.{stream.table} where {condition} and ({' or '.join(about)})"
            ).fetchone()
            gone += int(row[0]) if row else 0
    return gone
