"""The bare loop that source-alveno is measured against: requests, orjson, one function per list.

No retries, no checks, no configuration; it prints the same bytes.
"""

from __future__ import annotations

import re
import sys
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import requests

PRAGUE = ZoneInfo("Europe/Prague")
WCF = re.compile(r"/Date\((-?\d+)([+-]\d{4})?\)/")


def text(value: Any) -> str | None:
    return None if value is None else str(value).strip() or None


def day(value: str | None) -> str | None:
    if not value:
        return None
    found = WCF.fullmatch(value)
    if not found:
        raise ValueError(value)
    milliseconds = int(found[1])
    if milliseconds < -62_000_000_000_000 or milliseconds > 253_000_000_000_000:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, PRAGUE).date().isoformat()


def employee(row: dict[str, Any], total: int) -> dict[str, Any]:
    chip = text(row["ChipNumber"])
    return {
        "employee_id": text(row["EmployeeID"]),
        "personal_number": text(row["PersonalID"]),
        "first_name": text(row["Firstname"]),
        "last_name": text(row["Lastname"]),
        "email": text(row["Email"]),
        "note": text(row["Note"]),
        "chip_numbers": [chip] if chip else [],
        "is_active": None,
        "is_disabled": None,
        "start_date": None,
        "employer_id": "alveno",
        "total_size": total,
    }


def employment(row: dict[str, Any], total: int) -> dict[str, Any]:
    return {
        "employment_id": text(row["WorkloadID"]),
        "employee_id": text(row["EmployeeID"]),
        "operation_id": text(row["OperationID"]),
        "job_title": text(row["JobTitle"]),
        "contract_type": text(row["ContractType"]),
        "valid_from": day(row["DateFrom"]),
        "valid_to": day(row["DateTo"]),
        "note": None,
        "employer_id": "alveno",
        "total_size": total,
    }


def main(url: str, token: str) -> None:
    session = requests.Session()
    session.headers["AuthorizationToken"] = token
    write = sys.stdout.buffer.write
    for stream, path, convert in (
        ("employees", "employees", employee),
        ("employments", "workloads", employment),
    ):
        rows = orjson.loads(session.get(f"{url}/{path}", timeout=60).content)
        for row in rows:
            data = convert(row, len(rows))
            now = time.time_ns() // 1_000_000
            record = {"stream": stream, "data": data, "emitted_at": now}
            write(orjson.dumps({"type": "RECORD", "record": record}) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
