"""All of Loket's data of one sandbox: twelve collections and the version numbers that rise on change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from people_sandbox import population
from people_sandbox.errors import UnknownRecordError
from people_sandbox.loket import payroll_records, records
from people_sandbox.population import Person, World, fixed_guid, guid, person, spell_count
from people_sandbox.tables import Record, Reference, Table

FIRST_VERSION = 70429274999853

# Collections whose changes Loket's lastModifiedVersionNumber covers ("static" employment data).
_VERSIONED = ("employers", "employees", "employments")


class _Made:
    """A collection made from references (person, number, …)."""

    def __init__(
        self,
        world: World,
        references: Callable[[World], Iterator[tuple[str, Reference]]],
        record: Callable[[World, Reference], Record],
    ) -> None:
        self._world = world
        self._references = references
        self._record = record

    def references(self) -> Iterator[tuple[str, Reference]]:
        return self._references(self._world)

    def record(self, reference: Reference) -> Record:
        return self._record(self._world, reference)

    def link(self, reference: Reference, name: str) -> str:
        world, index = self._world, reference[0]
        if name == "employer_id":
            return fixed_guid(world.seed, "employer", population.employer_of(world, index))
        if name in ("employee_id", "employee.id"):
            return guid(world.seed, "employee", index)
        return records.employment_id(world, index, reference[1])


def _employees(world: World) -> Iterator[tuple[str, Reference]]:
    return ((guid(world.seed, "employee", index), (index,)) for index in range(world.size))


def _employments(world: World) -> Iterator[tuple[str, Reference]]:
    for index in range(world.size):
        for number in range(spell_count(world, "nl", index)):
            yield records.employment_id(world, index, number), (index, number)


def _of(world: World, reference: Reference) -> Person:
    return person(world, "nl", reference[0])


def _employee_values(world: World) -> Iterator[tuple[str, Reference]]:
    for index in range(world.size):
        bits = population.own_bits(world, "nl", index)
        values = (population.access_values(index, bits)[0], *population.budget_values(bits))
        for field, value in enumerate(values):
            if value is not None:
                yield guid(world.seed, "value", index * 8 + field), (index, 0, field, value)


def _employment_values(world: World) -> Iterator[tuple[str, Reference]]:
    for index in range(world.size):
        value = population.access_values(index, population.own_bits(world, "nl", index))[1]
        if value is not None:
            yield (
                guid(world.seed, "value", index * 8 + 7),
                (index, spell_count(world, "nl", index) - 1, 0, value),
            )


def _value(world: World, reference: Reference) -> Record:
    index, _number, field, value = reference
    employer = population.employer_of(world, index)
    definition = {
        "id": fixed_guid(world.seed, "definition", employer * 10 + field),
        "description": records.DEFINITIONS[field],
    }
    return {
        "customField": definition,
        "value": value,
        "employer_id": fixed_guid(world.seed, "employer", employer),
    }


def _employee_value(world: World, reference: Reference) -> Record:
    key = guid(world.seed, "value", reference[0] * 8 + reference[2])
    return (
        {"id": key}
        | _value(world, reference)
        | {"employee_id": guid(world.seed, "employee", reference[0])}
    )


def _employment_value(world: World, reference: Reference) -> Record:
    key = guid(world.seed, "value", reference[0] * 8 + 7)
    return (
        {"id": key}
        | _value(world, reference)
        | {"employment_id": records.employment_id(world, *reference[:2])}
    )


class LoketWorld:
    """The collections by name; every change goes through here, so that version numbers rise."""

    def __init__(self, world: World) -> None:
        self.seeded = world
        self.counter = 0
        self.employment_versions: dict[str, int] = {}
        self.employer_versions: dict[str, int] = {}
        self.custom_fields_raise_version = False
        self.bulk_values_as_array = False

        def of_person(
            make: Callable[[World, Person], Record],
        ) -> Callable[[World, Reference], Record]:
            return lambda world, reference: make(world, _of(world, reference))

        def of_spell(
            make: Callable[[World, Person, int], Record],
        ) -> Callable[[World, Reference], Record]:
            return lambda world, reference: make(world, _of(world, reference), reference[1])

        made = {
            "employees": ("id", ("employer_id",), _Made(world, _employees, of_person(records.employee))),
            "employments": ("id", ("employer_id", "employee.id"), _Made(world, _employments, of_spell(records.employment))),
            "employee_custom_fields": ("id", ("employer_id", "employee_id"), _Made(world, _employee_values, _employee_value)),
            "employment_custom_fields": (
                "id", ("employer_id", "employment_id"), _Made(world, _employment_values, _employment_value),
            ),
            "leave_balances": ("id", ("employer_id",), _Made(world, _employments, of_spell(payroll_records.leave_balance))),
        }  # fmt: skip
        self.tables = {
            name: Table(name, key, links, maker) for name, (key, links, maker) in made.items()
        }
        for name, key, links, rows in _small(world):
            self.tables[name] = Table(name, key, links, None)
            self.tables[name].put(rows)

    def table(self, name: str) -> Table:
        if name not in self.tables:
            raise UnknownRecordError(
                f"Loket's world has no collection {name!r}; it has {', '.join(sorted(self.tables))}."
            )
        return self.tables[name]

    def snapshot(self) -> dict[str, list[Record]]:
        return {name: list(table.records()) for name, table in self.tables.items()}

    def put(self, world: dict[str, list[Record]]) -> None:
        """Replace the collections that ``world`` has; the others stay."""
        for name in world:
            self.table(name)
        for name, rows in world.items():
            self.tables[name].put(rows)
        self.counter += 1
        for key in self.tables["employers"].ids():
            self.employer_versions[key] = FIRST_VERSION + self.counter
        for key in self.tables["employments"].ids():
            self.employment_versions[key] = FIRST_VERSION + self.counter

    def patch(self, name: str, key: str, fields: Record) -> Record:
        record = self.table(name).patch(key, fields)
        if name == "employees":
            self._copy_to_employments(record)
        self._raise_version(name, record)
        return record

    def add(self, name: str, record: Record) -> str:
        key = self.table(name).add(record)
        self._raise_version(name, record)
        return key

    def remove(self, name: str, key: str) -> None:
        record = self.table(name).get(key)
        self.tables[name].remove(key)
        self._raise_version(name, record)

    def _copy_to_employments(self, employee: Record) -> None:
        # Loket's employments and balances carry the employee's name; it changes there too.
        brief = records.employee_brief(employee)
        for key in self.tables["employments"].ids("employee.id", str(employee["id"])):
            for name in ("employments", "leave_balances"):
                if key in self.tables[name]:
                    self.tables[name].patch(key, {"employee": brief})

    def _raise_version(self, name: str, record: Record) -> None:
        covered = name in _VERSIONED or (
            name.endswith("custom_fields") and self.custom_fields_raise_version
        )
        if not covered:
            return
        self.counter += 1
        number = FIRST_VERSION + self.counter
        if name == "employers":
            self.employer_versions[str(record.get("id"))] = number
            return
        self.employer_versions[str(record.get("employer_id"))] = number
        if name == "employments":
            self.employment_versions[str(record.get("id"))] = number
        elif name == "employees":
            for key in self.tables["employments"].ids("employee.id", str(record.get("id"))):
                self.employment_versions[key] = number


def _small(world: World) -> Iterator[tuple[str, str, tuple[str, ...], list[Record]]]:
    """The collections with a handful of rows per employer."""
    seed, employers = world.seed, range(world.employers)
    ids = [guid(seed, "employer", number) for number in employers]
    yield "employers", "id", (), [records.employer(world, number) for number in employers]
    yield (
        "custom_field_definitions",
        "id",
        ("employer_id",),
        [
            {
                "id": guid(seed, "definition", number * 10 + field),
                "description": description,
                "employer_id": ids[number],
            }
            for number in employers
            for field, description in enumerate(records.DEFINITIONS)
        ],
    )
    yield (
        "leave_types",
        "id",
        ("employer_id",),
        [
            payroll_records.leave_type(world, number, position)
            for number in employers
            for position in range(len(payroll_records.LEAVE_TYPES))
        ],
    )
    administrations = [
        payroll_records.payroll_administration(world, number) for number in employers
    ]
    yield "payroll_administrations", "id", ("employer_id",), administrations
    links = ("employer_id", "payroll_administration_id")
    yield (
        "payroll_runs",
        "id",
        links,
        [
            payroll_records.payroll_run(world, number, back)
            for number in employers
            for back in (2, 1, 0)
        ],
    )
    yield "filter_settings", "employer_id", ("employer_id",), [filter_settings(key) for key in ids]
    yield (
        "rights",
        "employer_id",
        ("employer_id",),
        [{"employer_id": key, "visible": True, "denied": []} for key in ids],
    )


def filter_settings(employer_id: str) -> dict[str, Any]:
    return {
        "employer_id": employer_id,
        "employmentFilter": {
            "filterOnEmployedStatus": "AllEmployments",
            "filterOnAdministrations": [],
            "filterOnDepartments": [],
            "filterOnEmploymentCategoryType": [],
            "filterOnOnCallEmployment": None,
        },
    }
