"""To do: what to mend in the HR system, by cause; what was solved last night; what waits until a day."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from people_transforms.errors import NothingYetError
from people_transforms.publishing.phrases import words_of, words_of_group
from people_transforms.publishing.report import Finding
from people_transforms.publishing.words import Words
from starlette.responses import Response

from people_sync.commands.store import look_at
from people_sync.desk.queries import ask
from people_sync.desk.records import Ignored, add_action
from people_sync.desk.visit import Visit

_LONGEST_REASON = 300
_LONGEST = dt.timedelta(days=366)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to mend, with its words."""

    person_id: str | None
    name: str | None
    number: str | None
    employer: str | None
    says: str
    advice: str
    since_on: dt.date | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Points with one cause. `ignored`: who took it off the list, until when."""

    code: str
    severity: str
    title: str
    points: tuple[Point, ...]
    ignored: Ignored | None

    @property
    def is_new(self) -> bool:
        return any(point.is_new for point in self.points)


def to_do(visit: Visit) -> Response:
    """The list, and its two buttons."""
    if visit.is_post:
        return _change(visit)
    return _show(visit)


def _show(visit: Visit, status: int = 200, problem: str = "", cause: str = "") -> Response:
    words = visit.office.pages.words[visit.language]
    try:
        with look_at(visit.connection.store) as database:
            rows = ask(database, "to_mend")
    except NothingYetError:
        rows = []
    today = visit.now.date()
    ignored = {one.cause: one for one in visit.office.records.ignored(visit.connection.name, today)}
    causes = _causes([row for row in rows if row["is_open"]], ignored, words)
    solved = _causes([row for row in rows if not row["is_open"]], {}, words)
    return visit.show(
        "to_do.html.j2",
        status,
        causes=[one for one in causes if one.ignored is None],
        ignored=[one for one in causes if one.ignored is not None],
        solved=solved,
        tomorrow=(today + dt.timedelta(days=1)).isoformat(),
        latest=(today + _LONGEST).isoformat(),
        most=MOST_SHOWN,
        problem=problem,
        wrong_cause=cause,
    )


def _causes(rows: list[dict[str, Any]], ignored: dict[str, Ignored], words: Words) -> list[Cause]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["code"], row["severity"]), []).append(row)
    causes = [
        Cause(
            code,
            severity,
            words_of_group([_finding(row) for row in members], words)[0],
            tuple(_point(row, words) for row in members),
            ignored.get(code),
        )
        for (code, severity), members in found.items()
    ]
    # What must be mended first, then what is new.
    return sorted(causes, key=lambda one: (one.severity != "error", not one.is_new, one.code))


def _finding(row: dict[str, Any]) -> Finding:
    args = row["args"]
    return Finding(
        code=row["code"],
        severity=row["severity"],
        person_id=row["person_id"],
        name=row["person_name"],
        employer=row["employer_name"],
        field=row["field"],
        typed_value=row["typed_value"],
        args={
            "source": row["source_system"],
            "vendor": row["vendor"],
            **((json.loads(args) if isinstance(args, str) else args) or {}),
        },
    )


def _point(row: dict[str, Any], words: Words) -> Point:
    says, advice = words_of(_finding(row), words)
    return Point(
        row["person_id"],
        row["person_name"],
        row["personal_number"],
        row["employer_name"],
        says,
        advice,
        row["since_on"],
        row["is_new"],
    )


def _change(visit: Visit) -> Response:
    """Take a cause off the list until a day, with a reason, or put it back."""
    cause, now = visit.value("cause")[:100], visit.now
    name = visit.connection.name
    if visit.value("what") == "back":
        with visit.office.records.open() as database:
            database.execute(
                "update ignored set ended_at = ? "
                "where connection = ? and cause = ? and ended_at is null",
                [now.isoformat(), name, cause],
            )
            add_action(
                database, now, visit.who.address, visit.who.role, "cause_back", name, cause=cause
            )
        return visit.go(f"{visit.home}/to-do")
    reason = visit.value("reason")[:_LONGEST_REASON]
    until_on = _day(visit.value("until"))
    if until_on is None or not now.date() < until_on <= now.date() + _LONGEST:
        return _show(visit, 422, "day", cause)
    if not reason:
        return _show(visit, 422, "reason", cause)
    with visit.office.records.open() as database:
        database.execute(
            "insert into ignored (connection, cause, until_on, reason, who, at) "
            "values (?, ?, ?, ?, ?, ?)",
            [name, cause, until_on.isoformat(), reason, visit.who.address, now.isoformat()],
        )
        add_action(
            database,
            now,
            visit.who.address,
            visit.who.role,
            "cause_ignored",
            name,
            cause=cause,
            until=until_on,
        )
    return visit.go(f"{visit.home}/to-do")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
