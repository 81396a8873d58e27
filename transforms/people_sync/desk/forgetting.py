"""Erase a person from the desk's records: who signed in, decided or was given a link under their name."""

from __future__ import annotations

from collections.abc import Callable

from people_transforms.privacy.pseudonyms import pseudonym

from people_sync.desk.records import Records

# Where somebody stands, and whether it goes with them: nobody signs in as somebody who was erased.
_TABLES = {"links": True, "sessions": True, "audit": False, "decisions": False, "ignored": False}


def forget_person(
    records: Records, connection: str, is_meant: Callable[[str], bool], key: bytes
) -> int:
    """Put a pseudonym in the place of a person's name or address; gives how often.

    A name is theirs only in what is about this connection; an address is theirs everywhere.
    """
    count = 0
    with records.open() as database:
        for table, goes in _TABLES.items():
            rows = database.execute(f"select distinct who, connection from {table}").fetchall()  # noqa: S608
            for row in rows:
                is_here = row["connection"] == connection or "@" in row["who"]
                if not is_here or not is_meant(row["who"]):
                    continue
                which = "where who = ? and connection = ?"
                values = [row["who"], row["connection"]]
                if goes:
                    done = database.execute(f"delete from {table} {which}", values)  # noqa: S608
                else:
                    named = [pseudonym(row["who"], key), *values]
                    done = database.execute(f"update {table} set who = ? {which}", named)  # noqa: S608
                count += done.rowcount
    return count
