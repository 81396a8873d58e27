"""Look up how a run ended where its destination did not tell, and record it where it could not.

It never started, was killed, or did not know that the source ended with an error. The report is
written anew, so that nobody reads an old one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import zoneinfo
from typing import TYPE_CHECKING, Any

from people_transforms.errors import SyncError
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.end import end_of, refused_of
from people_transforms.publishing.formats import parse_iso_day, report_language
from people_transforms.runs import begin_run
from people_transforms.settings import Settings
from people_transforms.store.warehouse import open_store

from people_sync.commands.store import Store, look_at, store_of
from people_sync.connection.connection_file import ConnectionFile, read_config
from people_sync.running.ended import Ended, status_of_end

if TYPE_CHECKING:
    import duckdb


def look_up(file: ConnectionFile, began: dt.datetime, ended: Ended) -> dict[str, Any] | None:
    """Give what a destination that tells would have told of its night; None where the store has none."""
    try:
        store = store_of(file.path)
        status, told = _published(store, began)
        with contextlib.suppress(SyncError):
            if record_end(file, store, began, ended, status):
                _, told = _published(store, began)
    except (SyncError, ValueError):
        return None
    return told


def _published(store: Store, began: dt.datetime) -> tuple[str | None, dict[str, Any] | None]:
    """Give the status of the run that began after `began`, and what there is to tell of it."""
    with contextlib.suppress(SyncError), look_at(store) as connection:
        row = connection.execute(
            "select run_id, counts, status from sync.runs where started_at >= ? "
            "order by run_id desc limit 1",
            [began],
        ).fetchone()
        if row:
            run_id, counts, status = row
            report = build_report(connection, run_id, is_masked=True, most_rows=0)
            told = end_of(report, store.report, store.paths.published)
            return status, told | {"refused": refused_of(json.loads(counts or "{}"))}
    return None, None


def record_end(
    file: ConnectionFile, store: Store, began: dt.datetime, ended: Ended, recorded: str | None
) -> bool:
    """See that the store knows how the run that began then has ended; tell whether it had to be written.

    `recorded` is the status that the destination published, if it did.
    Raises SyncError when the store cannot be used; then only the exit code says it.
    """
    ought = status_of_end(recorded, ended)
    if ought is None or ought == recorded:
        return False
    if ought == "misconfigured" and not store.has_begun:
        # Where a setting is wrong nothing is written yet: not even where may be right.
        return False
    from people_transforms.publishing.publish import publish_end
    from people_transforms.publishing.uploads import publish_uploads

    config = read_config(file.destination.config)
    # Not waited for: who has it may be another run, with a night of its own.
    with open_store(store.paths) as connection:
        run_id = _note(connection, file, config, began, ought, " ".join(ended.errors))
        publish_uploads(connection, store.report.parent, run_id)
        publish_end(
            connection,
            run_id=run_id,
            staging_path=store.paths.published,
            key=store.paths.key,
            report_dir=store.report.parent,
            language=_language(config),
            desk=config.get("desk_url"),
        )
    return True


def _note(
    connection: duckdb.DuckDBPyConnection,
    file: ConnectionFile,
    config: dict[str, Any],
    began: dt.datetime,
    status: str,
    message: str,
) -> str:
    """Complete the row of the run, or write one for a run that never came to it; give its id."""
    row = connection.execute(
        "select run_id from sync.runs where started_at >= ? order by run_id desc limit 1", [began]
    ).fetchone()
    run_id = row[0] if row else _begin(connection, file, config, began)
    connection.execute(
        "update sync.runs set finished_at = coalesce(finished_at, now()), status = ?, "
        "outcome = coalesce(outcome, 'failed'), message = concat_ws(' ', message, ?) "
        "where run_id = ?",
        [status, message or None, run_id],
    )
    return str(run_id)


def _begin(
    connection: duckdb.DuckDBPyConnection,
    file: ConnectionFile,
    config: dict[str, Any],
    began: dt.datetime,
) -> str:
    """Write the row of a run. Its configuration was perhaps refused: what is no value is not taken."""
    zone = _zone(config)
    source_system = config.get("source_system")
    if not isinstance(source_system, str) or not source_system:
        source_system = file.source.name.removeprefix("source-")
    return begin_run(
        connection,
        started_at=began,
        as_of=parse_iso_day(config.get("as_of")) or began.astimezone(zone).date(),
        source_system=source_system,
        vendor=store_name(file),
        timezone=zone.key,
    )


def store_name(file: ConnectionFile) -> str:
    """Name the platform of a connection, as its destination does."""
    return file.destination.name.removeprefix("destination-").replace("-", "_")


def _zone(config: dict[str, Any]) -> zoneinfo.ZoneInfo:
    usual = str(Settings.model_fields["timezone"].default)
    try:
        return zoneinfo.ZoneInfo(str(config.get("timezone") or usual))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(usual)


def _language(config: dict[str, Any]) -> str:
    return report_language(config.get("report_language"), config.get("language"))
