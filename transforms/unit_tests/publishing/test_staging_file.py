"""The analysts' file: whole, atomic, and never in the run's way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from people_transforms.errors import StoreError
from people_transforms.publishing.publish import publish_run, publish_staging

from .conftest import RUN, StoreBuilder, built_store

OPENS = """
import sys, duckdb
try:
    duckdb.connect(sys.argv[1])
except duckdb.IOException:
    sys.exit(7)
"""


def test_analysts_see_the_rows_and_comments_of_the_run(store: StoreBuilder) -> None:
    store.run()
    store.plan(store.person(1), "create")
    publish_staging(store.connection, store.paths.staging)
    with duckdb.connect(str(store.paths.staging), read_only=True) as analyst:
        assert analyst.execute("select operation from sync.plan").fetchall() == [("create",)]
        comments = analyst.execute(
            "select comment from duckdb_columns() where schema_name = 'sync'"
        ).fetchall()
        assert all(comment for (comment,) in comments)


def test_a_reader_of_the_old_file_neither_blocks_the_run_nor_sees_half_of_the_new_one(
    store: StoreBuilder,
) -> None:
    publish_staging(store.connection, store.paths.staging)
    with duckdb.connect(str(store.paths.staging), read_only=True) as analyst:
        store.plan(store.person(1), "create")
        publish_staging(store.connection, store.paths.staging)
        assert analyst.execute("select count(*) from sync.plan").fetchall() == [(0,)]
    with duckdb.connect(str(store.paths.staging), read_only=True) as analyst:
        assert analyst.execute("select count(*) from sync.plan").fetchall() == [(1,)]


def test_the_working_file_stays_locked_after_it_was_published(store: StoreBuilder) -> None:
    publish_staging(store.connection, store.paths.staging)
    tried = subprocess.run([sys.executable, "-c", OPENS, str(store.paths.work)], check=False)
    assert tried.returncode == 7
    tried = subprocess.run([sys.executable, "-c", OPENS, str(store.paths.staging)], check=False)
    assert tried.returncode == 0, "control: the published file opens"


def test_the_rights_an_operator_gave_the_published_file_survive_the_next_night(
    store: StoreBuilder,
) -> None:
    publish_staging(store.connection, store.paths.staging)
    assert stat.S_IMODE(store.paths.staging.stat().st_mode) == 0o640
    store.paths.staging.chmod(0o600)
    publish_staging(store.connection, store.paths.staging)
    assert stat.S_IMODE(store.paths.staging.stat().st_mode) == 0o600


def test_whatever_the_umask_nobody_else_reads_what_a_night_writes(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with built_store(tmp_path / "store") as store:
            store.run(status="held", outcome="held")
            store.plan(store.person(1), "deactivate", hold="removals")
            publish_run(
                store.connection,
                run_id=RUN,
                staging_path=store.paths.staging,
                report_dir=store.paths.folder,
                language="nl",
            )
            modes = {
                str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode)
                for path in tmp_path.rglob("*")
            }
    finally:
        os.umask(before)
    assert modes["store/work"] == 0o700 and modes["store/work/staging.work.duckdb"] == 0o600
    assert modes["store/staging.duckdb"] == 0o640
    for name in ("report.html", "to-do.csv", "to-do.xlsx"):
        assert modes[f"store/{name}"] == 0o600
    # What lies in a folder that is its owner's alone may have any rights.
    open_ones = {name for name, mode in modes.items() if mode & 0o007}
    assert {name for name in open_ones if not name.startswith("store/work/")} == set()


def test_what_somebody_changes_in_the_published_file_is_gone_after_the_next_run(
    store: StoreBuilder,
) -> None:
    store.plan(store.person(1), "create")
    publish_staging(store.connection, store.paths.staging)
    with duckdb.connect(str(store.paths.staging)) as somebody:
        somebody.execute("update sync.plan set operation = 'deactivate'")
    publish_staging(store.connection, store.paths.staging)
    with duckdb.connect(str(store.paths.staging), read_only=True) as analyst:
        assert analyst.execute("select operation from sync.plan").fetchall() == [("create",)]


def test_a_report_with_names_is_readable_by_its_owner_only(
    store: StoreBuilder, tmp_path: Path
) -> None:
    store.run()
    folder = tmp_path / "reports"
    publish_run(
        store.connection,
        run_id=RUN,
        staging_path=store.paths.staging,
        report_dir=folder,
        language="nl",
    )
    page = folder / "report.html"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert '<html lang="nl">' in page.read_text()


def test_what_was_published_before_stays_when_there_is_no_room_for_the_new_one(
    store: StoreBuilder, tmp_path: Path
) -> None:
    publish_staging(store.connection, store.paths.staging)
    before = store.paths.staging.read_bytes()
    with pytest.raises(StoreError, match="could not be published"):
        publish_staging(store.connection, Path("/proc/staging.duckdb"))
    assert store.paths.staging.read_bytes() == before
    assert [path.name for path in store.paths.folder.iterdir() if path.name.startswith(".")] == []
