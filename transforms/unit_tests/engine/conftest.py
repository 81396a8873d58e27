"""A store, a mart filled by hand, and a vendor in memory: planning and delivery without a network.

The vendor here stands at the edge (the `Vendor` protocol); the real clients meet real servers in
integration_tests.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_transforms.conclusion import Night, close_run
from people_transforms.delivery import ledger
from people_transforms.delivery.deliver import Delivery
from people_transforms.delivery.vendor import Account, Place, RateLimit, Traits
from people_transforms.errors import ConflictError
from people_transforms.models import runner
from people_transforms.planning import gate, identities, plan
from people_transforms.planning.approvals import approve
from people_transforms.planning.holds import Hold
from people_transforms.settings import Settings
from people_transforms.store.warehouse import Store, StorePaths, open_store

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
FIELDS = ("first_name", "email", "chip_number", "valid_from", "valid_to")
TRAITS = Traits(
    mart="mart.accounts",
    fields=FIELDS,
    kept_when_empty=("email",),
    unique_fields=("email", "chip_number"),
    released_fields=("chip_number",),
    match_fields=("email",),
    name_fields=("first_name",),
    telling_fields=(("first_name",), ("email",), ("chip_number",)),
    last_day_field="valid_to",
    first_day_field="valid_from",
    invites=True,
)


@dataclass
class MemoryVendor:
    """A benefit platform in memory that refuses a chip or e-mail of another active account."""

    name: str = "memory"
    traits: Traits = TRAITS
    held: dict[str, Account] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    failures: dict[tuple[str, str], list[Exception]] = field(default_factory=dict)
    lists_read: int = 0
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def places(self) -> list[Place]:
        return [Place("A", "Praha"), Place("B", "Brno")]

    def accounts(self, account_key: str) -> Iterator[Account]:
        self.lists_read += 1
        pending = self.failures.get(("accounts", account_key))
        if pending:
            raise pending.pop(0)
        yield from [a for a in self.held.values() if a.account_key == account_key]

    def find(self, account_key: str, external_id: str, fields: Mapping[str, Any]) -> Account | None:
        found = list(self.accounts(account_key))
        own = [account for account in found if account.external_id == external_id]
        email = fields.get("email")
        return next(
            iter(own + [a for a in found if email and a.fields.get("email") == email]), None
        )

    def create(self, account_key: str, external_id: str, fields: Mapping[str, Any]) -> Account:
        self._call("create", external_id)
        self._refuse_taken(account_key, None, fields)
        account = Account(account_key, str(next(self.ids)), True, external_id, fields=dict(fields))
        return self._keep(account, "create", external_id)

    def update(
        self,
        account_key: str,
        account_id: str,
        fields: Mapping[str, Any],
        external_id: str | None = None,
    ) -> Account:
        account = self.held[account_id]
        self._call("update", account.external_id or account_id)
        self._refuse_taken(account_key, account_id, fields)
        account = replace(
            account,
            fields={**account.fields, **fields},
            external_id=external_id or account.external_id,
        )
        return self._keep(account, "update", account.external_id or account_id)

    def deactivate(self, account_key: str, account_id: str, fields: Mapping[str, Any]) -> Account:
        account = self.held[account_id]
        self._call("deactivate", account.external_id or account_id)
        account = replace(account, is_active=False, fields={**account.fields, **fields})
        return self._keep(account, "deactivate", account.external_id or account_id)

    def activate(self, account_key: str, account_id: str, fields: Mapping[str, Any]) -> Account:
        account = self.held[account_id]
        self._call("activate", account.external_id or account_id)
        account = replace(account, is_active=True, fields={**account.fields, **fields})
        return self._keep(account, "activate", account.external_id or account_id)

    def invite(self, account_key: str, account_id: str) -> None:
        account = self.held[account_id]
        self._call("invite", account.external_id or account_id)
        self._keep(replace(account, invitation_state="sent"), "invite", account.external_id or "")

    def rate_limit(self) -> RateLimit | None:
        return None

    def close(self) -> None:
        pass

    def _call(self, operation: str, who: str) -> None:
        self.calls.append((operation, who))
        pending = self.failures.get((operation, who), [])
        if pending and not getattr(pending[0], "committed", False):
            raise pending.pop(0)

    def _keep(self, account: Account, operation: str, who: str) -> Account:
        self.held[account.account_id] = account
        pending = self.failures.get((operation, who), [])
        if pending:
            raise pending.pop(0)
        return account

    def _refuse_taken(
        self, account_key: str, account_id: str | None, fields: Mapping[str, Any]
    ) -> None:
        for name in TRAITS.unique_fields:
            value = fields.get(name)
            for other in list(self.held.values()):
                if (
                    value is not None
                    and other.is_active
                    and other.account_id != account_id
                    and other.account_key == account_key
                    and other.fields.get(name) == value
                ):
                    raise ConflictError("Taken.", cause=f"409 {name}", field=name)


@dataclass
class Engine:
    """Plan, gate and deliver against the memory vendor; each `night` is one run."""

    connection: duckdb.DuckDBPyConnection
    vendor: MemoryVendor
    settings: Settings
    runs: int = 0
    as_of: dt.date = NOW.date()
    night_on: dt.date | None = None
    plan_hash: str = ""
    unread: dict[str, str] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)

    def mart(self, *rows: Mapping[str, Any]) -> None:
        told = []
        for row in rows:
            complete = {
                "account_key": "A",
                "employer_id": "E1",
                "external_id": f"x-{row['person_id']}",
                "desired_state": "active",
                "reason": "employed",
                "spell_starts_on": dt.date(2025, 1, 1),
                "first_name": "Jana",
                "kept_fields": [],
                **row,
            }
            complete.setdefault("unbroken_since_on", complete["spell_starts_on"])
            complete["payload_hash"] = str(sorted(map(str, complete.items())))
            told.append(complete)
        self._replace("mart.accounts", told)

    def people(self, *rows: Mapping[str, Any]) -> None:
        """Let HR list these people; what a row doesn't say is nobody else's."""
        told = [
            {
                "employer_id": "E1",
                "employment_status": "employed",
                "spell_starts_on": dt.date(2025, 1, 1),
                "personal_number": f"n-{row['person_id']}",
                "first_name": "Jana",
                "last_name": f"Nová {row['person_id']}",
                "business_email": f"{row['person_id']}@example.cz",
                **row,
            }
            for row in rows
        ]
        self._replace("people.people", told)

    def _replace(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Let a table have these rows only, by one statement: each of its own is a commit."""
        self.connection.execute(f"delete from {table}")
        if not rows:
            return
        columns = list(dict.fromkeys(column for row in rows for column in row))
        marks = f"({', '.join('?' * len(columns))})"
        self.connection.execute(
            f"insert into {table} ({', '.join(columns)}) values {', '.join([marks] * len(rows))}",
            [row.get(column) for row in rows for column in columns],
        )

    def plan(self, *, complete: bool = True) -> None:
        self.runs += 1
        run_id = f"run-{self.runs:03}"
        self.connection.execute(
            "insert into sync.runs (run_id, started_at, as_of, night_on, vendor, source_system) "
            "values (?, ?, ?, ?, ?, ?)",
            [
                run_id,
                NOW,
                self.as_of,
                self.night_on,
                self.settings.vendor,
                self.settings.source_system,
            ],
        )
        for name, value in (("vendor", self.settings.vendor), ("as_of", self.as_of)):
            self.connection.execute(f"set variable {name} = ?", [value])
        self._note_read(run_id, "whole" if complete else "partial")
        plan_hash = plan.make_plan(
            self.connection,
            self.vendor,
            self.settings,
            run_id=run_id,
            as_of=self.as_of,
            account_keys=["A", "B"],
        )
        gated = gate.hold(
            self.connection,
            self.settings,
            self.vendor.traits,
            plan_hash=plan_hash,
            as_of=self.as_of,
            now=NOW,
        )
        self.holds, self.plan_hash = list(gated.holds), gated.plan_hash
        runner.audit_plan(self.connection)
        plan.store_plan(self.connection, run_id, self.plan_hash)
        close_run(self.connection, self.vendor, self._night(run_id))

    def _night(self, run_id: str) -> Night:
        return Night(run_id, self.as_of, plan_hash=self.plan_hash, holds=self.holds)

    def _note_read(self, run_id: str, verdict: str) -> None:
        for stream in ("employees", "employments"):
            self.connection.execute(
                "insert into sync.evidence by name select ? as run_id, ? as stream, "
                "'E1' as employer_id, ? as verdict",
                [run_id, stream, verdict],
            )
        self.connection.execute("update people.evidence set verdict = ?", [verdict])
        for fact, other in self.unread.items():
            self.connection.execute(
                "update people.evidence set verdict = ? where fact = ?", [other, fact]
            )
        # Whoever the mart no longer has was closed by the first whole read without them.
        listed = "(select person_id from mart.accounts)"
        if verdict == "whole":
            self.connection.execute(
                "update people.person_history set known_to_run = ? "
                f"where known_to_run is null and person_id not in {listed}",
                [run_id],
            )
        self.connection.execute(
            "insert into people.person_history by name "
            "select distinct person_id, 'person' as entity from mart.accounts where person_id not in ("
            "select person_id from people.person_history where known_to_run is null)"
        )

    def deliver(self) -> Delivery:
        run_id = f"run-{self.runs:03}"
        store = Store(self.connection, StorePaths(Path("staging.duckdb"), Path("work.duckdb")))
        delivery = Delivery(store, self.vendor, self.settings, run_id=run_id, as_of=self.as_of)
        delivery.run()
        plan.store_outcomes(self.connection, run_id, is_stopped=delivery.stopped_by is not None)
        ledger.carry_forward(self.connection, self.settings.vendor, self.as_of)
        identities.accept(self.connection, run_id)
        return delivery

    def night(self, *, complete: bool = True) -> Delivery:
        self.plan(complete=complete)
        return self.deliver()

    def next_night(self, *, complete: bool = True) -> Delivery:
        """Run on the day after; `night` is one more attempt of the same business day."""
        self.as_of += dt.timedelta(days=1)
        return self.night(complete=complete)

    def approve(self) -> None:
        approve(self.connection, self.plan_hash, "tester", NOW)

    def first_night(self, *rows: Mapping[str, Any]) -> None:
        """Plan, approve and deliver a first import; forget the calls it made."""
        self.mart(*rows)
        self.plan()
        self.approve()
        self.night()
        self.vendor.calls.clear()

    def operations(self) -> dict[tuple[str, str], str]:
        return {
            (person, account): operation
            for person, account, operation in self.connection.execute(
                "select person_id, account_key, operation from temp.plan_planned where account_key <> '*'"
            ).fetchall()
        }

    def held(self) -> dict[str, str]:
        return dict(
            self.connection.execute(
                "select person_id, hold from temp.plan_planned where hold is not null"
            ).fetchall()
        )


