"""What HR types beside the usual: texts, amounts, notes, addresses, days and names of fields."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from people_sandbox.alveno.world import AlvenoWorld
from people_sandbox.loket.world import LoketWorld

from ..drawn import drawn
from ..test_ldid_corpus import CORPUS
from ..test_ldid_reference import NOTE
from ..test_money_reference import SIGNS, written

TEXTS = (
    " Zoë ", "Zoe\u0308", "\u00a0Eva\u200b", "\tJan\n", "", " ", "\ufeff", "İPEK", "ΣΊΣΥΦΟΣ", "straße",
    "Nguyễn", "Ånström", "a\\b$1", "O'Brien", '"x"', "{0}%s", "Eva\r\nNová\u2028", "\x1b[2J", "日本 語",
    "\U0001f600", "K\u212a", "\x1fA", "null", "LDID",
)  # fmt: skip
EMAILS = (
    "JAN.Jansen@Example.NL", "jan@example", "jan@@example.nl", "jan@exa mple.nl", " jan@example.nl ",
    "jan@example.nl\u00a0", "já@example.nl", "jan@éxample.nl", "a@b.co\n", "x" * 95 + "@example.nl",
    "jan@example.test", "jan;piet@example.nl", "jan@example.nl,piet@example.nl", "<jan@example.nl>",
    "jan.@example.nl", ".jan@example.nl", "jan@-example.nl", "İ@example.nl", "jan\\piet@example.nl",
)  # fmt: skip
ANSWERS = (
    "TREU", "ne e", "ňe", "ANO", "WAAR", "onwar", "fals", "TRUE\u00a0", "\tja", "y", "İ", "jaa", "ƒalse",
    "nein", "true false", "ﬁ", "wáár", "1 ", "00",
)  # fmt: skip
FIELD_NAMES = (
    "alleo acces", "Aleo_Access", "alléo_access", "ALLEO_ACCESS ", "alleo_monthly_fiets_budget",
    "alleo monthly budget", "alleo_budegt", "alleo_oneoff_\n_budget", "Toegang", "LDID ",
)  # fmt: skip


def type_oddities(world: LoketWorld | AlvenoWorld) -> None:
    """Type each oddity over what somebody has; the same ones every time."""
    if isinstance(world, LoketWorld):
        _in_loket(world)
    else:
        _in_alveno(world)


def _in_loket(world: LoketWorld) -> None:
    people = iter(world.table("employees").ids()[20:])
    for text, person in zip(TEXTS, people, strict=False):
        details = {"firstName": text, "lastName": text, "initials": text, "prefix": text}
        world.patch("employees", person, {"personalDetails": details})
    for email, person in zip(EMAILS, people, strict=False):
        contact = {"businessEmailAddress": email, "emailAddress": email}
        world.patch("employees", person, {"contactInformation": contact})
    died = {"personalDetails": {"dateOfDeath": "2026-02-01"}}
    for person, _ in zip(people, range(3), strict=False):
        world.patch("employees", person, died)
    for person, _ in zip(people, range(3), strict=False):
        for employment in list(world.table("employments").ids("employee.id", person)):
            world.remove("employments", employment)
    _days(world, "employments", "startDate", "endDate")
    employer = world.table("employers").ids()[0]
    for number, name in enumerate(FIELD_NAMES):
        field = {"id": f"odd-{number}", "description": name, "employer_id": employer}
        world.add("custom_field_definitions", field)
    _values(world)


def _values(world: LoketWorld) -> None:
    values = world.table("employee_custom_fields")
    amounts = [text for text, _ in drawn(written(), 150)]
    amounts += drawn(st.text(SIGNS, min_size=1, max_size=12), 250)
    answers = [*ANSWERS, *TEXTS]
    for key in values.ids()[40:]:
        row = values.get(key)
        left = amounts if "budget" in row["customField"]["description"] else answers
        if left:
            world.patch("employee_custom_fields", key, {"value": left.pop()})
    for number, key in enumerate(values.ids()[:60]):
        # Another field of the same person, some with the same meaning.
        row = values.get(key)
        name = FIELD_NAMES[number % len(FIELD_NAMES)]
        field = {"id": f"odd-{number % len(FIELD_NAMES)}", "description": name}
        value = amounts.pop() if amounts else ("TRUE", "FALSE", "50", "0,5", "-3", None)[number % 6]
        world.add("employee_custom_fields", {
            **row, "id": f"odd-value-{number}", "customField": field, "value": value})  # fmt: skip


def _in_alveno(world: AlvenoWorld) -> None:
    people = iter(world.table("employees").ids()[20:])
    for text, person in zip(TEXTS, people, strict=False):
        world.patch("employees", person, {"Firstname": text, "Lastname": text})
    for email, person in zip(EMAILS, people, strict=False):
        world.patch("employees", person, {"Email": email})
    numbers = ("0", "00", "0012", "12", " 7 ", "7", None, "")
    for number, person in zip(numbers, people, strict=False):
        world.patch("employees", person, {"PersonalID": number})
    chips = ("FFFFFFFFFFFFFFFFFFFF", "0", "abc", "xyz", "00 12", "0012", "9" * 24, "\u00a0A1", "İ")
    for chip, person in zip(chips, people, strict=False):
        world.patch("employees", person, {"ChipNumber": chip})
    notes: list[Any] = [*(note for note, _, _ in CORPUS), *drawn(NOTE, 600)]
    for note, person in zip(notes, people, strict=False):
        world.patch("employees", person, {"Note": note})
    for person, _ in zip(people, range(3), strict=False):
        for employment in list(world.table("workloads").ids("EmployeeID", person)):
            world.remove("workloads", employment)
    _days(world, "workloads", "DateFrom", "DateTo")


def _days(world: LoketWorld | AlvenoWorld, table: str, first: str, last: str) -> None:
    """An end before the start, the end of the calendar, and no start at all."""
    spells = (
        {first: "2025-06-01", last: "2025-05-01"},
        {first: "2030-06-01", last: "2030-05-01"},
        {last: "9999-12-31"},
        {first: None},
        {first: "0001-01-01", last: None},
        {first: "2299-01-01"},
    )
    keys = world.table(table).ids()[60::7]
    for number, key in zip(range(24), keys, strict=False):
        world.patch(table, key, spells[number % len(spells)])
