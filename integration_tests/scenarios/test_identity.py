"""Through real processes: a record typed anew keeps its account, another HR account is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .connections import PAIRS, Connection

Connect = Callable[..., Connection]
World = dict[str, list[dict[str, Any]]]
DAYS = ("2026-03-03", "2026-03-04")


def typed_anew(source: str, world: World, old: str) -> tuple[World, str]:
    """The world with one person's record under another id, and everything that hangs on it."""
    if source == "source-loket":
        new = "99999999-0000-4000-8000-000000000042"
        return json.loads(json.dumps(world).replace(old, new)), new
    changed = copy.deepcopy(world)
    for rows in changed.values():
        for row in rows:
            if str(row.get("EmployeeID")) == old:
                row["EmployeeID"] = 990042
    return changed, "990042"


def of_others(source: str, world: World) -> World:
    """Another account's people under the same ids."""
    changed = copy.deepcopy(world)
    for number, row in enumerate(changed["employees"]):
        if source == "source-loket":
            row["personalDetails"] |= {"firstName": f"Other{number}", "lastName": f"Person{number}"}
        else:
            row |= {"Firstname": f"Other{number}", "Lastname": f"Person{number}"}
    return changed


@pytest.mark.parametrize("platform", ["alleo", "lunchdrive"])
@pytest.mark.long
@pytest.mark.drawn(1)
def test_a_person_is_more_than_an_id(connect: Connect, box: Sandbox, platform: str) -> None:
    source, destination = PAIRS[platform]
    system = source.removeprefix("source-")
    connection = connect(source, destination)
    connection.activate(connection.first_lines())
    account = next(
        one for one in connection.accounts() if one.get("is_active", one.get("active")) is True
    )
    old = account["external_id"].rsplit(":", 1)[-1]
    world = box.world(system)
    changed, new = typed_anew(source, world, old)
    box.put_world(system, changed)
    before = len(connection.active())
    for day in DAYS:
        connection.configure(as_of=day)
        ended = connection.write(connection.read())
        assert ended.code == 0, ended.out + ended.err
    after = next(one for one in connection.accounts() if one["id"] == account["id"])
    assert after["external_id"].endswith(new)
    assert after.get("is_active", after.get("active")) is True
    assert len(connection.active()) == before
    # Another account's people: nothing is sent, nothing is stored, and no state is given back.
    box.clear_requests()
    box.put_world(system, of_others(source, changed))
    refused = connection.write(connection.read())
    assert refused.code == 2
    assert refused.trace["failure_type"] == "config_error"
    assert "another HR account" in refused.trace["message"]
    assert (connection.writes(), refused.states) == ([], [])
    # The control: the right one again.
    box.put_world(system, changed)
    ended = connection.write(connection.read())
    assert (ended.code, connection.writes()) == (0, []), ended.out + ended.err


@pytest.mark.long
def test_an_alveno_account_that_gets_another_name_keeps_its_people(connect: Connect) -> None:
    """`account` is asked for once a second one feeds the same group: it is in every id."""
    connection = connect("source-alveno", "destination-lunchdrive")
    lines = connection.first_lines()
    connection.activate(lines)
    kept = {one["id"] for one in connection.accounts() if one["active"]}
    renamed = lines.with_name("renamed.ndjson")
    renamed.write_text(lines.read_text().replace('"employer_id":"alveno"', '"employer_id":"praha"'))
    assert renamed.read_text() != lines.read_text()
    for day in ("2026-03-03", "2026-03-04"):
        connection.configure(as_of=day)
        ended = connection.write(renamed)
        assert ended.code == 0, ended.out + ended.err
    assert {one["id"] for one in connection.accounts() if one["active"]} == kept
    assert {one["external_id"].split(":")[1] for one in connection.accounts()} == {"praha"}
    # Joiners and leavers go on: one leaves on the fourth.
    connection.configure(as_of="2026-03-05")
    assert connection.write(renamed).code == 0
    assert len(kept) - len(connection.active()) == 1
