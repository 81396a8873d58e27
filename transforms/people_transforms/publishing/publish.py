"""Publish what a run leaves for people: the analysts' file and the report."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from people_transforms.errors import FULL, StoreError
from people_transforms.folders import SHARED, make_folder
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.page import render_page
from people_transforms.publishing.plain_views import make_plain_views
from people_transforms.publishing.report import Report
from people_transforms.publishing.sheet import write_sheet
from people_transforms.publishing.todo import FILE_NAME, SHEET_NAME, list_points
from people_transforms.publishing.words import Words, load_words
from people_transforms.safe_text import as_csv
from people_transforms.store.database_file import attach, log_of, private_files
from people_transforms.store.failures import explained
from people_transforms.store.warehouse import is_to_be_compacted, packed_quickly

REPORT_NAME = "report.html"
# Ends with the number of the system's error, so that a full disk is named as one.
_COPY = """
import sys
try:
    with open(sys.argv[1], "rb") as work, open(sys.argv[2], "wb") as copy:
        while chunk := work.read(1 << 20):
            copy.write(chunk)
except OSError as error:
    sys.exit(error.errno or 1)
"""


def publish_run(
    connection: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    staging_path: Path | None,
    report_dir: Path,
    language: str = "en",
    key: str | None = None,
    desk: str | None = None,
) -> Report:
    """Publish the staging file and the report of a finished run, each by atomic replace.

    Without a path for the staging file only the report is published.
    Raises StoreError when there is no room or no right to write; what was published before stays.
    """
    report = build_report(connection, run_id)
    make_plain_views(connection, report.run.source_system, report.run.vendor)
    if staging_path is not None:
        publish_staging(connection, staging_path, key)
    _publish_page(report, language, report_dir, staging_path, desk)
    return report


def publish_report(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    report_dir: Path,
    language: str,
    staging_path: Path | None,
    desk: str | None = None,
) -> Report:
    """Publish the page of a run, and beside it what needs a person as a file, if anything does."""
    report = build_report(connection, run_id)
    _publish_page(report, language, report_dir, staging_path, desk)
    return report


def _publish_page(
    report: Report, language: str, report_dir: Path, staging_path: Path | None, desk: str | None
) -> None:
    words = load_words(language)
    page = render_page(report, words, staging_path=staging_path, desk=decisions_at(desk))
    publish_text(report_dir / REPORT_NAME, page)
    _publish_points(report, words, report_dir / FILE_NAME, report_dir / SHEET_NAME)


def _publish_points(report: Report, words: Words, list_: Path, sheet: Path) -> None:
    """Publish what needs a person as a list and a workbook, if anything does.

    The list comes last: one that says the same already has its workbook, unless somebody wrote into it.
    """
    if not report.counts.to_do:
        list_.unlink(missing_ok=True)
        sheet.unlink(missing_ok=True)
        return
    titles, rows = list_points(report, words)
    # With a byte order mark: without one a spreadsheet takes it for another alphabet.
    text = "\ufeff" + as_csv(titles, rows)
    if _says(list_, text) and _is_older(sheet, list_):
        return
    book = write_sheet(words["tile_to_do"], titles, rows)
    if book:
        with _replacing(sheet) as temporary:
            temporary.write_bytes(book)
    else:
        sheet.unlink(missing_ok=True)
    publish_text(list_, text)


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _is_older(path: Path, other: Path) -> bool:
    return path.is_file() and path.stat().st_mtime_ns <= other.stat().st_mtime_ns


def publish_end(
    connection: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    staging_path: Path | None,
    report_dir: Path,
    language: str = "en",
    key: str | None = None,
    desk: str | None = None,
) -> Report:
    """Publish that a run has ended which built nothing: the report, and its row for analysts.

    Everything else of the staging file stays as the last good run left it.
    """
    if staging_path is not None and staging_path.is_file():
        with _replacing(staging_path, 0o640) as temporary:
            _copy_file(staging_path, temporary)
            _copy_runs(connection, temporary, key)
    elif staging_path is not None:
        publish_staging(connection, staging_path, key)
    return publish_report(connection, run_id, report_dir, language, staging_path, desk)


def decisions_at(desk: str | None) -> str | None:
    """Give where a person decides on what waits, below a connection's page at the desk."""
    return f"{desk.rstrip('/')}/approvals" if desk else None


