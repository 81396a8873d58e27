"""What docs/pages/lake-owner.md tells the owner of the database is so: its statements are run here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest
from people_sandbox.postgres import Postgres
from people_transforms.settings import WarehouseSettings
from people_transforms.store.lake.attach import load_extensions
from people_transforms.store.warehouse import StorePaths, open_store, store_paths

PAGE = Path(__file__).parents[3] / "docs" / "pages" / "lake-owner.md"
ROLES = ("people_analyst", "people_sync")


def block(part: str) -> str:
    """The first SQL of a part of the page."""
    text = PAGE.read_text("utf-8").partition(f"## {part}\n")[2]
    return re.findall(r"```sql\n(.*?)```", text, re.DOTALL)[0]


@pytest.fixture
def owned(postgres: Postgres, tmp_path: Path) -> Iterator[StorePaths]:
    """A lake in a database that was made as the page says, used once by its owner."""
    before, _, inside = block("Who gets what").partition("\\connect people\n")
    admin = postgres.new_database()
    with psycopg.connect(admin, autocommit=True) as catalog:
        name = catalog.info.dbname
        for statement in before.replace(
            "create database people owner", f"alter database {name} owner to"
        ).split(";"):
            if statement.strip():
                catalog.execute(statement.replace("…", "a password"))
        catalog.execute(inside)
    warehouse = WarehouseSettings(
        type="ducklake", catalog=f"postgres:{admin.replace('user=people', 'user=people_sync')}",
        data_path=str(tmp_path / "lake"), connection_id="one",
    )  # fmt: skip
    paths = store_paths(warehouse, "alleo", tmp_path, {"companies": [{"company_id": 7}]})
    with open_store(paths) as connection:
        connection.execute("insert into sync.dead_letters (person_id) values ('p1')")
    yield paths
    with psycopg.connect(admin, autocommit=True) as catalog:
        for role in ROLES:
            catalog.execute(
                f"reassign owned by {role} to people; drop owned by {role}; drop role {role}"
            )


def test_the_grants_let_runs_write_and_analysts_only_read(owned: StorePaths) -> None:
    assert owned.lake is not None
    catalog = owned.lake.catalog.replace("user=people_sync", "user=people_analyst")
    with duckdb.connect() as analyst:
        load_extensions(analyst, owned.lake)
        analyst.execute(f"attach 'ducklake:postgres:{catalog}' as lake (read_only)")
        rows = analyst.execute("select person_id from lake.sync.dead_letters").fetchall()
        assert rows == [("p1",)]
        # The next night makes a table that the analyst sees too.
        with open_store(owned) as connection:
            connection.execute("create table raw.later as select 1 as one")
        assert analyst.execute("select one from lake.raw.later").fetchall() == [(1,)]
        analyst.execute("detach lake")
        analyst.execute(f"attach 'ducklake:postgres:{catalog}' as lake")
        with pytest.raises(duckdb.Error, match="read-only|permission denied"):
            analyst.execute("delete from lake.sync.dead_letters")
    with psycopg.connect(catalog, autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from ducklake_data_file")


def test_the_statement_that_moves_the_files_is_the_one_that_was_tried() -> None:
    """`test_failures.py` moves a lake with it."""
    tried = (Path(__file__).with_name("test_failures.py")).read_text("utf-8")
    assert block("Move the files").split(" = '")[0] in " ".join(tried.split())