@pytest.fixture
def make_engine(
    tmp_path: Path, copy_store: Callable[[Path], None]
) -> Iterator[Callable[..., Engine]]:
    """Build an engine with settings of the test's choice; one store per test."""
    copy_store(tmp_path)
    with open_store(StorePaths(tmp_path / "staging.duckdb", tmp_path / "work" / "w.duckdb")) as con:
        con.execute(
            """
            create table mart.accounts (
                person_id varchar, account_key varchar, employer_id varchar, external_id varchar,
                desired_state varchar, leaving_kind varchar, reason varchar, starts_on date,
                ends_on date, spell_starts_on date, unbroken_since_on date,
                kept_fields varchar[], payload_hash varchar, first_name varchar,
                email varchar, chip_number varchar, valid_from date, valid_to date
            )
            """
        )
        con.execute(
            "create table mart.allowed_places as "
            "select null::varchar as employer_id, unnest(['A', 'B']) as account_key"
        )
        con.execute("create table people.employers as select 'E1' as employer_id")
        con.execute(
            "create table people.source_scope as "
            "select 'E1' as employer_id, null::varchar as changed_in_run"
        )
        con.execute(
            """
            create table people.people (
                person_id varchar, employer_id varchar, employee_id varchar, personal_number varchar,
                first_name varchar,
                last_name varchar, business_email varchar, private_email varchar, birth_on date,
                chip_numbers varchar[], employment_status varchar, spell_starts_on date,
                starts_on date, ends_on date, access varchar
            )
            """
        )
        con.execute("create table people.vanished_employments (person_id varchar)")
        con.execute(
            "create table people.person_history "
            "(person_id varchar, entity varchar, entity_id varchar, known_to_run varchar, "
            "known_from_run varchar, known_values json)"
        )
        con.execute(
            "create table people.evidence as select 'E1' as employer_id, "
            "unnest(['listed', 'employment', 'access', 'note', 'chip', 'business_email', 'birth']) as fact, "
            "'whole' as verdict, 'employees' as stream, null::varchar as column_name, "
            "null::varchar as right_name, 1 as distinct_ids, 2 as total_size"
        )
        inputs = next(m for m in runner.models("alveno", "lunchdrive") if m.name == "mart.inputs")
        con.execute(f"create table mart.inputs as {inputs.sql}")

        con.execute("set variable vendor = 'memory'")

        def build(**settings: Any) -> Engine:
            # One after the other: accounts get their ids in the order of the plan.
            defaults = {"vendor": "memory", "source_system": "test", "num_workers": 1}
            return Engine(con, MemoryVendor(), Settings(**(defaults | settings)))

        yield build


@pytest.fixture
def engine(make_engine: Callable[..., Engine]) -> Engine:
    return make_engine()


def person(number: int, **fields: Any) -> dict[str, Any]:
    return {"person_id": f"p{number:04}", "email": f"p{number}@example.cz", **fields}
