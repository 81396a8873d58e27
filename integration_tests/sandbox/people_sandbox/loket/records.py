"""Loket's own shapes, filled from people: employers, employees, employments and what hangs on them."""

from __future__ import annotations

from datetime import date
from typing import Any

from people_sandbox.names import ascii_letters
from people_sandbox.population import Person, Spell, World, fixed_guid, guid

Record = dict[str, Any]

DEFINITIONS = (
    "alleo_access", "alleo_monthly_all_budget", "alleo_oneoff_all_budget", "Kledingmaat", "Kenteken",
)  # fmt: skip
_CITIES = ("Leiden", "Utrecht", "Tilburg", "'s-Hertogenbosch", "Zwolle", "Groningen", "IJmuiden")
_COMPANIES = (
    "Voorbeeld",
    "De Molen",
    "Bakkerij Jansen",
    "Techniek Noord",
    "Zorg & Co",
    "Van Dam Transport",
)
_NETHERLANDS = {"isoCode": "NL", "key": 530, "value": "Nederland"}


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def employer(world: World, number: int) -> Record:
    name = _COMPANIES[number % len(_COMPANIES)] + (
        f" {number + 1}" if number >= len(_COMPANIES) else ""
    )
    place = address(number) | {
        "province": {"key": 1, "value": "Noord-Holland"},
        "postalCode": "1234AA",
    }
    return {
        "id": fixed_guid(world.seed, "employer", number),
        "companyName": f"{name} B.V.",
        "employerNumber": 20720 + number,
        "address": place,
        "deviatingPostalAddress": None,
        "branch": {"key": 2, "value": "Landbouw en jacht"},
        "legalForm": {"key": 1, "value": "B.V."},
        "sbi": {"key": 12, "sbiCode": "0116", "value": "Agriculture, Forestry and Fishing"},
        "chamberOfCommerceNumber": f"{18124676 + number}",
        "contact": {"name": "Henk de Vries", "function": "Manager", "phoneNumber": "013-1234567"},
        "contactInformation": {
            "phoneNumber": "088-3111150",
            "faxNumber": None,
            "emailAddress": f"info{number}@example.nl",
            "website": "www.example.nl",
        },
        "providerSettings": {
            "administrationNumber": f"SR{number}",
            "groupCode": 40,
            "parentEmployerForConsolidatedOverviews": None,
            "sendEmailWhenSalarySlipIsAvailable": True,
        },
        "employerLogo": None,
        "providerLogo": None,
    }


def address(number: int) -> Record:
    return {
        "street": "Voordijk",
        "city": _CITIES[number % len(_CITIES)],
        "houseNumber": 1 + number % 300,
        "houseNumberAddition": None,
        "furtherIndication": None,
        "postalCode": "1234 AA",
        "location": None,
        "country": _NETHERLANDS,
    }


def employee(world: World, one: Person) -> Record:
    """The newest version of the employee (2021-03-29), with ``employer_id``."""
    birth = one.birth
    return {
        "id": guid(world.seed, "employee", one.index),
        "employeeNumber": one.index + 1,
        "personalDetails": {
            # Loket knows initials of everybody, the first name not of everybody.
            "firstName": one.first if one.bits % 60 or one.index < 10 else None,
            "lastName": one.last,
            "prefix": one.prefix,
            "initials": _initials(one),
            "lastNamePartner": None,
            "prefixPartner": None,
            "formattedName": _formatted(one),
            "dateOfBirth": birth.isoformat(),
            "placeOfBirth": _CITIES[one.bits % len(_CITIES)],
            "dateOfDeath": None,
            "aowDate": date(birth.year + 67, birth.month, min(birth.day, 28)).isoformat(),
            "photo": None,
            "howToFormatLastName": {"key": 1, "value": "Eigen naam"},
            "title": None,
            "nationality": {"key": 143, "value": "Nederlandse"},
            "gender": {"key": 1, "value": "Man"} if one.is_male else {"key": 2, "value": "Vrouw"},
            "civilStatus": {"key": 1, "value": "Ongehuwd"},
        },
        "contactInformation": {
            "phoneNumber": "+31 13-1234567",
            "mobilePhoneNumber": f"+31 6-{10000000 + one.index % 89999999}",
            "faxNumber": None,
            "emailAddress": one.private_email,
            "businessPhoneNumber": None,
            "businessMobilePhoneNumber": None,
            "businessEmailAddress": one.work_email,
        },
        "identityDocument": None,
        "travel": {"travelDistanceToWork": one.bits % 60},
        "address": address(one.index),
        "deviatingPostalAddress": None,
        "exclusionFromAbsenceStatus": False,
        "statusEmployeeSelfService": {"key": 2, "value": "Geblokkeerd"},
        "revokeEmployeeSelfServiceAccessOn": None,
        "employer_id": fixed_guid(world.seed, "employer", one.employer),
    }


def _initials(one: Person) -> str:
    return f"{ascii_letters(one.first)[:1].upper()}."


def _formatted(one: Person) -> str:
    return " ".join(part for part in (one.last + ",", _initials(one), one.prefix) if part)


