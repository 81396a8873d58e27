"""One night per platform in which everything happens: each operation at least once.

Lunchdrive: update, deactivate (left, opted out), release of a chip, move with its chip, fan-out,
create, adopt, reactivate, invite. Alleo: update, an e-mail address that goes from one to another,
deactivate, create, adopt, reactivate. In two calls: an ended account that is taken over, at Alleo a
rehire whose name has changed, at Lunchdrive a newcomer whose chip a guest has.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from people_sandbox.client import Sandbox
from people_transforms.settings import Brakes

from .connections import Connection

DAYS = ("2026-03-02", "2026-03-03", "2026-03-04")
PRAGUE, OSTRAVA = 32567, 32568
NO_BRAKES = dict.fromkeys(Brakes.model_fields)
World = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Story:
    """Three days of a pair; on the third everything happens."""

    source: str
    destination: str
    operations: frozenset[str]
    days: tuple[Callable[[Sandbox], None], ...]
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Evening:
    """A connection, its store and the vendor's accounts as they are now, to come back to."""

    connection: Connection
    store: Path
    accounts: list[dict[str, Any]]

    def again(self) -> None:
        """Go back to this evening."""
        self.connection.restore(self.store)
        self.connection.box.put_accounts(self.connection.platform, self.accounts)
        self.connection.box.clear_faults()
        self.connection.box.clear_requests()


@dataclass(frozen=True)
class Eve(Evening):
    """The evening before the third night, and what the source will say then."""

    quiet_lines: Path
    lines: Path


def live_until_eve(story: Story, connect: Callable[..., Connection]) -> Eve:
    """Let the first two days pass."""
    connection = connect(story.source, story.destination, **story.settings, brakes=NO_BRAKES)
    box = connection.box
    story.days[0](box)
    connection.activate(connection.read())
    story.days[1](box)
    connection.configure(as_of=DAYS[1])
    quiet = connection.read().rename(connection.folder / "quiet.jsonl")
    ended = connection.write(quiet)
    assert ended.code == 0, ended.out
    story.days[2](box)
    connection.configure(as_of=DAYS[2])
    lines = connection.read()
    store = connection.folder / "eve"
    connection.keep(store)
    return Eve(connection, store, connection.accounts(), quiet, lines)


