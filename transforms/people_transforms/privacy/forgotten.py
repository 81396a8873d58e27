"""Keep erased people out while HR still lists them: their records count as read and are not stored."""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.models.contracts import RawStream
from people_transforms.person_id import sql_id
from people_transforms.privacy.pseudonyms import employment_key, pseudonym_of

_NO_EMPLOYER = "''"
_KNOWN = "(select pseudonym from sync.erased)"


def anywhere_id(source: str, employee: str) -> str:
    """Compose the SQL for the id of somebody whoever the employer is; null where only it tells them apart."""
    return (
        f"if(try_cast({employee} as uuid) is null, null, {sql_id(source, _NO_EMPLOYER, employee)})"
    )


def erased_on(connection: duckdb.DuckDBPyConnection, person_id: str) -> dt.date | None:
    """Tell when somebody was erased, by the whole id; the connection must know the store's key."""
    row = connection.execute(
        f"select erased_at::date from sync.erased where pseudonym = {pseudonym_of('$person')}",
        {"person": person_id.strip()},
    ).fetchone()
    return row[0] if row else None


def drop_erased(connection: duckdb.DuckDBPyConnection, stream: RawStream) -> int:
    """Take erased people out of `temp.batch` before it is stored; gives the number of records.

    Whose id is a UUID is known by it at every employer: one that gets another id brings nobody back.
    An employment of theirs that is new is noted first, so that what hangs on it is dropped too.
    """
    columns = {column.name for column in stream.columns}
    source = stream.table.split("__", 1)[0]
    conditions = []
    if {"employer_id", "employee_id"} <= columns:
        person = pseudonym_of(sql_id(f"'{source}'", "employer_id", "employee_id"))
        anywhere = pseudonym_of(anywhere_id(f"'{source}'", "employee_id"))
        conditions.append(f"coalesce({person} in {_KNOWN} or {anywhere} in {_KNOWN}, false)")
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
