"""Both pairs, night after night, from one command: what the README promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from people_sandbox.client import Sandbox

from .connections import FILE_AND_LAKE, Connection

Connect = Callable[..., Connection]
pytestmark = FILE_AND_LAKE


def reasons(connection: Connection) -> dict[str, set[str]]:
    """The people of the latest plan by the rule that decided."""
    found: dict[str, set[str]] = {}
    for person_id, reason in connection.ask(
        "select person_id, reason from sync.plan where run_id = (select max(run_id) from sync.runs)"
    ):
        found.setdefault(reason, set()).add(person_id)
    return found


def first_night(connection: Connection) -> None:
    """Preview, approval, night 1."""
    preview = connection.sync()
    assert preview.code == 3, preview.err
    assert connection.writes() == []
    assert [group["hold"] for group in preview.summary["held"]] == ["activation"]
    assert preview.summary["plan_hash"] in preview.summary["approve"]
    assert connection.accounts() == []
    assert connection.approve().code == 0
    night = connection.sync()
    assert night.code == 0, night.out + night.err
    assert night.summary["counts"]["held"] == 0
    assert len(connection.writes()) == len(connection.accounts()) > 10
    assert connection.active() == connection.desired()
    assert connection.duplicates() == []


def second_night(connection: Connection, box: Sandbox) -> None:
    """An ordinary day in HR, night 2, and night 2 again."""
    before = connection.active()
    box.clear_requests()
    connection.configure(as_of=box.control()["as_of"])
    night = connection.sync()
    assert night.code == 0, night.out + night.err
    assert connection.writes() != []
    assert connection.active() == connection.desired() != before
    assert before - connection.active(), "somebody left"
    assert connection.active() - before, "somebody joined"
    assert connection.duplicates() == []
    box.clear_requests()
    again = connection.sync()
    assert again.code == 0, again.out + again.err
    assert connection.writes() == []
    assert (connection.folder / ".people-sync" / "state.json").is_file()
    assert Path(again.summary["report"]).is_file()


def test_two_nights_of_loket_to_alleo(connect: Connect, box: Sandbox) -> None:
    connection = connect("source-loket", "destination-alleo")
    people = [f"loket:{one['employer_id']}:{one['id']}" for one in box.world("loket")["employees"]]
    first_night(connection)
    off, on_employment = people[1], people[2]
    assert off in reasons(connection)["access_off"]
    findings = connection.ask("select person_id, code from sync.findings")
    assert (on_employment, "field_on_employment") in findings
    ids = {external_id for _, external_id in connection.active()}
    assert not {off.split(":")[2], on_employment.split(":")[2]} & ids
    box.night(vendor="loket", seed=1, joiners=2, changes=2, leavers=1)
    second_night(connection, box)


def test_two_nights_of_alveno_to_lunchdrive(connect: Connect, box: Sandbox) -> None:
    connection = connect("source-alveno", "destination-lunchdrive")
    first_night(connection)
    skipped, twice = "alveno:alveno:102", "alveno:alveno:103"
    assert skipped in reasons(connection)["ldid_zero"]
    places: dict[str, set[str]] = {}
    for client, external_id in connection.active():
        places.setdefault(external_id, set()).add(client)
    assert skipped not in places
    assert places[twice] == {"32567", "32568"}
    box.night(vendor="alveno", seed=1, joiners=2, changes=2, leavers=1, moves=1)
    second_night(connection, box)


@pytest.mark.long
@pytest.mark.parametrize(
    ("source", "destination"),
    [("source-loket", "destination-lunchdrive"), ("source-alveno", "destination-alleo")],
)
def test_the_other_pairs_work_by_configuration_alone(
    connect: Connect, source: str, destination: str
) -> None:
    connection = connect(source, destination, source_system=source.removeprefix("source-"))
    connection.activate(connection.first_lines())
    assert connection.active() == connection.desired()
    assert len(connection.active()) > 10
    assert connection.duplicates() == []
