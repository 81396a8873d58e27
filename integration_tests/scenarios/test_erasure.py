"""A person is erased: no byte of theirs is left in any file, and they stay away until it is lifted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .all_operations import NO_BRAKES
from .connections import Connection
from .test_canary import planted

Connect = Callable[..., Connection]
pytestmark = pytest.mark.long
KEY = "a sentence that is a key"
# Where a person's values stand in a record, per source.
PERSON = {
    "source-loket": ("employees", "id"),
    "source-alveno": ("employees", "employee_id"),
}


def record_of(lines: Path, source: str, employee_id: str) -> dict[str, Any]:
    stream, key = PERSON[source]
    for line in lines.read_text().splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD" and message["record"]["stream"] == stream:
            data: dict[str, Any] = message["record"]["data"]
            if str(data[key]) == employee_id:
                return data
    raise AssertionError(f"no record of {employee_id}")


def words_of(record: Any) -> set[str]:
    """The e-mail addresses and the longer names of a record."""
    text = json.dumps(record, ensure_ascii=False)
    return set(re.findall(r"[\w.+-]+@example\.(?:nl|cz)", text))


def everything_legible(folder: Path, key: str | None) -> str:
    """Every byte of every file, and every value of every table in the databases."""
    legible = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name == "pseudonym.key":
            continue
        legible.append(path.read_bytes().decode("utf-8", "ignore"))
        if path.suffix == ".duckdb":
            legible.append(_rows_of(path, key))
    return "\n".join(legible)


def _rows_of(path: Path, key: str | None) -> str:
    options = "read_only, encryption_key ?" if key else "read_only"
    with duckdb.connect() as store:
        store.execute(f"attach '{path}' as looked_at ({options})", [key] if key else None)
        tables = store.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'looked_at'"
        ).fetchall()
        return "\n".join(
            str(store.execute(f'from looked_at.{schema}."{table}"').fetchall())
            for schema, table in tables
        )


def plant_in_records_of(employee_id: str, lines: Path) -> set[str]:
    """Put a word of its own into every text of a person's records, in the file; gives the words."""
    messages = [json.loads(line) for line in lines.read_text().splitlines()]
    theirs = {employee_id}
    # Records of an employment may name the employment only.
    for stream in ("employments", None):
        for message in messages:
            record = message.get("record", {})
            text = json.dumps(record.get("data"))
            if stream == record.get("stream") and f'"{employee_id}"' in text:
                theirs.add(str(record["data"].get("id") or record["data"].get("employment_id")))
    words: set[str] = set()
    for message in messages:
        if message["type"] == "RECORD" and theirs & set(_ids_in(message["record"]["data"])):
            data, found = planted(message["record"]["data"], message["record"]["stream"])
            message["record"]["data"] = data
            # How the employer named a field is nobody's datum.
            words |= {word for word in found if not word.endswith("description")}
    lines.write_text("".join(json.dumps(message) + "\n" for message in messages))
    return words


def _ids_in(data: Any) -> list[str]:
    found = [data, *(value for value in data.values() if isinstance(value, dict))]
    names = ("id", "employee_id", "employmentId", "employeeId", "employment_id")
    return [str(one[name]) for one in found for name in names if name in one]


def somebody_who_left(connection: Connection) -> str:
    """A person whose account was ended, with a finding and a history where there is one."""
    rows = connection.ask(
        "select person_id from sync.ledger where state = 'inactive' "
        "and person_id in (select person_id from people.people) order by 1"
    )
    assert rows, "nobody has left yet"
    return str(rows[0][0])


@pytest.mark.parametrize(
    ("source", "destination", "key"),
    [
        ("source-alveno", "destination-lunchdrive", KEY),
        ("source-loket", "destination-alleo", None),
    ],
)
def test_an_erased_person_is_in_no_byte_of_any_file_and_stays_away(
    source: str, destination: str, key: str | None, connect: Connect
) -> None:
    warehouse = {"type": "file"} | ({"encryption_key": key} if key else {})
    connection = connect(source, destination, brakes=NO_BRAKES, warehouse=warehouse)
    connection.activate(connection.first_lines())
    connection.box.night(joiners=1, leavers=3, changes=2, seed=5)
    connection.configure(as_of=connection.box.config(destination)["as_of"])
    for _ in range(2):
        lines = connection.read()
        assert connection.write(lines).code == 0
    person_id = somebody_who_left(connection)
    employee_id = person_id.split(":", 2)[2]
    planted_words = plant_in_records_of(employee_id, lines)
    assert connection.write(lines).code == 0
    words = words_of(record_of(lines, source, employee_id)) | {person_id}
    store = connection.store
    before = everything_legible(store, key)
    assert all(word in before for word in words), "control: they are there before"
    stored = {word for word in planted_words if word.lower() in before.lower()}
    assert len(stored) > 3, "control: what is listed is stored"
    words |= planted_words
    counted = connection.ask("select count(*) from sync.ledger")[0][0]

    active = connection.ask("select person_id from sync.ledger where state = 'active'")[0][0]
    refused = connection.command("erase", active, "-c", str(connection.file), "--yes")
    assert refused.code == 2
    assert "still has an active account" in refused.err

    done = connection.command("erase", person_id, "-c", str(connection.file), "--yes")
    assert done.code == 0, done.err
    after = everything_legible(store, key)
    assert [word for word in words if word.lower() in after.lower()] == []
    assert active in after, "control: the others are still there"
    assert connection.ask("select count(*) from sync.ledger")[0][0] == counted

    connection.box.clear_requests()
    night = connection.write(lines)
    assert night.code == 0, night.out
    assert connection.writes() == []
    again = everything_legible(store, key).lower()
    assert [word for word in words if word.lower() in again] == []
    assert "of_erased_people=" in night.out

    asked = connection.command("explain", person_id, "-c", str(connection.file))
    assert asked.code == 1 and "was erased on" in asked.err, asked.err

    if source == "source-loket":
        # The employer has another id now: the person has the same, and stays away.
        employer_id = person_id.split(":")[1]
        moved = lines.with_name("moved.ndjson")
        moved.write_text(lines.read_text().replace(employer_id, "0" * 8 + employer_id[8:]))
        connection.write(moved)
        again = everything_legible(store, key).lower()
        assert [word for word in words if word.lower() in again] == []
        assert ("0" * 8 + employer_id[8:]).lower() in again, "control: the others are read"
        assert connection.write(lines).code in (0, 3)

    lifted = connection.command("erase", person_id, "-c", str(connection.file), "--lift")
    assert lifted.code == 0, lifted.err
    assert connection.write(lines).code == 0
    assert person_id in everything_legible(store, key)
    assert connection.writes() == []
    assert connection.duplicates() == []


def test_nobody_is_erased_without_a_word_of_who(connect: Connect) -> None:
    connection = connect("source-alveno", "destination-lunchdrive")
    connection.activate(connection.first_lines())
    before = connection.staging.read_bytes()
    unknown = connection.command(
        "erase", "alveno:alveno:99999", "-c", str(connection.file), "--yes"
    )
    assert unknown.code == 2
    assert connection.staging.read_bytes() == before
