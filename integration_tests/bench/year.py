"""Years of nights through the real gate: ordinary churn must pass, mass faults must be held.

Employers of 5 to 50,000 people. A night on which a brake holds ordinary churn is a false hold; a
person approves it and life goes on. Faults are tried on copies of four nights of each year. A fault
is a mass when it reaches the `at_least` of its brake: updating five people is nobody's alarm. Some
look ordinary: a leak of just under the limit each night, last days typed one day ahead.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
from people_transforms import same_value
from people_transforms.delivery.vendor import Traits
from people_transforms.landing.raw_tables import create_raw_tables
from people_transforms.models import runner
from people_transforms.models.contracts import raw_streams
from people_transforms.planning import gate, inputs
from people_transforms.settings import Settings
from people_transforms.store.sync_tables import create_tables

from integration_tests.bench.live import let_it_send
from integration_tests.bench.plan_store import RUN, set_variables
from integration_tests.bench.workforce import Night, Workforce

# People → how many employers of that size have their year.
_EMPLOYERS = {5: 3, 20: 3, 100: 2, 1_000: 1, 10_000: 1, 50_000: 1}
_YEAR = 2026
_FAULT_DAYS = {dt.date(_YEAR, month, 15) for month in (2, 5, 8, 11)}
_TRAITS = Traits(
    mart="mart.accounts",
    fields=("first_name", "email", "chip_number"),
    kept_when_empty=("email",),
    unique_fields=("email", "chip_number"),
    released_fields=("chip_number",),
    telling_fields=(("first_name",), ("email",), ("chip_number",)),
)
_LEAKING_NIGHTS = 9
_NEW_CHIP = '{"chip_number":["C1","C2"]}'
_NEW_NAME = '{"first_name":["Jana","Eva"],"email":["jana@example.cz","eva@example.cz"]}'
_SETTINGS = Settings(vendor="bench", source_system="bench")
_COLUMNS = """
    person_id varchar, account_key varchar, employer_id varchar, external_id varchar,
    account_id varchar, operation varchar, leaving_kind varchar, reason varchar, changes varchar,
    is_announced boolean, moves_from varchar, starts_on date, ends_on date,
    spell_starts_on date, unbroken_since_on date, desired_state varchar, held_state varchar,
    held_external_id varchar, payload_hash varchar, hold varchar
"""
_OF_CHANGES = "invites boolean, row_hash varchar, risk varchar"


@dataclass(frozen=True, slots=True)
class Fault:
    """A mass fault: one operation for many people, what else differs that night, what holds it."""

    held_as: str
    operation: str
    people: Sequence[str]
    leaving_kind: str = ""
    is_announced: bool = False
    is_read_whole: bool = True
    is_listed: bool = True
    email_is_empty: bool = False
    is_known_since_yesterday: bool = False
    invites: bool = False
    changes: str = "{}"

    @property
    def is_announced_in_time(self) -> bool:
        """What planning says of it: an end that is known since yesterday is no announced one."""
        return self.is_announced and not self.is_known_since_yesterday


def run(size: int, rounds: int = 1) -> dict[str, float]:
    """Simulate the years of employers of up to `size` people; a simulation needs no rounds."""
    false_holds: list[int] = []
    tried, held = 0, 0
    for people, employers in _EMPLOYERS.items():
        for seed in range(employers if people <= size else 0):
            holds, faults_tried, faults_held = _year(Workforce(people, seed))
            false_holds.append(holds)
            tried += faults_tried
            held += faults_held
    return {
        "false_holds_per_year": max(false_holds),
        "mass_faults_held_share": held / tried,
        "employer_years": len(false_holds),
        "mass_faults": tried,
    }


def _year(workforce: Workforce) -> tuple[int, int, int]:
    """Let one employer's year pass; give false holds, faults tried and faults held."""
    false_holds = tried = held = 0
    with _store(workforce) as connection:
        for night in workforce.nights(_YEAR):
            if not night.is_quiet:
                _plan(connection, _rows_of(night))
                kinds = _gate(connection, night.on)
                false_holds += bool(kinds)
                _settle(connection, night, was_approved=bool(kinds))
            if night.on in _FAULT_DAYS:
                people = list(workforce.people)
                for fault in _faults(people):
                    tried += 1
                    held += _is_held(connection, fault, night.on)
                week = _SETTINGS.brakes.removals_7_days
                if week and len(people) >= week.at_least:
                    tried += 1
                    held += _leak_is_held(connection, people, night.on)
    return false_holds, tried, held


