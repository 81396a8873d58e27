"""Raw rows in, build, rows out: each record has sensible values for the columns a case is not about."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from people_transforms.models.contracts import RawStream, raw_streams
from people_transforms.models.runner import audit, build

TODAY = dt.date(2026, 3, 2)
RUN = "run-2"

Row = dict[str, Any]

ALLEO: Row = {
    "companies": [{"employer_id": "E1", "company_id": "11"}],
    "language": "nl",
    "external_id_prefix": "",
}
LUNCHDRIVE: Row = {"mode": "single", "client_id": "32567"}


class World:
    """One source's raw tables and one vendor's settings; `build` runs the models."""

    def __init__(self, source_system: str, vendor: str, **settings: Any) -> None:
        self.source_system = source_system
        self.vendor = vendor
        self.settings = {**(ALLEO if vendor == "alleo" else LUNCHDRIVE), **settings}
        self.known: list[str] = []
        self.read: dict[tuple[str, str], tuple[str, list[str]]] = {}
        self.as_of = TODAY
        self.run_id = RUN
        self.connection = duckdb.connect(config={"threads": 1})
        self.streams = raw_streams(source_system)
        self._numbers = itertools.count(1)
        for schema in ("raw", "staging", "people", "mart", "sync"):
            self.connection.execute(f"create schema {schema}")
        for stream in self.streams.values():
            self.connection.execute(_raw_table(stream))
        self.connection.execute(
            "create table sync.evidence (run_id varchar, stream varchar, employer_id varchar, "
            "record_count bigint, distinct_ids bigint, total_size bigint, verdict varchar, "
            "missing_columns varchar[])"
        )
        self.connection.execute(
            "create table sync.rejected_records (run_id varchar, stream varchar, line bigint, "
            "record_key varchar, employer_id varchar, field varchar)"
        )
        self.connection.execute(
            "create table sync.runs (run_id varchar, as_of date, accepted_on date, night_on date)"
        )
        self.connection.execute(
            "create table sync.deliveries (delivery_id varchar, run_id varchar, person_id varchar, "
            "operation varchar, status varchar, state varchar)"
        )
        self.connection.execute(
            "create table sync.findings_history (person_id varchar, code varchar, args json, "
            "valid_from_run varchar)"
        )
        self.connection.execute(
            "create table sync.ledger (vendor varchar, person_id varchar, account_key varchar, "
            "employer_id varchar, state varchar)"
        )
        self.add("employers", employer_id="E1")

    def add(
        self, stream: str, *, valid_from: str = "run-1", valid_to: str | None = None, **values: Any
    ) -> None:
        """Add one version of a record; the columns that are not named stay empty."""
        columns = [column.name for column in self.streams[stream].columns]
        unknown = set(values) - set(columns)
        assert not unknown, f"{stream} has no columns {unknown}"
        row = [_stored(values.get(column)) for column in columns]
        number = next(self._numbers)
        self.connection.execute(
            f"insert into raw.{self.streams[stream].table} values "
            f"({', '.join('?' * (len(row) + 4))})",
            [
                *row,
                f"hash-{number}",
                valid_from,
                valid_to,
                dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC),
            ],
        )

    def person(self, employee: str = "P1", *, employer: str = "E1", **values: Any) -> str:
        """Add a person with name and e-mail; give start=… to add an employment as well."""
        employment = {
            key: values.pop(key) for key in ("start", "end", "historical") if key in values
        }
        filled: Row = {
            "employer_id": employer,
            "employee_id": employee,
            "first_name": "Jan",
            "last_name": "Jansen",
        }
        if self.source_system == "loket":
            filled |= {
                "initials": "J.",
                "birth_on": "1990-05-21",
                "business_email": f"{employee}@example.com",
            }
        else:
            filled |= {
                "personal_number": employee,
                "email": f"{employee}@example.com",
                "chip_numbers": [],
            }
        self.add("employees", **{**filled, **values})
        if employment:
            self.employment(employee, employer=employer, **employment)
        return f"{self.source_system}:{employer}:{employee}"

    def employment(
        self,
        employee: str = "P1",
        start: str | dt.date | None = "2020-01-01",
        end: str | dt.date | None = None,
        *,
        employer: str = "E1",
        employment: str | None = None,
        historical: str | dt.date | None = None,
        **values: Any,
    ) -> str:
        """Add an employment and return its id."""
        employment = employment or f"W{next(self._numbers)}"
        if self.source_system == "loket":
            values["historical_starts_on"] = historical
        self.add(
            "employments",
            employer_id=employer,
            employee_id=employee,
            employment_id=employment,
            starts_on=start,
            ends_on=end,
            **values,
        )
        return employment

    def field(
        self,
        name: str,
        value: str | None,
        employee: str | None = "P1",
        *,
        level: str = "employee",
        employer: str = "E1",
        employment: str | None = None,
        **version: Any,
    ) -> None:
        """Fill in a Loket extra field, for the person or (level="employment") for an employment."""
        self.add(
            f"{level}_custom_fields",
            employer_id=employer,
            value_id=f"{employment or employee}:{next(self._numbers)}",
            employment_id=employment,
            employee_id=None if employment else employee,
            custom_field_id=name,
            name=name,
            value=value,
            **version,
        )

    def definition(self, name: str, *, employer: str = "E1") -> None:
        """Define a Loket extra field."""
        self.add("custom_field_definitions", employer_id=employer, custom_field_id=name, name=name)

    def delivered(
        self,
        employee: str = "P1",
        place: str = "11",
        *,
        employer: str = "E1",
        state: str = "active",
    ) -> None:
        """Let the ledger have an account of a person."""
        person = f"{self.source_system}:{employer}:{employee}"
        self.connection.execute(
            "insert into sync.ledger values (?, ?, ?, ?, ?)",
            [self.vendor, person, place, employer, state],
        )

    def build(self, as_of: dt.date | str | None = None, *, audited: bool = True) -> None:
        """Run the models and, unless a case breaks one on purpose, the audits."""
        for name, value in self.variables(as_of).items():
            kind = "varchar[]" if isinstance(value, list) else None
            bound = f"?::{kind}" if kind else "?"
            self.connection.execute(f"set variable {name} = {bound}", [value])
        self._note_read()
        build(self.connection, source_system=self.source_system, vendor=self.vendor)
        if audited:
            audit(self.connection, vendor=self.vendor)

    def unread(
        self,
        stream: str,
        verdict: str = "not_read",
        *,
        employer: str = "E1",
        columns: list[str] | None = None,
    ) -> None:
        """Say that a list was not read whole tonight, or that columns of it did not arrive."""
        self.read[stream, employer] = (verdict, list(columns or ()))

    def _note_read(self) -> None:
        self.connection.execute("delete from sync.evidence where run_id = ?", [self.run_id])
        employers = self.connection.execute(
            f"select distinct employer_id from raw.{self.source_system}__employers"
        ).fetchall()
        for stream in self.streams:
            for (employer,) in employers:
                verdict, missing = self.read.get((stream, employer), ("whole", []))
                self.connection.execute(
                    "insert into sync.evidence values (?, ?, ?, 1, 1, 2, ?, ?)",
                    [self.run_id, stream, employer, verdict, missing],
                )

    def variables(self, as_of: dt.date | str | None = None) -> Row:
        """Give what a run sets before it builds."""
        day = as_of or self.as_of
        return {
            "as_of": dt.date.fromisoformat(day) if isinstance(day, str) else day,
            "run_id": self.run_id,
            "source_system": self.source_system,
            "vendor": self.vendor,
            "settings": json.dumps(self.settings),
            "known_account_keys": self.known,
        }

    def rows(self, table: str, where: str = "true", *parameters: Any) -> list[Row]:
        """Read a table as dicts."""
        cursor = self.connection.execute(f"select * from {table} where {where}", list(parameters))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def accounts(self, employee: str = "P1", *, employer: str = "E1") -> list[Row]:
        """Read the rows of one person in the vendor's mart, in the order of their accounts."""
        table = "mart.alleo_employees" if self.vendor == "alleo" else "mart.lunchdrive_diners"
        person = f"{self.source_system}:{employer}:{employee}"
        return sorted(self.rows(table, "person_id = ?", person), key=lambda row: row["account_key"])

    def account(self, employee: str = "P1", *, employer: str = "E1") -> Row:
        """Read the one row of a person; fails when there are none or several."""
        (row,) = self.accounts(employee, employer=employer)
        return row

    def states(self, employee: str = "P1", *, employer: str = "E1") -> list[tuple[str, str, str]]:
        """Read (account, state, reason) of each row of a person."""
        return [
            (row["account_key"], row["desired_state"], row["reason"])
            for row in self.accounts(employee, employer=employer)
        ]

    def codes(self, employee: str | None = "P1", *, employer: str = "E1") -> list[str]:
        """List the codes of a person's findings; employee None: those of the employer."""
        person = None if employee is None else f"{self.source_system}:{employer}:{employee}"
        found = [
            *self.rows("people.findings", "person_id is not distinct from ?", person),
            *self.rows("mart.findings", "person_id is not distinct from ?", person),
        ]
        return sorted(row["code"] for row in found)


def _raw_table(stream: RawStream) -> str:
    columns = ", ".join(f"{column.name} {column.stored_as}" for column in stream.columns)
    return (
        f"create table raw.{stream.table} ({columns}, _record_hash varchar, "
        "_valid_from_run varchar, _valid_to_run varchar, _extracted_at timestamptz)"
    )


def _stored(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, dict)) else value


@pytest.fixture
def world() -> Callable[..., World]:
    """Give the builder: world(source_system, vendor, **settings)."""
    return World


@pytest.fixture
def alleo() -> World:
    """Loket → Alleo, employer E1 mapped to company 11."""
    return World("loket", "alleo")


@pytest.fixture
def single() -> World:
    """Alveno → Lunchdrive, one client: 32567."""
    return World("alveno", "lunchdrive")


@pytest.fixture
def group() -> World:
    """Alveno → Lunchdrive, a group of the clients 32567 and 32568."""
    return World("alveno", "lunchdrive", mode="group", allowed_client_ids=["32567", "32568"])


@pytest.fixture(scope="session")
def world_class() -> type[World]:
    """Give the builder to fixtures that build once for many cases."""
    return World
