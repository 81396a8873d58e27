"""The people of the benchmarks: their ids, the same in every part."""

from __future__ import annotations

PEOPLE_PER_EMPLOYER = 2000
FIELD_NAMES = ("alleo_access", "LDID", "alleo_monthly_all_budget", "kostenplaats", "team")


def employer_id(employer: int) -> str:
    return f"E{employer:06d}"


def employee_id(person: int) -> str:
    return f"{person:08x}-4b2a-4c3d-8e9f-{person * 7919:012x}"


def employment_id(person: int, contract: int) -> str:
    return f"{person:08x}-9d1c-4f7b-a2e4-{contract * 104729 + person:012x}"
