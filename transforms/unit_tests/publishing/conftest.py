"""A store with rows as a run leaves them; a builder fills the columns a case is not about."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_transforms.settings import WarehouseSettings
from people_transforms.store.warehouse import StorePaths, open_store, store_paths

RUN = "20260302T003000Z-aaaaaa"
DAY = dt.date(2026, 3, 2)


class StoreBuilder:
    """Writes rows into the tables that a run would have written."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, paths: StorePaths) -> None:
        self.connection = connection
        self.paths = paths
        connection.execute(
            "create table people.people (person_id varchar, employer_id varchar, "
            "personal_number varchar, first_name varchar, prefix varchar, last_name varchar, "
            "business_email varchar, private_email varchar)"
        )
        connection.execute(
            "create table people.employers (employer_id varchar, employer_name varchar)"
        )
        connection.execute("insert into people.employers values ('e1', 'Bakkerij Jansen')")

    def run(self, run_id: str = RUN, **columns: Any) -> None:
        self._insert(
            "sync.runs",
            {
                "run_id": run_id,
                "started_at": dt.datetime(2026, 3, 2, 0, 30, tzinfo=dt.UTC),
                "finished_at": dt.datetime(2026, 3, 2, 0, 31, tzinfo=dt.UTC),
                "as_of": DAY,
                "source_system": "loket",
                "vendor": "alleo",
                "outcome": "done",
                "status": "in_order",
                "timezone": "Europe/Amsterdam",
                "plan_hash": "c0ffee" * 5,
                "steps": json.dumps([{"step": "land", "seconds": 1.5, "records": 7}]),
                **columns,
            },
        )

    def person(self, number: int, first: str = "Joke", last: str = "Vries", **columns: Any) -> str:
        person_id = f"loket:e1:{number}"
        self._insert(
            "people.people",
            {
                "person_id": person_id,
                "employer_id": "e1",
                "personal_number": f"P{number}",
                "first_name": first,
                "prefix": "de",
                "last_name": last,
                **columns,
            },
        )
        return person_id

    def plan(self, person_id: str, operation: str, run_id: str = RUN, **columns: Any) -> None:
        changes = columns.pop("changes", {})
        self._insert(
            "sync.plan",
            {
                "run_id": run_id,
                "row_hash": f"{person_id}{operation}",
                "plan_hash": "c0ffee" * 5,
                "person_id": person_id,
                "account_key": "c1",
                "employer_id": "e1",
                "operation": operation,
                "reason": "entitled",
                "changes": json.dumps(changes),
                "outcome": None if operation == "none" or columns.get("hold") else "confirmed",
                **columns,
            },
        )
        if operation != "none":
            self._count(run_id, operation, columns)
        else:
            verdict = {"person_id": person_id, "account_key": "c1", "reason": "entitled"}
            said = {name: columns[name] for name in verdict if name in columns}
            self._insert("sync.verdicts", {**verdict, **said, "valid_from_run": run_id})

    def _count(self, run_id: str, operation: str, columns: dict[str, Any]) -> None:
        """Count a row of the plan as the run does."""
        kept = self.connection.execute(
            "select counts from sync.runs where run_id = ?", [run_id]
        ).fetchone()
        counts = Counter(json.loads(kept[0])) if kept and kept[0] else Counter()
        outcome = columns.get("outcome", "confirmed")
        became = f"held {columns['hold']}" if columns.get("hold") else f"{operation} {outcome}"
        counts.update([f"planned {operation}", became])
        self.connection.execute(
            "update sync.runs set counts = ? where run_id = ?", [json.dumps(counts), run_id]
        )

    def finding(self, code: str, **columns: Any) -> None:
        args = json.dumps(columns.pop("args", {}))
        row = {"run_id": RUN, "code": code, "severity": "warning", "args": args, **columns}
        self._insert("sync.findings", row)
        kept = {name: value for name, value in row.items() if name != "run_id"}
        self._insert("sync.findings_history", {**kept, "valid_from_run": row["run_id"]})

    def dead_letter(self, person_id: str, cause: str, **columns: Any) -> None:
        row = {
            "person_id": person_id,
            "account_key": "c1",
            "operation": "create",
            "cause": cause,
            "settled": False,
            "first_run_id": RUN,
            "last_run_id": RUN,
            "attempts": 1,
            **columns,
        }
        self._insert("sync.dead_letters", row)

    def account(self, person_id: str, **columns: Any) -> None:
        row = {
            "vendor": "alleo",
            "person_id": person_id,
            "account_key": "c1",
            "account_id": f"a-{person_id}",
            "employer_id": "e1",
            "state": "active",
            **columns,
        }
        self._insert("sync.ledger", row)

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(row)
        places = ", ".join("?" for _ in row)
        self.connection.execute(
            f"insert into {table} ({names}) values ({places})", list(row.values())
        )


@contextlib.contextmanager
def built_store(folder: Path) -> Iterator[StoreBuilder]:
    paths = store_paths(WarehouseSettings(path=str(folder)), "alleo")
    with open_store(paths) as connection:
        yield StoreBuilder(connection, paths)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreBuilder]:
    with built_store(tmp_path / "store") as builder:
        yield builder
