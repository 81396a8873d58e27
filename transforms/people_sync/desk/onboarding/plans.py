"""The plan that a customer looks at: read from the published file, approved in the working one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from people_transforms.errors import NothingYetError
from people_transforms.exit_codes import FAILED, MISCONFIGURED
from people_transforms.planning.approvals import VALID_FOR, approve, plan_counts
from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.consequences import read_consequences, say_consequences
from people_transforms.publishing.headline import headline
from people_transforms.publishing.page import render_page
from people_transforms.publishing.phrases import can_approve
from people_transforms.publishing.report import Report
from people_transforms.publishing.words import Words
from people_transforms.status import EXIT_CODES
from people_transforms.store.warehouse import open_store

from people_sync.commands.store import last_night, last_run, look_at
from people_sync.desk.held import Group, Held, by_kind, held_in
from people_sync.desk.onboarding.connection import Onboarding


@dataclass(frozen=True, slots=True)
class Plan:
    """The latest plan of the connection.

    `can_be_approved`: an approval would release something, or start a connection in which all
    matches already (`is_empty_start`). `removals`: accounts that it ends. `people`: whom it is about.
    `costs`: what a yes does to people, in sentences.
    """

    report: Report
    headline: str
    plan_hash: str
    can_be_approved: bool
    removals: int
    people: Held
    groups: list[Group]
    costs: list[str]
    is_empty_start: bool = False
    approvable: frozenset[str] = RELEASABLE


def latest_plan(onboarding: Onboarding, words: Words) -> Plan | None:
    """Read the latest plan; None while no run has made one."""
    try:
        with look_at(onboarding.store()) as connection:
            run_id = last_run(connection)
            report = build_report(connection, run_id, is_masked=True, most_rows=0)
            plan_hash = report.run.plan_hash or ""
            people = held_in(connection, run_id)
            counts = read_consequences(connection, plan_hash)
            removals = plan_counts(connection, plan_hash).get("deactivate", 0)
            row = connection.execute(
                "select coalesce(awaits_approval, false) from sync.runs where run_id = ?",
                [report.run.run_id],
            ).fetchone()
    except NothingYetError:
        return None
    releases = can_approve(report)
    is_empty_start = bool(row and row[0]) and not report.held
    said = headline(report, words)
    costs = say_consequences(counts, people.vendor, words)
    can = releases or is_empty_start
    return Plan(
        report, said, plan_hash, can, removals, people, by_kind(people), costs, is_empty_start
    )


def trouble_of_last_night(onboarding: Onboarding, words: Words) -> str | None:
    """Say how the latest night stands if it could not do its work; None where it could."""
    try:
        with look_at(onboarding.store()) as connection:
            report = build_report(connection, last_night(connection), is_masked=True, most_rows=0)
    except NothingYetError:
        return None
    has_run = EXIT_CODES[report.run.status] not in (FAILED, MISCONFIGURED)
    return None if has_run else headline(report, words)


def render_report(onboarding: Onboarding, words: Words) -> str | None:
    """Render the latest report, with names: it is the customer's own."""
    store = onboarding.store()
    try:
        with look_at(store) as connection:
            report = build_report(connection, last_night(connection))
    except NothingYetError:
        return None
    return render_page(report, words, staging_path=store.paths.staging)


def is_live(onboarding: Onboarding) -> bool:
    """Tell whether a plan was ever approved: then a run sends, and no dry run may be started."""
    try:
        with look_at(onboarding.store()) as connection:
            row = connection.execute("select 1 from sync.approvals limit 1").fetchone()
    except NothingYetError:
        row = None
    return row is not None or onboarding.journey.read().approved is not None


def release(onboarding: Onboarding, plan_hash: str, by: str) -> tuple[dict[str, int], dt.datetime]:
    """Approve exactly this plan; gives its changes per operation and until when it is valid."""
    now = onboarding.clock()
    until = now + VALID_FOR
    with open_store(onboarding.store().paths) as connection:
        return approve(connection, plan_hash, by, now, until, source="onboarding"), until
