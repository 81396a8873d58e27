"""Whoever approved a plan is a person too: their name goes, that somebody approved stays.

An approval names its person in words ("Anna de Vries", an address), not by an id. So all names and
addresses are gathered that the store ever had of whom is to be erased, before they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import duckdb

from people_transforms.models.contracts import raw_streams
from people_transforms.person_id import split_id
from people_transforms.privacy.pseudonyms import PREFIX, pseudonym_of


@dataclass(frozen=True, slots=True)
class Called:
    """What somebody was ever called: (first name, last name) and addresses, folded."""

    names: frozenset[tuple[str, str]] = frozenset()
    addresses: frozenset[str] = frozenset()

    def fits(self, text: str) -> bool:
        """Tell whether a text names them: an address, or last name with first name or initial."""
        folded = _folded(text)
        if any(address in folded for address in self.addresses):
            return True
        words = set(re.findall(r"\w+", folded))
        return any(
            _words(last) <= words and (_words(first) <= words or first[0] in words)
            for first, last in self.names
        )


def gather(connection: duckdb.DuckDBPyConnection, person_id: str) -> Called:
    """Gather from every version of a person's record, and from what was last accepted as theirs."""
    source, employer_id, employee_id = split_id(person_id)
    people = raw_streams(source)["employees"]
    stored = _columns(connection, people.table)
    addresses = [c.name for c in people.columns if c.data == "contact" and c.name in stored]
    known = connection.execute(
        f"select first_name, last_name, [{', '.join(addresses)}] from raw.{people.table} "
        "where employer_id = ? and employee_id = ? "
        "union all select first_name, last_name, emails from sync.identities where person_id = ?",
        [employer_id, employee_id, person_id],
    ).fetchall()
    names = {(_folded(first), _folded(last)) for first, last, _ in known if first and last}
    return Called(
        frozenset((first, last) for first, last in names if first and last),
        frozenset(_folded(one) for *_, listed in known for one in listed or () if one),
    )


def forget_approver(connection: duckdb.DuckDBPyConnection, called: Called | str) -> int:
    """Put a pseudonym in the place of a name in `sync.approvals`; gives the number of rows.

    A text is one name as it stands there. The connection must know the store's key.
    """
    known = connection.execute(
        f"select distinct approved_by from sync.approvals where not starts_with(approved_by, '{PREFIX}')"
    ).fetchall()
    meant = [name for (name,) in known if is_meant(name, called)]
    for name in meant:
        connection.execute(
            f"update sync.approvals set approved_by = {pseudonym_of('$name')} "
            "where approved_by = $name",
            {"name": name},
        )
    return len(meant)


def is_meant(name: str, called: Called | str) -> bool:
    """Tell whether a name as it stands somewhere is theirs."""
    return _folded(name) == _folded(called) if isinstance(called, str) else called.fits(name)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> Collection[str]:
    rows: Iterable[tuple[str]] = connection.execute(
        "select column_name from duckdb_columns() where schema_name = 'raw' and table_name = ? "
        "and database_name = current_database()",
        [table],
    ).fetchall()
    return {name for (name,) in rows}


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _folded(text: str) -> str:
    """Leave out what people leave out when they type a name: capitals and accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold().strip()
