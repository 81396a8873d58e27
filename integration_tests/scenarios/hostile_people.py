"""People whose names and fields are attacks, in both HR systems; everybody is invented."""

from __future__ import annotations

from typing import Any

from people_sandbox.client import Sandbox

MEGABYTE = "B" * 1_000_000
TEXTS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "formula": "=cmd|'/C calc'!A0",
    "plus formula": "+1+cmd|' /C calc'!A0",
    "at formula": "@SUM(1+1)*cmd|' /C calc'!A0",
    "terminal escape": "\x1b[2J\x1b]0;mine\x07Eva",
    "eight bit escape": "\x9b31mEva\x9d0;mine\x9c",
    "SQL": "Robert'); DROP TABLE raw.alveno__employees; --",
    "path": "../../../../etc/cron.d/x",
    "bidi mark": "Eva\u202egnp.exe\u2066",
    "template": "{{ 7*7 }} ${jndi:ldap://x} %s {0.__class__}",
    "link": "https://evil.example/?a=1 <!channel> [x](https://evil.example)",
    "line breaks": "Eva\r\nSubject: x\u2028Nová",
}
REFUSED = {"a megabyte": MEGABYTE}
BUDGET = "alleo_monthly_=1+1_budget"
FORMULA_EMAIL = "=1+1|'calc'@example.nl"


def add_to_alveno(box: Sandbox) -> dict[str, str]:
    """One person per text, employed and with a client; gives each one's external id."""
    people = {}
    for number, (kind, text) in enumerate({**TEXTS, **REFUSED}.items(), start=5001):
        record = {
            "EmployeeID": number,
            "PersonalID": f"H{number}",
            "Firstname": "Eva",
            "Lastname": text,
            "Email": f"h{number}@example.cz",
            "Note": "LDID: 32567",
            "ChipNumber": f"77{number}",
        }
        workload = {
            "WorkloadID": number,
            "EmployeeID": number,
            "OperationID": 7,
            "JobTitle": text[:50],
            "ContractType": "HPP",
            "DateFrom": "2025-01-01",
            "DateTo": None,
        }
        box.add("alveno", "employees", record)
        box.add("alveno", "workloads", workload)
        people[kind] = f"alveno:alveno:{number}"
    return people


def add_to_loket(box: Sandbox) -> dict[str, dict[str, str]]:
    """Two people per text: one with it as a name, one with it as the answer to `alleo_access`."""
    world = box.world("loket")
    employer = world["employers"][0]["id"]
    definitions = {
        one["description"]: one["id"]
        for one in world["custom_field_definitions"]
        if one["employer_id"] == employer
    }
    definitions[BUDGET] = "00000000-0000-4000-b000-000000000001"
    box.add(
        "loket",
        "custom_field_definitions",
        {"id": definitions[BUDGET], "description": BUDGET, "employer_id": employer},
    )
    people: dict[str, dict[str, str]] = {"name": {}, "answer": {}}
    for number, (kind, text) in enumerate({**TEXTS, **REFUSED}.items(), start=1):
        for place, offset in (("name", 0), ("answer", 500)):
            person = f"00000000-0000-4000-8000-{number + offset:012}"
            last_name, access = (text, "TRUE") if place == "name" else ("Jansen", text)
            email = f"h{number + offset}@example.nl"
            if (kind, place) == ("formula", "name"):
                email = FORMULA_EMAIL
            _add_person(box, world, employer, person, last_name, number + offset, email)
            _fill(box, employer, person, definitions, BUDGET, "50", number + offset)
            _fill(box, employer, person, definitions, "alleo_access", access, number + offset)
            people[place][kind] = f"loket:{employer}:{person}"
    return people


def _add_person(
    box: Sandbox,
    world: dict[str, list[dict[str, Any]]],
    employer: str,
    person: str,
    last_name: str,
    number: int,
    email: str,
) -> None:
    like = next(one for one in world["employees"] if one["employer_id"] == employer)
    job = next(one for one in world["employments"] if one["employer_id"] == employer)
    details = {**like["personalDetails"], "firstName": "Eva", "lastName": last_name}
    contact = {**like["contactInformation"], "businessEmailAddress": email}
    box.add(
        "loket",
        "employees",
        {
            **like,
            "id": person,
            "employeeNumber": 7000 + number,
            "personalDetails": {**details, "prefix": None, "formattedName": "Jansen, E."},
            "contactInformation": contact,
        },
    )
    box.add(
        "loket",
        "employments",
        {
            **job,
            "id": f"00000000-0000-4000-a000-{number:012}",
            "employee": {**job["employee"], "id": person},
            "startDate": "2020-01-01",
            "endDate": None,
        },
    )


def _fill(
    box: Sandbox,
    employer: str,
    person: str,
    definitions: dict[str, str],
    field: str,
    value: str,
    number: int,
) -> None:
    box.add(
        "loket",
        "employee_custom_fields",
        {
            "id": f"00000000-0000-4000-9{list(definitions).index(field):03}-{number:012}",
            "customField": {"id": definitions[field], "description": field},
            "value": value,
            "employer_id": employer,
            "employee_id": person,
        },
    )
