"""Which rows each list of Loket has, and in which shape per resource version."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from people_sandbox.loket.stored_filters import employment_filter, no_filter, passes
from people_sandbox.loket.world import FIRST_VERSION, LoketWorld
from people_sandbox.population import guid
from people_sandbox.tables import Record

_BUSINESS = ("businessPhoneNumber", "businessMobilePhoneNumber", "businessEmailAddress")
_MINIMAL_EMPLOYER = ("id", "companyName", "branch", "employerLogo", "providerLogo")
_MINIMAL_EMPLOYMENT = (
    "id", "startDate", "endDate", "payrollAdministration", "nonPayrollAdministration", "payrollId",
    "incomeRelationshipNumber", "employmentDurationType", "commissionUntilDate",
)  # fmt: skip


_BY_ID: Mapping[str, Callable[[Any], Any]] = {"id": lambda key: key}
_BY_EMPLOYMENT: Mapping[str, Callable[[Any], Any]] = {"employmentid": lambda pair: pair[0]}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for: the id in the path, the version, the query (lower-case names)."""

    id: str
    version: str
    query: dict[str, list[str]]
    as_of: date


@dataclass(frozen=True, slots=True)
class Rows:
    """The keys of a list in order, and how one becomes a record; equal ``version``: nothing changed since.

    ``sorts_by`` names the orders that need no record, because the key says enough.
    """

    keys: Sequence[Any]
    record: Callable[[Any], Record]
    version: Hashable
    sorts_by: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


def of_table(
    world: LoketWorld, name: str, link: str, shape: Callable[[Record, Asked], Record] | None = None
) -> Callable[[Asked], Rows]:
    table = world.table(name)

    def rows(asked: Asked) -> Rows:
        def record(key: str) -> Record:
            wire = table.wire(key)
            return shape(wire, asked) if shape else wire

        return Rows(table.ids(link, asked.id), record, table.version, sorts_by=_BY_ID)

    return rows


def employee_shape(wire: Record, asked: Asked) -> Record:
    if asked.version >= "2021-03-29":
        return wire
    contact = {
        name: value
        for name, value in (wire.get("contactInformation") or {}).items()
        if name not in _BUSINESS
    }
    return wire | {"contactInformation": contact}


def employers(world: LoketWorld) -> Callable[[Asked], Rows]:
    def rows(asked: Asked) -> Rows:
        return Rows(
            visible_employers(world),
            world.table("employers").wire,
            world.table("employers").version,
            sorts_by=_BY_ID,
        )

    return rows


def visible_employers(world: LoketWorld) -> list[str]:
    rights = world.table("rights")
    return [
        key
        for key in world.table("employers").ids()
        if key not in rights or rights.get(key).get("visible", True)
    ]


def employers_minimized(world: LoketWorld) -> Callable[[Asked], Rows]:
    def record(key: str) -> Record:
        wire = world.table("employers").wire(key)
        address, contact, settings = (
            wire["address"],
            wire["contact"] or {},
            wire["providerSettings"],
        )
        return {name: wire[name] for name in _MINIMAL_EMPLOYER} | {
            "address": {
                name: address[name] for name in ("street", "city", "houseNumber", "postalCode")
            },
            "contact": {name: contact.get(name) for name in ("name", "phoneNumber")},
            "contactInformation": {
                "phoneNumber": (wire["contactInformation"] or {}).get("phoneNumber")
            },
            "providerSettings": {
                name: settings[name] for name in ("administrationNumber", "groupCode")
            },
        }

    return lambda asked: Rows(
        visible_employers(world), record, world.table("employers").version, sorts_by=_BY_ID
    )


def employer_versions(world: LoketWorld) -> Callable[[Asked], Rows]:
    def record(key: str) -> Record:
        return {
            "id": key,
            "lastModifiedVersionNumber": world.employer_versions.get(key, FIRST_VERSION),
        }

    return lambda asked: Rows(visible_employers(world), record, world.counter)


def employment_versions(world: LoketWorld) -> Callable[[Asked], Rows]:
    def record(key: str) -> Record:
        return {
            "id": key,
            "lastModifiedVersionNumber": world.employment_versions.get(key, FIRST_VERSION),
        }

    return lambda asked: Rows(
        world.table("employments").ids("employer_id", asked.id), record, world.counter
    )


def employments(world: LoketWorld, *, minimized: bool = False) -> Callable[[Asked], Rows]:
    """The employments of an employer that the user's stored filter lets through."""
    table = world.table("employments")

    def rows(asked: Asked) -> Rows:
        settings = employment_filter(world, asked.id)
        keys = table.ids("employer_id", asked.id)
        if settings and settings != no_filter():
            name = (
                "filtered",
                asked.id,
                str(settings),
                asked.as_of,
                world.table("leave_balances").version,
            )
            every = keys
            keys = table.view(
                name, lambda: [key for key in every if passes(world, key, settings, asked.as_of)]
            )
        return Rows(
            keys,
            _minimal_employment(world) if minimized else table.wire,
            table.version,
            sorts_by=_BY_ID,
        )

    return rows


