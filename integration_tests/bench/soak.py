"""400 nights of one employer in one process: nothing may grow but what is known.

Every night six people join, six leave and one in a hundred gets another name; leavers stay listed for
two months. Now and then the read breaks off half-way, the platform fails for some calls, or it
refuses the key. Run in the connector's own code against the sandbox's Alleo.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from destination_alleo.client import AlleoVendor
from destination_alleo.settings import parse_alleo_settings
from people_sandbox import start_sandbox
from people_transforms.conclusion import Night
from people_transforms.errors import SyncError
from people_transforms.landing.catalog import of_streams
from people_transforms.models.contracts import raw_streams
from people_transforms.night import run_night
from people_transforms.settings import Brakes, Retention, Settings, WarehouseSettings
from people_transforms.store.database_file import write_anew
from people_transforms.store.warehouse import StorePaths, open_warehouse, store_paths

from integration_tests.bench.lines import STREAMS, endings, record
from integration_tests.bench.live import let_it_send
from integration_tests.bench.people import employee_id, employer_id, employment_id

_FIRST = dt.date(2026, 1, 5)
_NIGHTS, _FEW_NIGHTS = 400, 20
_MOVES = 6
_LISTED_AFTER = 60
_FIELDS = 5
# Night → what goes wrong, when the night's number is a multiple.
_CUT_EVERY, _FAILING_EVERY, _REFUSED_EVERY = 20, 33, 50


def run(size: int, rounds: int = 1) -> dict[str, float]:
    """Live the nights of `size` people and compare the last tenth with the second tenth."""
    nights = _NIGHTS if size >= 1000 else _FEW_NIGHTS
    samples: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name, start_sandbox(size=4, seed=3) as box:
        paths = store_paths(WarehouseSettings(path=name), "alleo")
        config = box.config("destination-alleo")
        company = config["companies"][0]["company_id"]
        config["companies"] = [{"employer_id": employer_id(0), "company_id": company}]
        settings = _settings(config)
        vendor = AlleoVendor(parse_alleo_settings(config))
        for number in range(nights):
            _trouble(box, number)
            started = time.process_time()
            outcome = _live(paths, vendor, settings, number, size)
            samples.append(_sample(paths, time.process_time() - started))
            box.clear_faults()
            if outcome is None and number % _REFUSED_EVERY:
                raise SystemExit(f"Night {number} failed and nothing was wrong with it.")
        vendor.close()
        active = sum(account["is_active"] for account in box.accounts("alleo"))
        if active != size:
            raise SystemExit(f"The nights were not lived: {active} of {size} have an account.")
        ratio = _size_ratio(paths)
    tenth = len(samples) // 10
    early, late = samples[tenth : 2 * tenth], samples[-tenth:]
    figures = {
        f"soak_{name}_growth": _median(late, name) / _median(early, name)
        for name in ("memory", "files", "seconds")
    }
    return figures | {"soak_size_ratio": ratio, "soak_nights": float(len(samples))}


def _settings(config: dict[str, Any]) -> Settings:
    return Settings(
        vendor="alleo",
        source_system="loket",
        configuration={"companies": config["companies"], "language": "nl"},
        # Of few people six a night are many.
        brakes=Brakes(**dict.fromkeys(Brakes.model_fields)),
        retention=Retention(raw=90, plan=90, deliveries=90, findings=90),
    )


def _trouble(box: Any, number: int) -> None:
    if number and number % _FAILING_EVERY == 0:
        box.fault("alleo", "server_error", times=3)
    if number and number % _REFUSED_EVERY == 0:
        box.fault("alleo", "forbidden")


def _live(
    paths: StorePaths, vendor: AlleoVendor, settings: Settings, number: int, size: int
) -> Night | None:
    day = _FIRST + dt.timedelta(days=number)
    lines = list(_lines(number, size))
    if number and number % _CUT_EVERY == 0:
        lines = lines[: len(lines) // 2]
    now = dt.datetime.combine(day, dt.time(1), dt.UTC)
    try:
        with open_warehouse(paths) as store:
            let_it_send(store.connection, settings)
            catalog = of_streams(raw_streams(settings.source_system))
            return run_night(store, vendor, settings, lines, catalog=catalog, now=now)
    except SyncError:
        return None


def _lines(number: int, size: int) -> Iterator[bytes]:
    """The night's records: who is listed, with their employment and extra fields."""
    first = max(0, _MOVES * (number - _LISTED_AFTER))
    people = range(first, size + _MOVES * number)
    home = {"employer_id": employer_id(0)}
    counted = home | {"total_size": len(people)}
    yield record("employers", {"id": home["employer_id"], **home, "total_size": 1,
                               "companyName": "Employer 0", "employerNumber": 0})  # fmt: skip
    for person in people:
        version = (number + 31 * person) // 100
        yield record("employees", {
            "id": employee_id(person), **counted, "employeeNumber": 100_000 + person,
            "personalDetails": {"firstName": "Susan", "lastName": f"Bergen {person} {version}",
                                "initials": "S.", "prefix": None, "dateOfBirth": "1980-01-01",
                                "dateOfDeath": None},
            "contactInformation": {"emailAddress": None,
                                   "businessEmailAddress": f"person{person}@example.nl"},
        })  # fmt: skip
    for person in people:
        left = person // _MOVES
        last_day = _FIRST + dt.timedelta(days=left)
        yield record("employments", {
            "id": employment_id(person, 0), **counted, "employee": {"id": employee_id(person)},
            "startDate": "2020-01-01", "historicalStartDate": "2020-01-01",
            "endDate": last_day.isoformat() if left <= number else None,
            "payrollAdministration": {"id": "PA0"},
        })  # fmt: skip
    yield record("custom_field_definitions", {
        "id": "F1", "description": "alleo_access", **home, "total_size": 1})  # fmt: skip
    for person in people:
        for field in range(1, _FIELDS + 1):
            name = "alleo_access" if field == 1 else f"field {field}"
            employment = employment_id(person, 0)
            yield record("employee_custom_fields", {
                "id": f"{employment}:{field}", **home, "total_size": None,
                "employmentId": employment, "employeeId": None,
                "employeeCustomFields": {"id": str(field), "value": "TRUE" if field == 1 else "x",
                                         "customField": {"id": f"F{field}", "description": name}},
            })  # fmt: skip
    yield from endings(STREAMS)


def _sample(paths: StorePaths, seconds: float) -> dict[str, float]:
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {
        "memory": resident / 1e6,
        "files": float(len(list(Path("/proc/self/fd").iterdir()))),
        "seconds": seconds,
        "size": paths.work.stat().st_size / 1e6,
    }


def _size_ratio(paths: StorePaths) -> float:
    """The working file beside a copy that was written anew."""
    copy = paths.work.with_name("copy.duckdb")
    shutil.copyfile(paths.work, copy)
    write_anew(copy, None, None)
    return paths.work.stat().st_size / copy.stat().st_size


def _median(samples: list[dict[str, float]], name: str) -> float:
    return median(sample[name] for sample in samples)
