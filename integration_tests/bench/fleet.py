"""A night of a fleet: many employers of 150 people in one lake, through four processes.

What is real: PostgreSQL (started here), the lake's files on this disk, the engine, the platform's client
and its HTTP calls to the sandbox in another process. What is simulated: every employer has had the same two
nights (a first import, a quiet night), lived once and copied in the lake, each with files of its own; tonight
two people of every third employer have another name, the others nothing new. Of a large fleet an even sample
lives tonight: a night's cost depends on how much the lake holds, not on how many have lived before it.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from destination_alleo.client import AlleoVendor
from destination_alleo.settings import parse_alleo_settings
from people_sandbox import start_sandbox
from people_sandbox.postgres import Postgres, start_postgres
from people_transforms.landing.catalog import of_streams
from people_transforms.models.contracts import raw_streams
from people_transforms.night import run_night
from people_transforms.settings import Brakes, Settings, WarehouseSettings
from people_transforms.store.lake.attach import attached
from people_transforms.store.lake.tables import KEPT_IN_CATALOG
from people_transforms.store.warehouse import open_warehouse, store_paths

from integration_tests.bench.lines import write_night
from integration_tests.bench.live import let_it_send
from integration_tests.bench.people import employer_id

_PEOPLE, _PROCESSES, _FEW, _SAMPLE = 150, 4, 100, 200
_CHANGES_EVERY = 3
_NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
_PROJECTED = 10_000


@dataclass(frozen=True, slots=True)
class Job:
    """What a process needs to live nights: the lake, the platform, the lines of a night."""

    catalog: str
    data: str
    folder: str
    config: dict[str, Any]
    lines: dict[str, str]

    def settings(self) -> Settings:
        return Settings(
            vendor="alleo",
            source_system="loket",
            configuration={"companies": self.config["companies"], "language": "nl"},
            brakes=Brakes(additions=None),
        )

    def live(
        self, vendor: AlleoVendor, number: int, lines: str, now: dt.datetime
    ) -> dict[str, float]:
        """Live one night of one employer."""
        warehouse = WarehouseSettings(
            type="ducklake",
            catalog=f"postgres:{self.catalog}",
            data_path=self.data,
            connection_id=_name(number),
        )
        paths = store_paths(warehouse, "alleo", Path(self.folder) / str(os.getpid()))
        with open_warehouse(paths) as run, Path(lines).open("rb") as said:
            assert run.lake is not None
            let_it_send(run.connection, self.settings())
            night = run_night(
                run,
                vendor,
                self.settings(),
                said,
                catalog=of_streams(raw_streams("loket")),
                now=now,
            )
            if night.outcome != "done":
                raise SystemExit(f"Employer {number} had no good night: {night.message}")
        shutil.rmtree(paths.folder, ignore_errors=True)
        return {"retries": run.lake.retries, "calls": float("update" in night.message)}


@dataclass(frozen=True, slots=True)
class Measured:
    """A night of some employers: wall seconds, CPU seconds of runs and PostgreSQL, conflicts."""

    employers: int
    wall: float
    cpu: float
    retries: float

    @property
    def cost(self) -> float:
        return self.cpu / self.employers


def run(size: int, rounds: int = 1) -> dict[str, float]:
    """Measure a fleet of `size` employers, and one of a hundred to compare its cost with."""
    few = min(_FEW, size)
    with (
        start_postgres() as postgres,
        start_sandbox(size=4, seed=3) as box,
        tempfile.TemporaryDirectory() as folder,
    ):
        job = _job(postgres, box, Path(folder))
        _live_first_nights(job)
        _copy(job, range(1, few + 1))
        small = _night(postgres, job, _sample(range(1, few + 1)))
        large = small
        if size > few:
            _copy(job, range(few + 1, size + 1))
            large = _night(postgres, job, _sample(range(few + 1, size + 1)))
    _tell(size, few, small, large)
    return {
        "fleet_employers_per_minute": 60 * large.employers / large.wall,
        "fleet_conflict_retries": large.retries,
        "fleet_cost_s_per_employer": large.cost,
        "fleet_cost_growth": large.cost / small.cost,
        "fleet_lived": float(large.employers),
    }


def _job(postgres: Postgres, box: Any, folder: Path) -> Job:
    config = box.config("destination-alleo")
    company = config["companies"][0]["company_id"]
    config["companies"] = [{"employer_id": employer_id(0), "company_id": company}]
    quiet, changed = folder / "quiet.jsonl", folder / "changed.jsonl"
    write_night(quiet, _PEOPLE)
    text = quiet.read_bytes()
    for person in (7, 70):
        text = text.replace(b'"Bergen %d"' % person, b'"Dalen %d"' % person)
    changed.write_bytes(text)
    return Job(
        catalog=postgres.new_database(),
        data=str(folder / "lake"),
        folder=str(folder / "local"),
        config=config,
        lines={"quiet": str(quiet), "changed": str(changed)},
    )


def _live_first_nights(job: Job) -> None:
    vendor = AlleoVendor(parse_alleo_settings(job.config))
    for days in (2, 1):
        job.live(vendor, 0, job.lines["quiet"], _NOW - dt.timedelta(days=days))
    vendor.close()


def _copy(job: Job, numbers: range) -> None:
    """Give these employers what employer 0 has, in files of their own as if each had written them."""
    warehouse = WarehouseSettings(
        type="ducklake",
        catalog=f"postgres:{job.catalog}",
        data_path=job.data,
        connection_id=_name(0),
    )
    paths = store_paths(warehouse, "alleo", Path(job.folder))
    with open_warehouse(paths) as opened:
        connection, lake = opened.connection, opened.lake
        assert lake is not None
        with lake.locks.turn(), attached(connection, lake.place, lake.locks):
            tables = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables() "
                "where database_name = 'lake' and schema_name <> 'private' order by all"
            ).fetchall()
            for (table,) in tables:
                in_files = table not in KEPT_IN_CATALOG
                if in_files:
                    connection.execute(
                        f"alter table lake.{table} set partitioned by (connection_id)"
                    )
                for start in range(numbers.start, numbers.stop, 500):
                    connection.execute(
                        f"insert into lake.{table} select copied.name, mine.* exclude connection_id "
                        f"from (from lake.{table} where connection_id = ?) as mine, "
                        "(select format('fleet-{:05}', number) as name "
                        "from range(?, ?) as numbers (number)) as copied",
                        [_name(0), start, min(start + 500, numbers.stop)],
                    )
                if in_files:
                    connection.execute(f"alter table lake.{table} reset partitioned by")


def _name(number: int) -> str:
    return f"fleet-{number:05}"


def _sample(numbers: range) -> list[int]:
    return list(numbers[:: max(1, len(numbers) // _SAMPLE)])[:_SAMPLE]


def _night(postgres: Postgres, job: Job, numbers: Sequence[int]) -> Measured:
    """Live tonight in four processes; start-up of the processes is not counted."""
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(_PROCESSES + 1)
    results = spawn.Queue()
    processes = [
        spawn.Process(target=_work, args=(job, list(numbers[first::_PROCESSES]), ready, results))
        for first in range(_PROCESSES)
    ]
    for process in processes:
        process.start()
    ready.wait()
    began, before = time.perf_counter(), postgres.cpu_seconds()
    said = [results.get() for _ in processes]
    wall, server = time.perf_counter() - began, postgres.cpu_seconds() - before
    for process in processes:
        process.join()
    if any(one is None for one in said):
        raise SystemExit("A process of the fleet failed; see above.")
    cpu = server + sum(one["cpu"] for one in said)
    return Measured(len(numbers), wall, cpu, sum(one["retries"] for one in said))


def _work(job: Job, numbers: list[int], ready: Any, results: Any) -> None:
    vendor = AlleoVendor(parse_alleo_settings(job.config))
    total = {"cpu": 0.0, "retries": 0.0}
    ready.wait()
    began = time.process_time()
    try:
        for number in numbers:
            kind = "changed" if number % _CHANGES_EVERY == 0 else "quiet"
            total["retries"] += job.live(vendor, number, job.lines[kind], _NOW)["retries"]
    except BaseException:
        results.put(None)
        raise
    finally:
        vendor.close()
    total["cpu"] = time.process_time() - began
    results.put(total)


def _tell(size: int, few: int, small: Measured, large: Measured) -> None:
    cores = os.cpu_count() or 1
    hours = _PROJECTED * large.cost / cores / 3600
    print(
        f"{size:,} employers × {_PEOPLE} people in one lake; {large.employers} of them lived tonight, "
        f"two people renamed in every third. CPU per employer, runs and PostgreSQL together: "
        f"{small.cost:.2f} s with {few} in the lake, {large.cost:.2f} s with {size:,}.\n"
        f"{_PROJECTED:,} employers would take {hours:.1f} h on these {cores} cores, if the cost stays what "
        f"it is at {size:,}, and {hours * cores / 32:.1f} h on 32 cores as long as writers' turns "
        f"leave room; reading the HR system and waiting for the platform are not counted."
    )
