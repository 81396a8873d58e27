"""Through real processes: nobody is left with nothing between two clients of a group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .all_operations import NO_BRAKES, OSTRAVA, PRAGUE
from .connections import PAIRS, Connection

Connect = Callable[..., Connection]
HERE, THERE = f"LDID: {PRAGUE}", f"LDID: {OSTRAVA}"
ENDED_BY_HAND, OLD_DINER, MOVER, STAYS = 1, 2, 3, 4


@pytest.fixture
def group(connect: Connect, box: Sandbox) -> Connection:
    """Four people at two clients: one at both, three at the first only."""
    staff = [(ENDED_BY_HAND, f"{HERE}, {OSTRAVA}"), (OLD_DINER, HERE), (MOVER, HERE), (STAYS, HERE)]
    world = {
        "employees": [
            {"EmployeeID": number, "PersonalID": f"P{number}", "Firstname": f"Jana{number}",
             "Lastname": "Nováková", "Email": f"jana{number}@example.cz", "Note": note,
             "ChipNumber": f"C{number}"}
            for number, note in staff
        ],
        "workloads": [
            {"WorkloadID": 9000 + number, "EmployeeID": number, "OperationID": 7,
             "JobTitle": "Kuchařka", "ContractType": "HPP", "DateFrom": "2025-01-01", "DateTo": None}
            for number, _ in staff
        ],
        "operations": [{"OperationID": 7, "Name": "Praha"}],
    }  # fmt: skip
    box.put_world("alveno", world)
    connection = connect(*PAIRS["lunchdrive"], brakes=NO_BRAKES)
    connection.activate(connection.read())
    return connection


def night(connection: Connection, day: str, **notes: str) -> None:
    """HR types these notes (`p1=…`), and a night passes."""
    for who, note in notes.items():
        connection.box.patch("alveno", "employees", int(who[1:]), Note=note)
    connection.configure(as_of=day)
    ended = connection.write(connection.read())
    assert ended.code == 0, ended.out + ended.err


def clients(connection: Connection, number: int) -> set[str]:
    """Where this person can eat."""
    return {place for place, who in connection.active() if who.endswith(f":{number}")}


def by_hand(connection: Connection, change: Callable[[dict[str, Any]], None]) -> None:
    """Somebody changes accounts at the platform itself."""
    accounts = connection.accounts()
    for account in accounts:
        change(account)
    connection.box.put_accounts("lunchdrive", accounts)


@pytest.mark.long
def test_an_account_is_kept_until_the_one_to_move_to_is_active(group: Connection) -> None:
    """Ended by hand, or an old one that nobody manages; the control moves."""

    def end(account: dict[str, Any]) -> None:
        if account["personal_number"] == f"P{ENDED_BY_HAND}" and account["client_id"] == OSTRAVA:
            account["active"] = False

    by_hand(group, end)
    old = {
        "id": 990, "client_id": OSTRAVA, "personal_number": f"P{OLD_DINER}",
        "first_name": f"Jana{OLD_DINER}", "last_name": "Nováková", "active": False,
        "email": f"jana{OLD_DINER}@example.cz", "valid_to": "2025-06-30",
    }  # fmt: skip
    group.box.put_accounts("lunchdrive", [*group.accounts(), old])
    night(group, "2026-03-03", p1=THERE, p2=THERE, p3=THERE)
    assert clients(group, ENDED_BY_HAND) == {str(PRAGUE)}
    assert clients(group, OLD_DINER) == {str(PRAGUE)}
    assert clients(group, MOVER) == {str(OSTRAVA)}, "the control"
    held = group.ask(
        "select count(*) from sync.plan where hold = 'move_waits' "
        "and run_id = (select max(run_id) from sync.runs)"
    )
    assert held == [(2,)]
    told = group.ask("select distinct code from sync.findings where code like 'account_%'")
    assert ("account_ended_by_other",) in told

    def revive(account: dict[str, Any]) -> None:
        if account["client_id"] == OSTRAVA:
            account["active"] = True

    by_hand(group, revive)
    night(group, "2026-03-04")
    for number in (ENDED_BY_HAND, OLD_DINER, MOVER):
        assert clients(group, number) == {str(OSTRAVA)}
    assert clients(group, STAYS) == {str(PRAGUE)}
    assert group.duplicates() == []


@pytest.mark.long
def test_the_undo_of_a_move_that_the_old_client_refuses_takes_nothing_away(
    group: Connection,
) -> None:
    night(group, "2026-03-03", p3=THERE)
    assert clients(group, MOVER) == {str(OSTRAVA)}
    run = group.ask("select max(run_id) from sync.runs")[0][0]
    assert group.command("undo", run, "--connection", str(group.file), "--yes").code == 0
    old = next(
        account["id"]
        for account in group.accounts()
        if account["personal_number"] == f"P{MOVER}" and account["client_id"] == PRAGUE
    )
    match = f"PATCH /clients/{PRAGUE}/diners/{old}"
    group.box.fault("lunchdrive", "not_found", match=match, times=None)
    group.configure(as_of="2026-03-04")
    ended = group.write(group.read())
    assert ended.code in (0, 4), ended.out + ended.err
    assert clients(group, MOVER) == {str(OSTRAVA)}
    # The control: the client takes the account back, and only then the new one ends.
    group.box.clear_faults()
    assert group.command("retry", "--connection", str(group.file)).code == 0
    night(group, "2026-03-05")
    assert clients(group, MOVER) == {str(PRAGUE)}
