"""SQL in which no parameter can be bound (ATTACH, COMMENT, definitions): quoting, and running many."""

from __future__ import annotations

from contextlib import suppress

import duckdb


def quoted(text: str) -> str:
    """Quote a string literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def in_one_transaction(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
    """Run statements together: one commit instead of one each, and none of them where one fails."""
    try:
        connection.execute(";\n".join(["begin transaction", *statements, "commit"]))
    except BaseException:
        # What fails at its commit is rolled back already.
        with suppress(duckdb.TransactionException):
            connection.execute("rollback")
        raise
