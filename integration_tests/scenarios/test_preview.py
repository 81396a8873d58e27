"""A preview is free of effects: the platform sees no write, and no file but the published changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from people_sandbox.client import Sandbox

from .connections import Connection

Connect = Callable[..., Connection]


def digests(connection: Connection) -> dict[str, str]:
    """Every file of a connection that a run does not publish, with the hash of its bytes."""
    published = {
        connection.staging,
        *(connection.store / name for name in ("report.html", "to-do.csv", "to-do.xlsx")),
    }
    files: list[Path] = [
        path
        for path in connection.folder.rglob("*")
        if path.is_file()
        and path not in published
        and connection.store / "work" not in path.parents
    ]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.long
def test_a_preview_and_a_held_night_write_nothing_and_an_approved_one_exactly_its_rows(
    connect: Connect, box: Sandbox
) -> None:
    connection = connect("source-alveno", "destination-lunchdrive")
    lines = connection.first_lines()
    connection.catalog()
    before = digests(connection)
    assert connection.write(lines).code == 3
    assert box.requests("lunchdrive", writes=True) == []
    assert connection.accounts() == []
    assert digests(connection) == before
    connection.approve()
    assert connection.write(lines).code == 0
    accounts = connection.accounts()
    # A mass fault: half of the people end at once, and one person changes her name.
    ended = leave_at_once(box, len(connection.active()) // 2)
    (stays,) = sorted(
        row["EmployeeID"]
        for row in box.world("alveno")["employees"]
        if f"alveno:alveno:{row['EmployeeID']}" in {who for _, who in connection.active()} - ended
    )[:1]
    box.patch("alveno", "employees", stays, Lastname="Přejmenovaná")
    lines = connection.read()
    box.clear_requests()
    held = connection.write(lines)
    assert held.code == 3
    # Removals are held, the change of the name goes on.
    changed = [call["path"] for call in connection.writes()]
    assert changed, "one kind does not hold another"
    now = connection.accounts()
    assert [one["active"] for one in now] == [one["active"] for one in accounts]
    assert {one["last_name"] for one in now} - {one["last_name"] for one in accounts} == {
        "Přejmenovaná"
    }
    # The control: the same plan, approved, ends exactly those.
    connection.approve()
    box.clear_requests()
    assert connection.write(lines).code == 0
    assert {who for _, who in connection.active()} & ended == set()
    gone = sum(one["active"] for one in accounts) - len(connection.active())
    assert len(connection.writes()) == gone


def leave_at_once(box: Sandbox, count: int) -> set[str]:
    """End the employment of so many people who eat at Lunchdrive, yesterday."""
    eating = {one["external_id"] for one in box.accounts("lunchdrive") if one["active"]}
    leavers = set(sorted(eating)[:count])
    for row in box.world("alveno")["workloads"]:
        if f"alveno:alveno:{row['EmployeeID']}" in leavers and (
            row["DateTo"] is None or row["DateTo"] > "2026-03-01"
        ):
            box.patch("alveno", "workloads", row["WorkloadID"], DateTo="2026-03-01")
    return leavers
