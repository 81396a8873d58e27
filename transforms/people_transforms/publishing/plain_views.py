"""Schema `report`: eight plain views for people who do not know our words, with names, days and reasons.

A view is one SELECT in plain/<name>.sql; its first line says what it is. `{person}`, `{employer}`,
`{account}`, `{email}` and `{reason}` stand for the same columns in each; `{budgets}` for the table that
a platform's vendor.yaml names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from people_transforms.models.vendors import vendors
from people_transforms.publishing.words import LANGUAGES, load_words, word_texts
from people_transforms.store.statements import in_one_transaction, quoted

if TYPE_CHECKING:
    import duckdb

VIEWS = (
    "joiners",
    "leavers",
    "not_in",
    "accounts",
    "changes",
    "headcount_by_day",
    "budgets",
    "history",
)
_COLUMNS = {
    "person": "nullif(concat_ws(' ', nullif(people.first_name, ''), nullif(people.prefix, ''), "
    "nullif(people.last_name, '')), '') as person, people.personal_number",
    "employer": "employers.employer_name as employer",
    "account": "coalesce(places.place_name, places.account_key) as account",
    "email": "coalesce(nullif(people.business_email, ''), people.private_email) as email",
    "reason": "words.nl as reason_nl, words.cs as reason_cs, words.en as reason_en",
}
_NO_BUDGETS = """
    select null::date as day, null::varchar as person, null::varchar as personal_number,
        null::varchar as employer, null::varchar as budget, null::double as amount_eur,
        null::double as previous_amount_eur, null::varchar as typed_value,
        null::varchar as previous_typed_value, null::varchar as person_id
    where false
"""


def make_plain_views(
    connection: duckdb.DuckDBPyConnection, source_system: str | None, vendor: str | None
) -> None:
    """Make the views of schema `report` and the words they use, if they are not there as they are now.

    Nothing is made before the models were built once.
    """
    tables = {
        f"{schema}.{table}"
        for schema, table in connection.execute(
            "select distinct schema_name, table_name from duckdb_columns() "
            "where database_name = current_database() "
            "and schema_name in ('people', 'mart', 'report')"
        ).fetchall()
    }
    if not {"people.people", "people.employers"} <= tables:
        return
    views = {name: _sql(name) for name in VIEWS}
    budgets = str(vendors().get(vendor or "", {}).get("budgets"))
    if {budgets, "people.custom_fields"} <= tables:
        views["budgets"] = views["budgets"].replace("{budgets}", budgets)
    else:
        views["budgets"] = _NO_BUDGETS
    version = _version(source_system, vendor, views)
    known = connection.execute("select code from sync.words where kind = 'version'").fetchone()
    is_same = known == (version,)
    if not is_same:
        _store_words(
            connection, [*_words(source_system, vendor), {"kind": "version", "code": version}]
        )
    if not is_same or not tables >= {f"report.{name}" for name in VIEWS}:
        _create(connection, views)


def has_plain_views(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether the store has all of the views; of a lake they are tables."""
    row = connection.execute(
        "select count(distinct table_name) from duckdb_columns() where schema_name = 'report' "
        "and database_name = current_database()"
    ).fetchone()
    return row == (len(VIEWS),)


def _create(connection: duckdb.DuckDBPyConnection, views: Mapping[str, str]) -> None:
    statements = ["create schema if not exists report"]
    for name, sql in views.items():
        statements.append(f"create or replace view report.{name} as {sql}")
        statements.append(f"comment on view report.{name} is {quoted(_about(name))}")
    in_one_transaction(connection, statements)
    said = _comments()
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'report' "
        "and database_name = current_database()"
    ).fetchall()
    in_one_transaction(
        connection,
        [
            f"comment on column report.{table}.{column} is {quoted(said[column])}"
            for table, column in columns
        ],
    )


def _store_words(connection: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]]) -> None:
    connection.execute("begin transaction")
    connection.execute("delete from sync.words")
    connection.execute(
        """
        insert into sync.words by name
        select unnest(from_json(
            $rows, '[{"kind": "VARCHAR", "code": "VARCHAR", "nl": "VARCHAR", "cs": "VARCHAR",
            "en": "VARCHAR"}]'
        ), recursive := true)
        """,
        {"rows": json.dumps(rows)},
    )
    connection.execute("commit")


def _version(source_system: str | None, vendor: str | None, views: Mapping[str, str]) -> str:
    """Tell words and views of one release and pair from others, without reading the words."""
    said = [word_texts(language) for language in LANGUAGES]
    text = json.dumps([source_system, vendor, dict(views), said])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _words(source_system: str | None, vendor: str | None) -> list[dict[str, Any]]:
    """List what each code means in each language; a code that a text cannot say is left out."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for language in LANGUAGES:
        words = load_words(language)
        systems = words.systems(source_system, vendor)
        said = {("reason", code): words.reason(code, systems) for code in words.messages["reasons"]}
        for kind, group in (
            ("hold", "holds"),
            ("leaving", "leaving_kinds"),
            ("operation", "operations"),
        ):
            said |= {(kind, code): str(text) for code, text in words[group].items()}
        for code in words.messages["findings"]:
            said[("finding", code)] = words.finding_group(code, 1, systems)[0]
        for (kind, code), text in said.items():
            row = rows.setdefault((kind, code), {"kind": kind, "code": code})
            row[language] = text.replace("\u00a0", " ")
    return list(rows.values())


def _sql(name: str) -> str:
    text = files(__package__ or "").joinpath("plain", f"{name}.sql").read_text("utf-8")
    sql = text.partition("\n")[2]
    for column, written in _COLUMNS.items():
        sql = sql.replace(f"{{{column}}}", written)
    return sql


def _about(name: str) -> str:
    text = files(__package__ or "").joinpath("plain", f"{name}.sql").read_text("utf-8")
    return text.partition("\n")[0].removeprefix("-- ")


@cache
def _comments() -> dict[str, str]:
    text = files(__package__ or "").joinpath("plain", "columns.yaml").read_text("utf-8")
    comments: dict[str, str] = yaml.load(text, Loader=yaml.CSafeLoader)
    return comments
