"""What `people-sync run` says at its end: the headline, what waits, and where to look."""

from __future__ import annotations

import datetime as dt
import shlex
from typing import Any

import click
from people_transforms.exit_codes import DONE, HELD, MISCONFIGURED, PARTLY
from people_transforms.safe_text import printable
from people_transforms.status import EXIT_CODES

from people_sync.connection.connection_file import ConnectionFile
from people_sync.running.ended import Ended, status_of_end

# Where no run was recorded only the processes' exit codes say how it ended.
STATUS_OF_CODE = {
    DONE: "in_order",
    MISCONFIGURED: "misconfigured",
    HELD: "held",
    PARTLY: "partly",
}


# What a destination tells of its night, and the summary repeats.
_TOLD = ("headline", "run_id", "plan_hash", "counts", "held", "refused", "report", "staging")


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
    if ended.is_kept_out:
        return summary
    told = ended.told
    if told is None or status_of_end(told["status"], ended) != told["status"]:
        from people_sync.running.record import look_up

        told = look_up(file, began, ended)
    if told is None:
        return summary
    status = summary["status"] if ended.was_stopped else told["status"]
    code = summary["exit_code"] if ended.was_stopped else EXIT_CODES[status]
    return summary | {
        **{name: told[name] for name in _TOLD},
        "status": status,
        "exit_code": code,
        "approve": approve_command(told, f"--connection {shlex.quote(str(file.path))}"),
    }


def approve_command(told: dict[str, Any], arguments: str) -> str | None:
    """Give the command that releases what is told to wait, if an approval would."""
    if not told["is_approvable"]:
        return None
    return f"people-sync approve {told['plan_hash']} {arguments}"


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


_NO_PLAN = {
    "in_order": "Done.",
    "misconfigured": "Nothing was planned: a setting has to be changed first.",
    "failed": "The run did not finish. What was delivered until then is remembered; run again.",
}
