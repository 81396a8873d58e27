"""Nights of an employer's HR, drawn by the sandbox, as the lines that a source says.

No server stands between: the records are mapped here, so that thousands of people take seconds.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from people_sandbox.alveno.world import AlvenoWorld
from people_sandbox.loket.world import LoketWorld
from people_sandbox.nights import KINDS, Night, let_pass
from people_sandbox.population import World
from people_transforms.models.contracts import raw_streams

from .oddities import type_oddities

AS_OF = dt.date(2026, 3, 2)
EMPLOYERS = 8
# Neither is a day, so these two people are set aside.
UNREADABLE_DAYS = ("2026-13-32", "soon")

Record = dict[str, Any]
Source = LoketWorld | AlvenoWorld


def nights(source_system: str, people: int) -> Iterator[list[bytes]]:
    """Give the lines of three nights: after each, people start, leave, return, move and change."""
    world: Source = (
        LoketWorld(World(7, people, EMPLOYERS, AS_OF))
        if source_system == "loket"
        else AlvenoWorld(World(7, people, 1, AS_OF))
    )
    counts = dict.fromkeys(KINDS, people // 50)
    for number in range(3):
        if number:
            day = AS_OF + dt.timedelta(days=number - 2)
            let_pass(Night(day, number, counts), [world])
        if number == 2:
            type_oddities(world)
        yield _lines(source_system, world, is_last=number == 2)


def _lines(source_system: str, world: Source, *, is_last: bool) -> list[bytes]:
    streams = raw_streams(source_system)
    records = loket_records(world) if isinstance(world, LoketWorld) else alveno_records(world)
    if is_last:
        first_day = "startDate" if source_system == "loket" else "valid_from"
        for record, day in zip(records["employments"][10:], UNREADABLE_DAYS, strict=False):
            record[first_day] = day
        records["employments"] = _without_some(records["employments"])
    lines: list[bytes] = []
    for name, rows in records.items():
        # As many as the list says it has, or nobody could ever be absent.
        sizes = Counter(row.get(streams[name].scope or "") for row in rows)
        if is_last and name == "employee_custom_fields":
            # One employer's list was not read to its end.
            sizes[rows[0]["employer_id"]] += 1
        for row in rows:
            total = sizes[row.get(streams[name].scope or "")]
            lines.append(_line({"type": "RECORD", "record": {
                "stream": name, "data": {**row, "total_size": total}, "emitted_at": 1}}))  # fmt: skip
    return [*lines, *_endings(records)]


def _without_some(employments: list[Record]) -> list[Record]:
    """Leave out the last employment of some people who have several: HR said no end of it."""
    last: dict[str, int] = {}
    several: set[int] = set()
    for number, row in enumerate(employments):
        employee = row["employee_id"] if "employee_id" in row else row["employee"]["id"]
        if employee in last:
            several.add(number)
        last[employee] = number
    gone = several & set(list(last.values())[::7])
    return [row for number, row in enumerate(employments) if number not in gone]


def _endings(streams: Iterable[str]) -> Iterator[bytes]:
    for name in streams:
        status = {"stream_descriptor": {"name": name}, "status": "COMPLETE"}
        trace = {"type": "STREAM_STATUS", "emitted_at": 1, "stream_status": status}
        yield _line({"type": "TRACE", "trace": trace})


def _line(message: Record) -> bytes:
    return orjson.dumps(message) + b"\n"


def loket_records(world: LoketWorld) -> dict[str, list[Record]]:
    """The streams that the models read; values of every second person are read in bulk."""
    rows = {name: [dict(row) for row in found] for name, found in world.snapshot().items()}
    first_employment = {row["employee"]["id"]: row["id"] for row in rows["employments"][::-1]}
    return {
        "employers": rows["employers"],
        "employees": rows["employees"],
        "employments": rows["employments"],
        "custom_field_definitions": rows["custom_field_definitions"],
        "employee_custom_fields": [
            _value(row, "employeeCustomFields", number, first_employment)
            for number, row in enumerate(rows["employee_custom_fields"])
        ],
        "employment_custom_fields": [
            _value(row, "employmentCustomFields", 0, {}) for row in rows["employment_custom_fields"]
        ],
        "user_filter_settings": rows["filter_settings"],
        "leave_balances": rows["leave_balances"],
        "payroll_administrations": rows["payroll_administrations"],
        "payroll_runs": [
            {**row, "payrollAdministrationId": row["payroll_administration_id"]}
            for row in rows["payroll_runs"]
        ],
    }


def _value(row: Record, level: str, number: int, first_employment: dict[str, str]) -> Record:
    employee = row.get("employee_id")
    is_bulk = number % 2 == 1 and employee in first_employment
    return {
        "id": row["id"],
        "employer_id": row["employer_id"],
        "employmentId": first_employment.get(employee, "") if is_bulk else row.get("employment_id"),
        "employeeId": None if is_bulk else employee,
        level: {"customField": row["customField"], "value": row["value"]},
    }


def alveno_records(world: AlvenoWorld) -> dict[str, list[Record]]:
    """The streams as source-alveno names them."""
    rows = {name: list(found) for name, found in world.snapshot().items()}
    here = {"employer_id": "alveno"}
    return {
        "employers": [{**here, "name": "Testovací s.r.o."}],
        "operations": [
            {**here, "operation_id": str(row["OperationID"]), "name": row["Name"]}
            for row in rows["operations"]
        ],
        "employees": [
            {
                **here,
                "employee_id": str(row["EmployeeID"]),
                "personal_number": row["PersonalID"],
                "first_name": row["Firstname"],
                "last_name": row["Lastname"],
                "email": row["Email"],
                "note": row["Note"],
                "chip_numbers": _chips(row["EmployeeID"], row["ChipNumber"]),
            }
            for row in rows["employees"]
        ],
        "employments": [
            {
                **here,
                "employment_id": str(row["WorkloadID"]),
                "employee_id": str(row["EmployeeID"]),
                "operation_id": str(row["OperationID"]),
                "contract_type": row["ContractType"],
                "valid_from": row["DateFrom"],
                "valid_to": row["DateTo"],
                "note": "LDID: 32570" if row["WorkloadID"] % 31 == 0 else None,
            }
            for row in rows["workloads"]
        ],
    }


def _chips(number: int, chip: str | None) -> object:
    """A list as a rule; what else may be stored is a text of JSON, a number, an object or nothing."""
    several = {1: json.dumps(chip), 2: number, 3: [chip, chip, f"{number:06}"], 4: [None, " "]}
    others = {0: None, 5: {}, **several}
    return others.get(number % 40, [chip] if chip else [])
