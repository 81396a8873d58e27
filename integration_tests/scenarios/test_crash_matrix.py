"""Killed at every step of a night in which everything happens, and run again.

A point is the moment before or after one durable touch: a commit, a call to the vendor, a file put
in place, an acknowledged state. None is skipped; their number is printed.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable

import pytest

from .all_operations import STORIES, Eve, live_until_eve, settled
from .connections import Connection

pytestmark = [
    pytest.mark.long,
    pytest.mark.parametrize("lake", ["file", "ducklake"], indirect=True),
]


def operations_of_last_run(connection: Connection) -> set[str]:
    rows = connection.ask(
        "select distinct operation from sync.deliveries where status = 'confirmed' "
        "and run_id = (select max(run_id) from sync.runs)"
    )
    return {row[0] for row in rows}


def people(connection: Connection) -> set[str]:
    """Whoever has an active account somewhere."""
    return {external_id for _, external_id in connection.active()}


@pytest.mark.parametrize("platform", STORIES)
def test_killed_at_every_point_and_run_again(
    platform: str, connect: Callable[..., Connection], say: Callable[[str], None]
) -> None:
    story = STORIES[platform]
    eve = live_until_eve(story, connect)
    connection = eve.connection
    before = people(connection)
    undisturbed = connection.write(eve.lines)
    assert undisturbed.code == 0, undisturbed.out
    assert operations_of_last_run(connection) == story.operations
    wanted = settled(connection.accounts())
    stay = before & people(connection)
    points = undisturbed.points
    wrong: list[str] = []
    for number, name in enumerate(points, start=1):
        eve.again()
        killed = connection.write(eve.lines, kill_at=number)
        assert killed.code == -signal.SIGKILL, f"point {number} ({name}) was not reached"
        problems = ["somebody had no account"] if stay - people(connection) else []
        rerun = connection.write(eve.lines)
        if rerun.code != 0:
            problems.append(f"the second run ended with {rerun.code}: {rerun.out[-500:]}")
        if settled(connection.accounts()) != wanted:
            problems.append("the vendor differs from an undisturbed night")
        if connection.duplicates():
            problems.append("an account exists twice")
        if number % 5 == 0:
            connection.box.clear_requests()
            connection.write(eve.lines)
            problems += ["the third run wrote"] if connection.writes() else []
        wrong += [f"point {number} ({name}): {problem}" for problem in problems]
    say(f"{platform}: killed at each of {len(points)} points and run again")
    assert len(points) >= 100
    assert wrong == []


@pytest.mark.parametrize("platform", STORIES)
def test_killed_after_every_call_and_hr_takes_the_day_back(
    platform: str, connect: Callable[..., Connection], say: Callable[[str], None]
) -> None:
    eve = live_until_eve(STORIES[platform], connect)
    connection = eve.connection
    wanted = _managed(eve)
    connection.box.clear_requests()
    points = connection.write(eve.lines).points
    calls = connection.writes()
    numbers = [
        number
        for number, name in enumerate(points, start=1)
        if name.startswith(("after POST", "after PATCH")) and "/oauth/" not in name
    ]
    wrong: list[str] = []
    for number in numbers:
        eve.again()
        assert connection.write(eve.lines, kill_at=number).code == -signal.SIGKILL
        # Who is no longer there at all leaves after two complete reads; a chip that such a person
        # had is free for the one who waits in the night after.
        codes = [connection.write(eve.quiet_lines).code for _ in range(3)]
        if codes != [0, 0, 0]:
            wrong.append(f"point {number} ({points[number - 1]}): the runs ended with {codes}")
        if _managed(eve) != wanted:
            wrong.append(f"point {number} ({points[number - 1]}): the vendor keeps the lost day")
    say(f"{platform}: killed after each of {len(numbers)} calls, and the day was taken back")
    assert len(numbers) == len(calls) > 0
    assert wrong == []


def _managed(eve: Eve) -> list[tuple[object, ...]]:
    """Active accounts of ours with what people see of them."""
    passing = {"invitations", "invitation_state", "valid_from"}
    ours = [
        {key: value for key, value in account.items() if key not in passing}
        for account in eve.connection.accounts()
        if account["external_id"] and account.get("active", account.get("is_active"))
    ]
    return settled(ours)


@pytest.mark.parametrize("platform", STORIES)
def test_a_restored_backup_and_a_lost_store_do_nothing_twice(
    platform: str, connect: Callable[..., Connection]
) -> None:
    eve = live_until_eve(STORIES[platform], connect)
    connection = eve.connection
    assert connection.write(eve.lines).code == 0
    wanted = settled(connection.accounts())
    connection.restore(eve.store)
    assert connection.write(eve.lines).code == 0
    assert settled(connection.accounts()) == wanted
    # A fresh machine: the configuration still shows that somebody approved this connection.
    approved = connection.ask("select plan_hash from sync.runs order by run_id desc limit 1")[0][0]
    connection.configure(approved_plan=approved)
    shutil.rmtree(connection.folder / ".people-sync")
    connection.box.clear_requests()
    assert connection.write(eve.lines).code == 0
    assert connection.writes() == []
    assert settled(connection.accounts()) == wanted


@pytest.mark.parametrize("platform", STORIES)
def test_the_source_is_killed_anywhere_and_run_again(
    platform: str, connect: Callable[..., Connection], say: Callable[[str], None]
) -> None:
    eve = live_until_eve(STORIES[platform], connect)
    connection = eve.connection
    before = people(connection)
    assert connection.write(eve.lines).code == 0
    wanted = settled(connection.accounts())
    stay = before & people(connection)
    whole = eve.lines.read_bytes()
    cuts = range(0, len(whole), len(whole) // 30)
    cut_off = connection.folder / "cut.jsonl"
    wrong: list[str] = []
    for cut in cuts:
        eve.again()
        cut_off.write_bytes(whole[:cut])
        ended = connection.write(cut_off)
        if ended.code not in (0, 4):
            wrong.append(f"cut at {cut}: ended with {ended.code}: {ended.out[-300:]}")
        if stay - people(connection):
            wrong.append(f"cut at {cut}: somebody lost an account")
        if connection.write(eve.lines).code != 0 or settled(connection.accounts()) != wanted:
            wrong.append(f"cut at {cut}: the vendor differs from an undisturbed night")
    say(f"{platform}: the source was killed at {len(cuts)} places")
    assert wrong == []
