"""Erase a person from a store: every row in both files, in files that are written anew.

Deleted rows stay legible in a DuckDB file, so each file is copied without them and replaced. What must
survive does so under a keyed pseudonym: that the person was invited once, that an account was counted,
and that the person is not to be stored again although HR still lists them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from people_transforms.errors import ConfigError, StoreError
from people_transforms.person_id import split_id
from people_transforms.privacy.approvers import Called, forget_approver, gather
from people_transforms.privacy.forgotten import anywhere_id
from people_transforms.privacy.pseudonyms import (
    employment_key,
    load_key,
    pseudonym_of,
    use_key,
)
from people_transforms.privacy.tables import columns_of_tables
from people_transforms.store.database_file import attach, attach_with_any, log_of, write_anew
from people_transforms.store.failures import explained
from people_transforms.store.sync_tables import SCHEMAS
from people_transforms.store.warehouse import (
    StorePaths,
    hold_store,
    open_store,
    open_warehouse,
)

Forget = Callable[[duckdb.DuckDBPyConnection], int]
# Rows that survive, and the columns of theirs that do.
_KEPT = {
    "ledger": ("vendor", "account_key", "employer_id", "state", "spell_starts_on", "ended_by"),
    "invitations": ("vendor", "account_key", "spell_starts_on", "status", "run_id", "decided_at"),
}


@dataclass(frozen=True, slots=True)
class Traces:
    """How rows may name a person: by our id, HR's ids, or the id at the vendor."""

    person_id: str
    employer_id: str
    employee_id: str
    employment_ids: list[str]
    external_ids: list[str]
    called: Called


def erase(paths: StorePaths, person_id: str, now: dt.datetime) -> int:
    """Erase one person from both files, or from the lake; gives the number of rows that are gone.

    Raises ConfigError while the person has an active account: the next run would need them again.
    """
    if paths.lake is not None:
        return _erase_from_lake(paths, person_id, now)
    with open_store(paths) as connection:
        _refuse_active(connection, person_id)
        traces = _find_traces(connection, person_id)
        connection.execute("checkpoint store")
    return _from_both_files(paths, lambda copy: _forget(copy, traces, now))


def erase_approver(paths: StorePaths, name: str) -> int:
    """Erase who approved, by the name as it stands there; gives how many files or lakes had it."""

    def forget(connection: duckdb.DuckDBPyConnection) -> int:
        return forget_approver(connection, name)

    if paths.lake is None:
        with open_store(paths) as connection:
            connection.execute("checkpoint store")
        return _from_both_files(paths, forget)
    with _lake_to_erase_from(paths) as (connection, key):
        gone = forget(connection)
    return gone + _erase_from_file(paths.staging, paths, key, forget)


def _from_both_files(paths: StorePaths, forget: Forget) -> int:
    with hold_store(paths):
        key = load_key(paths.work.parent)
        return sum(
            _erase_from_file(path, paths, key, forget) for path in (paths.work, paths.staging)
        )


def _erase_from_lake(paths: StorePaths, person_id: str, now: dt.datetime) -> int:
    """Erase from the lake, its files and its earlier snapshots, and from the published file."""
    with _lake_to_erase_from(paths) as (connection, key):
        _refuse_active(connection, person_id)
        traces = _find_traces(connection, person_id)
        gone = _forget(connection, traces, now)
    return gone + _erase_from_file(
        paths.staging, paths, key, lambda copy: _forget(copy, traces, now)
    )


@contextlib.contextmanager
def _lake_to_erase_from(
    paths: StorePaths,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, bytes]]:
    """Give the rows of the lake and the key; after the body what was erased is in no file of it."""
    with open_warehouse(paths, SCHEMAS) as warehouse:
        assert warehouse.lake is not None
        key = load_key(paths.work.parent)
        use_key(warehouse.connection, key)
        yield warehouse.connection, key
        warehouse.lake.push(SCHEMAS)
        warehouse.lake.shed(dt.datetime.now(dt.UTC))


def _erase_from_file(path: Path, paths: StorePaths, key: bytes, forget: Forget) -> int:
    if not path.exists():
        return 0
    with _copy_of(path, paths) as connection:
        use_key(connection, key)
        return forget(connection)


def lift(paths: StorePaths, person_id: str) -> bool:
    """Let the next run read an erased person again; False if nobody of that id was erased."""
    with open_store(paths) as connection:
        use_key(connection, load_key(paths.work.parent))
        person, (source, _, employee_id) = {"person": person_id}, split_id(person_id)
        anywhere = pseudonym_of(anywhere_id("$source", "$employee"))
        connection.execute("begin transaction")
        found = connection.execute(
            f"delete from sync.erased where pseudonym = {pseudonym_of('$person')} returning 1",
            person,
        ).fetchall()
        connection.execute(
            f"delete from sync.erased where pseudonym = {anywhere}",
            {"source": source, "employee": employee_id},
        )
        for table in _KEPT:
            connection.execute(
                f"update sync.{table} set person_id = $person "
                f"where person_id = {pseudonym_of('$person')}",
                person,
            )
        connection.execute("commit")
    return bool(found)


def _refuse_active(connection: duckdb.DuckDBPyConnection, person_id: str) -> None:
    row = connection.execute(
        "select count(*) from sync.ledger where person_id = ? and state = 'active'", [person_id]
    ).fetchone()
    if row and row[0]:
        raise ConfigError(
            "This person still has an active account. End it first: in the HR system, with the last "
            "day or the access field; then run again.",
            person=person_id,
        )


