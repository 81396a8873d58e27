"""What keeps runs of one lake out of each other's way: advisory locks of PostgreSQL.

    one run per connection   held for the whole run; the second one says so and ends
    the turn to write        held for one transaction of the lake; a table of DuckLake that one
                             transaction deleted from can't be inserted into by another meanwhile, so
                             writers queue instead of failing (DuckLake's own conflicts are retried)
    the files                shared while the lake is read or written, alone while files are removed

All are held by one connection and end with it: after a crash nothing has to be tidied up. When that
connection is lost, so are the locks, and nothing more may be sent: `check` raises then.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

from people_transforms.errors import BusyError, ConfigError, StoreError
from people_transforms.store.lake.failures import (
    NOT_POSTGRESQL,
    lost,
    no_rights,
    refused_at_the_door,
)
from people_transforms.store.lake.place import LakePlace

NO_PACKAGE = (
    "`warehouse.type` ducklake needs packages for PostgreSQL: install people-transforms[ducklake]."
)
# Two numbers make a lock: what it is for, and what it is about.
_RUN, _TURN, _FILES = 1_886_678_901, 1_886_678_902, 1_886_678_903
_LONGEST_WAIT = "120s"
# Seconds; who waits for a lock is answered after two minutes at the latest.
_LONGEST_ANSWER = 150.0


class Locks:
    """The locks of one run."""

    def __init__(self, connection: Any, where: str) -> None:
        self._connection = connection
        self.where = where

    def hold_connection(self, connection_id: str) -> None:
        """Be the only run of a connection until the end.

        Raises StoreError when another run is going on.
        """
        row = self._ask("select pg_try_advisory_lock(%s, hashtext(%s))", _RUN, connection_id)
        if row is not None and not row[0]:
            raise BusyError(
                "Another run of this connection is still going on; this one did nothing.",
                connection=connection_id,
                lake=self.where,
            )

    def check(self) -> None:
        """Raise StoreError when the lock of this run may be lost."""
        self._ask("select 1")

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn to write, and keep it for the body."""
        with self._locked(_TURN), self.files():
            yield

    def files(self) -> contextlib.AbstractContextManager[None]:
        """Keep the files that the body reads."""
        return self._locked(_FILES, "_shared")

    def files_alone(self) -> contextlib.AbstractContextManager[None]:
        """Keep everybody else from reading or writing files during the body."""
        return self._locked(_FILES)

    @contextlib.contextmanager
    def _locked(self, purpose: int, shared: str = "") -> Iterator[None]:
        self._ask(f"select pg_advisory_lock{shared}(%s, 0)", purpose)
        try:
            yield
        finally:
            with contextlib.suppress(StoreError):
                self._ask(f"select pg_advisory_unlock{shared}(%s, 0)", purpose)

    def run(self, statement: str) -> None:
        """Run a statement of PostgreSQL's own, such as an index of the catalog."""
        self._ask(statement)

    def ask(self, query: str) -> Any:
        """Ask PostgreSQL for one row."""
        return self._ask(query)

    def _ask(self, query: str, *values: object) -> Any:
        import psycopg

        try:
            with _ended_after(self._connection, _LONGEST_ANSWER):
                cursor = self._connection.execute(query, values)
                return cursor.fetchone() if cursor.description else None
        except psycopg.errors.LockNotAvailable:
            raise StoreError(
                "The lake is busy: another run has been writing to it, or removing files, for two "
                "minutes. Run again; if it stays, look for a run that hangs.",
                lake=self.where,
            ) from None
        except psycopg.errors.InsufficientPrivilege:
            raise no_rights(self.where) from None
        except psycopg.Error:
            raise lost(self.where) from None


@contextlib.contextmanager
def _ended_after(connection: Any, seconds: float) -> Iterator[None]:
    """Close the connection if the body takes longer: a server that hangs answers for ever nothing."""

    def end() -> None:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(handle)) as server:
            server.shutdown(socket.SHUT_RDWR)

    handle = connection.fileno()
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def connect(place: LakePlace) -> Iterator[Locks]:
    """Connect to the catalog of a lake.

    Raises ConfigError for a wrong connection string or missing packages, StoreError that names host
    and port when PostgreSQL can't be reached.
    """
    try:
        import psycopg
    except ImportError:
        raise ConfigError(NO_PACKAGE) from None
    where = whereabouts(place)
    try:
        connection = psycopg.connect(
            with_patience(place.catalog), autocommit=True, application_name="people-sync"
        )
    except psycopg.ProgrammingError:
        raise ConfigError(NOT_POSTGRESQL) from None
    except psycopg.OperationalError as error:
        raise refused_at_the_door(str(error), where) from None
    with contextlib.closing(connection):
        locks = Locks(connection, where)
        locks.run(f"set lock_timeout = '{_LONGEST_WAIT}'")
        yield locks


def with_patience(catalog: str) -> str:
    """Notice within seconds that the machine of the catalog is gone, where nobody said otherwise."""
    from psycopg import conninfo

    given = conninfo.conninfo_to_dict(catalog)
    usual = {
        "connect_timeout": "10",
        "keepalives_idle": "20",
        "keepalives_interval": "5",
        "tcp_user_timeout": "30000",
    }
    missing = {name: value for name, value in usual.items() if name not in given}
    return conninfo.make_conninfo(catalog, **missing)


def whereabouts(place: LakePlace) -> str:
    """Name host, port and database of a catalog, never a password."""
    from psycopg import ProgrammingError, conninfo

    try:
        parts = conninfo.conninfo_to_dict(place.catalog)
    except ProgrammingError:
        raise ConfigError(NOT_POSTGRESQL) from None
    host = parts.get("host") or parts.get("hostaddr") or "this machine"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"
