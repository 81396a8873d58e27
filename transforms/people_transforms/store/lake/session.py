"""One run's view of the lake: what the lake has of this connection, and writing what is new."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from people_transforms.errors import ConfigError, SyncError
from people_transforms.retries import retry_context
from people_transforms.store.lake.attach import (
    NAME,
    attached,
    load_extensions,
    make_lake,
)
from people_transforms.store.lake.connections import Shared, Strike, shared_people, strikes
from people_transforms.store.lake.failures import ConflictedError
from people_transforms.store.lake.hydrate import hydrate
from people_transforms.store.lake.locks import Locks, connect
from people_transforms.store.lake.place import LakePlace
from people_transforms.store.lake.push import (
    EMPTY,
    Difference,
    Print,
    compare,
    fingerprints,
    large,
    note_rows,
    write,
)
from people_transforms.store.lake.tables import (
    CONNECTIONS,
    KEYS,
    Table,
    add_missing,
    keep_in_catalog,
    needs_more,
    tables_of,
)
from people_transforms.store.lake.upkeep import shed

# What a run starts from, and what it makes of it for others.
WORKING, PUBLISHED = ("raw", "sync"), ("people", "mart", "staging", "report")
EVERYTHING = (*WORKING, *PUBLISHED)
_QUIET: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_ATTEMPTS = 12
_KEY_FILE = "pseudonym.key"


class Lake:
    """The lake of one open store. `push` makes durable what is committed locally."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        place: LakePlace,
        locks: Locks,
        folder: Path | None = None,
    ) -> None:
        self.connection = connection
        self.place = place
        self.locks = locks
        self.retries = 0
        self._key_file = folder / _KEY_FILE if folder else None
        self._known: dict[str, Table] = {}
        self._prints: dict[str, Print] = {}
        self._noted: set[str] = set()
        self._has_key = False
        # With those it had before: what was taken out of the settings is still this connection's.
        self._accounts = sorted(place.accounts)
        # Other connections of the same companies or clients.
        self._beside: list[str] = []

    @property
    def has_something(self) -> bool:
        """Tell whether the lake has anything of this connection."""
        return bool(self._prints)

    def fill(self, schemas: Collection[str] = WORKING) -> None:
        """Fill the local store with what the lake has of this connection."""
        load_extensions(self.connection, self.place)
        make_lake(self.connection, self.place, self.locks)
        local = tables_of(self.connection, "store", schemas)
        with self.locks.files(), attached(self.connection, self.place, self.locks):
            self._known = tables_of(self.connection, NAME, (*EVERYTHING, "private"))
            if CONNECTIONS not in self._known:
                return
            self._read_prints()
            self._refuse_other_accounts()
            held = {name: count for name, (count, _) in self._prints.items()}
            hydrate(self.connection, self.place.connection_id, held, self._known, local, schemas)
            self._fetch_key()
        local = tables_of(self.connection, "store", schemas)
        known = {name: table for name, table in local.items() if name in self._prints}
        self._prints |= fingerprints(self.connection, known.values())
        self._note(known)

    def push(self, schemas: Collection[str] = WORKING) -> None:
        """Bring the lake in line with the local store; nothing of it is lost from here on.

        Raises StoreError when the lake can't be written or this run's lock may be lost.
        """
        self.locks.check()
        local = tables_of(self.connection, "store", schemas)
        prints = fingerprints(self.connection, local.values())
        changed = [name for name in local if prints[name] != self._before(name)]
        removed = [
            name
            for name, (rows, _) in self._prints.items()
            if rows and name not in local and name.split(".")[0] in schemas
        ]
        if not (changed or removed or local.keys() - self._known.keys() or self._new_key()):
            return
        differences = [
            compare(
                self.connection,
                local[name],
                prints[name],
                self._before(name),
                is_noted=name in self._noted,
            )
            for name in changed
        ]
        after = {name: found for name, found in self._prints.items() if name not in removed}
        after |= {name: prints[name] for name in local}
        self._write(local, differences, removed, after)
        self._prints = after
        self._note({name: local[name] for name in changed})

    def strikes(self, since: dt.datetime) -> list[Strike]:
        """Count what has struck the other connections since then; most first."""
        runs = self._known.get("sync.runs")
        if runs is None or "causes" not in runs.columns:
            # The first run of a lake, or the first one of this release.
            return []
        return strikes(self.connection, self.place, self.locks, since)

    def shared_people(self, mart: str, since: dt.datetime, platform_mark: str) -> list[Shared]:
        """Count the people whom other connections of the same companies or clients keep too."""
        runs = self._known.get("sync.runs")
        if not self._beside or runs is None or "platform_mark" not in runs.columns:
            return []
        return shared_people(
            self.connection,
            self.place,
            self.locks,
            self._beside,
            mart=mart,
            since=since,
            platform_mark=platform_mark,
        )

    def shed(self, before: dt.datetime) -> int:
        """Remove from the lake's folder what was deleted before a moment; see `upkeep.py`."""
        return shed(self.connection, self.place, self.locks, before)

    def _before(self, name: str) -> Print:
        return self._prints.get(name, EMPTY)

    def _write(
        self,
        local: Mapping[str, Table],
        differences: Sequence[Difference],
        removed: Sequence[str],
        after: Mapping[str, Print],
    ) -> None:
        """Write in this run's turn, again after somebody else's transaction came first."""
        for attempt in retry_context(
            on=ConflictedError, attempts=_ATTEMPTS, timeout=120, wait_initial=0.1, wait_max=3
        ):
            self.retries += attempt.num > 1
            with (
                attempt,
                self.locks.turn(),
                attached(self.connection, self.place, self.locks),
            ):
                self._make_tables(local)
                self.connection.execute("begin transaction")
                write(self.connection, self.place.connection_id, differences, removed)
                self._write_facts(after)
                self.connection.execute("commit")
        self._has_key = self._has_key or self._new_key() is not None

    def _make_tables(self, local: Mapping[str, Table]) -> None:
        """Make what this release needs; only then the lake is asked again what others have made."""
        if not needs_more(local, self._known):
            return
        self._known = tables_of(self.connection, NAME, (*EVERYTHING, "private"))
        before = self._known
        if add_missing(self.connection, local, before):
            self._known = tables_of(self.connection, NAME, (*EVERYTHING, "private"))
            keep_in_catalog(self.connection, self._known.keys() - before.keys())

    def _write_facts(self, after: Mapping[str, Print]) -> None:
        """Keep beside the rows what they add up to, and the key of the pseudonyms among them."""
        mine = [self.place.connection_id]
        self.connection.execute(f"delete from {NAME}.{CONNECTIONS} where connection_id = ?", mine)
        self.connection.execute(
            f"insert into {NAME}.{CONNECTIONS} values (?, ?, ?, now())",
            [*mine, json.dumps(self._accounts), json.dumps(after)],
        )
        key = self._new_key()
        if key:
            self.connection.execute(f"insert into {NAME}.{KEYS} values (?, ?)", [*mine, key])

    def _new_key(self) -> bytes | None:
        if self._has_key or self._key_file is None or not self._key_file.exists():
            return None
        return self._key_file.read_bytes()

    def _fetch_key(self) -> None:
        """Put the key of this connection's pseudonyms where the engine looks for it."""
        if self._key_file is None:
            return
        row = self.connection.execute(
            f"select key from {NAME}.{KEYS} where connection_id = ?", [self.place.connection_id]
        ).fetchone()
        if row:
            self._has_key = True
            handle = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(row[0])

    def _read_prints(self) -> None:
        row = self.connection.execute(
            f"select tables from {NAME}.{CONNECTIONS} where connection_id = ?",
            [self.place.connection_id],
        ).fetchone()
        if row:
            found = json.loads(row[0])
            self._prints = {name: (rows, total) for name, (rows, total) in found.items()}

    def _refuse_other_accounts(self) -> None:
        """Refuse another connection's id, and to start anew under an id what the lake knows.

        Rows of two connections under one id would flip between them each night.
        """
        known = {
            name: [
                one if ":" in one else f"{self.place.vendor}:{one}" for one in json.loads(listed)
            ]
            for name, listed in self.connection.execute(
                f"select connection_id, accounts from {NAME}.{CONNECTIONS} order by 1"
            ).fetchall()
        }
        mine, own = set(self.place.accounts), known.get(self.place.connection_id)
        self._accounts = sorted(mine | set(own or ()))
        if not mine:
            return
        if own and not mine & set(own):
            raise ConfigError(
                "The lake keeps other accounts under this connection's id. Set "
                "`warehouse.connection_id` to a name of this connection's own.",
                connection=self.place.connection_id,
                known=" ".join(own),
                configured=" ".join(sorted(mine)),
            )
        others = [name for name, listed in known.items() if mine & set(listed)]
        self._beside = [name for name in others if name != self.place.connection_id]
        if own is None and self.place.is_derived and others:
            raise ConfigError(
                "The lake keeps accounts of this configuration for another connection. If it is this "
                f"one, set `warehouse.connection_id` to {others[0]}; if not, set it to another name.",
                connection=self.place.connection_id,
                known=others[0],
            )

    def _note(self, tables: Mapping[str, Table]) -> None:
        noted = large(tables, self._prints)
        note_rows(self.connection, noted)
        self._noted |= {table.name for table in noted}


