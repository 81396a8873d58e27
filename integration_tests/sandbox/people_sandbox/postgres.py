"""A PostgreSQL of one's own for tests and benchmarks of the lake: a fresh cluster on a free loopback port.

Debian's package brings the programs; no cluster of the machine is used or touched. PostgreSQL refuses to
run as root, so root lends it to `postgres` or `nobody`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NO_POSTGRES = "no PostgreSQL here: `apt-get install postgresql` ends this skip"
_SLOW = 60.0
_PROGRAMS = ("postgres", "initdb", "createdb", "pg_isready")


@dataclass
class Postgres:
    """A running cluster; `catalog` names one of its databases as the lake's setting wants it."""

    folder: Path
    port: int
    programs: Path
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
        }
        set_to = [word for option in options.items() for word in ("-c", "=".join(option))]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port)]
                + set_to,
                user=self.user,
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        ask = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        began = time.monotonic()
        while subprocess.run(ask, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() - began > _SLOW:
                raise RuntimeError((self.folder / "log").read_text("utf-8", "replace"))
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server at once; what was committed stays."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(_SLOW)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
            self.process = None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def said(self) -> str:
        """The end of the server's log."""
        return (self.folder / "log").read_text("utf-8", "replace")[-2000:]

    def conninfo(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=people dbname={database}"

    def new_database(self, like: str | None = None) -> str:
        """Make a database, empty or like another one; gives its connection string."""
        name = f"lake_{uuid.uuid4().hex[:10]}"
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "people"]
        template = ["--template", like] if like else []
        subprocess.run([self.programs / "createdb", *address, *template, name], check=True)
        return self.conninfo(name)

    def cpu_seconds(self) -> float:
        """Add up the CPU time of the server and all processes it has had."""
        assert self.process is not None
        tick = os.sysconf("SC_CLK_TCK")
        total = 0.0
        for pid in [self.process.pid, *_children(self.process.pid)]:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                # Of the server itself also what its ended children took.
                mine = words[11:15] if pid == self.process.pid else words[11:13]
                total += sum(map(int, mine)) / tick
        return total


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in listed]


def find_programs() -> Path | None:
    """Find PostgreSQL's programs, all of them; Debian keeps them off the PATH, by version."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    folders += [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in folders:
        if all((folder / name).exists() for name in _PROGRAMS):
            return folder
    return None


@contextlib.contextmanager
def start_postgres() -> Iterator[Postgres]:
    """Run a cluster in a temporary folder for the body; see NO_POSTGRES for what it needs."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError(NO_POSTGRES)
    folder = Path(tempfile.mkdtemp(prefix="people-postgres-"))
    postgres = Postgres(folder, _free_port(), programs, _lent_to())
    try:
        if postgres.user:
            shutil.chown(folder, postgres.user)
        subprocess.run(
            [
                programs / "initdb",
                *("-D", folder / "data", "-U", "people", "--auth=trust", "-E", "UTF8"),
                *("--locale=C", "--no-sync"),
            ],
            user=postgres.user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        postgres.start()
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _lent_to() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
