"""Let go of what the lake has deleted: rows stay in its files, and files in its folder, until then.

DuckLake keeps old snapshots for time travel. `shed` ends those before a moment and removes the files that
only they needed. Everybody else waits meanwhile: a reader's files may not vanish under it.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.lake.attach import NAME, attached, load_extensions
from people_transforms.lake.locks import Locks, connect
from people_transforms.lake.place import LakePlace


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
        return len(removed)


def tidy(place: LakePlace, before: dt.datetime) -> int:
    """Do the upkeep of a whole lake; gives the number of files that are gone."""
    with connect(place) as locks, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        load_extensions(connection, place)
        return shed(connection, place, locks, before)
