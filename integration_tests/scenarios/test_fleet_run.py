"""`people-sync fleet --run` with real connectors: forks of one process that has imported them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .connections import BIN, PAIRS, Connection, Ended, run

Connect = Callable[..., Connection]


def fleet(connections: list[Connection]) -> tuple[Ended, dict[str, dict[str, Any]]]:
    folders = [str(connection.folder) for connection in connections]
    ended = run(
        [str(BIN / "people-sync"), "fleet", "--run", *folders, "--output", "json"],
        connections[0].folder,
    )
    assert ended.out, ended.err
    return ended, {night["file"]: night for night in ended.summary["connections"]}


def secrets_in(connection: Connection) -> set[str]:
    names = ("source.json", "destination.json")
    texts = [json.loads((connection.folder / name).read_text()) for name in names]
    known = json.dumps(texts)
    found = {texts[1].get(name) for name in ("secret_key", "api_key", "access_key")}
    found |= {texts[0].get("token"), texts[0].get("credentials", {}).get("refresh_token")}
    return {str(secret) for secret in found if secret and secret in known}


@pytest.mark.long
@pytest.mark.parametrize("fault", ["wrong setting", "down"])
def test_both_pairs_live_their_nights_and_the_trouble_of_one_is_its_own(
    connect: Connect, box: Sandbox, fault: str
) -> None:
    pairs = [connect(*PAIRS[platform]) for platform in PAIRS]
    loket, alveno = pairs
    ended, nights = fleet(pairs)
    assert ended.code == 3
    assert {night["status"] for night in nights.values()} == {"preview"}
    for connection in pairs:
        assert connection.writes() == []
        connection.approve()
    if fault == "down":
        box.fault("loket", "reset_before", match="*", times=None)
    else:
        loket.configure(language="fr")
    ended, nights = fleet(pairs)
    assert ended.code == (1 if fault == "down" else 2)
    trouble = nights[str(loket.file)]
    assert trouble["exit_code"] == ended.code, trouble
    assert loket.active() == set()
    assert nights[str(alveno.file)]["exit_code"] == 0
    assert alveno.active() == alveno.desired() != set()
    people = {
        row[0] for row in alveno.ask("select last_name from people.people") if len(row[0]) > 4
    }
    assert len(people) > 5
    for word in people.union(*map(secrets_in, pairs)):
        assert word not in ended.out + ended.err
    # The same as alone: nothing is left to do.
    box.clear_requests()
    assert alveno.sync().code == 0
    assert alveno.writes() == []
