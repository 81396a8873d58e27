"""Let go of what the lake has deleted: rows stay in its files, and files in its folder, until then.

DuckLake keeps old snapshots for time travel. `shed` ends those before a moment and removes the files that
only they needed. Everybody else waits meanwhile: a reader's files may not vanish under it.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.store.lake.attach import NAME, attached, load_extensions
from people_transforms.store.lake.locks import Locks, connect
from people_transforms.store.lake.place import LakePlace

# Of the kinds of columns that may tell of a person, in PostgreSQL's words.
_BOUNDS = (
    ("'varchar', 'json'", "''", "chr(1114111)"),
    ("'date'", "'0001-01-01'", "'9999-12-31'"),
)


def shed(
    connection: duckdb.DuckDBPyConnection, place: LakePlace, locks: Locks, before: dt.datetime
) -> int:
    """Remove what no snapshot since `before` needs; gives the number of files that are gone."""
    with locks.files_alone(), attached(connection, place, locks):
        # Files of which rows were deleted are written anew without them.
        connection.execute(f"call ducklake_flush_inlined_data('{NAME}')")
        connection.execute(f"call ducklake_rewrite_data_files('{NAME}', delete_threshold => 0)")
        connection.execute(f"call ducklake_expire_snapshots('{NAME}', older_than => ?)", [before])
        removed = connection.execute(
            f"call ducklake_cleanup_old_files('{NAME}', cleanup_all => true)"
        ).fetchall()
        _widen_bounds(locks)
        return len(removed)


def _widen_bounds(locks: Locks) -> None:
    """Leave no value of anybody who is gone in the statistics of whole tables.

    DuckLake keeps the lowest and the highest value a column ever had, and none of its calls narrows
    them. Emptied, they would be filled from the next file alone and hide rows of the others; so they
    are made as wide as can be, which is right for ever and is never changed again.
    """
    for kinds, lowest, highest in _BOUNDS:
        locks.run(
            f"""
            update ducklake_table_column_stats as bounds
            set min_value = {lowest}, max_value = {highest}
            from ducklake_column as columns
            where bounds.table_id = columns.table_id and bounds.column_id = columns.column_id
            and columns.column_type in ({kinds})
            and (bounds.min_value is not null or bounds.max_value is not null)
            and (bounds.min_value is distinct from {lowest} or bounds.max_value is distinct from {highest})
            """
        )


def tidy(place: LakePlace, before: dt.datetime) -> int:
    """Do the upkeep of a whole lake; gives the number of files that are gone."""
    with connect(place) as locks, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        load_extensions(connection, place)
        return shed(connection, place, locks, before)
