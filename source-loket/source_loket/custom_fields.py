"""Values of extra fields: in bulk where the client may, else person by person.

Both ways give the same records: one per value. The bulk endpoint is newer than many grants, so
its 403 or 404 is answered by the older endpoint, decided once per employer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from source_loket.account import EMPLOYERS, Query
from source_loket.components import StreamPlan, naming_the_right
from source_loket.errors import BrokenBody, Refusal, missing_right, transient_error
from source_loket.lists import read_list
from source_loket.messages import Page
from source_loket.records import RecordFormat, Rendered, read_envelope

_log = logging.getLogger("airbyte.source-loket")

# level: (list of holders, its version, its activity, values of one holder, its activity)
_ONE_BY_ONE = {
    "employee": (
        Query(f"{EMPLOYERS}/{{}}/employees", "GetEmployeesByEmployerId", "2021-03-29"),
        Query(f"{EMPLOYERS}/employees/{{}}/customfields", "GetEmployeeCustomFieldsByEmployeeId"),
    ),
    "employment": (
        Query(
            f"{EMPLOYERS}/{{}}/employees/employments", "GetEmploymentsByEmployerId", "2019-12-16"
        ),
        Query(
            f"{EMPLOYERS}/employees/employments/{{}}/customfields",
            "GetEmploymentCustomFieldsByEmploymentId",
        ),
    ),
}


class CustomFieldValues:
    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._key = f"{plan.level}CustomFields"
        self._frame = RecordFormat(plan.name, fields=None).frame

    def read(self, employer_id: str) -> Iterator[Page]:
        plan = self._plan
        query = plan.query(employer_id=employer_id)
        try:
            yield from self._read_bulk(query, employer_id)
        except Refusal as refusal:
            if refusal.status not in (403, 404):
                raise missing_right(plan.name, plan.activity, employer_id, refusal) from refusal
            _log.info(
                "%s of employer %s are read one by one: the bulk list needs the activity %s (%s).",
                plan.name,
                employer_id,
                plan.activity,
                refusal,
            )
            yield from self._read_one_by_one(employer_id)

    def _read_bulk(self, query: Query, employer_id: str) -> Iterator[Page]:
        def render(body: bytes) -> Rendered:
            envelope = read_envelope(body)
            ids: list[str] = []
            records: list[dict[str, Any]] = []
            for row in envelope.rows:
                holder, values = _split(row, self._key)
                is_single = isinstance(row[self._key], dict)
                # What is counted is rows: of an array, all its values together name the row.
                ids.append(":".join([holder, *(str(value["id"]) for value in values)]))
                records += [
                    self._record(employer_id, envelope.total if is_single else None, value)
                    | {"id": f"{holder}:{value['id']}", "employmentId": holder}
                    for value in values
                ]
            return Rendered(
                envelope.total, envelope.number, envelope.pages, ids, self._frame(records)
            )

        what = f"The list of {self._plan.name} of employer {employer_id}"
        fetch = self._plan.account.fetch_page
        for page in read_list(what, lambda number: fetch(query, render, number)):
            if page.lines:
                yield Page(self._plan.name, page.lines, page.lines.count(b"\n"))

    def _read_one_by_one(self, employer_id: str) -> Iterator[Page]:
        account, plan = self._plan.account, self._plan
        holders, values = _ONE_BY_ONE[plan.level]
        listed = Query(holders.path.format(employer_id), holders.activity, holders.version)
        with naming_the_right(plan.name, listed.activity, employer_id):
            rows = account.read_rows(f"The {plan.level}s of employer {employer_id}", listed)
        for holder_id in [str(row["id"]) for row in rows]:
            query = Query(values.path.format(holder_id), values.activity)
            try:
                found = account.read_rows(f"The extra fields of one {plan.level}", query)
            except Refusal as refusal:
                if refusal.status == 404:
                    raise transient_error(
                        f"A person of employer {employer_id} disappeared while {plan.name} were "
                        "read. Run again."
                    ) from refusal
                rights = f"{plan.activity} (or {values.activity})"
                raise missing_right(plan.name, rights, employer_id, refusal) from refusal
            records = [
                self._record(employer_id, None, value)
                | {"id": f"{holder_id}:{value['id']}", f"{plan.level}Id": holder_id}
                for value in found
            ]
            if records:
                yield Page(plan.name, self._frame(records), len(records))

    def _record(
        self, employer_id: str, total: int | None, value: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "id": None,
            "employer_id": employer_id,
            "total_size": total,
            "employmentId": None,
            "employeeId": None,
            self._key: _minimal(value) if self._plan.account.settings.is_minimal else value,
        }


def _split(row: Any, key: str) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """Give the employment and its values: the plural key holds one object, or an array of them."""
    try:
        held = row[key]
        values = held if isinstance(held, list) else [] if held is None else [held]
        holder = row["employmentId"]
        if holder is None or any(value["id"] is None for value in values):
            raise BrokenBody("a value of an extra field has no id")
        return str(holder), values
    except (KeyError, TypeError) as error:
        raise BrokenBody("a value of an extra field is not as documented") from error


def _minimal(value: Mapping[str, Any]) -> dict[str, Any]:
    field = value.get("customField")
    return {
        "id": value["id"],
        "customField": {name: field.get(name) for name in ("id", "description")}
        if isinstance(field, dict)
        else None,
        "value": value.get("value"),
    }
