"""Whom a question means: by name, e-mail address, number or id, as HR and support ask.

Names come from the records that were read last, so that somebody who left is found too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from people_transforms.errors import ConfigError
from people_transforms.person_id import sql_id
from people_transforms.privacy import out_of_scope, pseudonyms
from people_transforms.store.statements import quoted, quoted_name

if TYPE_CHECKING:
    import duckdb

MOST = 1000
_NEAREST = 5
_LIKE = 0.8
# What a question may hit, best first; a better hit makes the others silent.
_COLUMNS = {
    "first_name": ("first_name",),
    "prefix": ("prefix",),
    "last_name": ("last_name",),
    "number": ("personal_number", "employee_number"),
    "business_email": ("business_email", "email"),
    "private_email": ("private_email",),
}
_FOUND = """
    with known as ({known}),
    written as (
        select person_id, employer_id, number,
            concat_ws(' ', nullif(first_name, ''), nullif(prefix, ''), nullif(last_name, '')) as name,
            {plain_name} as plain_name, business_email, private_email, place
        from known
    ),
    ranked as (
        select person_id, employer_id, number, nullif(name, '') as name, place,
            case
                when person_id = $text then 0
                -- HR shows both numbers: neither may hide whom the other means.
                when ends_with(person_id, ':' || $text) or number = $text then 1
                when regexp_full_match($text, '[0-9]+')
                    and ltrim(number, '0') = nullif(ltrim($text, '0'), '') then 1
                when lower($text) in (lower(business_email), lower(private_email)) then 3
                when {plain_text} = '' then null
                when plain_name = {plain_text} then 4
                when contains({plain_text}, ' ') and len(list_filter(
                    string_split({plain_text}, ' '), word -> not list_contains(
                        string_split(plain_name, ' '), word))) = 0 then 5
                when list_contains(string_split(plain_name, ' '), {plain_text}) then 5
                -- An initial is as good as the name that begins with it.
                when contains({plain_text}, ' ') and len(list_filter(
                    string_split({plain_text}, ' '), word -> not (
                        list_contains(string_split(plain_name, ' '), word) or (
                            length(word) = 1 and contains(' ' || plain_name, ' ' || word)
                        )))) = 0 then 6
            end as hit
        from written
    ),
    -- Of one person the record that was read last.
    best as (
        select person_id, arg_min(employer_id, place) as employer_id,
            arg_min(number, place) as number, arg_min(name, place) as name, min(hit) as hit
        from ranked where hit is not null group by person_id
    )
    select person_id, employer_id, number, name, hit from best
    where hit = (select min(hit) from best) order by name, person_id limit {most}
"""
_PLAIN = "trim(regexp_replace(strip_accents(lower({})), '[^\\pL\\pN]+', ' ', 'g'))"
_PLAIN_NAME = _PLAIN.format("concat_ws(' ', first_name, prefix, last_name)")
_PLAIN_TEXT = _PLAIN.format("$text")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a question may mean; `by_name` tells that the question itself named the person."""

    person_id: str
    name: str | None
    number: str | None
    employer: str | None
    by_name: bool


def find_persons(connection: duckdb.DuckDBPyConnection, text: str) -> list[Person]:
    """Find whom a text means, by id, number, e-mail address or name; several are ordered by name."""
    if not text.strip():
        return []
    sql = _FOUND.format(
        known=_known(connection), plain_name=_PLAIN_NAME, plain_text=_PLAIN_TEXT, most=MOST
    )
    names = _employers(connection)
    rows = connection.execute(sql, {"text": text.strip()}).fetchall()
    first_name_hit = 3
    return [
        Person(person_id, name, number, names.get(employer), hit >= first_name_hit)
        for person_id, employer, number, name, hit in rows
    ]


def find_hidden(connection: duckdb.DuckDBPyConnection, folder: Path, text: str) -> str | None:
    """Give the pseudonym under which alone the store keeps somebody; the id must be whole.

    `folder` is that of the key; afterwards the connection knows it.
    """
    if not pseudonyms.has_key(folder):
        return None
    pseudonyms.use_key(connection, pseudonyms.load_key(folder))
    return out_of_scope.find(connection, text)


def find_person(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """Find the one person a text means.

    Raises ConfigError if it means nobody or several people.
    """
    found = find_persons(connection, text)
    if not found:
        raise ConfigError("Nobody with this id or number was ever read.", person=text)
    if len(found) > 1:
        raise ConfigError(
            "Several people fit; give one of their ids.",
            people=" ".join(one.person_id for one in found),
        )
    return found[0].person_id


def nearest_names(connection: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    """List the names most like a text that names nobody; none for a number or an id."""
    if any(sign.isdigit() or sign in ":@" for sign in text):
        return []
    rows = connection.execute(
        f"""
        with known as ({_known(connection)}),
        likened as (
            select
                concat_ws(' ', nullif(first_name, ''), nullif(prefix, ''), nullif(last_name, ''))
                    as name,
                greatest(
                    jaro_winkler_similarity({_PLAIN_NAME}, {_PLAIN_TEXT}),
                    jaro_winkler_similarity({_PLAIN.format("coalesce(last_name, '')")}, {_PLAIN_TEXT})
                ) as likeness
            from known
        )
        select name from likened where name <> '' group by name having max(likeness) >= $like
        order by max(likeness) desc, name limit {_NEAREST}
        """,  # noqa: S608
        {"text": text.strip(), "like": _LIKE},
    ).fetchall()
    return [name for (name,) in rows]


def _known(connection: duckdb.DuckDBPyConnection) -> str:
    """Select everybody the store knows: those of people.people first, then records by their age."""
    parts = [
        "select person_id, any_value(employer_id) as employer_id, "  # noqa: S608
        + ", ".join(f"null::varchar as {name}" for name in _COLUMNS)
        + f", '3' as place from sync.{table} group by person_id"
        for table in ("plan", "ledger")
    ]
    tables = connection.execute(
        """
        select schema_name, table_name, list(column_name) from duckdb_columns()
        where database_name = current_database()
        and (
            (schema_name = 'people' and table_name = 'people')
            or (schema_name = 'raw' and ends_with(table_name, '__employees'))
        )
        group by all order by all
        """
    ).fetchall()
    for schema, table, columns in tables:
        listed = ", ".join(
            f"{_first(columns, names)}::varchar as {name}" for name, names in _COLUMNS.items()
        )
        if schema == "people":
            parts.append(
                f"select person_id, employer_id, {listed}, '1' as place from people.people"  # noqa: S608
            )
            continue
        source = table.removesuffix("__employees")
        person = sql_id(quoted(source), "employer_id", "employee_id")
        parts.append(
            f"select {person} as person_id, employer_id, "  # noqa: S608
            f"{listed}, '2' as place from raw.{quoted_name(table)} "
            "qualify row_number() over (partition by employer_id, employee_id "
            "order by _valid_from_run desc) = 1"
        )
    return " union all by name ".join(parts)


def _first(columns: list[str], names: tuple[str, ...]) -> str:
    return next((name for name in names if name in columns), "null")


def _employers(connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    is_there = connection.execute(
        "select 1 from duckdb_columns() where schema_name = 'people' and table_name = 'employers' "
        "and column_name = 'employer_name' and database_name = current_database()"
    ).fetchone()
    if not is_there:
        return {}
    return dict(
        connection.execute("select employer_id, employer_name from people.employers").fetchall()
    )
