"""The filter that a Loket user has stored, which silently hides employments from its API too."""

from __future__ import annotations

from datetime import date
from typing import Any

from people_sandbox.loket.world import LoketWorld
from people_sandbox.tables import Record, look_up


def no_filter() -> Record:
    return {
        "filterOnEmployedStatus": "AllEmployments",
        "filterOnAdministrations": [],
        "filterOnDepartments": [],
        "filterOnEmploymentCategoryType": [],
        "filterOnOnCallEmployment": None,
    }


def employment_filter(world: LoketWorld, employer_id: str) -> Record:
    table = world.table("filter_settings")
    found: Record = (
        table.get(employer_id).get("employmentFilter") or {} if employer_id in table else {}
    )
    return found


def passes(world: LoketWorld, key: str, settings: Record, as_of: date) -> bool:
    wire = world.table("employments").get(key)
    status = settings.get("filterOnEmployedStatus", "AllEmployments")
    today = as_of.isoformat()
    is_over = wire.get("endDate") is not None and wire["endDate"][:10] < today
    is_future = wire["startDate"][:10] > today
    if (is_over and status in ("ActiveEmployments", "ActiveAndFutureEmployments")) or (
        is_future and status in ("ActiveEmployments", "ActiveAndHistoricEmployments")
    ):
        return False
    on_call = settings.get("filterOnOnCallEmployment")
    if on_call is not None and wire.get("isOnCallEmployment") is not on_call:
        return False
    balances = world.table("leave_balances")
    entity = (balances.get(key) if key in balances else {}).get("organizationalEntity") or {}
    administration = look_up(wire, "payrollAdministration.id") or look_up(
        wire, "nonPayrollAdministration.id"
    )
    chosen = (
        ("filterOnAdministrations", administration),
        ("filterOnDepartments", look_up(entity, "department.key")),
        ("filterOnEmploymentCategoryType", look_up(wire, "employmentCategoryType.key")),
    )
    return all(_is_chosen(settings.get(name) or [], value) for name, value in chosen)


def _is_chosen(choices: list[Any], value: Any) -> bool:
    return not choices or value in [
        choice.get("key") if isinstance(choice, dict) else choice for choice in choices
    ]
