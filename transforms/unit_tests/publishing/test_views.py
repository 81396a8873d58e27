"""What analysts open: every table and view answers, in a file of any name, without our settings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from people_transforms.landing.raw_tables import create_raw_tables
from people_transforms.models import runner
from people_transforms.models.contracts import raw_streams
from people_transforms.publishing.plain_views import make_plain_views
from people_transforms.publishing.publish import publish_staging
from people_transforms.store.warehouse import StorePaths, open_store


@pytest.mark.parametrize(("source", "vendor"), [("loket", "alleo"), ("alveno", "lunchdrive")])
def test_everything_in_the_published_file_can_be_read_and_has_a_comment(
    tmp_path: Path, source: str, vendor: str
) -> None:
    paths = StorePaths(tmp_path / "staging.duckdb", tmp_path / "work" / "w.duckdb")
    with open_store(paths) as connection:
        create_raw_tables(connection, raw_streams(source).values())
        variables = {
            "as_of": dt.date(2026, 3, 2),
            "run_id": "run-1",
            "source_system": source,
            "vendor": vendor,
            "settings": '{"companies": [], "mode": "group"}',
            "known_account_keys": ["1"],
        }
        for name, value in variables.items():
            connection.execute(f"set variable {name} = ?", [value])
        runner.build(connection, source_system=source, vendor=vendor)
        runner.comment(connection, source_system=source, vendor=vendor)
        make_plain_views(connection, source, vendor)
        publish_staging(connection, paths.staging)
    with duckdb.connect(str(paths.staging), read_only=True) as analyst:
        names = analyst.execute(
            """
            select schema_name || '.' || view_name from duckdb_views() where not internal
            union all
            select schema_name || '.' || table_name from duckdb_tables()
            """
        ).fetchall()
        for (name,) in names:
            analyst.execute(f"select * from staging.{name}").fetchall()
        assert {"people.employments", "people.people", "sync.plan"} <= {name for (name,) in names}
        assert "report.budgets" in {name for (name,) in names}
        bare = analyst.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where comment is null and database_name = 'staging' and not internal"
        ).fetchall()
        assert bare == []
    with duckdb.connect() as elsewhere:
        elsewhere.execute(f"attach '{paths.staging}' as theirs (read_only)")
        for (name,) in names:
            if name.startswith("report."):
                elsewhere.execute(f"select * from theirs.{name}").fetchall()
