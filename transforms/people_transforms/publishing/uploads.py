"""Files for what a vendor takes by hand only: each mart named `…_upload`, beside the report."""

from __future__ import annotations

from pathlib import Path

import duckdb

from people_transforms.publishing.publish import publish_text
from people_transforms.safe_text import as_csv


def publish_uploads(connection: duckdb.DuckDBPyConnection, folder: Path, run_id: str) -> list[Path]:
    """Write each upload mart that has rows as CSV, and take away those of an earlier night.

    An old file must not stay: uploaded a second time it would pay a budget twice. A night that failed or is not
    accepted has none, because the next one tells all of it; what an earlier run of the same night wrote is left
    alone.
    """
    row = connection.execute(
        """
        select
            bool_or(accepted_on is not null) filter (run_id = $run),
            bool_or(accepted_on is not null),
        from sync.runs where coalesce(night_on, as_of) = (
            select coalesce(night_on, as_of) from sync.runs where run_id = $run
        )
        """,
        {"run": run_id},
    ).fetchone()
    is_accepted, has_accepted_run = row if row else (False, False)
    if has_accepted_run and not is_accepted:
        return []
    return [
        path
        for path, mart in _uploads(connection, folder)
        if _write(connection, path, mart, is_told=is_accepted)
    ]


def rewrite_uploads(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the files that are there again: somebody was erased, and must not stay in them."""
    for path, mart in _uploads(connection, folder):
        if path.exists():
            _write(connection, path, mart)


def _uploads(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[tuple[Path, str]]:
    rows = connection.execute(
        "select table_name from information_schema.tables "
        "where table_schema = 'mart' and table_name like '%\\_upload' escape '\\' order by all"
    ).fetchall()
    return [(folder / f"{name.removesuffix('_upload')}.csv", name) for (name,) in rows]


def _write(
    connection: duckdb.DuckDBPyConnection, path: Path, mart: str, *, is_told: bool = True
) -> bool:
    """Write one file and tell whether it has rows; one without is taken away."""
    if is_told:
        rows = connection.sql(f'select * from mart."{mart}" order by all')  # noqa: S608
        content = rows.fetchall()
        if content:
            publish_text(path, as_csv(rows.columns, content))
            return True
    path.unlink(missing_ok=True)
    return False
