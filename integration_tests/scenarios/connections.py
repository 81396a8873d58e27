"""A connection in a folder of its own: its files, and the processes a person would start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_sandbox.client import Sandbox
from people_sandbox.postgres import Postgres
from people_sync.commands.store import look_at, store_of
from people_transforms.store.database_file import load_extension

BIN = Path(sys.executable).parent
NOTHING = Path(os.devnull)
EDGES = Path(__file__).with_name("edges.py")
PLATFORM = {"destination-alleo": "alleo", "destination-lunchdrive": "lunchdrive"}
PAIRS = {
    "alleo": ("source-loket", "destination-alleo"),
    "lunchdrive": ("source-alveno", "destination-lunchdrive"),
}
# For `pytestmark`: every test of the module on a file, and by `make matrix` on a lake too. What a lake adds
# has tests of its own.
FILE_AND_LAKE = pytest.mark.parametrize(
    "lake",
    ["file", pytest.param("ducklake", marks=(pytest.mark.long, pytest.mark.matrix))],
    indirect=True,
)
_PLACE = {"alleo": "company_id", "lunchdrive": "client_id"}
_IS_ACTIVE = {"alleo": "is_active", "lunchdrive": "active"}


@dataclass(frozen=True)
class Ended:
    """How a process ended and what it said."""

    code: int
    out: str
    err: str = ""
    points: tuple[str, ...] = ()

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The one JSON object of `--output json`."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        """The Airbyte messages of a connector; every line must be one."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def states(self) -> list[dict[str, Any]]:
        return [message["state"] for message in self.messages if message["type"] == "STATE"]

    @property
    def trace(self) -> dict[str, Any]:
        """The one error trace."""
        found = [
            message["trace"]["error"]
            for message in self.messages
            if message["type"] == "TRACE" and message["trace"]["type"] == "ERROR"
        ]
        assert len(found) == 1, self.out + self.err
        error: dict[str, Any] = found[0]
        return error


def stopped(ended: Ended, *words: str) -> None:
    """The connector ended in words, and nothing counts as stored."""
    assert ended.code == 1, ended.out + ended.err
    assert ended.trace["failure_type"] == "transient_error", ended.trace
    assert all(word in ended.trace["message"] for word in words), ended.trace["message"]
    assert "Traceback" not in ended.out + ended.err
    assert ended.states == []


