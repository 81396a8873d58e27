"""What the desk keeps: links and sessions, every action, and decisions until a store has them.

One SQLite file that only its owner may read, beside no connection: it belongs to the desk. Each change
is on disk when its function returns, so a desk that is killed loses nothing that a page confirmed.
Tokens are kept as hashes, and no name of an employee is ever written here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from people_transforms.errors import ConfigError, StoreError

from people_sync.connection.run_lock import locked
from people_sync.desk.record_tables import make_tables

# What the people of a connection hear each time it happens.
TOLD = frozenset(
    {"signed_in", "approved", "rejected", "setting_changed", "access_changed", "activated"}
)


@dataclass(frozen=True, slots=True)
class Action:
    """One line of the audit table."""

    at: dt.datetime
    who: str
    role: str
    connection: str
    action: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """An approval or a rejection of rows of one plan. `state`: pending, kept, void or ended.

    A pending approval is one that no store has yet, because a run was using it.
    """

    id: int
    connection: str
    kind: str
    run_id: str
    plan_hash: str
    rows: tuple[str, ...]
    note: str
    who: str
    at: dt.datetime
    state: str


@dataclass(frozen=True, slots=True)
class News:
    """Something the people of a connection were not told yet; `at` is an ISO time."""

    id: int
    connection: str
    at: str
    event: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A cause of findings that is out of the to-do list until a day."""

    id: int
    cause: str
    until_on: dt.date
    reason: str
    who: str
    at: dt.datetime


def records_file(folder: Path) -> Path:
    """Tell which file of a folder the records are; where it is missing no desk was ever served."""
    return folder / "desk.sqlite"


class Records:
    """The file. Every call opens it anew, so that threads and processes need no care."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one change or one look; what the body did is durable afterwards."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            database = sqlite3.connect(self._path, timeout=20, isolation_level=None)
        except (OSError, sqlite3.Error):
            raise ConfigError(
                "The desk cannot write its records there; give another --records.", path=self._path
            ) from None
        try:
            database.execute("pragma synchronous = full")
            database.row_factory = sqlite3.Row
            make_tables(database)
            database.execute("begin immediate")
            yield database
            database.execute("commit")
        except sqlite3.OperationalError as error:
            # A full disk, a file that is gone or locked for long: its text quotes no values.
            raise StoreError(
                "The desk's records could not be written, so nothing was done. Whoever runs the desk "
                "looks at the disk.",
                path=self._path,
                cause=str(error),
            ) from None
        finally:
            database.close()

    def note(
        self,
        at: dt.datetime,
        who: str,
        role: str,
        action: str,
        connection: str = "",
        **facts: Any,
    ) -> None:
        """Add a line to the audit table. `facts` are counts, hashes and settings, never a person."""
        with self.open() as database:
            add_action(database, at, who, role, action, connection, **facts)
            if connection and action in TOLD:
                add_news(database, at, connection, action, **facts)

    def actions(self, connection: str | None, most: int) -> list[Action]:
        """Give the latest actions, of one connection or of all."""
        with self.open() as database:
            rows = database.execute(
                "select * from audit where ? is null or connection = ? order by id desc limit ?",
                [connection, connection, most],
            ).fetchall()
        return [
            Action(
                dt.datetime.fromisoformat(row["at"]),
                row["who"],
                row["role"],
                row["connection"],
                row["action"],
                json.loads(row["facts"]),
            )
            for row in rows
        ]

    def decisions(self, connection: str, state: str | None = None) -> list[Decision]:
        """Give the decisions about a connection's plans, latest first."""
        with self.open() as database:
            rows = database.execute(
                "select * from decisions where connection = ? and (? is null or state = ?) "
                "order by id desc limit 200",
                [connection, state, state],
            ).fetchall()
        return [_decision(row) for row in rows]

    def pending(self) -> list[Decision]:
        """Give the approvals that no store has yet, oldest first."""
        with self.open() as database:
            rows = database.execute(
                "select * from decisions where state = 'pending' order by id"
            ).fetchall()
        return [_decision(row) for row in rows]

    def set_state(self, decision: Decision, state: str) -> None:
        with self.open() as database:
            database.execute("update decisions set state = ? where id = ?", [state, decision.id])

    def news(self) -> list[News]:
        """Give what is still to be told, oldest first."""
        with self.open() as database:
            rows = database.execute("select * from news order by id").fetchall()
        return [
            News(row["id"], row["connection"], row["at"], row["event"], json.loads(row["facts"]))
            for row in rows
        ]

    @contextlib.contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Wait until nobody else does this with these records: no thread and no other desk."""
        with locked(self._path.with_name(f"{self._path.name}.{what}.lock")):
            yield

    def forget_news(self, number: int) -> None:
        with self.open() as database:
            database.execute("delete from news where id = ?", [number])

    def ignored(self, connection: str, on: dt.date) -> list[Ignored]:
        """Give what is out of the to-do list on a day."""
        with self.open() as database:
            rows = database.execute(
                "select * from ignored where connection = ? and ended_at is null and until_on > ? "
                "order by id desc",
                [connection, on.isoformat()],
            ).fetchall()
        return [
            Ignored(
                row["id"],
                row["cause"],
                dt.date.fromisoformat(row["until_on"]),
                row["reason"],
                row["who"],
                dt.datetime.fromisoformat(row["at"]),
            )
            for row in rows
        ]


def add_action(
    database: sqlite3.Connection,
    at: dt.datetime,
    who: str,
    role: str,
    action: str,
    connection: str = "",
    **facts: Any,
) -> None:
    """Add a line to the audit table in the same change as the act."""
    database.execute(
        "insert into audit (at, who, role, connection, action, facts) values (?, ?, ?, ?, ?, ?)",
        [at.isoformat(), who, role, connection, action, json.dumps(facts, default=str)],
    )


def add_news(
    database: sqlite3.Connection, at: dt.datetime, connection: str, event: str, **facts: Any
) -> None:
    """Note what the people of a connection must hear, in the same change as the act."""
    database.execute(
        "insert into news (connection, at, event, facts) values (?, ?, ?, ?)",
        [connection, at.isoformat(), event, json.dumps(facts, default=str)],
    )


def is_decided(
    database: sqlite3.Connection, connection: str, run_id: str, rows: tuple[str, ...]
) -> bool:
    """Tell whether a decision stands about any of these rows of a run; no rows is the whole plan."""
    found = database.execute(
        "select rows from decisions where connection = ? and run_id = ? "
        "and state in ('pending', 'kept')",
        [connection, run_id],
    ).fetchall()
    known = [json.loads(row["rows"]) for row in found]
    return any(set(rows) & set(one) if rows else not one for one in known)


def add_decision(
    database: sqlite3.Connection,
    *,
    connection: str,
    kind: str,
    run_id: str,
    plan_hash: str,
    rows: tuple[str, ...],
    note: str,
    who: str,
    at: dt.datetime,
) -> None:
    """Keep a decision about rows of a plan; a later one about the same rows takes its place."""
    database.execute(
        "insert into decisions (connection, kind, run_id, plan_hash, rows, note, who, at, state) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            connection,
            kind,
            run_id,
            plan_hash,
            json.dumps(rows),
            note,
            who,
            at.isoformat(),
            "pending" if kind == "approve" else "kept",
        ],
    )


def _decision(row: sqlite3.Row) -> Decision:
    return Decision(
        row["id"],
        row["connection"],
        row["kind"],
        row["run_id"],
        row["plan_hash"],
        tuple(json.loads(row["rows"])),
        row["note"],
        row["who"],
        dt.datetime.fromisoformat(row["at"]),
        row["state"],
    )
