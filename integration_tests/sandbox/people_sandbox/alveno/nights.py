"""What HR does in Alveno in a night."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from people_sandbox import population
from people_sandbox.alveno.world import AlvenoWorld, employee, workload
from people_sandbox.population import CLIENTS, World, person
from people_sandbox.tables import Record, Table

_TRIES = 200


class AlvenoHr:
    """Types changes into one world; every choice comes from ``draw``."""

    vendor = "alveno"

    def __init__(self, world: AlvenoWorld, draw: Random, today: date) -> None:
        self._world = world
        self._draw = draw
        self._today = today.isoformat()
        self._touched: set[str] = set()

    def _table(self, name: str) -> Table:
        return self._world.table(name)

    def _pick(self, wanted: str) -> tuple[str, Record, Record] | None:
        """An employee with the deciding workload: ``current`` now, or ``gone`` for good."""
        keys = self._table("employees").ids()
        for _ in range(min(_TRIES, 4 * len(keys))):
            key = self._draw.choice(keys)
            found = [
                self._table("workloads").get(one)
                for one in self._table("workloads").ids("EmployeeID", key)
            ]
            if key in self._touched or not found:
                continue
            last = max(
                found, key=lambda row: (row.get("DateTo") or "9999", row.get("DateFrom", ""))
            )
            is_gone = last["DateTo"] is not None and last["DateTo"] < self._today
            is_current = not is_gone and last["DateFrom"] <= self._today
            if (wanted == "gone" and is_gone) or (
                wanted == "current" and is_current and last["DateTo"] is None
            ):
                self._touched.add(key)
                return key, self._table("employees").get(key), last
        return None

    def end(self, last_day: date) -> dict[str, Any] | None:
        found = self._pick("current")
        if found is None:
            return None
        for key in self._table("workloads").ids("EmployeeID", found[0]):
            row = self._table("workloads").get(key)
            if (row.get("DateTo") or "9999") > last_day.isoformat():
                self._world.patch(
                    "workloads", key, {"DateTo": max(last_day.isoformat(), row.get("DateFrom", ""))}
                )
        return {"id": found[0], "what": "DateTo"}

    def change(self) -> dict[str, Any] | None:
        found = self._pick("current")
        if found is None:
            return None
        key, record, _ = found
        field = self._draw.choice(("Lastname", "Email", "ChipNumber", "Firstname"))
        values = {
            "Lastname": f"{record['Lastname']}-Nováková",
            "Firstname": f"{record['Firstname']} ml.",
            "Email": f"novy{self._draw.randrange(10**9)}@example.cz",
            "ChipNumber": f"{self._draw.randrange(2**32):08X}",
        }
        self._world.patch("employees", key, {field: values[field]})
        return {"id": key, "what": field}

    def move(self) -> dict[str, Any] | None:
        """To another client of Lunchdrive: somebody types another LDID."""
        for _ in range(_TRIES):
            found = self._pick("current")
            if found is None:
                return None
            key, record, _workload = found
            old = [client for client in CLIENTS if record["Note"] == f"LDID: {client}"]
            if old:
                new = self._draw.choice([client for client in CLIENTS if client not in old])
                self._world.patch("employees", key, {"Note": f"LDID: {new}"})
                return {"id": key, "what": "Note", "old_client_id": old[0], "new_client_id": new}
            self._touched.discard(key)
        return None

    def rehire(self) -> dict[str, Any] | None:
        found = self._pick("gone")
        if found is None:
            return None
        key, record, last = found
        fresh = last | {
            "WorkloadID": self._free("workloads"),
            "DateFrom": self._today,
            "DateTo": None,
        }
        return {"id": key, "what": "workload", "workload_id": self._world.add("workloads", fresh)}

    def join(self) -> dict[str, Any]:
        seeded = self._world.seeded
        seed = seeded.seed + 1_000_003 + self._draw.randrange(10**6)
        one = person(
            World(seed, seeded.size, 1, date.fromisoformat(self._today) + timedelta(days=30)),
            "cz",
            0,
        )
        number = self._free("employees")
        row = employee(one) | {
            "EmployeeID": number,
            "PersonalID": f"N{number}",
            "Email": f"novy{self._draw.randrange(10**9)}@example.cz",
            "Note": f"LDID: {self._draw.choice(CLIENTS)}",
            "ChipNumber": f"{population.draw(seed, 'chip', number) % 2**32:08X}",
        }
        key = self._world.add("employees", row)
        self._touched.add(key)
        link = {
            "WorkloadID": self._free("workloads"),
            "EmployeeID": number,
            "DateFrom": self._today,
            "DateTo": None,
        }
        return {
            "id": key,
            "what": "new",
            "workload_id": self._world.add("workloads", workload(one, 0) | link),
        }

    def _free(self, name: str) -> int:
        return (
            self._draw.randrange(10**8, 2 * 10**8)
            if name == "employees"
            else self._draw.randrange(10**9, 2 * 10**9)
        )
