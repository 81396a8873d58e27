"""Alveno's data of one sandbox: employees, workloads, operations, in wire names with ISO dates."""

from __future__ import annotations

from collections.abc import Iterator

from people_sandbox import population
from people_sandbox.errors import UnknownRecordError
from people_sandbox.population import Person, World, person, spell_count
from people_sandbox.tables import Record, Reference, Table

OPERATIONS = ((7, "Praha"), (8, "Ostrava"), (9, "Brno"))
_CONTRACTS = ("HPP", "HPP", "HPP", "DPP", "DPČ", "")
_JOBS = ("", "Skladník", "Dělnice", "Řidič", "Účetní", "Mistr směny")


def employee_id(index: int) -> int:
    return 101 + index


def workload_id(index: int, number: int) -> int:
    return 9001 + index * 4 + number


class _Employees:
    def __init__(self, world: World) -> None:
        self._world = world

    def references(self) -> Iterator[tuple[str, Reference]]:
        return ((str(employee_id(index)), (index,)) for index in range(self._world.size))

    def link(self, reference: Reference, name: str) -> str:
        raise UnknownRecordError(f"Employees have no link {name!r}.")

    def record(self, reference: Reference) -> Record:
        return employee(person(self._world, "cz", reference[0]))


class _Workloads:
    def __init__(self, world: World) -> None:
        self._world = world

    def references(self) -> Iterator[tuple[str, Reference]]:
        for index in range(self._world.size):
            for number in range(spell_count(self._world, "cz", index)):
                yield str(workload_id(index, number)), (index, number)

    def link(self, reference: Reference, name: str) -> str:
        return str(employee_id(reference[0]))

    def record(self, reference: Reference) -> Record:
        return workload(person(self._world, "cz", reference[0]), reference[1])


def employee(one: Person) -> Record:
    return {
        "EmployeeID": employee_id(one.index),
        "PersonalID": personal_number(one.index),
        "Firstname": one.first,
        "Lastname": one.last,
        "Email": one.work_email,
        "Note": population.note(one),
        "ChipNumber": population.chip(one),
    }


def personal_number(index: int) -> str:
    """Typed with zeros in front, now and then with a letter; the tenth is ``12`` beside a ``0012``."""
    if index == 9:
        return "12"
    return f"Z{index + 1:03d}" if index % 41 == 40 else f"{index + 1:04d}"


def workload(one: Person, number: int) -> Record:
    spell = one.spells[number]
    return {
        "WorkloadID": workload_id(one.index, number),
        "EmployeeID": employee_id(one.index),
        "OperationID": OPERATIONS[one.bits % 3][0],
        "JobTitle": _JOBS[(one.bits >> 3) % len(_JOBS)],
        "ContractType": _CONTRACTS[(one.bits >> 6) % len(_CONTRACTS)],
        "DateFrom": spell.start.isoformat(),
        "DateTo": spell.end.isoformat() if spell.end else None,
    }


class AlvenoWorld:
    """The collections by name."""

    def __init__(self, world: World) -> None:
        self.seeded = world
        self.tables = {
            "employees": Table("employees", "EmployeeID", (), _Employees(world)),
            "workloads": Table("workloads", "WorkloadID", (), _Workloads(world)),
            "operations": Table("operations", "OperationID", (), None),
        }
        self.tables["operations"].put(
            [{"OperationID": key, "Name": name} for key, name in OPERATIONS]
        )

    def table(self, name: str) -> Table:
        if name not in self.tables:
            raise UnknownRecordError(
                f"Alveno's world has no collection {name!r}; it has {', '.join(sorted(self.tables))}."
            )
        return self.tables[name]

    def snapshot(self) -> dict[str, list[Record]]:
        return {name: list(table.records()) for name, table in self.tables.items()}

    def put(self, world: dict[str, list[Record]]) -> None:
        for name in world:
            self.table(name)
        for name, rows in world.items():
            self.tables[name].put(rows)

    def patch(self, name: str, key: str, fields: Record) -> Record:
        return self.table(name).patch(key, fields)

    def add(self, name: str, record: Record) -> str:
        return self.table(name).add(record)

    def remove(self, name: str, key: str) -> None:
        self.table(name).remove(key)
