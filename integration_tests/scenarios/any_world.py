"""What HR typed, said again in plain Python: the people of one employer, and whom they want where.

Joiners, leavers known beforehand or back-dated, rehires, moves, flags flipped, names changed; records
that come twice and in any order. The real clients talk to the sandbox; the source's lines are written
here, because only that lets a property test choose them.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from destination_alleo.platform import Alleo
from destination_lunchdrive.platform import Lunchdrive
from people_sandbox.client import Sandbox
from people_transforms.conclusion import Night
from people_transforms.landing.catalog import of_streams
from people_transforms.models.contracts import raw_streams
from people_transforms.night import run_night
from people_transforms.planning.approvals import approve
from people_transforms.platform import Platform
from people_transforms.settings import Brakes
from people_transforms.store.warehouse import open_warehouse, store_paths

MONDAY = dt.date(2026, 3, 2)
CLIENTS = ("32567", "32568")
OFF = dict.fromkeys(Brakes.model_fields)


@dataclass
class Person:
    """What HR knows of one person; `choice` is the flag, or the clients in the note."""

    number: int
    spells: list[tuple[dt.date, dt.date | None]]
    choice: str
    name: str = "Jana"

    def is_employed(self, day: dt.date) -> bool:
        return any(start <= day and (end is None or day <= end) for start, end in self.spells)


@dataclass(frozen=True)
class Pair:
    """One source's words for people, and whom its rules want where."""

    platform: Platform
    choices: tuple[str, ...]
    settings: dict[str, Any]
    records: Callable[[Sequence[Person], str], dict[str, list[dict[str, Any]]]]
    wanted: Callable[[Person, str], set[tuple[str, str]]]
    rests_on: frozenset[str]


def alveno_records(people: Sequence[Person], employer: str) -> dict[str, list[dict[str, Any]]]:
    return {
        "employers": [{"employer_id": employer, "name": "Testovací"}],
        "operations": [],
        "employees": [
            {
                "employer_id": employer,
                "employee_id": str(person.number),
                "personal_number": f"{person.number:04}",
                "first_name": person.name,
                "last_name": f"Nováková {person.number}",
                "email": f"p{person.number}@example.cz",
                "note": person.choice,
                "chip_numbers": [f"77{person.number}"],
            }
            for person in people
        ],
        "employments": [
            {
                "employer_id": employer,
                "employment_id": f"{person.number}{index}",
                "employee_id": str(person.number),
                "valid_from": start.isoformat(),
                "valid_to": end.isoformat() if end else None,
            }
            for person in people
            for index, (start, end) in enumerate(person.spells)
        ],
    }


def loket_records(people: Sequence[Person], employer: str) -> dict[str, list[dict[str, Any]]]:
    here = {"employer_id": employer}
    return {
        "employers": [{"id": employer, "companyName": "Test", "employerNumber": 1}],
        "custom_field_definitions": [{**here, "id": "access", "description": "alleo_access"}],
        "employment_custom_fields": [],
        "employees": [
            {
                **here,
                "id": f"e{person.number}",
                "employeeNumber": person.number,
                "personalDetails": {
                    "firstName": person.name,
                    "lastName": f"Jansen {person.number}",
                    "dateOfBirth": "1990-01-01",
                },
                "contactInformation": {"businessEmailAddress": f"p{person.number}@example.nl"},
            }
            for person in people
        ],
        "employments": [
            {
                **here,
                "id": f"w{person.number}-{index}",
                "employee": {"id": f"e{person.number}"},
                "startDate": start.isoformat(),
                "endDate": end.isoformat() if end else None,
            }
            for person in people
            for index, (start, end) in enumerate(person.spells)
        ],
        "employee_custom_fields": [
            {
                **here,
                "id": f"v{person.number}",
                "employmentId": f"w{person.number}-0",
                "employeeCustomFields": {
                    "customField": {"id": "access", "description": "alleo_access"},
                    "value": person.choice,
                },
            }
            for person in people
        ],
    }


PAIRS = {
    "lunchdrive": Pair(
        Lunchdrive(),
        ("LDID: 0", *(f"LDID: {client}" for client in CLIENTS), f"LDID: {', '.join(CLIENTS)}"),
        {
            "on_ldid_zero": "deactivate",
            "bridge_gap_days": 0,
            "mode": "group",
            "allowed_client_ids": list(CLIENTS),
        },
        alveno_records,
        lambda person, employer: {
            (client, f"alveno:{employer}:{person.number}")
            for client in CLIENTS
            if client in person.choice
        },
        frozenset({"employees", "employments"}),
    ),
    "alleo": Pair(
        Alleo(),
        ("TRUE", "FALSE"),
        {"access_turned_off": "deactivate", "bridge_gap_days": 0},
        loket_records,
        lambda person, employer: (
            {("102", f"e{person.number}")} if person.choice == "TRUE" else set()
        ),
        frozenset(
            {"employees", "employments", "custom_field_definitions", "employee_custom_fields"}
        ),
    ),
}


@dataclass
class Read:
    """What of the source's lines reaches the destination tonight; by default all of it.

    `streams` are `partial`, `not_read` or `not_asked`; `columns` are keys that no record has.
    """

    streams: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    has_statuses: bool = True