@dataclass
class Launcher:
    """Starts one program's real entry point again and again; see `edges.py`."""

    module: str
    folder: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        argv: list[str],
        cwd: Path,
        lines: Path = NOTHING,
        *,
        watched: bool = False,
        **limits: int | str | None,
    ) -> Ended:
        """Run to the end, or to a limit; `kill_at`, `largest_file` and `plant` are as in `edges.py`.

        `watched` tells the points that it touched; a limit needs it.
        """
        names = ("stdout", "stderr", *(("points",) if watched else ()))
        files = {name: str(self.folder / name) for name in names}
        code = self.order({"argv": argv, "cwd": str(cwd), "stdin": str(lines), **limits, **files})
        said = {name: Path(path).read_text("utf-8", "replace") for name, path in files.items()}
        points = tuple(said.get("points", "").splitlines())
        return Ended(code, said["stdout"], said["stderr"], points)

    def order(self, order: dict[str, Any]) -> int:
        """Give one order and wait for its exit code."""
        if self._process is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._process = subprocess.Popen(
                [sys.executable, EDGES, self.module], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        code: int = json.loads(self._process.stdout.readline())["code"]
        return code

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin and self._process.stdout
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()


@dataclass
class SharedLake:
    """A lake in a database of its own, that can be put back to how it was kept."""

    postgres: Postgres
    conninfo: str
    data: Path

    @property
    def warehouse(self) -> dict[str, Any]:
        """The setting that leads to it."""
        catalog = f"postgres:{self.conninfo}"
        return {"type": "ducklake", "catalog": catalog, "data_path": str(self.data)}

    def ask(self, query: str) -> list[Any]:
        """Ask about all connections, as an analyst of the lake would: `select … from sync.runs`."""
        with duckdb.connect() as analyst:
            for name in ("postgres_scanner", "ducklake"):
                load_extension(analyst, name, "")
            analyst.execute(f"attach 'ducklake:postgres:{self.conninfo}' as lake (read_only)")
            analyst.execute("use lake")
            return analyst.execute(query).fetchall()

    def keep(self) -> str:
        """Copy the catalog; files are never changed, so they need no copy."""
        copy = f"{self._name}_kept"
        self._run("dropdb", "--if-exists", copy)
        self._run("createdb", "--template", self._name, copy)
        return copy

    def restore(self, copy: str) -> None:
        self._run("dropdb", "--force", self._name)
        self._run("createdb", "--template", copy, self._name)

    @property
    def _name(self) -> str:
        return self.conninfo.rsplit("dbname=", 1)[1]

    def _run(self, program: str, *arguments: str) -> None:
        address = ["-h", "127.0.0.1", "-p", str(self.postgres.port), "-U", "people"]
        subprocess.run(
            [self.postgres.programs / program, *address, *arguments],
            check=True,
            stderr=subprocess.DEVNULL,
        )


@dataclass
class Connection:
    """Source and destination with their configurations, as in the README."""

    box: Sandbox
    folder: Path
    source: str
    destination: str
    programs: Mapping[str, Launcher]
    kept: dict[str, bytes]
    source_settings: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    lake: SharedLake | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write("source.json", self.box.config(self.source, **self.source_settings))
        self._write("destination.json", self.box.config(self.destination, **self.settings))
        self.file.write_text(
            f"source: {{connector: {self.source}, config: source.json}}\n"
            f"destination: {{connector: {self.destination}, config: destination.json}}\n"
            "state: .people-sync/state.json\n"
        )

    @property
    def platform(self) -> str:
        return PLATFORM[self.destination]

    @property
    def launcher(self) -> Launcher:
        """The destination's."""
        return self.programs[self.destination]

    @property
    def file(self) -> Path:
        return self.folder / "connection.yaml"

    @property
    def store(self) -> Path:
        """The folder with the published file, the report and the working file."""
        return self.folder / ".people-sync" / self.platform

    @property
    def staging(self) -> Path:
        return self.store / "staging.duckdb"

    def configure(self, **settings: Any) -> None:
        """Change settings of the destination."""
        path = self.folder / "destination.json"
        self._write(path.name, json.loads(path.read_text()) | settings)

    def configure_source(self, **settings: Any) -> None:
        path = self.folder / "source.json"
        self._write(path.name, json.loads(path.read_text()) | settings)

    def sync(self, *arguments: str) -> Ended:
        """`people-sync run`, as a process of its own: many may pass at once."""
        command = [str(BIN / "people-sync"), "run", str(self.file), "--output", "json"]
        return run([*command, *arguments], self.folder)

    def approve(self, by: str = "test") -> Ended:
        """`people-sync approve` of the latest plan."""
        plan_hash = self.ask("select plan_hash from sync.runs order by run_id desc limit 1")[0][0]
        ended = self.command("approve", plan_hash, "--connection", str(self.file), "--by", by)
        assert ended.code == 0, ended.err
        return ended

    def command(self, *arguments: str, **limits: Any) -> Ended:
        """Any command of `people-sync`; what it starts itself are fresh processes."""
        if "people-sync" in self.programs:
            return self.programs["people-sync"].start([*arguments], self.folder, **limits)
        return run([str(BIN / "people-sync"), *arguments], self.folder)

    def read(self) -> Path:
        """Run the source alone and keep its lines in a file."""
        lines = self.folder / "lines.jsonl"
        argv = ["read", "--config", "source.json", "--catalog", str(self.catalog())]
        source = self.programs[self.source]
        ended = source.start(argv, self.folder)
        assert ended.code == 0, ended.err
        # Every byte as it was said, also what is no text.
        shutil.copyfile(source.folder / "stdout", lines)
        return lines

    def first_lines(self) -> Path:
        """What the source says of the sandbox's first day, read once for all tests."""
        if self.source not in self.kept:
            self.kept[self.source] = self.read().read_bytes()
        lines = self.folder / "lines.jsonl"
        lines.write_bytes(self.kept[self.source])
        return lines

    def catalog(self, *without: str) -> Path:
        """The configured catalog that the platform would make of `discover`."""
        path = self.folder / "catalog.json"
        kept = f"catalog of {self.source}"
        if kept not in self.kept:
            argv = ["discover", "--config", "source.json"]
            ended = self.programs[self.source].start(argv, self.folder)
            streams = next(m["catalog"] for m in ended.messages if m["type"] == "CATALOG")
            self.kept[kept] = json.dumps(configured(streams["streams"])).encode()
        path.write_bytes(self.kept[kept])
        if without:
            streams = json.loads(path.read_text())["streams"]
            streams = [one for one in streams if one["stream"]["name"] not in without]
            path = self.folder / "smaller.json"
            self._write(path.name, {"streams": streams})
        return path

    def write(self, lines: Path, catalog: Path | None = None, **limits: int | str | None) -> Ended:
        """Run the destination alone on recorded lines."""
        argv = ["write", "--config", "destination.json", "--catalog"]
        argv.append(str(catalog or self.catalog()))
        return self.launcher.start(argv, self.folder, lines, watched=True, **limits)

    def check(self) -> Ended:
        """Let the destination check its configuration."""
        argv = ["check", "--config", "destination.json"]
        return self.launcher.start(argv, self.folder)

    def activate(self, lines: Path) -> None:
        """The first plan, its approval and the first delivery."""
        assert self.write(lines).code == 3
        self.approve()
        ended = self.write(lines)
        assert ended.code == 0, ended.out + ended.err

    def writes(self) -> list[dict[str, Any]]:
        """The platform's own log of calls that change something."""
        return self.box.requests(self.platform, writes=True)

    def accepted(self) -> list[dict[str, Any]]:
        """Those of them that changed something: without a store what was refused is sent again."""
        return [call for call in self.writes() if call["status"] < 400]

    def accounts(self) -> list[dict[str, Any]]:
        return self.box.accounts(self.platform)

    def active(self) -> set[tuple[str, str]]:
        """What the platform has: (company or client, external id) of every active account."""
        return {
            (str(account[_PLACE[self.platform]]), account["external_id"])
            for account in self.accounts()
            if account[_IS_ACTIVE[self.platform]]
        }

    def desired(self) -> set[tuple[str, str]]:
        """What the mart of the latest run wants."""
        mart = {"alleo": "alleo_employees", "lunchdrive": "lunchdrive_diners"}[self.platform]
        rows = self.ask(
            f"select account_key, external_id from mart.{mart} where desired_state = 'active'"
        )
        return set(rows)

    def duplicates(self) -> list[tuple[str, str]]:
        """Accounts that exist more than once; must be none."""
        keys = [
            (str(account[_PLACE[self.platform]]), account["external_id"])
            for account in self.accounts()
            if account["external_id"]
        ]
        return sorted({key for key in keys if keys.count(key) > 1})

    def ask(self, query: str) -> list[Any]:
        """Query what was published as an analyst would: the file, or this connection's lake rows."""
        if self.lake is not None and not self.staging.is_file():
            with look_at(store_of(self.file)) as rows:
                return rows.execute(query).fetchall()
        config = json.loads((self.folder / "destination.json").read_text())
        key = config.get("warehouse", {}).get("encryption_key")
        options = "read_only, encryption_key ?" if key else "read_only"
        with duckdb.connect() as store:
            store.execute(f"attach '{self.staging}' as staging ({options})", [key] if key else None)
            store.execute("use staging")
            return store.execute(query).fetchall()

    def forget(self) -> None:
        """Delete the store."""
        shutil.rmtree(self.folder / ".people-sync", ignore_errors=True)

    def keep(self, folder: Path) -> None:
        """Copy the store, to start from it again."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder / ".people-sync", folder)
        if self.lake is not None:
            (folder / "catalog").write_text(self.lake.keep())

    def restore(self, folder: Path) -> None:
        shutil.rmtree(self.folder / ".people-sync", ignore_errors=True)
        shutil.copytree(folder, self.folder / ".people-sync")
        if self.lake is not None:
            self.lake.restore((folder / "catalog").read_text())

    def _write(self, name: str, value: Any) -> None:
        path = self.folder / name
        path.write_text(json.dumps(value))
        path.chmod(0o600)


def configured(streams: list[dict[str, Any]]) -> dict[str, Any]:
    """Select every stream, as the platform's user would."""
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    return {"streams": [{"stream": stream, **modes} for stream in streams]}


def run(command: list[str], folder: Path) -> Ended:
    """Run a program to its end."""
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)
