"""A person's id, `<source>:<employer>:<employee>`: made and taken apart here, and nowhere else.

The models make it by the macro `person_id(source, employer_id, employee_id)`, which is `sql_id`.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb


class PersonId(NamedTuple):
    """The parts of an id; empty where a text has none of them."""

    source: str
    employer: str
    employee: str


def split_id(person_id: str) -> PersonId:
    """Take an id apart. An employee's id may hold colons, the other parts don't."""
    source, employer, employee = (person_id.split(":", 2) + ["", ""])[:3]
    return PersonId(source, employer, employee)


def sql_id(source: str, employer: str, employee: str) -> str:
    """Compose the SQL for an id from three expressions; null where one of them is."""
    return f"{source} || ':' || {employer} || ':' || {employee}"


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macro in the store, where its views find it too."""
    body = sql_id("source", "employer_id", "employee_id")
    connection.execute(
        f"create or replace macro person_id(source, employer_id, employee_id) as {body}"
    )
