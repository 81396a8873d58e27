"""Killed at the points of a night in which everything happens, and run again.

A point is the moment before or after one durable touch: a commit, a call to the vendor, a file put
in place, an acknowledged state. Of every name (`points.py`) the first, the last and a drawn one are
taken, of a lake only what a lake adds. What is durable before one touch is what was durable after the
one before, so only the moments after are taken; `make matrix` takes every point.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from people_transforms.exit_codes import DONE, FAILED, HELD, PARTLY

from .all_operations import DAYS, STORIES, Eve, live_until_eve, settled
from .calls import calls_of
from .connections import Connection
from .planted_bugs import PLANTED
from .points import Draw, names_of

pytestmark = [pytest.mark.long, pytest.mark.minutes]
ON_A_FILE = pytest.mark.parametrize("lake", ["file"], indirect=True)
ON_BOTH = pytest.mark.parametrize("lake", ["file", "ducklake"], indirect=True)
# The day itself and those after it: an absence counts days.
DAYS_AFTER = (DAYS[2], "2026-03-05", "2026-03-06")
Connect = Callable[..., Connection]
Say = Callable[[str], None]


def operations_of_last_run(connection: Connection) -> set[str]:
    rows = connection.ask(
        "select distinct operation from sync.deliveries where status = 'confirmed' "
        "and run_id = (select max(run_id) from sync.runs)"
    )
    return {row[0] for row in rows}


def people(connection: Connection) -> set[str]:
    """Whoever has an active account somewhere."""
    return {external_id for _, external_id in connection.active()}


@dataclass(frozen=True)
class Undisturbed:
    """What the night does when nobody disturbs it, with a planted fault or without."""

    eve: Eve
    names: dict[int, str]
    wanted: list[tuple[object, ...]]
    stay: set[str]
    plant: str | None = None


def live_undisturbed(eve: Eve, plant: str | None = None) -> Undisturbed:
    eve.again()
    connection = eve.connection
    before = people(connection)
    ended = connection.write(eve.lines, plant=plant)
    assert ended.code == 0, ended.out
    names = names_of(ended.points, calls_of(eve))
    stay = before & people(connection)
    return Undisturbed(eve, names, settled(connection.accounts()), stay, plant)


def taken(night: Undisturbed, draw: Draw, *, of_the_lake: bool = False) -> list[int]:
    """The points that this run takes."""
    names = {
        number: name
        for number, name in night.names.items()
        if draw.takes_all
        or number == 1
        or (name.startswith("after ") and ("of the lake" in name or not of_the_lake))
    }
    return draw.of_each_name(names)


def problems(night: Undisturbed, numbers: Sequence[int]) -> Iterator[str]:
    """Kill the night at each of these points, run it again, and tell what is wrong."""
    for place, number in enumerate(numbers):
        for problem in _killed_at(night, number, looks_again=place % 5 == 0):
            yield f"point {number} ({night.names[number]}): {problem}"


def _killed_at(night: Undisturbed, number: int, *, looks_again: bool) -> Iterator[str]:
    connection, lines, plant = night.eve.connection, night.eve.lines, night.plant
    night.eve.again()
    killed = connection.write(lines, kill_at=number, plant=plant)
    if killed.code != -signal.SIGKILL:
        yield f"was not reached: ended with {killed.code}"
    if night.stay - people(connection):
        yield "somebody had no account"
    if '"type":"STATE"' in killed.out and settled(connection.accounts()) != night.wanted:
        yield "a state came back before its records were settled"
    rerun = connection.write(lines, plant=plant)
    if rerun.code != 0:
        yield f"the second run ended with {rerun.code}: {rerun.out[-500:]}"
    if settled(connection.accounts()) != night.wanted:
        yield "the vendor differs from an undisturbed night"
    if connection.duplicates():
        yield "an account exists twice"
    if looks_again:
        connection.box.clear_requests()
        connection.write(lines, plant=plant)
        if connection.writes():
            yield "the third run wrote"


@ON_BOTH
@pytest.mark.parametrize("platform", STORIES)
def test_killed_at_points_of_every_name_and_run_again(
    platform: str, lake: object, connect: Connect, draw: Draw, say: Say
) -> None:
    story = STORIES[platform]
    eve = live_until_eve(story, connect)
    night = live_undisturbed(eve)
    assert operations_of_last_run(eve.connection) == story.operations
    assert len(night.names) >= 100
    numbers = taken(night, draw, of_the_lake=lake is not None)
    operations = {name.removeprefix("after ") for name in night.names.values()}
    assert set(calls_of(eve)) <= operations
    assert len(numbers) >= (5 if lake else 40)
    wrong = list(problems(night, numbers))
    say(f"{platform}: killed at {len(numbers)} of {len(night.names)} points and run again")
    assert wrong == []


@ON_A_FILE
@pytest.mark.parametrize("platform", STORIES)
@pytest.mark.drawn(1)
def test_killed_after_calls_and_hr_takes_the_day_back(
    platform: str, connect: Connect, draw: Draw, say: Say
) -> None:
    eve = live_until_eve(STORIES[platform], connect)
    night = live_undisturbed(eve)
    calls = calls_that_change(night)
    assert len(calls) == len(eve.connection.writes()) > 0
    numbers = draw.some(list(calls), 6)
    wrong = list(problems_when_taken_back(night, numbers))
    say(f"{platform}: killed after {len(numbers)} of {len(calls)} calls; the day was taken back")
    assert wrong == []


def calls_that_change(night: Undisturbed) -> dict[int, str]:
    """The points right after a call that changes something."""
    operations = {f"after {operation}" for operation in calls_of(night.eve)}
    return {
        number: name
        for number, name in night.names.items()
        if name in operations
        or (name.startswith(("after POST", "after PATCH")) and "/oauth/" not in name)
    }


def problems_when_taken_back(night: Undisturbed, numbers: Sequence[int]) -> Iterator[str]:
    """Kill the night at each point; then HR has the day before again, and nobody may notice."""
    eve = night.eve
    eve.again()
    wanted, unmanaged = _managed(eve), _unmanaged(eve)
    for number in numbers:
        eve.again()
        eve.connection.write(eve.lines, kill_at=number, plant=night.plant)
        # Who is no longer there at all leaves after two complete days; a chip that such a person
        # had is free for the one who waits in the night after.
        codes = []
        for day in DAYS_AFTER:
            eve.connection.configure(as_of=day)
            ended = eve.connection.write(eve.quiet_lines, plant=night.plant)
            if ended.code == HELD:
                # Of an employment that is gone again nothing ends before a person said so.
                eve.connection.approve()
                ended = eve.connection.write(eve.quiet_lines, plant=night.plant)
            codes.append(ended.code)
        eve.connection.configure(as_of=DAYS_AFTER[0])
        if codes != [0, 0, 0]:
            yield f"point {number} ({night.names[number]}): the runs ended with {codes}"
        if _managed(eve) != wanted:
            yield f"point {number} ({night.names[number]}): the vendor keeps the lost day"
        if _unmanaged(eve) - unmanaged:
            yield f"point {number} ({night.names[number]}): an account was revived for nobody"


def _unmanaged(eve: Eve) -> set[int]:
    """Active accounts that carry no id of ours."""
    return {
        account["id"]
        for account in eve.connection.accounts()
        if not account["external_id"] and account.get("active", account.get("is_active"))
    }


def _managed(eve: Eve) -> list[tuple[object, ...]]:
    """Active accounts of ours with what people see of them."""
    passing = {"invitations", "invitation_state", "valid_from"}
    ours = [
        {key: value for key, value in account.items() if key not in passing}
        for account in eve.connection.accounts()
        if account["external_id"] and account.get("active", account.get("is_active"))
    ]
    return settled(ours)


@ON_A_FILE
@pytest.mark.parametrize("plant", PLANTED)
def test_the_points_that_are_taken_find_a_planted_fault(
    plant: str, connect: Connect, draw: Draw, say: Say
) -> None:
    eve = live_until_eve(STORIES["lunchdrive"], connect)
    healthy = live_undisturbed(eve)
    night = live_undisturbed(eve, plant)
    assert night.wanted == healthy.wanted, "the control: nobody sees it in an undisturbed night"
    # What is written before a call matters most when the call is not wanted any more.
    taken_back = problems_when_taken_back(night, draw.of_each_name(calls_that_change(night)))
    run_again = problems(night, taken(night, draw))
    found = next(run_again if "state" in plant else taken_back, None)
    say(f"{plant}: {found}")
    assert found is not None


@ON_BOTH
@pytest.mark.drawn(2)
@pytest.mark.parametrize("platform", STORIES)
def test_a_restored_backup_and_a_lost_store_do_nothing_twice(
    platform: str, connect: Connect
) -> None:
    eve = live_until_eve(STORIES[platform], connect)
    connection = eve.connection
    assert connection.write(eve.lines).code == 0
    wanted = settled(connection.accounts())
    connection.restore(eve.store)
    assert connection.write(eve.lines).code == 0
    assert settled(connection.accounts()) == wanted
    # A fresh machine: the configuration still shows that somebody approved this connection.
    approved = connection.ask("select plan_hash from sync.approvals")[0][0]
    connection.configure(approved_plan=approved)
    shutil.rmtree(connection.folder / ".people-sync")
    connection.box.clear_requests()
    assert connection.write(eve.lines).code == 0
    assert connection.accepted() == []
    assert settled(connection.accounts()) == wanted


@ON_A_FILE
@pytest.mark.parametrize("platform", STORIES)
@pytest.mark.drawn(1)
def test_the_source_is_killed_anywhere_and_run_again(
    platform: str, connect: Connect, draw: Draw, say: Say
) -> None:
    eve = live_until_eve(STORIES[platform], connect)
    connection = eve.connection
    night = live_undisturbed(eve)
    whole = eve.lines.read_bytes()
    cuts = list(range(0, len(whole), len(whole) // 30))
    cuts = [cuts[0], *draw.some(cuts[1:-1], 3), cuts[-1]]
    cut_off = connection.folder / "cut.jsonl"
    wrong: list[str] = []
    for cut in cuts:
        eve.again()
        cut_off.write_bytes(whole[:cut])
        ended = connection.write(cut_off)
        # Where not one record was read nothing is concluded, and the night has failed.
        read = whole[:cut].rpartition(b"\n")[0]
        if ended.code not in ((DONE, PARTLY) if b"RECORD" in read else (FAILED,)):
            wrong.append(f"cut at {cut}: ended with {ended.code}: {ended.out[-300:]}")
        if night.stay - people(connection):
            wrong.append(f"cut at {cut}: somebody lost an account")
        if connection.write(eve.lines).code != 0 or settled(connection.accounts()) != night.wanted:
            wrong.append(f"cut at {cut}: the vendor differs from an undisturbed night")
    say(f"{platform}: the source was killed at {len(cuts)} places")
    assert wrong == []
