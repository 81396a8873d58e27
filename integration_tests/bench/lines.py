"""Lines of Airbyte messages as source-loket writes them, of any number of people, without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from integration_tests.bench.people import (
    FIELD_NAMES,
    PEOPLE_PER_EMPLOYER,
    employee_id,
    employer_id,
    employment_id,
)

STREAMS = (
    "employers",
    "employees",
    "employments",
    "custom_field_definitions",
    "employee_custom_fields",
)
_STATE_EVERY = 10_000
_FIRST_NAMES = ("Susan", "Jan", "Zoë", "Piet", "Anouk", "Daan", "Sanne", "Bram")


def write_employees(path: Path, size: int) -> None:
    """Write `size` whole employee records of about 1 KB, one in a hundred of them twice."""
    template = record("employees", _whole_employee()).replace(b"%", b"%%")
    for mark in (b"@EMPLOYER@", b"@EMPLOYEE@", b"@NUMBER@", b"@NAME@"):
        template = template.replace(mark, b"%(" + mark.strip(b"@") + b")b")
    with path.open("wb", buffering=1 << 20) as file:
        file.write(record("employers", {"id": employer_id(0), "companyName": "Voorbeeld B.V."}))
        for number in range(size):
            # The hundredth repeats the one before it: a record that moved between two pages.
            person = number - 1 if number % 100 == 99 else number
            file.write(
                template
                % {
                    b"EMPLOYER": employer_id(0).encode(),
                    b"EMPLOYEE": employee_id(person).encode(),
                    b"NUMBER": b"%d" % person,
                    b"NAME": _FIRST_NAMES[person % 8].encode(),
                }
            )
            if number % _STATE_EVERY == 0:
                file.write(_state("employees", number))
        file.writelines(endings(("employers", "employees")))


def write_night(path: Path, size: int) -> None:
    """Write one night's lines of `size` people: employments, extra fields, states and all."""
    with path.open("wb", buffering=1 << 20) as file:
        for stream, records in _night(size).items():
            file.writelines(record(stream, data) for data in records)
            file.write(_state(stream, 1))
        file.writelines(endings(STREAMS))


