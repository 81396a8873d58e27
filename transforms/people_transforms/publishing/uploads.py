"""Files for what a vendor takes by hand only: each mart named `…_upload`, beside the report."""

from __future__ import annotations

from pathlib import Path

import duckdb

from people_transforms.publishing.publish import publish_text
from people_transforms.safe_text import as_csv


def publish_uploads(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """Write each upload mart that has rows as CSV, and take away those of an earlier run.

    An old file must not stay: uploaded a second time it would pay a budget twice.
    """
    written = []
    for (name,) in connection.execute(
        "select table_name from information_schema.tables "
        "where table_schema = 'mart' and table_name like '%\\_upload' escape '\\' order by all"
    ).fetchall():
        path = folder / f"{name.removesuffix('_upload')}.csv"
        rows = connection.sql(f'select * from mart."{name}" order by all')  # noqa: S608
        content = rows.fetchall()
        if content:
            publish_text(path, as_csv(rows.columns, content))
            written.append(path)
        else:
            path.unlink(missing_ok=True)
    return written
