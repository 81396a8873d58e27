"""Loket's leave balances, leave types and payroll, filled from people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from people_sandbox.loket.records import address, administration_brief, brief_of, day, employment_id
from people_sandbox.population import Person, World, fixed_guid, guid

Record = dict[str, Any]

LEAVE_TYPES = (
    (1, "Verlof (bovenwettelijk)"),
    (15, "Verlof (wettelijk)"),
    (16, "Verlof"),
    (21, "ADV"),
)
_FUNCTIONS = ("Directeur", "Kok", "Planner", "Chauffeur", "Adviseur")
_DEPARTMENTS = ("Kantoor", "Verkoop", "Magazijn")


def leave_balance(world: World, one: Person, number: int) -> Record:
    """Every leave type of this and last year; the answer picks from them."""
    spell = one.spells[number]
    department = one.bits % len(_DEPARTMENTS)
    function = (one.bits >> 4) % len(_FUNCTIONS)
    return {
        "id": employment_id(world, one.index, number),
        "employee": brief_of(world, one),
        "startDate": spell.start.isoformat(),
        "endDate": day(spell.end),
        "historicalStartDate": one.first_hired.isoformat(),
        "incomeRelationshipNumber": number + 1,
        "payrollAdministration": administration_brief(world, one.employer),
        "nonPayrollAdministration": None,
        "organizationalEntity": {
            "startDate": spell.start.isoformat(),
            "endDate": day(spell.end),
            "function": {"key": fixed_guid(world.seed, "function", function), "group": None, "description": _FUNCTIONS[function]},
            "standardFunction": None,
            "deviatingFunctionGroup": None,
            "deviatingFunctionDescription": None,
            "department": {
                "key": fixed_guid(world.seed, "department", department), "code": department + 1, "description": _DEPARTMENTS[department],
            },
            "placeOfEmployment": None,
        },
        "leaveBalance": [
            _balance(world.as_of.year - back, key, label, float((one.bits >> (key * 2)) % 160))
            for back in (0, 1)
            for key, label in LEAVE_TYPES
        ],
        "employer_id": fixed_guid(world.seed, "employer", one.employer),
    }  # fmt: skip


def _balance(year: int, key: int, label: str, hours: float) -> Record:
    return {
        "year": year,
        "leaveType": {"key": key, "value": label, "balanceExceedsYear": True},
        "balancePreviousYear": 8.0,
        "accrual": hours,
        "usageThroughReferenceDate": 4.0,
        "usageAfterReferenceDate": 1.5,
        "usageTotal": 5.5,
        "balance": hours + 2.5,
        "expires": 0.0,
    }


def leave_type(world: World, employer_number: int, position: int) -> Record:
    key, label = LEAVE_TYPES[position]
    return {
        "id": guid(world.seed, "leavetype", employer_number * 10 + position),
        "leaveType": {
            "key": key, "value": label, "balanceExceedsYear": True, "enabled": True, "employeeCanRequestIncrease": False,
        },
        "deviations": None,
        "employer_id": fixed_guid(world.seed, "employer", employer_number),
    }  # fmt: skip


def payroll_administration(world: World, number: int) -> Record:
    place = address(number) | {"province": {"key": 1, "value": "Noord-Holland"}}
    return administration_brief(world, number) | {
        "shortName": "Loon",
        "administrationNumber": f"L{number}",
        "startDate": "2018-01-01",
        "endDate": None,
        "groupCode": 40,
        "groupClassification": {"key": 3, "value": "Zuid"},
        "payrollPeriodType": {"key": 1, "value": "maand"},
        "loonmodel": {"key": 184, "value": "Maandverloning"},
        "cao": {"key": 184, "value": "Agrarisch"},
        "claTaxReturnCBSCode": 1896,
        "payrollTaxesNumber": "111111110L46",
        "contact": {"name": "Henk de Vries", "phoneNumber": "013-1234567"},
        "address": place,
        "deviatingPostalAddress": None,
        "employer_id": fixed_guid(world.seed, "employer", number),
    }


def payroll_run(world: World, number: int, back: int) -> Record:
    """The run of ``back`` months ago; the current month's waits for approval."""
    month = world.as_of.replace(day=1)
    for _ in range(back):
        month = (month - timedelta(days=1)).replace(day=1)
    at = month.replace(day=20).isoformat()
    by = {
        "id": fixed_guid(world.seed, "user", 0),
        "lastName": "Jong",
        "prefix": "de",
        "initials": "I",
        "formattedName": "Jong, I de",
    }
    is_done = back > 0
    return {
        "id": guid(world.seed, "run", number * 10 + back),
        "payrollRunStatus": {"key": 9, "value": "Verloning goedgekeurd."}
        if is_done
        else {"key": 1, "value": "Verloning gereed"},
        "payrollPeriod": {"year": month.year, "periodNumber": month.month},
        "sequenceNumber": 1,
        "sequenceNumberApproved": 1 if is_done else None,
        "methodOfCreation": {"key": 2, "value": "Individueel"},
        "requestTime": f"{at}T10:00:00",
        "requestedBy": by,
        "processingFinishedTime": f"{at}T10:05:00",
        "approvalTime": f"{at}T14:00:00" if is_done else None,
        "approvedBy": by if is_done else None,
        "removeTime": None,
        "removedBy": None,
        "availableForEmployeeDate": at if is_done else None,
        "sendEmailToEmployee": True,
        "textPaySlip": None,
        "textTariffPaySlip": None,
        "textPayment": None,
        "errorsAndWarnings": {"hasErrors": False, "hasWarnings": False},
        "payroll_administration_id": fixed_guid(world.seed, "administration", number),
        "employer_id": fixed_guid(world.seed, "employer", number),
    }
