"""Which name of the answer goes to which name of ours, and which names must be there.

Defaults marked GUESS are in no public document. Whatever their origin, a key that is configured
and that no record has stops the read: an empty note would mean that nobody has a canteen, an
empty last day that nobody ever leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

from source_alveno.errors import ConfigError

EMPLOYEE: Final[dict[str, str | None]] = {
    "employee_id": "EmployeeID",
    "personal_number": "PersonalID",
    "first_name": "Firstname",
    "last_name": "Lastname",
    "email": "Email",  # GUESS
    "note": "Note",  # GUESS
    "chip_numbers": "ChipNumber",  # GUESS
    "is_active": None,
    "is_disabled": None,
    "start_date": None,
}
EMPLOYMENT: Final[dict[str, str | None]] = {
    "employment_id": "WorkloadID",
    "employee_id": "EmployeeID",
    "operation_id": "OperationID",
    "job_title": "JobTitle",
    "contract_type": "ContractType",
    "valid_from": "DateFrom",  # GUESS
    "valid_to": "DateTo",  # GUESS
    "note": None,
}
OPERATION: Final[dict[str, str | None]] = {
    "operation_id": "OperationID",
    "name": "Name",
    "is_disabled": None,
}
# The HR API has neither note nor chip nor last day; an employment there is the person's own row.
HR_EMPLOYEE: Final[dict[str, str | None]] = {
    "employee_id": "id",
    "personal_number": "personalNumber",
    "first_name": "firstName",
    "last_name": "lastName",
    "email": "email",
    "note": None,
    "chip_numbers": None,
    "is_active": "isActive",
    "is_disabled": "isDisabled",
    "start_date": "startDate",
}
HR_EMPLOYMENT: Final[dict[str, str | None]] = {
    "employment_id": "id",
    "employee_id": "id",
    "operation_id": "operationId",
    "job_title": "jobTitle",
    "contract_type": None,
    "valid_from": "startDate",
    "valid_to": None,
    "note": None,
}
HR_OPERATION: Final[dict[str, str | None]] = {
    "operation_id": "id",
    "name": "name",
    "is_disabled": "isDisabled",
}
# Descriptive only: nobody gains or loses lunch by them, so their absence is a warning.
OPTIONAL: Final = frozenset(
    {"employment.operation_id", "employment.job_title", "employment.contract_type"}
    | {"operation.name", "operation.is_disabled"}
)
IDENTITY: Final = frozenset(
    {"employee.employee_id", "employment.employment_id", "employment.employee_id"}
    | {"operation.operation_id"}
)
# Other words for the same field, as people and the vendor's own names suggest them.
ALIASES: Final = {
    "employee": {"id": "employee_id", "chip": "chip_numbers", "chip_number": "chip_numbers"},
    "employment": {"id": "employment_id"},
    "operation": {"id": "operation_id"},
}
KINDS: Final = {"workload": "employment"}


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The names of one kind of record: ours → the vendor's (None: switched off)."""

    kind: str
    names: Mapping[str, str | None]
    required: frozenset[str]

    def missing(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Our names of the configured keys that no row has."""
        return [
            ours
            for ours, theirs in self.names.items()
            if theirs is not None and not any(theirs in row for row in rows)
        ]


@dataclass(frozen=True, slots=True)
class ChipList:
    """Chips that have an endpoint of their own."""

    endpoint: str
    employee_id: str
    number: str
    valid_to: str | None


@dataclass(frozen=True, slots=True)
class FieldNames:
    employee: KeyNames
    employment: KeyNames
    operation: KeyNames
    chip_list: ChipList | None

    def of(self, kind: str) -> KeyNames:
        return {
            "employee": self.employee,
            "employment": self.employment,
            "operation": self.operation,
        }[kind]


def read_field_names(
    configured: Mapping[str, Any], required_keys: Iterable[str], *, is_hr: bool
) -> FieldNames:
    """Put the configured names over the defaults of the chosen API."""
    defaults = (
        {"employee": HR_EMPLOYEE, "employment": HR_EMPLOYMENT, "operation": HR_OPERATION}
        if is_hr
        else {"employee": EMPLOYEE, "employment": EMPLOYMENT, "operation": OPERATION}
    )
    sections = {
        KINDS.get(name, name): _object(f"field_names.{name}", value)
        for name, value in _object("field_names", configured).items()
    }
    for name in sections:
        if name not in (*defaults, "chip"):
            raise ConfigError(_unknown("field_names", name, [*defaults, "chip"]))
    kinds = {
        kind: _key_names(kind, names, sections.get(kind, {})) for kind, names in defaults.items()
    }
    for key in required_keys:
        kind, field = _required_key(key, defaults)
        if kinds[kind].names[field] is None:
            raise ConfigError(
                f"required_keys: {kind}.{field} has no name. Set field_names.{kind}.{field}."
            )
        kinds[kind] = replace(kinds[kind], required=kinds[kind].required | {field})
    chip_list = _chip_list(sections.get("chip") or {})
    if chip_list:
        employee = kinds["employee"]
        kinds["employee"] = replace(employee, names={**employee.names, "chip_numbers": None})
    return FieldNames(chip_list=chip_list, **kinds)


def _key_names(
    kind: str, defaults: Mapping[str, str | None], configured: Mapping[str, Any]
) -> KeyNames:
    names = dict(defaults)
    explicit = set()
    for key, theirs in configured.items():
        ours = ALIASES[kind].get(key, key)
        if ours not in names:
            raise ConfigError(_unknown(f"field_names.{kind}", key, list(names)))
        names[ours] = str(theirs).strip() or None if theirs is not None else None
        explicit.add(ours)
        if names[ours] is None and f"{kind}.{ours}" in IDENTITY:
            raise ConfigError(f"field_names.{kind}.{key} cannot be switched off: it is the key.")
    required = {name for name in names if f"{kind}.{name}" not in OPTIONAL} | explicit
    return KeyNames(kind, names, frozenset(required))


def _required_key(key: str, defaults: Mapping[str, Mapping[str, str | None]]) -> tuple[str, str]:
    kind, _, field = str(key).partition(".")
    kind = KINDS.get(kind, kind)
    field = ALIASES.get(kind, {}).get(field, field)
    known = [f"{kind}.{name}" for kind, names in defaults.items() for name in names]
    if f"{kind}.{field}" not in known:
        raise ConfigError(_unknown("required_keys", str(key), known))
    return kind, field


def _chip_list(configured: Mapping[str, Any]) -> ChipList | None:
    if not configured:
        return None
    known = ["endpoint", "employee_id", "number", "valid_to"]
    for key in configured:
        if key not in known:
            raise ConfigError(_unknown("field_names.chip", key, known))
    endpoint = str(configured.get("endpoint") or "").strip().strip("/")
    if not endpoint or "://" in endpoint or ".." in endpoint or "?" in endpoint:
        raise ConfigError("field_names.chip.endpoint must be a path of the API, such as /chips.")
    return ChipList(
        endpoint=endpoint,
        employee_id=str(configured.get("employee_id") or "EmployeeID"),
        number=str(configured.get("number") or "ChipNumber"),
        valid_to=configured.get("valid_to") or None,
    )


def _object(setting: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"{setting} must be an object of names.")
    return value


def _unknown(setting: str, name: str, known: list[str]) -> str:
    return f"{setting}: {name} is not a field.{nearest(name, known)} Known: {', '.join(known)}."


def nearest(name: str, present: Iterable[str]) -> str:
    """ " Did you mean X?" for the most similar of `present`, or nothing."""
    by_lower = {other.lower(): other for other in present}
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.5)
    return f" Did you mean {by_lower[found[0]]}?" if found else ""
