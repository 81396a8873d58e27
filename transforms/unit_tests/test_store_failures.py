"""A store that fails is named by its file, with what is true of it and what brings it back."""

from __future__ import annotations

import errno
import fcntl
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from people_sync.commands.store import Store, look_at
from people_transforms.errors import BusyError, ConfigError, StoreError, SyncError
from people_transforms.publishing.publish import publish_staging
from people_transforms.settings import WarehouseSettings
from people_transforms.store.database_file import log_of, write_anew
from people_transforms.store.failures import explained
from people_transforms.store.waiting import open_for_a_night
from people_transforms.store.warehouse import StorePaths, open_store, store_paths

HOLDS = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
# An analyst's tool that was writing when its machine went down.
KILLED = """
import os, sys, duckdb
c = duckdb.connect(sys.argv[1])
c.execute("set checkpoint_threshold = '1GB'")
c.execute("create table main.mine as select 'canary' as word")
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def paths(tmp_path: Path) -> StorePaths:
    """A store with both files."""
    paths = store_paths(WarehouseSettings(path=str(tmp_path / "store")), "alleo")
    with open_store(paths) as store:
        publish_staging(store, paths.staging)
    return paths


def broken_head(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def broken_block(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for at in range(3 * 4096, len(content)):
        content[at] ^= 0x55
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def open_work(paths: StorePaths) -> None:
    with open_store(paths):
        pass


def look(paths: StorePaths) -> None:
    with look_at(Store(paths)) as database:
        database.execute("select count(*) from sync.runs")


def failure_of(opens: Callable[[StorePaths], None], paths: StorePaths) -> SyncError:
    with pytest.raises(SyncError) as caught:
        opens(paths)
    return caught.value


@pytest.mark.parametrize("breaks", [broken_head, broken_block, cut_off])
def test_a_damaged_file_is_named_with_what_is_lost_and_what_brings_it_back(
    paths: StorePaths, breaks: Callable[[Path], None]
) -> None:
    breaks(paths.work)
    error = failure_of(open_work, paths)
    assert isinstance(error, StoreError)
    text = str(error)
    assert text.startswith("The working file is damaged")
    assert f"mv {paths.work.parent} {paths.work.parent}.kept" in text
    assert "approvals" in text and str(paths.work) in text
    assert not any(word in text for word in ("remove", "delete")), "it remembers deliveries"
    look(paths)  # the control: the published file is whole
    breaks(paths.staging)
    text = str(failure_of(look, paths))
    assert text.startswith("The published file is damaged. It is a copy")
    assert str(paths.staging) in text


def test_what_is_said_of_a_damaged_working_file_works(paths: StorePaths) -> None:
    broken_head(paths.work)
    said = str(failure_of(open_work, paths))
    command = said.partition("(mv ")[2].partition(")")[0]
    subprocess.run(f"mv {command}", shell=True, check=True)
    with open_store(paths) as store:
        assert store.execute("select count(*) from sync.approvals").fetchone() == (0,)
    kept = paths.work.parent.with_name("work.kept")
    assert (kept / paths.work.name).exists(), "nothing was deleted"


def test_a_log_that_a_killed_program_left_beside_the_published_file_is_named_and_goes(
    paths: StorePaths,
) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(paths.staging)], check=False)
    assert ended.returncode == -9
    assert log_of(paths.staging).exists(), "control"
    kept = log_of(paths.staging).read_bytes()
    with open_store(paths) as store:
        store.execute("insert into sync.runs (run_id) values ('r1')")
        publish_staging(store, paths.staging)
    assert not log_of(paths.staging).exists()
    with look_at(Store(paths)) as database:
        assert database.execute("select run_id from sync.runs").fetchall() == [("r1",)]
    # The program was still alive while the run published, and was killed then.
    log_of(paths.staging).write_bytes(kept)
    text = str(failure_of(look, paths))
    assert str(log_of(paths.staging)) in text
    assert "The working file" not in text and str(paths.work) not in text
    with open_store(paths) as store:
        publish_staging(store, paths.staging)
    look(paths)


def test_the_working_files_own_log_is_kept_and_another_ones_is_not_applied(
    paths: StorePaths, tmp_path: Path
) -> None:
    old = paths.work.read_bytes()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(paths.work)], stdin=subprocess.PIPE
    ) as killed:
        killed.wait()
    with open_store(paths) as store:
        assert store.execute("select word from main.mine").fetchall() == [("canary",)]
    # A backup of the file alone, put back beside the log of another state.
    subprocess.run(
        [sys.executable, "-c", KILLED.replace("mine", "its"), str(paths.work)], check=False
    )
    assert log_of(paths.work).exists(), "control"
    paths.work.write_bytes(old)
    text = str(failure_of(open_work, paths))
    assert text.startswith("The log beside the working file does not belong to it")
    assert "Put both back" in text
    assert log_of(paths.work).exists(), "nothing is taken away from it"


@pytest.mark.parametrize(
    ("file", "opens", "words"),
    [
        ("work", open_work, "The working file is open in another program"),
        ("staging", look, "The published file is open for writing in another program"),
    ],
)
def test_a_file_that_another_program_has_open_is_named(
    paths: StorePaths, file: str, opens: Callable[[StorePaths], None], words: str
) -> None:
    path: Path = getattr(paths, file)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        text = str(failure_of(opens, paths))
        other.communicate(b"\n")
    assert text.startswith(words) and str(path) in text
    opens(paths)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_volume_without_locks_is_not_taken_for_another_run(
    paths: StorePaths, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    error = failure_of(open_work, paths)
    assert isinstance(error, ConfigError), "a setting is wrong: the path"
    assert "has no locks" in str(error) and "warehouse.path" in str(error)


def test_a_lock_of_another_run_is_taken_for_one(paths: StorePaths) -> None:
    with open_store(paths):
        assert isinstance(failure_of(open_work, paths), BusyError)


def test_a_night_waits_for_who_has_the_store_for_a_moment_and_for_nobody_else(
    paths: StorePaths,
) -> None:
    asked, given = threading.Event(), threading.Event()

    def have_it_for_a_moment() -> None:
        with open_store(paths):
            given.set()
            asked.wait(60)

    with ThreadPoolExecutor() as others:
        moment = others.submit(have_it_for_a_moment)
        assert given.wait(60)
        with pytest.raises(BusyError), open_for_a_night(paths, patience=0.01):
            pass
        night = others.submit(live, paths)
        assert not night.done()
        asked.set()
        assert night.result(60) == [(1,)]
        moment.result(60)


def live(paths: StorePaths) -> list[tuple[int]]:
    with open_for_a_night(paths, patience=60) as store:
        return store.connection.execute("select 1").fetchall()


@pytest.mark.parametrize(
    ("error", "words", "kind"),
    [
        (duckdb.IOException('Could not set lock on file "x": Function not implemented'),
         "has no locks", ConfigError),
        (duckdb.SerializationException("Trying to read a database file with version number 70, but "
                                       "we can only read versions between 64 and 68."),
         "written by a newer DuckDB", ConfigError),
        (duckdb.IOException('Error opening "x": file was written with a storage version greater than '
                            "the latest version supported by this DuckDB instance."),
         "written by a newer DuckDB", ConfigError),
        (duckdb.IOException('Cannot open file "x": Permission denied'), "may not read", ConfigError),
        (duckdb.IOException("Could not write file: No space left on device"), "disk is full", StoreError),
        (duckdb.OutOfMemoryException("failed to pin block of size 256.0 KiB (1000.0 MiB used)"),
         "could not be read or written", StoreError),
        (duckdb.OutOfMemoryException("Out of Memory Error: could not allocate"), "read or written",
         StoreError),
        (duckdb.FatalException("FATAL Error: database has been invalidated"), "run again", StoreError),
    ],
)  # fmt: skip
def test_each_failure_has_its_own_words(
    error: duckdb.Error, words: str, kind: type[Exception]
) -> None:
    said = explained(error, Path("/srv/work/x.work.duckdb"))
    assert isinstance(said, kind), said
    assert words in str(said)
    assert "remove" not in str(said) and "delete" not in str(said)


def test_a_mistake_in_a_statement_is_no_failure_of_the_store(paths: StorePaths) -> None:
    """Else a fault of ours would read as advice about a healthy file."""
    mistake = duckdb.BinderException("no such column")
    assert explained(mistake, paths.work) is mistake
    with pytest.raises(duckdb.CatalogException), look_at(Store(paths)) as database:
        database.execute("select * from sync.gone")


def test_writing_anew_says_what_is_wrong_with_the_file(paths: StorePaths) -> None:
    broken_block(paths.work)
    with pytest.raises(StoreError, match="The working file is damaged"):
        write_anew(paths.work, None, None)


@pytest.mark.parametrize(
    "error",
    [
        duckdb.TransactionException("Failed to commit: No space left on device"),
        duckdb.IOException('Could not write file "x": No space left on device'),
    ],
    ids=["commit", "write"],
)
def test_a_disk_that_is_full_while_a_command_writes_is_told_as_such(
    paths: StorePaths, error: duckdb.Error
) -> None:
    """Whoever opens the store: an approval, an undo, or a run that only notes how it ended."""
    with pytest.raises(StoreError, match="disk is full"), open_store(paths):
        raise error
    # The control: a mistake of ours stays one.
    with pytest.raises(duckdb.TransactionException), open_store(paths):
        raise duckdb.TransactionException("Transaction conflict")
