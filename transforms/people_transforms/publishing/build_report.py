"""The questions a report asks of the store: plain SQL, one function per part of the report."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from people_transforms.errors import StoreError
from people_transforms.places import load_places
from people_transforms.planning.holds import RELEASABLE
from people_transforms.privacy.masking import HIDDEN, is_harmless, without_persons
from people_transforms.privacy.pseudonyms import PREFIX
from people_transforms.publishing.headcount import read_headcount
from people_transforms.publishing.quiet import judge, read_nights
from people_transforms.publishing.report import (
    JOINING,
    MOVING,
    AccountCount,
    Counts,
    FieldChange,
    Finding,
    FindingCount,
    Held,
    Leaver,
    Refusal,
    Report,
    Row,
    Run,
    Section,
    Step,
)
from people_transforms.publishing.schedule import next_run, zone_of
from people_transforms.publishing.since import read_since
from people_transforms.publishing.today import KIND, PLANNED, SENT, WAITING
from people_transforms.publishing.trend import read_trend
from people_transforms.status import known_status

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 10_000
# Of a plan with more rows than this a page shows examples: it must stay small enough to open.
ROWS_OF_A_LARGE_PLAN = 40_000
MOST_EXAMPLES = 200


def build_report(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    *,
    is_masked: bool = False,
    most_rows: int = MOST_ROWS,
) -> Report:
    """Build the report of a run. Masked, it names nobody and shows no personal value."""
    ask = _Questions(connection, run_id, is_masked, most_rows)
    run = ask.run()
    ask.limit_examples()
    held, findings, refusals = ask.held(), ask.findings(run), ask.refusals()
    quiet = judge(read_nights(connection, run_id))
    upcoming, upcoming_total = ask.upcoming(run)
    skipped, reasons = ask.skipped()
    return Report(
        run=run,
        counts=ask.counts(held, refusals, is_quiet=quiet is not None),
        held=held,
        findings=findings[0],
        findings_total=findings[1],
        finding_counts=ask.finding_counts(),
        refusals=refusals,
        joined=ask.happened("joined"),
        changed=ask.happened("changed"),
        left=ask.happened("left"),
        waiting=ask.waiting(),
        skipped=skipped,
        skipped_reasons=reasons,
        accounts=ask.accounts(),
        upcoming=upcoming,
        upcoming_total=upcoming_total,
        trend=read_trend(connection, run_id),
        headcount=tuple(
            dataclasses.replace(place, place=ask.place(place.account_key))
            for place in read_headcount(connection, run_id)
        ),
        status_since=ask.status_since(run),
        next_at=next_run(connection, run_id, zone_of(run.timezone)),
        is_masked=is_masked,
        quiet=quiet,
    )


class _Questions:
    """Asks about one run; names come from `people.people` where that table is there."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, run_id: str, is_masked: bool, most_rows: int
    ) -> None:
        self._connection = connection
        self._run_id = run_id
        # What HR should mend is still to be mended after a night that could not look.
        row = connection.execute(
            "select max(run_id) from sync.runs where run_id <= ? and plan_hash is not null",
            [run_id],
        ).fetchone()
        self._told_run_id = row[0] if row and row[0] else run_id
        self._is_masked = is_masked
        known = _known_columns(connection)
        # A file of an earlier release has no such column.
        is_told = ("plan", "refused_fields") in known
        self._refused_fields = "rows.refused_fields" if is_told else "null::varchar[]"
        self._most_rows = most_rows
        self._is_preview = False
        self._names = "null::varchar" if is_masked else _name_expression(known)
        tables = {table for table, _ in known}
        self._people = (
            "left join people.people as people on people.person_id = rows.person_id"
            if "people" in tables
            else "left join (select null::varchar as person_id) as people on false"
        )
        self._places = load_places(connection)
        self._employers = (
            "left join people.employers as employers on employers.employer_id = rows.employer_id"
            if "employers" in tables
            else "left join (select null::varchar as employer_name) as employers on false"
        )

    def _ask(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        bound = {"run": self._run_id, "told": self._told_run_id, **values}
        used = {name: value for name, value in bound.items() if f"${name}" in sql}
        return self._connection.execute(sql, used).fetchall()

    def run(self) -> Run:
        rows = self._ask(
            "select run_id, started_at, finished_at, as_of, source_system, vendor, outcome, "
            "plan_hash, message, steps, reads, status, timezone from sync.runs where run_id = $run"
        )
        if not rows:
            raise StoreError("The store knows no such run.", run_id=self._run_id)
        *facts, steps, reads, status, timezone = rows[0]
        status = known_status(status, facts[6])
        self._is_preview = status == "preview"
        facts[6] = facts[6] or "failed"
        told = tuple(
            Step(str(step.pop("step", "")), step.pop("seconds", None), _listed(step))
            for step in _parsed(steps, [])
        )
        return Run(*(*facts, told, _parsed(reads, None), status, timezone))

    def limit_examples(self) -> None:
        """Show fewer rows of a very large plan; the staging file has them all."""
        rows = self._ask("select count(*) from sync.plan where run_id = $run")[0][0]
        if rows > ROWS_OF_A_LARGE_PLAN:
            self._most_rows = min(self._most_rows, MOST_EXAMPLES)

    def counts(
        self, held: Sequence[Held], refusals: Sequence[Refusal], *, is_quiet: bool
    ) -> Counts:
        counted = """
            select
                count(distinct rows.person_id) filter (where {kind} = 'joined'),
                count(distinct rows.person_id) filter (where {kind} = 'changed'),
                count(distinct rows.person_id) filter (where {kind} = 'left'),
                {more}
            from sync.plan as rows where {where}
        """
        more = (
            "count(distinct rows.person_id) filter (where hold <> 'dead_letter'), "
            "count(distinct rows.person_id) filter (where outcome in ('parked', 'partly'))"
        )
        planned = self._ask(counted.format(kind=KIND, more=more, where=PLANNED))[0]
        invited = f"count(distinct rows.person_id) filter (where {KIND} = 'invited')"
        sent = self._ask(counted.format(kind=KIND, more=invited, where=SENT))[0]
        points = self._ask(
            "select count(distinct (code, coalesce(employer_id, ''))) from sync.findings "
            "where run_id = $told and severity in ('warning', 'error')"
        )[0][0]
        waiting = sum(group.rows for group in held if group.hold in RELEASABLE)
        refused = sum(item.total for item in refusals)
        kinds = len({group.hold for group in held if group.hold in RELEASABLE})
        to_do = kinds + points + len(refusals) + is_quiet
        return Counts(*(*planned, *sent, waiting, refused, points, to_do))

    def held(self) -> tuple[Held, ...]:
        return tuple(
            Held(*row)
            for row in self._ask(
                "select hold, operation, any_value(hold_reason), count(*), "
                "count(distinct person_id), count(*) filter (where coalesce(invites, false)) "
                "from sync.plan where run_id = $run and hold <> 'dead_letter' and operation <> 'none' group by all order by hold, operation"
            )
        )

    def findings(self, run: Run) -> tuple[tuple[Finding, ...], int]:
        rows = self._ask(
            f"""
            select
                rows.code, rows.severity, rows.person_id, {self._names},
                employers.employer_name, rows.field, rows.typed_value, rows.args, rows.employer_id
            from sync.findings as rows {self._people} {self._employers}
            where rows.run_id = $told
            and not starts_with(coalesce(rows.person_id, ''), '{PREFIX}')
            order by
                -- First of all what HR must know: an account that stays although they ended it.
                case
                    when rows.code = 'end_refused' then -1
                    when rows.severity = 'warning' and starts_with(rows.code, 'kept_') then 0
                    when rows.severity = 'error' then 1
                    when rows.severity = 'warning' then 2
                    else 3
                end,
                rows.code, 4, rows.person_id
            limit $most
            """,  # noqa: S608
            most=self._most_rows,
        )
        total = self._ask("select count(*) from sync.findings where run_id = $told")[0][0]
        since = read_since(self._connection, self._run_id)
        return tuple(
            Finding(
                *(
                    *row[:6],
                    self._typed(row[6]),
                    self._args(run, row[0], *row[7:]),
                    row[8],
                    since.get((row[0], row[2], row[8], row[5])),
                )
            )
            for row in rows
        ), int(total)

    def finding_counts(self) -> tuple[FindingCount, ...]:
        rows = self._ask(
            "select code, severity, count(*) from sync.findings where run_id = $told "
            "group by all order by count(*) desc, code, severity"
        )
        return tuple(FindingCount(*row) for row in rows)

    def refusals(self) -> tuple[Refusal, ...]:
        rows = self._ask(
            f"""
            select
                rows.cause, any_value(rows.field), any_value(rows.message),
                list(rows.person_id order by rows.person_id)[:50], count(*),
                list(distinct {self._names} order by {self._names})
                    filter (where {self._names} is not null)[:50]
            from sync.dead_letters as rows {self._people}
            where not coalesce(rows.settled, false) and not coalesce(rows.is_own, false)
            group by rows.cause order by count(*) desc, rows.cause
            """  # noqa: S608
        )
        return tuple(
            Refusal(*(*row[:3], tuple(row[3]), row[4], tuple(row[5] or ()))) for row in rows
        )

    def happened(self, kind: str) -> Section:
        """Rows that were sent on the business day; in a preview those that would be."""
        where = PLANNED if self._is_preview else SENT
        return self._section(f"{where} and {KIND} = $kind", kind=kind)

    def waiting(self) -> Section:
        """Rows of the latest plan that are held."""
        return self._section(WAITING)

    def place(self, account_key: str) -> str | None:
        return self._places.get(account_key)

    def status_since(self, run: Run) -> dt.date | None:
        """Give the first business day of the unbroken row of nights with this status."""
        rows = self._ask(
            """
            with nights as (
                select as_of, arg_max(status, run_id) as status from sync.runs
                where run_id <= $run and as_of is not null group by as_of
            )
            select min(as_of) from nights where status = $status and as_of > coalesce(
                (select max(as_of) from nights where status is distinct from $status),
                date '0001-01-01'
            )
            """,
            status=run.status,
        )
        return rows[0][0] if rows else None

    def skipped(self) -> tuple[Section, tuple[tuple[str, int], ...]]:
        """People of the source without an account here, and why."""
        where = """
            rows.run_id = $run and rows.operation = 'none' and not exists (
                select 1 from sync.ledger as ledger
                where ledger.person_id = rows.person_id and ledger.state = 'active'
            )
        """
        reasons = self._ask(
            "select coalesce(rows.reason, ''), count(distinct rows.person_id) "  # noqa: S608
            f"from sync.plan as rows where {where} group by all order by 2 desc, 1"
        )
        named = f"{where} and not starts_with(rows.person_id, '{PREFIX}')"
        return self._section(named), tuple((str(code), int(count)) for code, count in reasons)

    def accounts(self) -> tuple[AccountCount, ...]:
        rows = self._ask(
            f"""
            with planned as (
                select
                    account_key,
                    count(*) filter (where operation in {JOINING}) as joining,
                    count(*) filter (where operation = 'update') as changing,
                    count(*) filter (where operation = 'deactivate') as leaving
                from sync.plan where run_id = $run and operation in {MOVING}
                group by account_key
            ),
            delivered as (
                select account_key, count(*) as active
                from sync.ledger where state = 'active' group by account_key
            )
            select
                coalesce(planned.account_key, delivered.account_key),
                coalesce(active, 0), coalesce(joining, 0),
                coalesce(changing, 0), coalesce(leaving, 0)
            from planned full join delivered on planned.account_key = delivered.account_key
            order by 1
            """  # noqa: S608
        )
        return tuple(AccountCount(*(*row, self._places.get(row[0]))) for row in rows)

    def upcoming(self, run: Run) -> tuple[tuple[Leaver, ...], int]:
        if run.as_of is None:
            return (), 0
        near = (
            "rows.state = 'active' and rows.ends_on between $day::date "
            "and $day::date + interval 30 day"
        )
        rows = self._ask(
            f"""
            select
                rows.person_id, {self._names},
                employers.employer_name, rows.account_key, rows.ends_on
            from sync.ledger as rows {self._people} {self._employers}
            where {near} order by rows.ends_on, 2, 1, 4 limit 500
            """,  # noqa: S608
            day=run.as_of,
        )
        total = self._ask(
            f"select count(*) from sync.ledger as rows where {near}",  # noqa: S608
            day=run.as_of,
        )[0][0]
        return tuple(Leaver(*(*row, self._places.get(row[3]))) for row in rows), int(total)

    def _section(self, where: str, **values: object) -> Section:
        total = self._ask(
            f"select count(*) from sync.plan as rows where {where}",  # noqa: S608
            **values,
        )[0][0]
        if not total:
            return Section((), 0)
        rows = self._ask(
            f"""
            select
                rows.person_id, {self._names},
                employers.employer_name, rows.account_key,
                rows.operation, rows.reason, rows.leaving_kind, rows.changes, rows.hold,
                rows.outcome, rows.starts_on, rows.ends_on, rows.moves_from,
                {self._refused_fields} as refused_fields,
            from sync.plan as rows {self._people} {self._employers}
            where {where}
            order by 3, 2, rows.person_id, rows.account_key
            limit $most
            """,  # noqa: S608
            most=self._most_rows,
            **values,
        )
        return Section(
            tuple(
                Row(
                    *(
                        *row[:7],
                        self._changes(row[7], row[-1]),
                        *row[8:-1],
                        self._places.get(row[3]),
                    )
                )
                for row in rows
            ),
            int(total),
        )

    def _changes(
        self, text: str | None, refused: Sequence[str] | None = None
    ) -> tuple[FieldChange, ...]:
        return tuple(
            FieldChange(
                name,
                self._value(name, pair[0]),
                self._value(name, pair[1]),
                name in (refused or ()),
            )
            for name, pair in _parsed(text, {}).items()
        )

    def _value(self, field: str, value: object) -> str | None:
        if value is None or value == "":
            return None
        return HIDDEN if self._is_masked and not is_harmless(field) else str(value)

    def _typed(self, value: str | None) -> str | None:
        # Whatever the field is called: HR names extra fields as it likes.
        return HIDDEN if self._is_masked and value else value or None

    def _args(self, run: Run, code: str, text: str | None, employer: str | None) -> dict[str, Any]:
        args = {**_parsed(text, {}), "source": run.source_system, "vendor": run.vendor}
        for name in ("account", "elsewhere"):
            if args.get(name):
                args[name] = self._places.get(args[name]) or args[name]
        if code in ("employer_not_mapped", "company_unknown"):
            listed = [f"{name or key} ({key})" for key, name in sorted(self._places.items())]
            args |= {"employer_id": employer, "known": ", ".join(listed)}
        return without_persons(args, HIDDEN) if self._is_masked else args


def _listed(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def _parsed(text: str | None, otherwise: Any) -> Any:
    value = json.loads(text) if text else None
    return otherwise if value is None else value


def _known_columns(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """List the columns of what is asked here and may be of another release, or not there."""
    rows = connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and (schema_name, table_name) in "
        "(('sync', 'plan'), ('people', 'people'), ('people', 'employers'))"
    ).fetchall()
    return {(table, column) for table, column in rows}


def _name_expression(known: set[tuple[str, str]]) -> str:
    parts = [name for name in ("first_name", "prefix", "last_name") if ("people", name) in known]
    if not parts:
        return "null::varchar"
    listed = ", ".join(f"nullif(people.{name}, '')" for name in parts)
    return f"nullif(concat_ws(' ', {listed}), '')"
