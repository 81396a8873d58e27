"""What `people-sync run` says at its end: the headline, what waits, and where to look."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any

import click
from people_transforms.errors import SyncError
from people_transforms.exit_codes import DONE, HELD, MISCONFIGURED, PARTLY
from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.headline import headline
from people_transforms.publishing.phrases import can_approve
from people_transforms.publishing.report import Report
from people_transforms.publishing.words import load_words
from people_transforms.safe_text import printable
from people_transforms.status import EXIT_CODES

from people_sync.commands.store import Store, look_at, store_of
from people_sync.connection.connection_file import ConnectionFile
from people_sync.running.record import record_end
from people_sync.running.relay import Ended

# Where no run was recorded only the processes' exit codes say how it ended.
STATUS_OF_CODE = {
    DONE: "in_order",
    MISCONFIGURED: "misconfigured",
    HELD: "held",
    PARTLY: "partly",
}


def summarise(file: ConnectionFile, began: dt.datetime, ended: Ended) -> dict[str, Any]:
    """Put together what the processes said and what the destination published."""
    summary: dict[str, Any] = {
        "status": STATUS_OF_CODE.get(ended.exit_code, "failed"),
        "exit_code": ended.exit_code,
        "headline": None,
        "run_id": None,
        "plan_hash": None,
        "counts": None,
        "held": [],
        "refused": {"new": 0, "still": 0},
        "approve": None,
        "records": ended.records,
        "statuses": ended.statuses,
        "states_kept": ended.states_kept,
        "errors": ended.errors,
        "seconds": ended.seconds,
        "report": None,
        "staging": None,
    }
    try:
        store = store_of(file.path)
        status, report, refused = _published(store, began)
        with contextlib.suppress(SyncError):
            if record_end(file, store, began, ended, status):
                _, report, refused = _published(store, began)
    except (SyncError, ValueError):
        return summary
    if report is not None:
        add_report(summary, store, report)
        summary["refused"] = refused
        if not ended.was_stopped:
            status = report.run.status
            summary |= {"status": status, "exit_code": EXIT_CODES[status]}
    return summary


def show(summary: dict[str, Any]) -> None:
    """Print a summary for people."""
    click.echo(summary["headline"] or _NO_PLAN.get(summary["status"], "The run made no plan."))
    for group in summary["held"]:
        reason = f" ({group['reason']})" if group["reason"] else ""
        click.echo(
            printable(f"Held: {group['rows']} × {group['operation']}: {group['why']}{reason}")
        )
    if any(summary["refused"].values()):
        click.echo(
            "Refused by the platform, in people: {new} new, {still} still.".format(
                **summary["refused"]
            )
        )
    # What is held was just said, with its numbers.
    errors = [] if summary["exit_code"] == HELD and summary["held"] else summary["errors"]
    for sentence in errors:
        click.echo(f"Error: {printable(sentence)}", err=True)
    if summary["approve"]:
        click.echo(f"To release exactly this plan:\n  {summary['approve']}")
    for name in ("report", "staging"):
        if summary[name]:
            click.echo(f"{name}: {summary[name]}")


def _published(
    store: Store, began: dt.datetime
) -> tuple[str | None, Report | None, dict[str, int]]:
    """Give the status and report of the run that began after `began`, if it published any, and who is refused."""
    with contextlib.suppress(SyncError), look_at(store) as connection:
        row = connection.execute(
            "select run_id, counts, status from sync.runs where started_at >= ? "
            "order by run_id desc limit 1",
            [began],
        ).fetchone()
        if row:
            run_id, told, status = row
            counts = json.loads(told or "{}")
            refused = {name: int(counts.get(f"refused {name}", 0)) for name in ("new", "still")}
            return status, build_report(connection, run_id, is_masked=True, most_rows=0), refused
    return None, None, {"new": 0, "still": 0}


def add_report(summary: dict[str, Any], store: Store, report: Report) -> None:
    """Add what a report says: headline, counts, what is held and how to release it."""
    words = load_words("en")
    counts = report.counts
    summary["headline"] = headline(report, words)
    summary["run_id"] = report.run.run_id
    summary["plan_hash"] = report.run.plan_hash
    summary["counts"] = {
        "joining": counts.joining,
        "changing": counts.changing,
        "leaving": counts.leaving,
        "held": counts.held,
        "parked": counts.parked,
        "findings": report.findings_total,
        "skipped": report.skipped.total,
    }
    summary["held"] = [
        {
            "hold": group.hold,
            "operation": group.operation,
            "rows": group.rows,
            "why": words.name("holds", group.hold),
            "reason": group.reason,
            "can_be_approved": group.hold in RELEASABLE,
        }
        for group in report.held
    ]
    if report.run.plan_hash and can_approve(report):
        summary["approve"] = f"people-sync approve {report.run.plan_hash} {store.arguments}"
    summary["report"] = str(store.report) if store.report.is_file() else None
    summary["staging"] = str(store.paths.staging) if store.paths.publishes_file else None


_NO_PLAN = {
    "in_order": "Done.",
    "misconfigured": "Nothing was planned: a setting has to be changed first.",
    "failed": "The run did not finish. What was delivered until then is remembered; run again.",
}