def settled(accounts: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Accounts in an order and form that two runs of the same night share."""
    passing = {"id", "registration_date", "offboarding_date", "last_active_date"}
    kept = [{k: v for k, v in account.items() if k not in passing} for account in accounts]
    return sorted(tuple(sorted((k, str(v)) for k, v in account.items())) for account in kept)


# Lunchdrive


def _diner_employee(number: int, note: str, chip: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "EmployeeID": number, "PersonalID": f"P{number}", "Firstname": f"Jana{number}",
        "Lastname": "Nováková", "Email": f"jana{number}@example.cz", "Note": note,
        "ChipNumber": chip, **more,
    }  # fmt: skip


def _workload(number: int, start: str = "2025-01-01", end: str | None = None) -> dict[str, Any]:
    return {
        "WorkloadID": 9000 + number, "EmployeeID": number % 100, "OperationID": 7,
        "JobTitle": "Kuchařka", "ContractType": "HPP", "DateFrom": start, "DateTo": end,
    }  # fmt: skip


def _alveno_day_0(box: Sandbox) -> None:
    here = f"LDID: {PRAGUE}"
    staff = [
        _diner_employee(1, here), _diner_employee(2, here), _diner_employee(3, here, "C3"),
        _diner_employee(4, here, "C4"), _diner_employee(5, here), _diner_employee(6, here, "C6"),
        _diner_employee(7, here), _diner_employee(8, here), _diner_employee(11, here),
    ]  # fmt: skip
    world = {
        "employees": staff,
        "workloads": [_workload(one["EmployeeID"]) for one in staff],
        "operations": [{"OperationID": 7, "Name": "Praha"}],
    }
    box.put_world("alveno", world)
    # A chip may be at one client of the group only: a mover has to give it up first.
    box.settings("lunchdrive", unique_scope={"chip_number": "group", "email": "client"})
    stranger = {
        "client_id": PRAGUE, "personal_number": "P10", "first_name": "Jana10",
        "last_name": "Nováková", "email": "jana10@example.cz",
    }  # fmt: skip
    former = stranger | {
        "personal_number": "P12", "first_name": "Jana12", "email": "jana12@example.cz",
        "active": False, "valid_to": "2020-12-31",
    }  # fmt: skip
    guest = {
        "client_id": PRAGUE, "first_name": "Host", "last_name": "Hostitel", "chip_number": "C13",
        "external_id": "guest-1",
    }  # fmt: skip
    box.put_accounts("lunchdrive", [stranger, former, guest])


def _alveno_day_1(box: Sandbox) -> None:
    box.patch("alveno", "workloads", 9005, DateTo="2026-03-02")


def _alveno_day_2(box: Sandbox) -> None:
    box.patch("alveno", "employees", 2, Lastname="Dvořáková")
    box.patch("alveno", "workloads", 9003, DateTo="2026-03-03")
    box.patch("alveno", "employees", 4, Note=f"LDID: {OSTRAVA}")
    box.add("alveno", "workloads", _workload(105, DAYS[2]))
    box.patch("alveno", "employees", 6, ChipNumber="C66")
    box.patch("alveno", "employees", 7, ChipNumber="C6")
    box.patch("alveno", "employees", 8, Note=f"LDID: {PRAGUE}, {OSTRAVA}")
    box.patch("alveno", "employees", 11, Note="LDID: 0")
    for number, chip in ((9, "C3"), (10, None), (12, None), (13, "C13")):
        box.add("alveno", "employees", _diner_employee(number, f"LDID: {PRAGUE}", chip))
        box.add("alveno", "workloads", _workload(number, DAYS[2]))


LUNCHDRIVE = Story(
    "source-alveno",
    "destination-lunchdrive",
    frozenset({"create", "update", "adopt", "deactivate", "reactivate", "release", "invite"}),
    (_alveno_day_0, _alveno_day_1, _alveno_day_2),
    {"invitations": "newcomers", "on_ldid_zero": "deactivate"},
)


# Alleo


def _few_of(world: World, count: int) -> World:
    """Only so many people of one employer, each with one open employment."""
    employer = world["employers"][0]["id"]
    open_ones = {
        row["employee"]["id"]: row
        for row in world["employments"]
        if row["employer_id"] == employer and row["endDate"] is None and row["startDate"] < DAYS[0]
    }
    people = [row for row in world["employees"] if row["id"] in open_ones][:count]
    ids = {row["id"] for row in people}
    spells = {open_ones[key]["id"] for key in ids}
    kept = copy.deepcopy(world)
    kept["employees"] = [row for row in world["employees"] if row["id"] in ids]
    kept["employments"] = [row for row in world["employments"] if row["id"] in spells]
    kept["leave_balances"] = [row for row in world["leave_balances"] if row["id"] in spells]
    definition = next(
        row
        for row in world["custom_field_definitions"]
        if row["description"].strip().lower() == "alleo_access"
    )
    kept["employment_custom_fields"] = []
    kept["employee_custom_fields"] = [
        {
            "id": f"00000000-0000-4000-a000-{number:012}",
            "customField": {"id": definition["id"], "description": "alleo_access"},
            "value": "TRUE",
            "employer_id": employer,
            "employee_id": row["id"],
        }
        for number, row in enumerate(people)
    ]
    return kept


def _allow(box: Sandbox, number: int, value: str) -> None:
    key = f"00000000-0000-4000-a000-{number:012}"
    box.patch("loket", "employee_custom_fields", key, value=value)


def _employee(box: Sandbox, number: int) -> dict[str, Any]:
    fields = box.world("loket")["employee_custom_fields"]
    key = next(row["employee_id"] for row in fields if row["id"].endswith(f"{number:012}"))
    return next(row for row in box.world("loket")["employees"] if row["id"] == key)


def _email(box: Sandbox, number: int, email: str) -> None:
    row = _employee(box, number)
    contact = row["contactInformation"] | {"businessEmailAddress": email}
    box.patch("loket", "employees", row["id"], contactInformation=contact)


def _loket_day_0(box: Sandbox) -> None:
    world = _few_of(box.world("loket"), 9)
    assert len(world["employees"]) == 9
    box.put_world("loket", world)
    for number in range(9):
        _email(box, number, f"person{number}@example.nl")
    for number in (3, 5, 8):
        _allow(box, number, "FALSE")
    company = next(
        one["company_id"]
        for one in box.control()["alleo"]["companies"]
        if one["employer_id"] == world["employers"][0]["id"]
    )
    stranger, former = (
        {
            "company_id": company, "email": f"person{number}@example.nl", "first_name": "Old",
            "last_name": _employee(box, number)["personalDetails"]["lastName"],
            "is_active": True, "external_id": None, "language": "nl",
        }
        for number in (5, 8)
    )  # fmt: skip
    former |= {"is_active": False, "offboarding_date": "2000-12-31T23:00:00"}
    box.put_accounts("alleo", [stranger, former])


def _loket_day_1(box: Sandbox) -> None:
    _allow(box, 4, "FALSE")


def _loket_day_2(box: Sandbox) -> None:
    for number in (1, 4):
        row = _employee(box, number)
        name = row["personalDetails"] | {"lastName": "Andersnaam"}
        box.patch("loket", "employees", row["id"], personalDetails=name)
    leaver = _employee(box, 2)["id"]
    spell = next(
        row["id"] for row in box.world("loket")["employments"] if row["employee"]["id"] == leaver
    )
    box.patch("loket", "employments", spell, endDate="2026-03-03")
    for number in (3, 4, 5, 8):
        _allow(box, number, "TRUE")
    # Whoever comes first by id must not take the address before it is free.
    first, second = sorted((6, 7), key=lambda number: _employee(box, number)["id"])
    _email(box, second, "new@example.nl")
    _email(box, first, f"person{second}@example.nl")


ALLEO = Story(
    "source-loket",
    "destination-alleo",
    frozenset({"create", "update", "adopt", "deactivate", "reactivate"}),
    (_loket_day_0, _loket_day_1, _loket_day_2),
    {"access_turned_off": "deactivate"},
)
STORIES = {"alleo": ALLEO, "lunchdrive": LUNCHDRIVE}