def employee_brief(person: Record) -> Record:
    """The employee as employments and leave balances carry it."""
    details = person.get("personalDetails") or {}
    brief = {"id": person.get("id"), "employeeNumber": person.get("employeeNumber")}
    names = (
        "firstName",
        "lastName",
        "prefix",
        "initials",
        "lastNamePartner",
        "prefixPartner",
        "formattedName",
    )
    brief |= {name: details.get(name) for name in (*names, "dateOfBirth")}
    return brief | {"photo": None}


def employment_id(world: World, index: int, spell: int) -> str:
    return guid(world.seed, "employment", index * 4 + spell)


def brief_of(world: World, one: Person) -> Record:
    return {
        "id": guid(world.seed, "employee", one.index),
        "employeeNumber": one.index + 1,
        "firstName": one.first if one.bits % 60 or one.index < 10 else None,
        "lastName": one.last,
        "prefix": one.prefix,
        "initials": _initials(one),
        "lastNamePartner": None,
        "prefixPartner": None,
        "formattedName": _formatted(one),
        "dateOfBirth": one.birth.isoformat(),
        "photo": None,
    }


def administration_brief(world: World, employer_number: int) -> Record:
    return {
        "id": fixed_guid(world.seed, "administration", employer_number),
        "name": "Loonadministratie",
        "clientNumber": 1234 + employer_number,
        "description": "Hoofdadministratie",
    }


_EMPLOYMENT: Record = {
    "nonPayrollAdministration": None,
    "employmentCategoryType": {"key": 1, "value": "Normaal"},
    "typeOfEmployee": {"key": 1, "value": "Werknemer"},
    "employmentContractType": {"key": 1, "value": "Arbeidsovereenkomst (excl BBL)"},
    "employmentDurationType": {"key": 1, "value": "Onbepaalde tijd"},
    "writtenEmploymentContract": True,
    "isOnCallEmployment": False,
    "hasOnCallAppearanceObligation": None,
    "commissionUntilDate": None,
    **{f"commissionUntilDate{number}": None for number in range(1, 7)},
    "isAnonymousEmployee": False,
    "isDirectorAndMajorShareholder": False,
    "isPreviousOwner": False,
    "isFamilyOfOwner": False,
    "isGemoedsbezwaardNationalInsurance": False,
    "isGemoedsbezwaardEmployeeInsurance": False,
    "temporaryTaxExemption": {"key": 2, "value": "Nee."},
    "exemptionInsuranceObligation": {"key": 0, "value": "Geen uitzondering."},
    "exemptionPremiumWaiverMarginalLabour": False,
    "exemptionWorkRelatedExpenseScheme": False,
    "participation55plusRegulationUWV": False,
    "wachtgeldOldRegulation": False,
    "specialIncomeRatio": None,
    "professionCode": None,
    "deviatingCLATaxReturn": None,
    "deviatingCLAExternalParty": None,
    "sendToExternalParty": None,
    "vacationCoupons": None,
    "typeOfParticipation": None,
    "valueOfParticipation": None,
    "cancellationPeriodTimeUnit": {"key": 4, "value": "Maand(en)"},
    "cancellationPeriodEmployee": 1,
    "cancellationPeriodEmployer": 1,
    "cancellationNoticeDate": None,
    "startCancellationNoticePeriod": None,
    "endOfEmploymentReason": None,
    "endOfEmploymentReasonTaxAuthorities": None,
    "endOfEmploymentDueToIllness": None,
    "firstDayNotification": False,
    "calculateWorkingHours": True,
    "namePayslip": None,
    "emailLeaveRequest": None,
    "essMutationSet": {"key": 1, "value": "Standaard"},
    "employeeProfileId": None,
    "periodPayGradeAdjustment": None,
    "signalPayGradeAdjustment": False,
    "linkedEmployment": None,
}


def employment(world: World, one: Person, number: int) -> Record:
    spell: Spell = one.spells[number]
    historical = one.first_hired if one.bits % 10 else None
    key = employment_id(world, one.index, number)
    return (
        {"id": key, "employee": brief_of(world, one)}
        | _EMPLOYMENT
        | {
            "startDate": spell.start.isoformat(),
            "historicalStartDate": day(historical),
            "endDate": day(spell.end),
            "payrollAdministration": administration_brief(world, one.employer),
            "payrollId": one.index + 1,
            "incomeRelationshipNumber": number + 1,
            "startDateContractOfIndefiniteDuration": spell.start.isoformat(),
            "employer_id": fixed_guid(world.seed, "employer", one.employer),
        }
    )


def new_employment(
    person: Record,
    employment_key: str,
    start: date,
    administration: Record | None,
    historical: str | None,
) -> Record:
    """An employment that somebody types in tonight."""
    return (
        {"id": employment_key, "employee": employee_brief(person)}
        | _EMPLOYMENT
        | {
            "startDate": start.isoformat(),
            "historicalStartDate": historical,
            "endDate": None,
            "payrollAdministration": administration,
            "payrollId": person.get("employeeNumber"),
            "incomeRelationshipNumber": 1,
            "startDateContractOfIndefiniteDuration": start.isoformat(),
            "employer_id": person["employer_id"],
        }
    )
