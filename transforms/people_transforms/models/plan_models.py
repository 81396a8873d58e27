"""Build the models of the plan, one temporary table or view each: `plan.moves` is `temp.plan_moves`.

A plan is made anew every night and is stored as `sync.plan` when it is finished.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import duckdb

_REFERENCE = re.compile(r"\bplan\.(\w+)")
# Made by Python until they are models.
_OTHERS = {
    name: f"temp.{name}"
    for name in (
        "vendor_accounts", "drift", "foreign_accounts", "approved", "strangers", "lookalikes",
        "undone", "met", "doubted_places",
    )
}  # fmt: skip


def build(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Compute these models, in this order, from what is there."""
    for name in names:
        sql = _select(name)
        kind = "view" if "\n-- kind: view\n" in sql else "table"
        connection.execute(f"create or replace temp {kind} plan_{name} as\n{sql}")


@cache
def _select(name: str) -> str:
    text = files(__package__).joinpath("plan", f"{name}.sql").read_text("utf-8")
    return in_memory(text)


def in_memory(sql: str) -> str:
    """Let a SELECT read the tables of the plan where they are."""
    return _REFERENCE.sub(lambda found: _OTHERS.get(found[1], f"temp.plan_{found[1]}"), sql)
