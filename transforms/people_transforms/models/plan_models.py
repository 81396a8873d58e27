"""Build the models of the plan, one temporary table or view each: `plan.moves` is `temp.plan_moves`.

A plan is made anew every night and is stored as `sync.plan` when it is finished.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import duckdb

_REFERENCE = re.compile(r"\bplan\.(\w+)")

# What is known without computing it has these columns, and no rows.
LEFT_EMPTY = {
    "foreign_accounts": "person_id varchar, employer_id varchar, account_key varchar, "
    "is_active boolean",
    "doubted_places": "account_key varchar, known bigint, there bigint",
    "drift": "person_id varchar, account_key varchar, employer_id varchar, account_id varchar, "
    "field varchar, actual varchar, wanted varchar, ended_on date, policy varchar",
    "double_accounts": "person_id varchar, account_key varchar, employer_id varchar, "
    "is_active boolean, copies bigint",
    "forgotten": "code varchar, person_id varchar, employer_id varchar, account_key varchar, "
    "external_id varchar",
    "taken_over": "person_id varchar, employer_id varchar, former_id varchar, former varchar",
    "lookalikes": "person_id varchar, employer_id varchar, former_id varchar, former varchar",
}


def build(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Compute these models, in this order, from what is there."""
    for name in names:
        sql = selects()[name]
        kind = "view" if "\n-- kind: view\n" in sql else "table"
        connection.execute(f"create or replace temp {kind} plan_{name} as\n{sql}")


def leave_empty(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Make these tables where there is nothing to compute them from: a silent night is most nights."""
    connection.execute(
        "; ".join(
            f"create or replace temp table plan_{name} ({LEFT_EMPTY[name]})" for name in names
        )
    )


@cache
def selects() -> dict[str, str]:
    """Read every model, as it is asked of the tables in memory."""
    folder = files(__package__).joinpath("plan")
    return {
        file.name.removesuffix(".sql"): in_memory(file.read_text("utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }


def in_memory(sql: str) -> str:
    """Let a SELECT read the tables of the plan where they are."""
    return _REFERENCE.sub(r"temp.plan_\1", sql)