def _night(size: int) -> dict[str, Iterator[dict[str, Any]]]:
    employers = range(-(-size // PEOPLE_PER_EMPLOYER))
    return {
        "employers": (
            {"id": employer_id(e), "employer_id": employer_id(e), "total_size": len(employers),
             "companyName": f"Employer {e}", "employerNumber": e}
            for e in employers
        ),
        "employees": (_employee(person, size) for person in range(size)),
        "employments": (
            _employment(person, contract, size)
            for person in range(size)
            for contract in range(1 + (person % 10 < 3))
        ),
        "custom_field_definitions": (
            {"id": f"F{number}", "description": name, "employer_id": employer_id(e),
             "total_size": len(FIELD_NAMES)}
            for e in employers
            for number, name in enumerate(FIELD_NAMES, start=1)
        ),
        "employee_custom_fields": (
            _custom_field(person, number)
            for person in range(size)
            for number in range(1, len(FIELD_NAMES) + 1)
        ),
    }  # fmt: skip


def _employee(person: int, size: int) -> dict[str, Any]:
    return {
        "id": employee_id(person),
        "employer_id": employer_id(person // PEOPLE_PER_EMPLOYER),
        "total_size": _people_of(person // PEOPLE_PER_EMPLOYER, size),
        "employeeNumber": 100_000 + person,
        "personalDetails": {
            "firstName": _FIRST_NAMES[person % 8],
            "lastName": f"Bergen {person}",
            "prefix": "van der" if person % 5 == 0 else None,
            "initials": "S.L.",
            "dateOfBirth": f"19{60 + person % 40}-0{1 + person % 9}-1{person % 10}",
            "dateOfDeath": None,
        },
        "contactInformation": {
            "emailAddress": None,
            "businessEmailAddress": f"person{person}@voorbeeldbv.nl",
        },
    }


def _employment(person: int, contract: int, size: int) -> dict[str, Any]:
    employer = person // PEOPLE_PER_EMPLOYER
    has_second = person % 10 < 3
    first, last = employer * PEOPLE_PER_EMPLOYER, min((employer + 1) * PEOPLE_PER_EMPLOYER, size)
    return {
        "id": employment_id(person, contract),
        "employer_id": employer_id(employer),
        "total_size": last
        - first
        + sum(one % 10 < 3 for one in range(first % 10, first % 10 + (last - first))),
        "employee": {"id": employee_id(person)},
        "startDate": "2021-01-01" if contract else f"20{10 + person % 10}-03-01",
        "endDate": "2020-12-31" if has_second and not contract else None,
        "historicalStartDate": f"20{10 + person % 10}-03-01",
        "payrollAdministration": {"id": f"PA{employer}"},
    }


def _custom_field(person: int, number: int) -> dict[str, Any]:
    value = ("TRUE", str(32567 + person % 3), f"{person % 200},50", f"K{person % 977}", "team 7")
    employment = employment_id(person, 0)
    return {
        "id": f"{employment}:{number}",
        "employer_id": employer_id(person // PEOPLE_PER_EMPLOYER),
        "total_size": None,
        "employmentId": employment,
        "employeeId": None,
        "employeeCustomFields": {
            "id": f"{number}",
            "customField": {"id": f"F{number}", "description": FIELD_NAMES[number - 1]},
            "value": value[number - 1],
        },
    }


def _people_of(employer: int, size: int) -> int:
    return min(PEOPLE_PER_EMPLOYER, size - employer * PEOPLE_PER_EMPLOYER)


def _whole_employee() -> dict[str, Any]:
    """One employee with the blocks Loket documents, about 1 KB; marks stand for what differs."""
    return {
        "total_size": None,
        "employer_id": "@EMPLOYER@",
        "id": "@EMPLOYEE@",
        "employeeNumber": "@NUMBER@",
        "personalDetails": {
            "firstName": "@NAME@",
            "lastName": "Bergen @NUMBER@",
            "prefix": "van",
            "initials": "S.L.",
            "lastNamePartner": "Wiel",
            "prefixPartner": "van de",
            "formattedName": "Wiel - van Bergen @NUMBER@ S.L. van de",
            "dateOfBirth": "1980-01-01",
            "placeOfBirth": "Amsterdam",
            "dateOfDeath": None,
            "aowDate": "2047-04-01",
            "howToFormatLastName": {"key": 2, "value": "last name + last name partner"},
            "gender": {"key": 2, "value": "Vrouw"},
            "civilStatus": {"key": 2, "value": "Gehuwd"},
        },
        "contactInformation": {
            "phoneNumber": "+31 13-1234567",
            "emailAddress": "person@NUMBER@@example.nl",
            "businessEmailAddress": "person.@NUMBER@@voorbeeldbv.nl",
        },
        "address": {
            "street": "Voordijk",
            "city": "Leiden",
            "houseNumber": 12,
            "postalCode": "1234 AA",
            "country": {"isoCode": "NL", "key": 530, "value": "Nederland"},
        },
        "statusEmployeeSelfService": {"key": 2, "value": "Blocked"},
    }


def record(stream: str, data: dict[str, Any]) -> bytes:
    message = {
        "type": "RECORD",
        "record": {"stream": stream, "data": data, "emitted_at": 1_772_400_000_000},
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _state(stream: str, cursor: int) -> bytes:
    state = {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": stream}, "stream_state": {"cursor": cursor}},
    }
    return json.dumps({"type": "STATE", "state": state}).encode() + b"\n"


def endings(streams: tuple[str, ...]) -> list[bytes]:
    return [
        json.dumps(
            {
                "type": "TRACE",
                "trace": {
                    "type": "STREAM_STATUS",
                    "emitted_at": 1_772_400_000_000,
                    "stream_status": {"stream_descriptor": {"name": name}, "status": "COMPLETE"},
                },
            }
        ).encode()
        + b"\n"
        for name in streams
    ]