def _copy_runs(connection: duckdb.DuckDBPyConnection, published: Path, key: str | None) -> None:
    attach(connection, published, "published", key)
    try:
        known = {
            name
            for (name,) in connection.execute(
                "select column_name from duckdb_columns() where database_name = 'published' "
                "and schema_name = 'sync' and table_name = 'runs'"
            ).fetchall()
        }
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns() where database_name = "
            "current_database() and schema_name = 'sync' and table_name = 'runs'"
        ).fetchall()
        for name, kind in columns:
            if name not in known:
                connection.execute(f"alter table published.sync.runs add column {name} {kind}")
        connection.execute("delete from published.sync.runs")
        connection.execute("insert into published.sync.runs by name select * from sync.runs")
        connection.execute("checkpoint published")
    finally:
        connection.execute("detach published")


def publish_staging(
    connection: duckdb.DuckDBPyConnection, staging_path: Path, key: str | None = None
) -> None:
    """Copy the working file to where analysts open it; it keeps its key.

    Readers of the old file keep reading it; the next one to open gets the new one. The copy is
    made by another process: if this one opened and closed the working file a second time, the
    system would drop DuckDB's lock on it.

    What an analyst wrote into the old file goes with it, also from a log that a killed program left:
    beside the new file it would make that unreadable.
    """
    connection.execute("checkpoint")
    work = _file_of(connection)
    with _replacing(staging_path, 0o640) as temporary:
        try:
            if is_to_be_compacted(work):
                _copy_rows(connection, temporary, key)
            else:
                _copy_file(work, temporary)
        except duckdb.Error as error:
            raise explained(error, staging_path, is_published=True) from None
        # First, so that a run that is killed here leaves no new file with a stranger's log.
        log_of(staging_path).unlink(missing_ok=True)


def _copy_file(work: Path, temporary: Path) -> None:
    copied = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _COPY, str(work), str(temporary)],
        capture_output=True,
        check=False,
    )
    if copied.returncode != 0:
        raise OSError(copied.returncode, os.strerror(abs(copied.returncode)))


def _copy_rows(connection: duckdb.DuckDBPyConnection, temporary: Path, key: str | None) -> None:
    """Write a file without the rows that were deleted, which a copy of the file would still hold."""
    temporary.unlink()
    with private_files():
        attach(connection, temporary, "published", key)
    try:
        with packed_quickly(connection):
            connection.execute("copy from database store to published")
    finally:
        connection.execute("detach published")


def publish_text(path: Path, text: str) -> None:
    """Replace a text file; it holds names, so only its owner may read it."""
    with _replacing(path) as temporary:
        temporary.write_text(text, "utf-8")


@contextlib.contextmanager
def _replacing(path: Path, mode: int = 0o600) -> Iterator[Path]:
    temporary: Path | None = None
    try:
        make_folder(path.parent, SHARED)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        # Who may read it is the operator's choice: a new file keeps what the old one had.
        temporary.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else mode)
        handle = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
    except OSError as error:
        advice = (
            "The disk is full: free some space and run again."
            if error.errno in FULL
            else "Run again when this user may write there."
        )
        raise StoreError(
            "The run's results could not be published; what was published before is still there. "
            + advice,
            path=path,
            cause=error.strerror or type(error).__name__,
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _file_of(connection: duckdb.DuckDBPyConnection) -> Path:
    row = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchone()
    if row is None or row[0] is None:
        raise StoreError("The working store has no file to publish.")
    return Path(row[0])
