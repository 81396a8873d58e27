"""A full disk, a locked store, two runs at once: a clear sentence, and nothing lost."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .connections import Connection, stopped

Connect = Callable[..., Connection]
MEBIBYTE = 1 << 20


@pytest.fixture
def alveno(connect: Connect) -> Connection:
    return connect("source-alveno", "destination-lunchdrive")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of 64 MB where this user may mount one; None elsewhere (then only limits are tested)."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield folder if mounted else None
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.long
def test_a_full_disk_stops_the_run_and_the_next_one_finishes(
    alveno: Connection, small_disk: Path | None
) -> None:
    lines = alveno.first_lines()
    if small_disk is not None:
        store = small_disk / "store"
        alveno.configure(warehouse={"type": "file", "path": str(store / "staging.duckdb")})
        filler = small_disk / "filler"
        for free in (1, 12, 22):
            filler.write_bytes(bytes((64 - free) * MEBIBYTE - 65536))
            ended = alveno.write(lines)
            if ended.code != 3:
                stopped(ended, "disk is full", "free some space")
            filler.unlink()
        assert alveno.writes() == []
        assert alveno.write(lines).code == 3
    # Every user can be given a limit on the size of a file, so this part is never left out.
    alveno.configure(warehouse={"type": "file"})
    seen = set()
    for limit in (64 * 1024, 3 * MEBIBYTE):
        ended = alveno.write(lines, largest_file=limit)
        seen.add(ended.code)
        if ended.code != 3:
            stopped(ended, "full", "free some space")
    assert 1 in seen
    assert alveno.writes() == []
    assert alveno.write(lines).code == 3
    alveno.approve()
    assert alveno.write(lines).code == 0
    assert alveno.active() == alveno.desired() != set()


@pytest.mark.long
def test_a_store_that_another_run_uses_is_left_alone(alveno: Connection) -> None:
    lines = alveno.first_lines()
    alveno.activate(lines)
    alveno.box.clear_requests()
    lock = alveno.store / "work" / "lock"
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        before = alveno.staging.read_bytes()
        stopped(alveno.write(lines), "Another run is using this staging store")
        assert alveno.box.requests("lunchdrive", writes=True) == []
        assert alveno.staging.read_bytes() == before
        checked = alveno.check()
        assert checked.code == 0, checked.out
        (status,) = [
            m["connectionStatus"] for m in checked.messages if m["type"] == "CONNECTION_STATUS"
        ]
        assert status["status"] == "SUCCEEDED", "the store is in use, so it can be used"
    assert alveno.write(lines).code == 0


@pytest.mark.long
def test_a_working_file_that_is_open_elsewhere_is_named(alveno: Connection) -> None:
    lines = alveno.first_lines()
    alveno.activate(lines)
    (work,) = (alveno.store / "work").glob("*.duckdb")
    program = (
        f"import duckdb; c = duckdb.connect({str(work)!r}); print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as analyst:
        assert analyst.stdout is not None
        assert analyst.stdout.readline() == b"open\n"
        stopped(alveno.write(lines), "open in another program")
        analyst.communicate(b"\n")
    assert alveno.write(lines).code == 0


@pytest.mark.long
def test_an_analyst_who_reads_the_published_file_stops_nobody(alveno: Connection) -> None:
    lines = alveno.first_lines()
    alveno.activate(lines)
    program = (
        f"import duckdb; c = duckdb.connect({str(alveno.staging)!r}, read_only=True);"
        "print(c.execute('select count(*) from sync.runs').fetchone()[0], flush=True); input();"
        "print(c.execute('select count(*) from sync.runs').fetchone()[0], flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as analyst:
        assert analyst.stdout is not None
        runs = int(analyst.stdout.readline())
        assert alveno.write(lines).code == 0
        out, _ = analyst.communicate(b"\n")
        assert int(out) == runs, "the open file stays as it was"
    assert alveno.ask("select count(*) from sync.runs") == [(runs + 1,)]


@pytest.mark.long
def test_of_two_runs_at_once_the_second_says_so_and_does_nothing(alveno: Connection) -> None:
    command = [sys.executable, "-m", "people_sync.cli", "run", str(alveno.file)]
    command += ["--output", "json"]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes == [1, 3], said
    (second,) = (
        err for process, (_, err) in zip(both, said, strict=True) if process.returncode == 1
    )
    assert "Another run of this connection is still going on" in second
    assert alveno.writes() == []
    assert alveno.ask("select outcome from sync.runs") == [("held",)]


@pytest.mark.long
def test_a_damaged_working_file_is_named_and_a_lost_one_is_rebuilt(alveno: Connection) -> None:
    lines = alveno.first_lines()
    alveno.activate(lines)
    accounts = alveno.accounts()
    alveno.box.clear_requests()
    (work,) = (alveno.store / "work").glob("*.duckdb")
    kept = work.read_bytes()
    work.write_bytes(b"this is no database" * 1000)
    stopped(
        alveno.write(lines), "The working file is damaged", f"mv {work.parent} {work.parent}.kept"
    )
    work.parent.rename(work.parent.with_name("work.kept"))
    # Nobody has approved this store; the configuration still shows that somebody did.
    approved = alveno.ask("select plan_hash from sync.approvals")[0][0]
    alveno.configure(approved_plan=approved)
    assert alveno.write(lines).code == 0
    assert alveno.writes() == []
    assert alveno.accounts() == accounts
    assert len(kept) > 0
