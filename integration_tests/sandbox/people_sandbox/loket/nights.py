"""What HR does in Loket in a night."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from people_sandbox import population
from people_sandbox.loket import records
from people_sandbox.loket.world import LoketWorld
from people_sandbox.population import World, guid, person
from people_sandbox.tables import Record, Table

_TRIES = 200


class LoketHr:
    """Types changes into one world; every choice comes from ``draw``."""

    vendor = "loket"

    def __init__(self, world: LoketWorld, draw: Random, today: date) -> None:
        self._world = world
        self._draw = draw
        self._today = today.isoformat()
        self._touched: set[str] = set()

    def _table(self, name: str) -> Table:
        return self._world.table(name)

    def _pick(self, wanted: str) -> tuple[Record, Record] | None:
        """An employee with the deciding employment: ``current`` now, or ``gone`` for good."""
        keys = self._table("employees").ids()
        for _ in range(min(_TRIES, 4 * len(keys))):
            key = self._draw.choice(keys)
            employments = [
                self._table("employments").get(one)
                for one in self._table("employments").ids("employee.id", key)
            ]
            if key in self._touched or not employments:
                continue
            last = max(
                employments,
                key=lambda row: (row.get("endDate") or "9999", row.get("startDate", "")),
            )
            is_gone = last["endDate"] is not None and last["endDate"][:10] < self._today
            is_current = not is_gone and last["startDate"][:10] <= self._today
            if (wanted == "gone" and is_gone) or (
                wanted == "current" and is_current and last["endDate"] is None
            ):
                self._touched.add(key)
                return self._table("employees").get(key), last
        return None

    def end(self, last_day: date) -> dict[str, Any] | None:
        found = self._pick("current")
        if found is None:
            return None
        employee, _ = found
        for key in self._table("employments").ids("employee.id", employee["id"]):
            row = self._table("employments").get(key)
            if (row.get("endDate") or "9999")[:10] > last_day.isoformat():
                end = max(last_day.isoformat(), row.get("startDate", "")[:10])
                self._world.patch("employments", key, {"endDate": end})
                if key in self._table("leave_balances"):
                    self._world.patch("leave_balances", key, {"endDate": end})
        return self._told(employee, "end_date")

    def change(self) -> dict[str, Any] | None:
        found = self._pick("current")
        if found is None:
            return None
        employee, _ = found
        field = self._draw.choice(("lastName", "businessEmailAddress", "dateOfBirth", "firstName"))
        details = employee["personalDetails"]
        if field == "lastName":
            fields: Record = {
                "personalDetails": {
                    "lastName": f"{details['lastName'][:12]}-{self._draw.choice(('Bakker', 'Smit', 'Vos'))}"
                }
            }
        elif field == "firstName":
            fields = {
                "personalDetails": {
                    "firstName": f"{(details['firstName'] or 'Jo')[:20]}-{self._draw.choice(('Anne', 'Lou'))}"
                }
            }
        elif field == "dateOfBirth":
            day = date.fromisoformat(details["dateOfBirth"][:10]) + timedelta(
                days=self._draw.randint(1, 20)
            )
            fields = {"personalDetails": {"dateOfBirth": day.isoformat()}}
        else:
            fields = {
                "contactInformation": {field: f"nieuw{self._draw.randrange(10**9)}@example.nl"}
            }
        self._world.patch("employees", employee["id"], fields)
        return self._told(employee, field)

    def move(self) -> dict[str, Any] | None:
        """To another employer: the old employment ends, a new employee starts there with the same e-mail."""
        others = self._table("employers").ids()
        found = self._pick("current") if len(others) > 1 else None
        if found is None:
            return None
        employee, employment = found
        yesterday = date.fromisoformat(self._today) - timedelta(days=1)
        self._world.patch(
            "employments",
            employment["id"],
            {"endDate": max(yesterday.isoformat(), employment["startDate"][:10])},
        )
        employer = self._draw.choice([key for key in others if key != employee["employer_id"]])
        copy = employee | {"id": self._new_id("employee"), "employer_id": employer}
        self._hire(copy, employment["historicalStartDate"] or employment["startDate"])
        self._copy_values(employee["id"], copy)
        return self._told(employee, "employer") | {
            "new_id": copy["id"],
            "new_employer_id": employer,
        }

    def rehire(self) -> dict[str, Any] | None:
        found = self._pick("gone")
        if found is None:
            return None
        employee, employment = found
        key = self._employ(employee, employment["historicalStartDate"])
        return self._told(employee, "employment") | {"employment_id": key}

    def join(self) -> dict[str, Any]:
        seeded = self._world.seeded
        number = len(self._table("employees")) + 1
        fresh = World(
            seeded.seed + 1_000_003 + self._draw.randrange(10**6),
            seeded.size,
            seeded.employers,
            seeded.as_of,
        )
        one = person(
            fresh, "nl", 10 + self._draw.randrange(max(1, seeded.size)) if seeded.size > 10 else 0
        )
        employee = records.employee(fresh, one)
        employers = self._table("employers").ids()
        employee |= {
            "id": self._new_id("employee"),
            "employeeNumber": number,
            "employer_id": self._draw.choice(employers),
        }
        employee["contactInformation"] |= {
            "businessEmailAddress": f"nieuw{self._draw.randrange(10**9)}@example.nl"
        }
        key = self._hire(employee, None)
        self._set_value(employee, "alleo_access", "TRUE")
        return self._told(employee, "new") | {"employment_id": key}

    def _hire(self, employee: Record, historical: str | None) -> str:
        self._world.add("employees", employee)
        self._touched.add(employee["id"])
        return self._employ(employee, historical)

    def _employ(self, employee: Record, historical: str | None) -> str:
        administrations = self._table("payroll_administrations").ids(
            "employer_id", employee["employer_id"]
        )
        wire = (
            self._table("payroll_administrations").get(administrations[0])
            if administrations
            else {}
        )
        brief = (
            {name: wire.get(name) for name in ("id", "name", "clientNumber", "description")}
            if wire
            else None
        )
        start = date.fromisoformat(self._today)
        row = records.new_employment(employee, self._new_id("employment"), start, brief, historical)
        return self._world.add("employments", row)

    def _copy_values(self, old_id: str, employee: Record) -> None:
        values = self._table("employee_custom_fields")
        for key in list(values.ids("employee_id", old_id)):
            row = values.get(key)
            self._set_value(employee, row["customField"]["description"], row["value"])

    def _set_value(self, employee: Record, description: str, value: str) -> None:
        definitions = self._table("custom_field_definitions")
        for key in definitions.ids("employer_id", employee["employer_id"]):
            if (
                definitions.get(key)["description"].strip().casefold()
                == description.strip().casefold()
            ):
                link = {"id": key, "description": definitions.get(key)["description"]}
                ids = {"employee_id": employee["id"], "employer_id": employee["employer_id"]}
                self._world.add(
                    "employee_custom_fields",
                    {"id": self._new_id("value"), "customField": link, "value": value} | ids,
                )
                return

    def _new_id(self, kind: str) -> str:
        return guid(
            self._draw.randrange(2**60), f"night/{kind}", population.draw(0, self._today, 0) % 2**31
        )

    def _told(self, employee: Record, what: str) -> dict[str, Any]:
        return {"id": employee["id"], "employer_id": employee["employer_id"], "what": what}
