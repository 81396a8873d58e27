"""Who takes no part is kept as a keyed pseudonym only, and is the same person on return."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .connections import Connection
from .test_erasure import NO_BRAKES, everything_legible, record_of, words_of

Connect = Callable[..., Connection]
pytestmark = pytest.mark.long
PAIRS = {
    "alleo": (
        "source-loket", "destination-alleo", {"access_turned_off": "deactivate"},
        "mart.alleo_employees", "employee_custom_fields", ('"value": "TRUE"', '"value": "FALSE"'),
    ),
    "lunchdrive": (
        "source-alveno", "destination-lunchdrive", {"on_ldid_zero": "deactivate"},
        "mart.lunchdrive_diners", "employees", (r"LDID: *\d+", "LDID: 0"),
    ),
}  # fmt: skip
REASONS = (
    "access_off", "access_not_said", "excluded_by_setting", "employer_not_mapped",
    "ldid_missing", "ldid_zero",
)  # fmt: skip


def opt_out(lines: Path, employment_of: set[str], stream: str, change: tuple[str, str]) -> Path:
    """The same records, in which one person says no."""
    changed = lines.with_name("opted-out.ndjson")
    out = []
    for line in lines.read_text().splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD" and message["record"]["stream"] == stream:
            data = message["record"]["data"]
            ids = {str(data.get(name)) for name in ("employee_id", "employmentId", "employeeId")}
            if ids & employment_of:
                message = json.loads(re.sub(*change, json.dumps(message)))
        out.append(json.dumps(message) + "\n")
    changed.write_text("".join(out))
    assert changed.read_text() != lines.read_text()
    return changed


@pytest.mark.drawn(1)
@pytest.mark.parametrize("pair", PAIRS)
def test_who_takes_no_part_is_in_no_byte_after_a_night_and_finds_the_same_account_on_return(
    pair: str, connect: Connect
) -> None:
    source, destination, settings, mart, stream, change = PAIRS[pair]
    connection = connect(source, destination, brakes=NO_BRAKES, **settings)
    lines = connection.first_lines()
    connection.activate(lines)

    ask = connection.ask

    def counted() -> list[tuple[Any, ...]]:
        return ask(
            "select reason, count(distinct person_id) from sync.plan "
            "where run_id = (select max(run_id) from sync.runs) group by all order by all"
        ) + ask("select employment_status, count(*) from people.people group by all order by all")

    def words(person_id: str) -> set[str]:
        return words_of(record_of(lines, source, person_id.split(":", 2)[2])) | {person_id}

    def legible(people: list[str]) -> list[str]:
        text = everything_legible(connection.store, None)
        return [word for person in people for word in words(person) if word in text]

    assert connection.write(lines).code == 0
    outside = [
        row[0]
        for row in ask(
            f"select distinct person_id from {mart} where reason in {REASONS} and person_id "
            "not in (select person_id from sync.ledger where state = 'active') order by all"
        )
    ]
    assert outside
    assert legible(outside), "control: they are kept by default"
    before = counted()
    connection.configure(retention={"out_of_scope": "pseudonyms"})
    assert connection.write(lines).code == 0
    assert legible(outside) == []
    assert counted() == before

    somebody = ask(
        "select person_id from sync.ledger where state = 'active' and person_id in "
        f"(select person_id from {mart} where reason in ('entitled', 'assigned')) order by all"
    )[0][0]
    employee_id = somebody.split(":", 2)[2]
    table = f"raw.{source.removeprefix('source-')}__employments"
    spells = ask(f"select employment_id from {table} where employee_id = '{employee_id}'")
    out = opt_out(lines, {employee_id} | {row[0] for row in spells}, stream, change)
    account = [a for a in connection.accounts() if words(somebody) & set(map(str, a.values()))]
    assert len(account) == 1
    connection.box.clear_requests()
    assert connection.write(out).code == 0
    assert connection.writes(), "the account is ended"
    assert legible([somebody]), "the night's report names who lost the account"
    connection.box.clear_requests()
    verdicts = []
    for _ in range(3):
        assert connection.write(out).code == 0
        assert legible([*outside, somebody]) == []
        verdicts.append(ask("select count(*) from sync.verdicts"))
    assert verdicts[1] == verdicts[2], "what a night says again is not kept again"
    assert connection.writes() == []
    story = connection.command("explain", somebody, "-c", str(connection.file), "--output", "json")
    assert {"access_off", "ldid_zero"} & {
        row["reason"] for row in json.loads(story.out)["decision"]
    }, story.out

    # Who is known by a pseudonym only may want to be kept out all the same.
    erased = connection.command("erase", outside[0], "-c", str(connection.file), "--yes")
    assert erased.code == 0, erased.err
    assert connection.write(out).code == 0
    asked = connection.command("explain", outside[0], "-c", str(connection.file))
    assert (asked.code, "was erased on" in asked.err) == (1, True), asked.out
    assert ask("select count(*) from sync.verdicts") < verdicts[2]

    assert connection.write(lines).code == 0
    assert connection.duplicates() == []
    key = "uuid" if "uuid" in account[0] else "id"
    again = [a for a in connection.accounts() if a.get(key) == account[0].get(key)]
    assert again == account, "the same account, as it was"
    assert legible([somebody])