def _find_traces(connection: duckdb.DuckDBPyConnection, person_id: str) -> Traces:
    source, employer_id, employee_id = split_id(person_id)
    employments = connection.execute(
        f"select distinct employment_id from raw.{source}__employments "
        "where employer_id = ? and employee_id = ? order by all",
        [employer_id, employee_id],
    ).fetchall()
    external = connection.execute(
        "select external_id from sync.ledger where person_id = $person "
        "union select external_id from sync.plan where person_id = $person order by all",
        {"person": person_id},
    ).fetchall()
    return Traces(
        person_id,
        employer_id,
        employee_id,
        [row[0] for row in employments],
        [row[0] for row in external if row[0]],
        gather(connection, person_id),
    )


def _forget(connection: duckdb.DuckDBPyConnection, traces: Traces, now: dt.datetime) -> int:
    """Delete every row of a person in one copy, and keep what survives under the pseudonym."""
    connection.execute("begin transaction")
    for table, kept in _KEPT.items():
        _keep_pseudonym(connection, table, kept, traces.person_id)
    gone = 0
    values = {
        "person": traces.person_id,
        "employer": traces.employer_id,
        "employee": traces.employee_id,
        "employments": traces.employment_ids,
        "external": traces.external_ids,
    }
    for table, columns in columns_of_tables(connection).items():
        condition = _naming(set(columns))
        if condition:
            used = {name: value for name, value in values.items() if f"${name}" in condition}
            rows = connection.execute(f"delete from {table} where {condition} returning 1", used)
            gone += len(rows.fetchall())
        if "person_id" in columns and table.removeprefix("sync.") not in _KEPT:
            gone += _forget_pseudonym(connection, table, traces.person_id)
    gone += forget_approver(connection, traces.called)
    source = split_id(traces.person_id).source
    employment = employment_key(source, "$employer", "employment_id")
    anywhere = pseudonym_of(anywhere_id("$source", "$employee"))
    connection.execute(
        f"insert into sync.erased select unnest(list_filter([{pseudonym_of('$person')}, {anywhere}], "
        "lambda one: one is not null)), $now::timestamptz",
        {
            "person": traces.person_id,
            "source": source,
            "employee": traces.employee_id,
            "now": now,
        },
    )
    connection.execute(
        f"insert into sync.erased select {pseudonym_of(employment)}, $now::timestamptz "
        "from (select unnest($employments::varchar[]) as employment_id)",
        {"employer": traces.employer_id, "employments": traces.employment_ids, "now": now},
    )
    connection.execute("commit")
    return gone


def _keep_pseudonym(
    connection: duckdb.DuckDBPyConnection, table: str, kept: tuple[str, ...], person_id: str
) -> None:
    """Put a row under the pseudonym in the place of each of the person's; those are deleted next."""
    listed = ", ".join(kept)
    connection.execute(
        f"insert into sync.{table} by name select {listed}, {pseudonym_of('$person')} as person_id "
        f"from sync.{table} where person_id = $person",
        {"person": person_id},
    )


def _forget_pseudonym(connection: duckdb.DuckDBPyConnection, table: str, person_id: str) -> int:
    """Delete what a table has of somebody who takes no part, and was forgotten but for a pseudonym."""
    rows = connection.execute(
        f"delete from {table} where person_id = {pseudonym_of('$person')} returning 1",
        {"person": person_id},
    )
    return len(rows.fetchall())


def _naming(columns: set[str]) -> str:
    """Compose the condition under which a row of such a table is about the person; '' for none."""
    conditions = []
    if "person_id" in columns:
        conditions.append("person_id = $person")
    if "record_key" in columns:
        parts = "string_split(coalesce(record_key, ''), '/')"
        conditions.append(
            f"employer_id = $employer and (list_contains({parts}, $employee) "
            f"or list_has_any({parts}, $employments::varchar[]))"
        )
    if {"employer_id", "employee_id"} <= columns:
        conditions.append("employer_id = $employer and employee_id = $employee")
    if {"employer_id", "employment_id"} <= columns:
        conditions.append(
            "employer_id = $employer and list_contains($employments::varchar[], employment_id)"
        )
    if "args" in columns:
        # A finding about somebody else may name the person, and say so by the id.
        named = "[args ->> '$.former_id', args ->> '$.holder']"
        conditions.append(f"list_contains({named}, $person)")
    for name in ("external_id", "custom_employee_id"):
        if name in columns:
            conditions.append(f"list_contains($external::varchar[], {name})")
    return " or ".join(f"coalesce({condition}, false)" for condition in conditions)


@contextlib.contextmanager
def _copy_of(path: Path, paths: StorePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a copy of a file; after the body it is written anew and takes the file's place."""
    copy = path.with_name(f".{path.name}.erasing")
    try:
        shutil.copyfile(path, copy)
        shutil.copymode(path, copy)
        with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
            key = attach_with_any(connection, copy, "known", paths.keys)
            connection.execute("detach known")
            attach(connection, copy, "store", key)
            connection.execute("use store")
            yield connection
        write_anew(copy, key, key)
        copy.chmod(path.stat().st_mode & 0o777)
        # Of the working file everything is in the copy; beside the published one it is a stranger's.
        log_of(path).unlink(missing_ok=True)
        copy.replace(path)
    except OSError as error:
        raise StoreError(
            "Nobody was erased: the store could not be copied. It needs room for two copies.",
            store=path,
            cause=error.strerror,
        ) from None
    except duckdb.Error as error:
        raise explained(error, path, is_published=path == paths.staging) from None
    finally:
        copy.unlink(missing_ok=True)
        log_of(copy).unlink(missing_ok=True)
