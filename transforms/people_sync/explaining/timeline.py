"""What happened to one person up to a run, oldest first, as codes with business days."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from people_transforms.person_id import split_id
from people_transforms.store.statements import quoted_name

if TYPE_CHECKING:
    import duckdb

_ORDER = (
    "first_seen", "hr_changed", "hr_gone", "solved", "noticed", "verdict", "held", "sent", "refused",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """`kind` says what `code` is: an operation, a reason, the cause of a refusal, a finding's code.

    `detail` is the hold or the refused field, `row` the finding.
    """

    kind: str
    run_id: str
    day: dt.date | None
    code: str | None = None
    place: str | None = None
    detail: str | None = None
    fields: tuple[str, ...] = ()
    row: Mapping[str, Any] = field(default_factory=dict)


def read_happenings(
    connection: duckdb.DuckDBPyConnection, person_id: str, run_id: str
) -> list[Happening]:
    """Read what happened to a person; the same thing night after night is told once."""
    ask = _Questions(connection, person_id, run_id)
    found = [*ask.records(), *ask.findings(), *ask.verdicts(), *ask.holds(), *ask.calls()]
    found += ask.refusals()
    return sorted(found, key=lambda one: (one.run_id, _ORDER.index(one.kind), one.place or ""))


class _Questions:
    def __init__(self, connection: duckdb.DuckDBPyConnection, person_id: str, run_id: str) -> None:
        self._connection = connection
        self._bound = {"person": person_id, "run": run_id}
        self._days = dict(connection.execute("select run_id, as_of from sync.runs").fetchall())

    def _ask(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        bound = {**self._bound, **values}
        used = {name: value for name, value in bound.items() if f"${name}" in sql}
        return self._connection.execute(sql, used).fetchall()

    def _day(self, run_id: str) -> dt.date | None:
        return self._days.get(run_id)

    def records(self) -> Iterator[Happening]:
        """When HR's record of the person came, changed and went, with the names of the columns."""
        source, employer, employee = split_id(self._bound["person"])
        table = f"{source}__employees"
        columns = [
            name
            for (name,) in self._ask(
                "select column_name from duckdb_columns() where schema_name = 'raw' "
                "and table_name = $table and database_name = current_database() "
                "order by column_index",
                table=table,
            )
        ]
        if not columns:
            return
        rows = self._ask(
            f"select * from raw.{quoted_name(table)} where employer_id = $employer "  # noqa: S608
            "and employee_id = $employee and _valid_from_run <= $run order by _valid_from_run",
            employer=employer,
            employee=employee,
        )
        before: dict[str, Any] | None = None
        for values in rows:
            now = dict(zip(columns, values, strict=True))
            begin, end = str(now["_valid_from_run"]), now["_valid_to_run"]
            shown = {name: value for name, value in now.items() if not name.startswith("_")}
            changed = () if before is None else tuple(n for n in shown if shown[n] != before.get(n))
            kind = "first_seen" if before is None else "hr_changed"
            yield Happening(kind, begin, self._day(begin), fields=changed)
            before = shown
            is_last = values is rows[-1]
            if is_last and end is not None and end <= self._bound["run"]:
                yield Happening("hr_gone", str(end), self._day(end))

    def verdicts(self) -> Iterator[Happening]:
        for reason, place, begin in self._ask(
            "select reason, account_key, valid_from_run from sync.verdicts "
            "where person_id = $person and valid_from_run <= $run"
        ):
            yield Happening("verdict", begin, self._day(begin), reason, place)

    def findings(self) -> Iterator[Happening]:
        rows = self._ask(
            "select code, severity, field, typed_value, args, valid_from_run, valid_to_run "
            "from sync.findings_history where person_id = $person and valid_from_run <= $run"
        )
        for *said, begin, end in rows:
            row = dict(zip(("code", "severity", "field", "typed_value", "args"), said, strict=True))
            yield Happening("noticed", begin, self._day(begin), row["code"], row=row)
            if end is not None and end <= self._bound["run"]:
                yield Happening("solved", end, self._day(end), row["code"], row=row)

    def holds(self) -> Iterator[Happening]:
        for operation, place, hold, begin in self._ask(
            "select operation, account_key, hold, min(run_id) from sync.plan "
            "where person_id = $person and run_id <= $run and operation <> 'none' "
            "and hold is not null and hold <> 'dead_letter' group by all"
        ):
            yield Happening("held", begin, self._day(begin), operation, place, hold)

    def calls(self) -> Iterator[Happening]:
        rows = self._ask(
            "select calls.operation, calls.account_key, calls.run_id, calls.status, "
            "any_value(plan.changes) from sync.deliveries as calls "
            "left join sync.plan as plan on calls.run_id = plan.run_id "
            "and calls.person_id = plan.person_id and calls.account_key = plan.account_key "
            "and calls.operation = plan.operation "
            "where calls.person_id = $person and calls.run_id <= $run "
            "and calls.status = 'confirmed' and calls.operation <> 'release' group by all"
        )
        for operation, place, run_id, _, changes in rows:
            fields = tuple(json.loads(changes or "{}")) if operation == "update" else ()
            yield Happening("sent", run_id, self._day(run_id), operation, place, fields=fields)

    def refusals(self) -> Iterator[Happening]:
        for cause, place, name, begin in self._ask(
            "select cause, account_key, field, first_run_id from sync.dead_letters "
            "where person_id = $person and first_run_id <= $run"
        ):
            yield Happening("refused", begin, self._day(begin), cause, place, name)