@contextlib.contextmanager
def copy_of(place: LakePlace) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give this connection's rows of the lake in memory, to look at; no run is kept waiting.

    Raises ConfigError when the lake has nothing of this connection yet.
    """
    with connect(place) as locks, duckdb.connect(config=_QUIET) as connection:
        connection.execute("attach ':memory:' as store")
        connection.execute("use store")
        connection.execute("set TimeZone = 'UTC'")
        lake = Lake(connection, place, locks)
        lake.fill(EVERYTHING)
        if not lake.has_something:
            raise ConfigError(
                "Nothing of this connection is in the lake yet; start with `people-sync run`.",
                connection=place.connection_id,
                lake=locks.where,
            )
        yield connection


@contextlib.contextmanager
def joined(
    connection: duckdb.DuckDBPyConnection, place: LakePlace, folder: Path, schemas: Collection[str]
) -> Iterator[Lake]:
    """Be the only run of a connection: fill the local store, and write back what is new at the end.

    Also after a failure: what the run has committed until then is written, if the lake can be.
    """
    with connect(place) as locks:
        locks.hold_connection(place.connection_id)
        lake = Lake(connection, place, locks, folder)
        lake.fill(schemas)
        try:
            yield lake
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                connection.execute("rollback")
            with contextlib.suppress(SyncError, duckdb.Error):
                lake.push()
            raise
        lake.push()