def _rows_of(night: Night) -> tuple[tuple[str, str, bool, Sequence[str]], ...]:
    return (
        ("create", "", False, night.joiners),
        ("deactivate", "ended", True, night.announced),
        ("deactivate", "ended", False, night.surprises),
        ("update", "", False, night.changed),
    )


def _faults(people: list[str]) -> Iterator[Fault]:
    """Name the faults that are masses at this number of people."""
    for fault in _every_fault(people):
        brake = getattr(_SETTINGS.brakes, fault.held_as, None)
        if brake is None or len(fault.people) >= brake.at_least:
            yield fault


def _every_fault(people: list[str]) -> Iterator[Fault]:
    half, third = people[: -(-len(people) // 2)], people[: -(-len(people) * 3 // 10)]
    twice = [f"again-{person}" for person in people]
    yield Fault("removals", "deactivate", half, leaving_kind="ended")
    yield Fault("removals", "deactivate", people, leaving_kind="flag_off")
    yield Fault("removals", "deactivate", people, leaving_kind="routed_away")
    yield Fault("removals", "deactivate", third, leaving_kind="absent")
    yield Fault("announced_removals", "deactivate", people, leaving_kind="ended", is_announced=True)
    yield Fault("not_read", "deactivate", third, leaving_kind="absent", is_read_whole=False)
    yield Fault("employer_gone", "deactivate", people, leaving_kind="absent", is_listed=False)
    yield Fault("additions", "create", twice)
    yield Fault("updates", "update", people)
    yield Fault("fill_rate", "update", people, email_is_empty=True)
    yield Fault(
        "removals",
        "deactivate",
        people[: len(people) * 45 // 100],
        leaving_kind="ended",
        is_announced=True,
        is_known_since_yesterday=True,
    )
    yield Fault("invitations", "invite", people, invites=True)
    yield Fault("identity_changes", "update", people, changes=_NEW_CHIP)
    yield Fault("identity_changes", "update", people, changes=_NEW_NAME)


@contextmanager
def _store(workforce: Workforce) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        create_tables(connection)
        create_raw_tables(connection, raw_streams("loket").values())
        set_variables(connection, "lunchdrive", 0)
        runner.build(connection, source_system="loket", vendor="lunchdrive")
        connection.execute("insert into people.employers by name select 'E1' as employer_id")
        connection.execute(
            "create table mart.accounts (person_id varchar, account_key varchar, "
            "desired_state varchar, first_name varchar, email varchar, chip_number varchar)"
        )
        let_it_send(connection, _SETTINGS)
        same_value.define(connection)
        # Nobody needs nothing in these plans.
        connection.execute(f"create temp table plan_settled ({_COLUMNS})")
        connection.execute(
            "create temp table plan_invited (person_id varchar, account_key varchar)"
        )
        for table in (
            "plan_strangers",
            "plan_lookalikes",
            "plan_met",
            "plan_doubted_places",
            "plan_moves",
        ):
            connection.execute(
                f"create temp table {table} (person_id varchar, employer_id varchar, owner varchar, "
                "former_id varchar, former varchar, from_key varchar, to_key varchar, "
                "is_given boolean, account_key varchar, known bigint, there bigint)"
            )
        connection.execute(
            "insert into sync.runs (run_id, started_at, fill_rates) "
            "values ('run-0', now(), '{\"last_name\": 1.0, \"business_email\": 1.0}')"
        )
        _add_accounts(connection, list(workforce.people))
        _note_read(connection, is_whole=True)
        yield connection


def _add_accounts(connection: duckdb.DuckDBPyConnection, people: Sequence[str]) -> None:
    connection.execute(
        """
        insert into sync.ledger by name
        select 'bench' as vendor, unnest(?::varchar[]) as person_id, 'A' as account_key,
            'E1' as employer_id, 'active' as state, '{}' as fields,
            -- Ends are typed weeks before.
            date '2000-01-01' as ends_known_on
        """,
        [list(people)],
    )
    connection.execute(
        "insert into people.people by name select person_id, person_id as last_name, "
        "person_id || '@example.cz' as business_email "
        "from (select unnest(?::varchar[]) as person_id)",
        [list(people)],
    )


def _note_read(connection: duckdb.DuckDBPyConnection, *, is_whole: bool) -> None:
    """Write down what the models would make of what was read."""
    connection.execute("delete from people.evidence")
    connection.execute(
        """
        insert into people.evidence by name
        select distinct 'E1' as employer_id, fact, ? as verdict from mart.inputs
        """,
        ["whole" if is_whole else "partial"],
    )


def _plan(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[tuple[str, str, bool, Sequence[str]]],
    *,
    changes: str = "{}",
    invites: bool = False,
) -> None:
    connection.execute(f"create or replace temp table plan_changes ({_COLUMNS}, {_OF_CHANGES})")
    for operation, kind, is_announced, people in rows:
        if people:
            connection.execute(
                """
                insert into temp.plan_changes by name
                select person_id, 'A' as account_key, 'E1' as employer_id, ? as operation,
                    nullif(?, '') as leaving_kind, ? as is_announced, ? as changes,
                    ? as invites, md5(person_id) as row_hash
                from (select unnest(?::varchar[]) as person_id)
                """,
                [operation, kind, is_announced, changes, invites, list(people)],
            )


def _gate(connection: duckdb.DuckDBPyConnection, on: dt.date) -> set[str]:
    for name, value in (("vendor", _SETTINGS.vendor), ("as_of", on)):
        connection.execute(f"set variable {name} = ?", [value])
    inputs.store(connection, _TRAITS, _SETTINGS, run_id=RUN, as_of=on)
    gated = gate.hold(
        connection,
        _SETTINGS,
        _TRAITS,
        plan_hash="tonight",
        as_of=on,
        now=dt.datetime.now(dt.UTC),
    )
    return {held.kind for held in gated.holds}


def _settle(connection: duckdb.DuckDBPyConnection, night: Night, *, was_approved: bool) -> None:
    """Deliver the night's plan, held or not: a person approves what was right."""
    if night.surprises and not was_approved:
        _remember(connection, night.on, night.surprises)
    gone = [*night.announced, *night.surprises]
    for table in ("sync.ledger", "people.people"):
        connection.execute(
            f"delete from {table} where person_id in (select unnest(?::varchar[]))", [gone]
        )
    _add_accounts(connection, night.joiners)


def _remember(connection: duckdb.DuckDBPyConnection, on: dt.date, gone: Sequence[str]) -> None:
    """Write down that these accounts ended tonight, unannounced."""
    run_id = f"run-{on}"
    connection.execute("insert into sync.runs (run_id, as_of) values (?, ?)", [run_id, on])
    for table, verdict in (
        ("plan", "false as is_announced"),
        ("deliveries", "'confirmed' as status"),
    ):
        connection.execute(
            f"""
            insert into sync.{table} by name
            select ? as run_id, unnest(?::varchar[]) as person_id, 'A' as account_key,
                'deactivate' as operation, {verdict}
            """,
            [run_id, list(gone)],
        )


def _leak_is_held(
    connection: duckdb.DuckDBPyConnection, people: Sequence[str], on: dt.date
) -> bool:
    """Let just fewer than the limit of a night go, night after night, and tell whether it is noticed."""
    connection.execute("begin transaction")
    left, is_held = list(people), False
    for number in range(_LEAKING_NIGHTS):
        brake = _SETTINGS.brakes.removals
        assert brake is not None
        count = math.ceil(brake.limit(len(left))) - 1
        gone, left = left[:count], left[count:]
        if not gone:
            break
        tonight = on + dt.timedelta(days=number)
        _plan(connection, [("deactivate", "ended", False, gone)])
        if "removals_7_days" in _gate(connection, tonight):
            is_held = True
            break
        _remember(connection, tonight, gone)
        connection.execute(
            "delete from sync.ledger where person_id in (select unnest(?::varchar[]))", [gone]
        )
    connection.execute("rollback")
    return is_held


def _is_held(connection: duckdb.DuckDBPyConnection, fault: Fault, on: dt.date) -> bool:
    """Try a fault on this night's state and tell whether every row of it is held, as it should."""
    connection.execute("begin transaction")
    if not fault.is_read_whole:
        _note_read(connection, is_whole=False)
    if not fault.is_listed:
        connection.execute("delete from people.employers")
    if fault.email_is_empty:
        connection.execute("update people.people set business_email = null")
    _plan(
        connection,
        [(fault.operation, fault.leaving_kind, fault.is_announced_in_time, fault.people)],
        changes=fault.changes,
        invites=fault.invites,
    )
    kinds = _gate(connection, on)
    row = connection.execute("select count(*) from temp.plan_planned where hold is null").fetchone()
    connection.execute("rollback")
    return fault.held_as in kinds and row == (0,)
