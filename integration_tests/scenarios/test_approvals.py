"""A yes through the real processes: whose it is, what it releases, and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .connections import PAIRS, Connection, Ended, SharedLake
from .test_preview import leave_at_once

Connect = Callable[..., Connection]
pytestmark = pytest.mark.long


def value_of(held: Ended) -> str:
    """The value that the message says to paste."""
    message: str = held.trace["message"]
    return message.rsplit("`approved_plan` to ", 1)[1][:32]


def activated(connection: Connection) -> None:
    lines = connection.first_lines()
    connection.configure(approved_plan=value_of(connection.write(lines)))
    assert connection.write(lines).code == 0
    connection.box.clear_requests()


@pytest.mark.drawn(1)
@pytest.mark.parametrize("by", ["the setting", "the command"])
def test_the_same_removals_on_a_later_night_are_a_new_question(
    connect: Connect, box: Sandbox, by: str
) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    activated(connection)
    everybody = connection.active()
    whole = box.world("alveno")
    for _ in range(2):
        leave_at_once(box, len(everybody) // 2)
        lines = connection.read()
        held = connection.write(lines)
        assert (held.code, connection.writes(), connection.active()) == (3, [], everybody)
        if by == "the setting":
            connection.configure(approved_plan=value_of(held))
        else:
            connection.approve()
        assert connection.write(lines).code == 0
        assert len(connection.active()) < len(everybody)
        box.put_world("alveno", whole)
        lines = connection.read()
        held = connection.write(lines)
        connection.configure(approved_plan=value_of(held))
        assert connection.write(lines).code == 0
        assert connection.active() == everybody
        box.clear_requests()


def test_a_setting_that_begins_and_stops_to_store_a_value_is_no_word_of_hr(
    connect: Connect,
) -> None:
    """With another setting each record has another version: the private address, or none."""
    connection = connect(*PAIRS["alleo"])
    lines = connection.first_lines()
    connection.activate(lines)
    connection.box.clear_requests()
    before = connection.accounts()
    for email in ("private", "business", "private"):
        connection.configure(email=email)
        ended = connection.write(lines)
        assert (ended.code, connection.writes()) == ((0 if email == "business" else 3), [])
    assert "`email` in the settings changed" in ended.trace["message"]
    connection.approve()
    assert connection.write(lines).code == 0
    assert (
        len(connection.writes())
        == len(
            [
                one
                for one in before
                if one["email"] not in {now["email"] for now in connection.accounts()}
            ]
        )
        > 3
    ), "the control"


@pytest.mark.drawn(1)
@pytest.mark.parametrize("name", PAIRS)
def test_any_text_as_approved_plan_sends_nothing(connect: Connect, name: str) -> None:
    connection = connect(*PAIRS[name], approved_plan="yes, please")
    lines = connection.first_lines()
    held = connection.write(lines)
    assert (held.code, connection.writes()) == (3, [])
    connection.configure(approved_plan="0" * 32)
    assert (connection.write(lines).code, connection.writes()) == (3, [])
    connection.configure(approved_plan=value_of(held))
    assert connection.write(lines).code == 0
    assert connection.active() == connection.desired() != set(), "the control"


def test_the_value_of_another_connection_of_the_same_platform_sends_nothing(
    connect: Connect,
) -> None:
    first = connect(*PAIRS["lunchdrive"])
    clients = first.box.control()["lunchdrive"]["client_ids"]
    lines = first.first_lines()
    first.configure(allowed_client_ids=[str(clients[0])])
    others = value_of(first.write(lines))
    first.forget()
    first.configure(allowed_client_ids=[str(clients[1])], approved_plan=others)
    held = first.write(lines)
    assert (held.code, first.writes()) == (3, [])
    first.configure(approved_plan=value_of(held))
    assert first.write(lines).code == 0
    assert first.active() == first.desired() != set(), "the control"


@pytest.mark.parametrize("lake", ["ducklake"], indirect=True)
def test_a_connection_with_the_name_of_an_approved_one_of_another_platform_is_asked(
    connect: Connect, shared_lake: SharedLake
) -> None:
    warehouse = {**shared_lake.warehouse, "connection_id": "one-name"}
    activated(connect(*PAIRS["lunchdrive"], warehouse=warehouse))
    alleo = connect(*PAIRS["alleo"], warehouse=warehouse)
    ended = alleo.write(alleo.first_lines())
    assert ended.code != 0
    assert (alleo.writes(), alleo.accounts()) == ([], [])


def test_a_connection_in_which_all_accounts_match_goes_live_by_an_approval(
    connect: Connect, box: Sandbox
) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    activated(connection)
    everybody = connection.active()
    connection.forget()
    connection.configure(approved_plan="")
    lines = connection.read()
    held = connection.write(lines)
    assert (held.code, connection.writes()) == (3, [])
    assert "Every account is as it should be" in held.trace["message"]
    refused = connection.command("approve", "feed", "--connection", str(connection.file))
    assert value_of(held) in refused.err, "this empty plan waits"
    approved = connection.command("approve", value_of(held), "--connection", str(connection.file))
    assert (approved.code, "nothing has to be sent" in approved.out) == (0, True), approved.err
    assert connection.write(lines).code == 0
    assert (connection.writes(), connection.active()) == ([], everybody)
    refused = connection.command("approve", "feed", "--connection", str(connection.file))
    assert "latest" not in refused.err, "an empty plan of a live connection waits for nobody"


def test_the_text_of_an_approval_says_what_it_costs_and_where_the_names_are(
    connect: Connect, box: Sandbox
) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    activated(connection)
    leave_at_once(box, 5)
    held = connection.write(connection.read())
    costs = "diners have no lunch from now on"
    assert costs in held.trace["message"]
    assert "report.html" in held.trace["message"]
    approved = connection.approve()
    assert costs in approved.out
    assert str(connection.store / "report.html") in approved.out
    names: list[Any] = connection.ask("select last_name from people.people")
    assert not any(name in held.out + approved.out for (name,) in names)