@dataclass
class World:
    """The people of one employer, the platform, and the store of the connection between them."""

    box: Sandbox
    platform: str
    folder: Path
    day: dt.date = MONDAY
    people: list[Person] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def pair(self) -> Pair:
        return PAIRS[self.platform]

    @property
    def employer(self) -> str:
        return "alveno" if self.platform == "lunchdrive" else "employer-1"

    def happens(self, event: str, draw: Random) -> None:
        """Let one thing happen in HR; where nobody fits, nothing does."""
        today = self.day
        employed = [p for p in self.people if p.spells[-1][1] is None]
        left = [p for p in self.people if (p.spells[-1][1] or today) < today]
        if event == "join":
            start = today + dt.timedelta(days=draw.randint(-20, 10))
            person = Person(next(self.numbers), [(start, None)], draw.choice(self.pair.choices))
            self.people.append(person)
        elif event == "change" and self.people:
            person = draw.choice(self.people)
            person.name = draw.choice(("Jana", "Eva", "Petra"))
        elif event == "flip" and self.people:
            draw.choice(self.people).choice = draw.choice(self.pair.choices)
        elif event in ("leave", "leave_backdated") and employed:
            person = draw.choice(employed)
            start = person.spells[-1][0]
            days = (0, 20) if event == "leave" else (-30, -1)
            end = today + dt.timedelta(days=draw.randint(*days))
            person.spells[-1] = (start, max(start, end))
        elif event == "delete" and self.people:
            self.people.remove(draw.choice(self.people))
        elif event == "rehire" and left:
            person = draw.choice(left)
            last = person.spells[-1][1] or today
            person.spells.append((last + dt.timedelta(days=draw.randint(1, 40)), None))

    def lines(self, draw: Random, read: Read) -> list[bytes]:
        """What a source would say, in an order of its own, some records twice."""
        streams = self.pair.records(self.people, self.employer)
        records = [
            {"type": "RECORD", "record": {"stream": stream, "data": _shuffled(
                {**data, "total_size": len(rows)}, draw), "emitted_at": 1}}
            for stream, rows in streams.items()
            for data in _arriving(rows, stream, read, draw)
        ]  # fmt: skip
        records += draw.sample(records, len(records) // 4)
        draw.shuffle(records)
        ends = [
            {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1, "stream_status": {
                "stream_descriptor": {"name": stream},
                "status": "INCOMPLETE" if stream in read.streams else "COMPLETE"}}}
            for stream in streams if read.has_statuses
        ]  # fmt: skip
        return [json.dumps(message).encode() + b"\n" for message in (*records, *ends)]

    def run(
        self, draw: Random, folder: Path | None = None, read: Read | None = None, **other: Any
    ) -> Night:
        """One night in the connection's store, or in a copy of it."""
        read = read or Read()
        platform = self.pair.platform
        own = self.pair.settings | {"as_of": self.day.isoformat(), "brakes": OFF} | other
        config = self.box.config(f"destination-{self.platform}", **own) | {
            "warehouse": {"type": "file", "path": str(folder or self.folder)},
        }
        if self.platform == "alleo":
            config["companies"] = [{"employer_id": self.employer, "company_id": "102"}]
        parsed = platform.settings(config)
        paths = store_paths(parsed.warehouse, self.platform)
        vendor = platform.vendor(config)
        now = dt.datetime.combine(self.day, dt.time(1), dt.UTC)
        try:
            with open_warehouse(paths) as store:
                night = run_night(
                    store,
                    vendor,
                    parsed,
                    self.lines(draw, read),
                    catalog=of_streams(
                        name
                        for name in raw_streams(parsed.source_system)
                        if read.streams.get(name) != "not_asked"
                    ),
                    now=now,
                )
                if night.outcome == "held" and folder is None:
                    approve(store.connection, night.plan_hash, "test", now)
        finally:
            vendor.close()
        return night

    def wanted(self) -> set[tuple[str, str]]:
        """Who must have an account today."""
        employed = [person for person in self.people if person.is_employed(self.day)]
        return {one for person in employed for one in self.pair.wanted(person, self.employer)}

    def active(self) -> set[tuple[str, str]]:
        place, is_active = {"alleo": ("company_id", "is_active"), "lunchdrive": ("client_id", "active")}[
            self.platform
        ]  # fmt: skip
        accounts = self.box.accounts(self.platform)
        return {(str(a[place]), a["external_id"]) for a in accounts if a[is_active]}

    def values(self) -> dict[str, dict[str, Any]]:
        """The platform's accounts by its own id."""
        return {str(a["id"]): a for a in self.box.accounts(self.platform)}

    def writes(self) -> list[dict[str, Any]]:
        return self.box.requests(self.platform, writes=True)


def _shuffled(data: dict[str, Any], draw: Random) -> dict[str, Any]:
    """The same object with its keys in another order."""
    keys = list(data)
    draw.shuffle(keys)
    return {key: data[key] for key in keys}


def _arriving(
    rows: list[dict[str, Any]], stream: str, read: Read, draw: Random
) -> list[dict[str, Any]]:
    verdict = read.streams.get(stream)
    if verdict in ("not_read", "not_asked"):
        return []
    if verdict == "partial" and rows:
        rows = draw.sample(rows, draw.randint(0, len(rows) - 1))
    column = read.columns.get(stream)
    return [_without(row, column.split(".")) if column else row for row in rows]


def _without(row: dict[str, Any], path: list[str]) -> dict[str, Any]:
    key, *rest = path
    if not rest:
        return {name: value for name, value in row.items() if name != key}
    return {**row, key: _without(row[key], rest)}
