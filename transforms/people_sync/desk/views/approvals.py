"""Approvals: what is held, what a yes does to people, and the yes or no to exactly what was shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from people_transforms.errors import NothingYetError
from people_transforms.publishing.consequences import say_consequences
from people_transforms.safe_text import as_csv
from starlette.responses import Response

from people_sync.commands.store import look_at
from people_sync.desk.decisions import decide, settle
from people_sync.desk.held import Change, Group, Held, counts_of, held_in, read_held
from people_sync.desk.records import Decision
from people_sync.desk.visit import Visit

MOST_SHOWN = 500
_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A group on the page, with the decisions that stand about its rows."""

    group: Group
    open: tuple[Change, ...]
    approved: tuple[Change, ...]
    rejected: tuple[Change, ...]
    rejection: Decision | None
    approval: Decision | None


def approvals(visit: Visit) -> Response:
    """The page, and its buttons."""
    held = _held(visit)
    if visit.is_post and held is not None:
        return _decide(visit, held)
    return _show(visit, held)


def export(visit: Visit) -> Response:
    """What is held as CSV: a large plan is checked in a spreadsheet."""
    held = _held(visit)
    rows = [
        (group.kind, row.name, row.number, row.employer, row.account, row.ends_on, row.row_hash)
        for group in (held.groups if held else ())
        for row in group.rows
    ]
    visit.note("held_exported", rows=len(rows))
    columns = ("kind", "person_name", "personal_number", "employer", "account", "ends_on", "row")
    text = "\N{ZERO WIDTH NO-BREAK SPACE}" + as_csv(columns, rows)
    headers = {"Content-Disposition": 'attachment; filename="held.csv"'}
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _held(visit: Visit) -> Held | None:
    try:
        return read_held(visit.connection.store)
    except NothingYetError:
        return None


def _show(visit: Visit, held: Held | None, status: int = 200, **problem: Any) -> Response:
    shown = _with_decisions(visit, held) if held else []
    return visit.show(
        "approvals.html.j2",
        status,
        held=held,
        shown=shown,
        costs=lambda rows: say_consequences(
            counts_of(rows), held.vendor if held else None, visit.office.pages.words[visit.language]
        ),
        most=MOST_SHOWN,
        is_fresh=visit.is_fresh,
        problem={"code": "", "group": "", **problem},
    )


def _with_decisions(visit: Visit, held: Held) -> list[Shown]:
    decisions = visit.office.records.decisions(visit.connection.name)
    standing: dict[str, Decision] = {}
    for decision in reversed(decisions):
        if decision.state in ("kept", "pending") and decision.run_id == held.run_id:
            standing |= dict.fromkeys(decision.rows, decision)
        elif decision.state == "kept" and decision.kind == "reject":
            # A no stands as long as the same row is asked for.
            standing |= dict.fromkeys(decision.rows, decision)
    shown = []
    for group in held.groups:
        by_kind: dict[str, list[Change]] = {"approve": [], "reject": [], "": []}
        said: dict[str, Decision] = {}
        for row in group.rows:
            stands = standing.get(row.row_hash)
            by_kind[stands.kind if stands else ""].append(row)
            if stands:
                said[stands.kind] = stands
        shown.append(
            Shown(
                group,
                tuple(by_kind[""]),
                tuple(by_kind["approve"]),
                tuple(by_kind["reject"]),
                said.get("reject"),
                said.get("approve"),
            )
        )
    return shown


def _decide(visit: Visit, held: Held) -> Response:
    group = held.group(visit.value("group"))
    what = visit.value("what")
    if what == "begin_empty":
        return _begin_empty(visit, held)
    if group is None or group.digest != visit.value("digest"):
        return _say_what_changed(visit, held, group)
    shown = next(one for one in _with_decisions(visit, held) if one.group is group)
    if what == "take_back":
        return _take_back(visit, shown)
    ticked = set(visit.values("row"))
    rows = [row for row in shown.open if what.endswith("_all") or row.row_hash in ticked]
    if not rows:
        return _show(visit, held, 422, code="none_ticked", group=group.key)
    hashes = tuple(row.row_hash for row in rows)
    if what.startswith("reject"):
        note = visit.value("note")[:_LONGEST_NOTE]
        if not note:
            return _show(visit, held, 422, code="no_note", group=group.key)
        decide(visit.office, visit.connection, visit.who, "reject", held, hashes, note)
        return visit.go(f"{visit.home}/approvals")
    if not what.startswith("approve") or not group.can_be_approved:
        return _show(visit, held, 422, code="not_approvable", group=group.key)
    if group.kind == "begin" and len(rows) < len(group.rows):
        return _show(visit, held, 422, code="whole", group=group.key)
    counts = counts_of(rows)
    ends = counts.get("deactivate", 0)
    if ends and not visit.is_fresh:
        return visit.sign_in_again()
    if ends and visit.value("count") != str(ends):
        return _show(visit, held, 422, code="wrong_count", group=group.key, count=ends)
    decide(
        visit.office,
        visit.connection,
        visit.who,
        "approve",
        held,
        hashes,
        facts=counts,
    )
    settle(visit.office)
    return visit.go(f"{visit.home}/approvals")


def _begin_empty(visit: Visit, held: Held) -> Response:
    """Let a connection go live in which everything matches already."""
    if not held.is_empty_start or visit.value("plan") != held.plan_hash:
        return _say_what_changed(visit, held, None)
    decide(visit.office, visit.connection, visit.who, "approve", held, ())
    settle(visit.office)
    return visit.go(f"{visit.home}/approvals")


def _take_back(visit: Visit, shown: Shown) -> Response:
    """Take a rejection back; an approval that a run may have seen cannot be."""
    if shown.rejection is not None:
        for decision in visit.office.records.decisions(visit.connection.name, "kept"):
            is_about_these = set(decision.rows) & {row.row_hash for row in shown.rejected}
            if decision.kind == "reject" and is_about_these:
                visit.office.records.set_state(decision, "ended")
        visit.note("rejection_ended", rows=len(shown.rejected))
    return visit.go(f"{visit.home}/approvals")


def _say_what_changed(visit: Visit, held: Held, group: Group | None) -> Response:
    """Say how what is held now differs from what was on the page; nothing was decided."""
    key = visit.value("group")
    before: Group | None = None
    with look_at(visit.connection.store) as database:
        if visit.value("run"):
            before = held_in(database, visit.value("run")).group(key)
    old = {row.row_hash: row for row in (before.rows if before else ())}
    new = {row.row_hash: row for row in (group.rows if group else ())}
    return visit.show(
        "approvals_changed.html.j2",
        409,
        gone=[row for key, row in old.items() if key not in new],
        added=[row for key, row in new.items() if key not in old],
        same=len(old.keys() & new.keys()),
    )
