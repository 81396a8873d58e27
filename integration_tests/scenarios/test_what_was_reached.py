"""Calls of two steps, accounts that are not as the plan thought, and what is refused for long.

Through real processes: the sandbox refuses as the vendors do, and what it has afterwards decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .all_operations import ALLEO, LUNCHDRIVE, PRAGUE, _allow, _email, live_until_eve
from .connections import Connection

pytestmark = pytest.mark.long

Connect = Callable[..., Connection]


def account(connection: Connection, **wanted: Any) -> dict[str, Any]:
    (found,) = [one for one in connection.accounts() if wanted.items() <= one.items()]
    return found


def ledger_states(connection: Connection, account_id: Any) -> list[Any]:
    rows = connection.ask(f"select state from sync.ledger where account_id = '{account_id}'")
    return [state for (state,) in rows]


def outcomes(connection: Connection, condition: str) -> list[Any]:
    return connection.ask(
        "select operation, outcome, refused_fields from sync.plan where operation <> 'none' "
        f"and run_id = (select max(run_id) from sync.runs) and {condition}"
    )


def rejected(ended: Any) -> list[Any]:
    stats = [state.get("destinationStats") for state in ended.states]
    return [one["rejectedRecordCount"] for one in stats if one]


def test_a_rehire_whose_address_is_refused_ends_again(connect: Connect) -> None:
    eve = live_until_eve(ALLEO, connect)
    connection, box = eve.connection, eve.connection.box
    company = eve.accounts[0]["company_id"]
    guest = {
        "company_id": company, "email": "guest@example.nl", "first_name": "Gast",
        "last_name": "Hier", "is_active": True, "external_id": "not-ours",
    }  # fmt: skip
    box.put_accounts("alleo", [*connection.accounts(), guest])
    _email(box, 4, "guest@example.nl")
    ended = connection.write(connection.read())
    assert ended.code == 0, ended.out
    assert rejected(ended) == [1.0]
    back = account(connection, email="person4@example.nl")
    assert back["is_active"]
    assert ledger_states(connection, back["id"]) == ["active"]
    assert outcomes(connection, "operation = 'reactivate'") == [("reactivate", "partly", ["email"])]
    findings = connection.ask("select code from sync.findings where code = 'value_held_there'")
    assert findings == [("value_held_there",)]
    # HR switches the person off: the account that came back ends.
    _allow(box, 4, "FALSE")
    connection.configure(as_of="2026-03-05")
    assert connection.write(connection.read()).code == 0
    assert not account(connection, email="person4@example.nl")["is_active"]


def test_refused_people_make_no_failed_sync_and_are_told_as_new_and_still(
    connect: Connect,
) -> None:
    eve = live_until_eve(LUNCHDRIVE, connect)
    connection, box = eve.connection, eve.connection.box
    box.fault("lunchdrive", "unprocessable", match=f"POST /clients/{PRAGUE}/diners", times=1)
    box.fault("lunchdrive", "locked", match="PATCH /clients/*/diners/*", times=1)
    first = connection.sync()
    assert first.code == 4, first.out + first.err
    refused = first.summary["refused"]
    assert refused["new"] >= 1 and refused["still"] == 0
    again = connection.write(eve.lines)
    assert again.code == 0
    assert sum(rejected(again)) >= 1
    assert "Refused: create, 1 times, 0 of them new" in again.out
    second = connection.sync()
    assert second.code == 4
    told = second.summary["refused"]
    assert told["new"] == 0
    assert 0 < told["still"] < refused["new"], "the end was tried again"
    connection.configure(fail_on_refused=True)
    failed = connection.write(eve.lines)
    assert failed.code == 4
    assert failed.trace["failure_type"] == "config_error"
    assert failed.states != [], "the night is settled all the same"


def test_a_chip_of_a_guest_and_a_deleted_diner_cost_nobody_the_lunch(connect: Connect) -> None:
    eve = live_until_eve(LUNCHDRIVE, connect)
    connection, box = eve.connection, eve.connection.box
    guest = {
        "client_id": PRAGUE, "first_name": "Host", "last_name": "Hostitel", "chip_number": "C99",
        "external_id": "not-ours",
    }  # fmt: skip
    kept = [one for one in connection.accounts() if one["personal_number"] != "P2"]
    box.put_accounts("lunchdrive", [*kept, guest])
    box.patch("alveno", "employees", 9, ChipNumber="C99")
    ended = connection.write(connection.read())
    assert ended.code == 0, ended.out
    newcomer = account(connection, personal_number="P9")
    assert (newcomer["active"], newcomer["chip_number"]) == (True, None)
    anew = account(connection, personal_number="P2")
    assert (anew["active"], anew["last_name"]) == (True, "Dvořáková"), "made anew the same night"
    without_chip = ("create", "partly", ["chip_number"])
    # P13 of this night asks for a guest's chip too.
    assert outcomes(connection, "len(refused_fields) > 0") == [without_chip] * 2
    box.clear_requests()
    assert connection.write(connection.folder / "lines.jsonl").code == 0
    assert connection.writes() == []


def test_without_external_ids_a_lost_answer_makes_one_diner_and_one_invitation(
    connect: Connect,
) -> None:
    eve = live_until_eve(LUNCHDRIVE, connect)
    connection, box = eve.connection, eve.connection.box
    connection.configure(field_names={"external_id": None, "invitation_state": None})
    box.fault("lunchdrive", "reset_after", match=f"POST /clients/{PRAGUE}/diners", times=1)
    box.fault("lunchdrive", "reset_after", match="POST /clients/*/invitation", times=1)
    for _ in range(2):
        assert connection.write(eve.lines).code == 0
    for number in ("P9", "P10"):
        here = [
            one
            for one in connection.accounts()
            if one["personal_number"] == number and one["client_id"] == PRAGUE
        ]
        assert [one["active"] for one in here] == [True]
        assert here[0]["invitations"] <= 1
    statuses = dict(connection.ask("select status, count(*) from sync.invitations group by all"))
    assert statuses["unknown"] == 1, "nobody can tell whether it went out"
