"""Keep erased people out while HR still lists them: their records count as read and are not stored."""

from __future__ import annotations

import duckdb

from people_transforms.models.contracts import RawStream
from people_transforms.person_id import sql_id
from people_transforms.privacy.pseudonyms import employment_key, pseudonym_of

_KNOWN = "(select pseudonym from sync.erased)"


def drop_erased(connection: duckdb.DuckDBPyConnection, stream: RawStream) -> int:
    """Take erased people out of `temp.batch` before it is stored; gives the number of records.

    An employment of theirs that is new is noted first, so that what hangs on it is dropped too.
    """
    columns = {column.name for column in stream.columns}
    source = stream.table.split("__", 1)[0]
    conditions = []
    if {"employer_id", "employee_id"} <= columns:
        person = pseudonym_of(sql_id(f"'{source}'", "employer_id", "employee_id"))
        conditions.append(f"coalesce({person} in {_KNOWN}, false)")
    if {"employer_id", "employment_id"} <= columns:
        employment = pseudonym_of(employment_key(source, "employer_id", "employment_id"))
        if conditions:
            connection.execute(
                f"insert into sync.erased select distinct {employment}, now() from temp.batch "
                f"where {conditions[0]} and employment_id is not null "
                f"and {employment} not in {_KNOWN}"
            )
        conditions.append(f"coalesce({employment} in {_KNOWN}, false)")
    if not conditions:
        return 0
    dropped = connection.execute(
        f"delete from temp.batch where {' or '.join(conditions)} returning 1"
    )
    return len(dropped.fetchall())