def _minimal_employment(world: LoketWorld) -> Callable[[str], Record]:
    names = ("id", "employeeNumber", "firstName", "formattedName", "dateOfBirth", "photo")

    def record(key: str) -> Record:
        wire = world.table("employments").wire(key)
        return {name: wire.get(name) for name in _MINIMAL_EMPLOYMENT} | {
            "employee": {name: wire["employee"].get(name) for name in names}
        }

    return record


def employee_values_in_bulk(world: LoketWorld) -> Callable[[Asked], Rows]:
    """One row per employment of the employee and value: the link is the employment."""
    values, employed = world.table("employee_custom_fields"), world.table("employments")

    def rows(asked: Asked) -> Rows:
        def pairs() -> list[tuple[str, str]]:
            found: list[tuple[str, str]] = []
            for key in values.ids("employer_id", asked.id):
                for employment in employed.ids("employee.id", values.linked(key, "employee_id")):
                    found.append((employment, key))
            return found

        keys = values.view(("bulk", asked.id, employed.version), pairs)
        version = (values.version, employed.version, world.bulk_values_as_array)
        record = _bulk_row(world, "employee_custom_fields", "employeeCustomFields")
        return Rows(keys, record, version, _BY_EMPLOYMENT)

    return rows


def employment_values_in_bulk(world: LoketWorld) -> Callable[[Asked], Rows]:
    values = world.table("employment_custom_fields")

    def rows(asked: Asked) -> Rows:
        def pairs() -> list[tuple[str, str]]:
            return [
                (values.linked(key, "employment_id"), key)
                for key in values.ids("employer_id", asked.id)
            ]

        return Rows(
            values.view(("bulk", asked.id), pairs),
            _bulk_row(world, "employment_custom_fields", "employmentCustomFields"),
            (values.version, world.bulk_values_as_array),
            _BY_EMPLOYMENT,
        )

    return rows


def _bulk_row(world: LoketWorld, name: str, plural: str) -> Callable[[tuple[str, str]], Record]:
    table = world.table(name)

    def record(pair: tuple[str, str]) -> Record:
        value = table.wire(pair[1])
        return {"employmentId": pair[0], plural: [value] if world.bulk_values_as_array else value}

    return record


def leave_balances(world: LoketWorld) -> Callable[[Asked], Rows]:
    """One row per employment, with the types asked for; without ``leaveType`` only type 16."""
    table = world.table("leave_balances")

    def rows(asked: Asked) -> Rows:
        types = {int(value) for value in asked.query.get("leavetype", ["16"])}
        year = date.fromisoformat(
            asked.query.get("referencedate", [asked.as_of.isoformat()])[0][:10]
        ).year

        def record(key: str) -> Record:
            wire = table.wire(key)
            rows = [
                row
                for row in wire.get("leaveBalance") or []
                if row["leaveType"]["key"] in types and row["year"] == year
            ]
            return wire | {"leaveBalance": rows}

        return Rows(table.ids("employer_id", asked.id), record, table.version, sorts_by=_BY_ID)

    return rows


def leave_balances_of_employment(world: LoketWorld) -> Callable[[Asked], Rows]:
    def record(row: Record) -> Record:
        renamed = {
            "usageThroughReferenceDate": "usageThroughToday",
            "usageAfterReferenceDate": "usageAfterToday",
        }
        return {renamed.get(name, name): value for name, value in row.items()} | {
            "unitType": {"key": 1, "value": "Uren"}
        }

    def rows(asked: Asked) -> Rows:
        table = world.table("leave_balances")
        return Rows(
            table.get(asked.id).get("leaveBalance") or [] if asked.id in table else [],
            record,
            table.version,
        )

    return rows


def authorizations(world: LoketWorld, activities: Sequence[str]) -> Callable[[Asked], Rows]:
    def rows(asked: Asked) -> Rows:
        def record(name: str) -> Record:
            if asked.version < "2019-02-11":
                return {"name": name}
            return {"id": guid(0, f"activity/{name}", 0), "description": name}

        return Rows(
            [name for name in activities if may(world, asked.id, name)],
            record,
            world.table("rights").version,
        )

    return rows


def may(world: LoketWorld, employer_id: str, activity: str) -> bool:
    """Whether client and user together may do this here; the record ``*`` is the client's own."""
    rights = world.table("rights")
    for key in ("*", employer_id):
        if key in rights:
            found = rights.get(key)
            allowed = found.get("allowed")
            if not found.get("visible", True) or activity in found.get("denied", []):
                return False
            if allowed is not None and activity not in allowed:
                return False
    return True
