"""A lake that can't be used says which part of it and which setting; nothing wrong is bound for good."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from people_sandbox.postgres import start_postgres
from people_transforms.errors import ConfigError, StoreError, SyncError
from people_transforms.settings import WarehouseSettings
from people_transforms.store.lake import locks as locks_module
from people_transforms.store.lake.failures import refused_at_the_door
from people_transforms.store.lake.locks import connect
from people_transforms.store.warehouse import StorePaths, open_warehouse, store_paths

from .conftest import Place

pytestmark = pytest.mark.few(5)

SECRET = "sesam-open-u"
ROW = "insert into sync.dead_letters (person_id) values ('p1')"


def use(paths: StorePaths) -> None:
    """A run that writes a row."""
    with open_warehouse(paths) as run:
        run.connection.execute(ROW)


def refused(paths: StorePaths) -> SyncError:
    with pytest.raises(SyncError) as caught:
        use(paths)
    assert SECRET not in str(caught.value)
    return caught.value


def at(catalog: str, folder: Path) -> StorePaths:
    warehouse = WarehouseSettings(
        type="ducklake", catalog=catalog, data_path=str(folder / "lake"), connection_id="one"
    )
    return store_paths(warehouse, "alleo", folder)


def catalog_of(paths: StorePaths) -> str:
    assert paths.lake is not None
    return paths.lake.catalog


@pytest.fixture
def used(place: Place) -> StorePaths:
    paths = place("one")
    use(paths)
    return paths


@pytest.mark.parametrize("write", ["/proc/sys", "/proc/sys/kernel", "/dev/null/lake"])
def test_a_first_run_that_cannot_write_its_files_binds_nothing(
    unmade_place: Place, write: str
) -> None:
    error = refused(unmade_place("one", data_path=write))
    assert isinstance(error, ConfigError)
    assert "No file can be written in `warehouse.data_path`" in str(error) and write in str(error)
    # The same empty catalog, with the setting corrected.
    use(unmade_place("one"))
    lake = Path(unmade_place("one").lake.data_path)  # type: ignore[union-attr]
    assert list(lake.glob("people-sync-may-write*")) == []


def test_moved_files_are_told_apart_from_a_wrong_setting(
    used: StorePaths, place: Place, tmp_path: Path
) -> None:
    assert "keeps its files elsewhere" in str(refused(place("one", data_path=str(tmp_path / "x"))))
    (tmp_path / "lake").rename(tmp_path / "moved")
    error = refused(used)
    assert isinstance(error, ConfigError)
    assert "Files of the lake are not where its catalog says" in str(error)
    assert str(tmp_path / "lake") in str(error)
    # What docs/pages/lake-owner.md says to do then.
    with psycopg.connect(catalog_of(used), autocommit=True) as catalog:
        catalog.execute(
            "update ducklake_metadata set value = %s where key = 'data_path'",
            [f"{tmp_path}/moved/"],
        )
    moved = place("one", data_path=str(tmp_path / "moved"))
    with open_warehouse(moved) as run:
        found = run.connection.execute("select person_id from sync.dead_letters").fetchall()
    assert found == [("p1",)]


@pytest.mark.parametrize("version", ["0.3", "9.9"])
def test_a_catalog_of_another_version_is_not_changed(used: StorePaths, version: str) -> None:
    with psycopg.connect(catalog_of(used), autocommit=True) as catalog:
        catalog.execute("update ducklake_metadata set value = %s where key = 'version'", [version])
        error = refused(used)
        assert isinstance(error, ConfigError)
        assert "another version of DuckLake" in str(error) and "docs/pages/lake-owner.md" in str(
            error
        )
        kept = catalog.execute("select value from ducklake_metadata where key = 'version'")
        assert kept.fetchone() == (version,)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("dbname=", "dbname=no_"), "has no database, or no user"),
        (("user=people", f"user=nobody1 password={SECRET}"), "has no database, or no user"),
        (("host=127.0.0.1", "host=no-such-host.invalid"), "cannot be reached|is not known"),
    ],
)
def test_a_wrong_part_of_the_catalog_is_named(
    used: StorePaths, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    error = refused(at(f"postgres:{catalog_of(used).replace(*change)}", tmp_path))
    assert any(word in str(error) for word in words.split("|")), error


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('failed to resolve host "x": [Errno -2] Name or service not known', ConfigError),
        ('FATAL:  password authentication failed for user "people"', ConfigError),
        ("fe_sendauth: no password supplied", ConfigError),
        ('FATAL:  database "x" does not exist', ConfigError),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', ConfigError),
        ("server does not support SSL, but SSL was required", ConfigError),
        ("[Errno -3] Temporary failure in name resolution", StoreError),
        ("connection refused", StoreError),
        ("connection timeout expired", StoreError),
        ("FATAL:  sorry, too many clients already", StoreError),
        ("FATAL:  the database system is starting up", StoreError),
    ],
)
def test_who_is_not_let_in_learns_if_a_setting_is_wrong(text: str, kind: type[Exception]) -> None:
    error = refused_at_the_door(f"{text} (password={SECRET})", "db:5432/x")
    assert type(error) is kind
    assert "db:5432/x" in str(error) and SECRET not in str(error)


def test_a_user_without_rights_is_told_so(used: StorePaths, tmp_path: Path) -> None:
    with psycopg.connect(catalog_of(used), autocommit=True) as catalog:
        catalog.execute("drop role if exists a_reader")
        catalog.execute("create role a_reader login")
        error = refused(
            at("postgres:" + catalog_of(used).replace("user=people", "user=a_reader"), tmp_path)
        )
        assert isinstance(error, ConfigError)
        assert "lacks a right" in str(error) and "docs/pages/lake-owner.md" in str(error)
        catalog.execute("drop role a_reader")


@pytest.mark.parametrize(
    "form", ["postgres:{0}", "postgresql://{1}", "postgres://{1}", "postgres:postgresql://{1}"]
)
def test_an_address_is_taken_as_postgresql_writes_it(
    used: StorePaths, tmp_path: Path, form: str
) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(catalog_of(used))
    address = (
        f"people:{SECRET}@{parts['host']}:{parts['port']}/{parts['dbname']}?application_name=x"
    )
    with open_warehouse(at(form.format(catalog_of(used), address), tmp_path)) as run:
        found = run.connection.execute("select person_id from sync.dead_letters").fetchall()
    assert found == [("p1",)]


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_server_that_never_answers_ends_the_run_in_words(
    silent_server: int, tmp_path: Path
) -> None:
    catalog = (
        f"postgres:host=127.0.0.1 port={silent_server} user=p password={SECRET} connect_timeout=2"
    )
    began = time.monotonic()
    error = refused(at(catalog, tmp_path))
    assert time.monotonic() - began < 8
    assert isinstance(error, StoreError) and "cannot be reached" in str(error)


def test_a_server_that_hangs_later_ends_the_run_in_words(
    tmp_path: Path, postgres: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks_module, "_LONGEST_ANSWER", 0.5)
    with start_postgres() as own:
        paths = at(f"postgres:{own.new_database()}", tmp_path)
        assert paths.lake is not None and own.process is not None
        with connect(paths.lake) as locks:
            locks.check()
            (pid,) = locks.ask("select pg_backend_pid()")
            os.kill(pid, signal.SIGSTOP)
            try:
                began = time.monotonic()
                with pytest.raises(StoreError, match="was lost, so nothing more is sent"):
                    locks.check()
                assert time.monotonic() - began < 8
            finally:
                os.kill(pid, signal.SIGCONT)
