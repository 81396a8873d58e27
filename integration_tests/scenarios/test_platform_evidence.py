"""What did not arrive through Airbyte's pipe: nobody loses anything by it, nobody gains anything."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Collection
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from ..airbyte_platform.pipe import PlatformPipe
from ..airbyte_platform.worker import CANCEL_AT_THE_END, Strike
from .all_operations import settled
from .conftest import at_the_start
from .connections import PAIRS, Connection
from .on_platform import OnPlatform, activate, approve_by_setting, delivered
from .test_platform_absence import NIGHTS, begin, has_account, vanish
from .test_platform_nights import an_ordinary_day

Connect = Callable[..., Connection]
COLUMNS = [
    ("alleo", "employees", "personalDetails"),
    ("alleo", "employees", "contactInformation"),
    ("alleo", "employments", "startDate"),
    ("alleo", "employments", "endDate"),
    ("alleo", "employee_custom_fields", "employeeCustomFields"),
    ("lunchdrive", "employees", "note"),
    ("lunchdrive", "employees", "email"),
    ("lunchdrive", "employees", "chip_numbers"),
    ("lunchdrive", "employments", "valid_from"),
    ("lunchdrive", "employments", "valid_to"),
]
STREAMS = {
    "alleo": ("custom_field_definitions", "employee_custom_fields"),
    "lunchdrive": ("employments",),
}


def live(
    connect: Connect, on_platform: OnPlatform, platform: str, **choices: Any
) -> tuple[Connection, PlatformPipe]:
    connection = connect(*PAIRS[platform])
    pipe = on_platform(connection, **choices)
    activate(pipe, connection)
    connection.box.clear_requests()
    return connection, pipe


def nights(connection: Connection, pipe: PlatformPipe) -> None:
    """Two nights; whatever they end with, it is said in words."""
    for night in NIGHTS:
        connection.configure(as_of=night)
        attempt = pipe.sync()
        assert attempt.outcome == "succeeded" or attempt.failures[0].message, attempt.codes


def good_night(connection: Connection, pipe: PlatformPipe) -> None:
    """Everything is read again: what was held is done, and nobody who is wanted is missing."""
    connection.configure(as_of="2026-03-05")
    delivered(pipe)
    assert connection.active() == connection.desired() != set()


def without(pipe: PlatformPipe, names: Collection[str]) -> list[dict[str, Any]]:
    return [one for one in pipe.streams if one["stream"]["name"] not in names]


@pytest.mark.long
@pytest.mark.drawn(2)
@pytest.mark.parametrize(
    ("platform", "stream", "column"),
    [pytest.param(*one, id="-".join(one)) for one in COLUMNS],
)
def test_an_unticked_column_takes_nothing_from_anybody(
    connect: Connect, on_platform: OnPlatform, platform: str, stream: str, column: str
) -> None:
    connection, pipe = live(connect, on_platform, platform)
    before = connection.accounts()
    pipe.unticked = {stream: [column]}
    nights(connection, pipe)
    assert connection.accounts() == before
    assert connection.ask(
        f"select count(*) from sync.evidence where stream = '{stream}' and len(missing_columns) > 0"
    ) != [(0,)], "the store knows that a column does not arrive"
    pipe.unticked = {}
    good_night(connection, pipe)


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("platform", PAIRS)
def test_streams_that_are_unticked_later_take_nothing_from_anybody(
    connect: Connect, on_platform: OnPlatform, platform: str
) -> None:
    connection, pipe = live(connect, on_platform, platform)
    before, everything = connection.accounts(), pipe.streams
    pipe.streams = without(pipe, STREAMS[platform])
    nights(connection, pipe)
    assert connection.accounts() == before
    pipe.streams = everything
    good_night(connection, pipe)


@pytest.mark.parametrize("how", ["forbidden", "unticked"])
@pytest.mark.long
def test_on_a_fresh_store_nobody_is_added_whose_answer_was_not_read(
    connect: Connect, on_platform: OnPlatform, how: str
) -> None:
    connection = connect(*PAIRS["alleo"])
    pipe = on_platform(connection)
    everything = pipe.streams
    if how == "unticked":
        pipe.streams = without(pipe, STREAMS["alleo"])
    else:
        connection.box.fault("loket", "forbidden", match="*ustom*ields*", times=None)
    pipe.night()
    approve_by_setting(connection)
    pipe.night()
    assert connection.accounts() == []
    # The control: read whole, the people who take part are added.
    connection.box.clear_faults()
    pipe.streams = everything
    connection.configure(as_of="2026-03-03")
    pipe.night()
    approve_by_setting(connection)
    pipe.night()
    assert connection.active() == connection.desired() != set()


@pytest.mark.long
@pytest.mark.drawn(2)
@pytest.mark.parametrize("platform", PAIRS)
@pytest.mark.parametrize("supports_refreshes", [True, False])
def test_attempts_of_one_evening_are_one_absence(
    connect: Connect, on_platform: OnPlatform, platform: str, supports_refreshes: bool
) -> None:
    connection, pipe, person = begin(
        connect, on_platform, platform, supports_refreshes=supports_refreshes
    )
    remove_from_hr(connection, person)
    connection.configure(as_of=NIGHTS[0])
    for _ in range(3):
        delivered(pipe)
        assert has_account(connection, person)
    connection.configure(as_of=NIGHTS[1])
    delivered(pipe)
    assert not has_account(connection, person)


def remove_from_hr(connection: Connection, person: str) -> None:
    """Delete somebody from HR with all that hangs on it."""
    box = connection.box
    if connection.platform == "lunchdrive":
        vanish(box, person.rsplit(":", 1)[-1])
        return
    world = box.world("loket")
    for collection in (
        "employments",
        "employee_custom_fields",
        "employment_custom_fields",
        "leave_balances",
    ):
        for row in world.get(collection, []):
            if person in json.dumps(row):
                box.remove("loket", collection, row["id"])
    box.remove("loket", "employees", person)


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("platform", PAIRS)
def test_clear_and_refresh_change_no_account(
    connect: Connect, on_platform: OnPlatform, platform: str
) -> None:
    connection, pipe = live(connect, on_platform, platform)
    before = connection.accounts()
    for night in NIGHTS:
        connection.configure(as_of=night)
        if night != NIGHTS[0]:
            delivered(pipe)
        told = connection.ask("select run_id, status from sync.runs order by run_id")
        assert pipe.clear().outcome == "succeeded"
        assert connection.ask("select run_id, status from sync.runs order by run_id") == told
    delivered(pipe)
    assert pipe.refresh().outcome == "succeeded"
    assert connection.accounts() == before
    assert connection.writes() == []


STRIKES = {
    "source killed": Strike("source", after_records=9),
    "destination killed": Strike("destination", after_records=9),
    "destination killed at the end": Strike("destination"),
    "destination stopped at the end": Strike("destination", signal.SIGTERM),
    "cancelled": CANCEL_AT_THE_END,
}


@pytest.mark.long
@pytest.mark.drawn(2)
@pytest.mark.parametrize("platform", PAIRS)
@pytest.mark.parametrize("strike", STRIKES)
def test_a_night_that_was_struck_ends_as_an_undisturbed_one(
    connect: Connect,
    on_platform: OnPlatform,
    shared_box: tuple[Sandbox, dict[str, Any]],
    platform: str,
    strike: str,
) -> None:
    connection, pipe = live(connect, on_platform, platform)
    an_ordinary_day(connection)
    delivered(pipe)
    undisturbed = settled(connection.accounts())
    at_the_start(*shared_box)
    connection.forget()
    connection = connect(*PAIRS[platform])
    side = "both" if strike == "cancelled" else strike.split()[0]
    pipe = on_platform(connection, fresh=side)
    activate(pipe, connection)
    an_ordinary_day(connection)
    attempts = pipe.night(STRIKES[strike])
    if attempts[-1].outcome != "succeeded":
        delivered(pipe)
    assert settled(connection.accounts()) == undisturbed
    assert connection.duplicates() == []


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("platform", PAIRS)
def test_a_source_that_can_read_nothing_changes_nothing_and_fails(
    connect: Connect, on_platform: OnPlatform, platform: str
) -> None:
    connection, pipe = live(connect, on_platform, platform)
    before = connection.accounts()
    vendor = connection.source.removeprefix("source-")
    connection.box.fault(vendor, "forbidden", match="*", times=None)
    connection.configure(as_of=NIGHTS[0])
    attempt = pipe.sync()
    assert attempt.outcome == "failed"
    assert attempt.destination_code == 1
    assert attempt.states == []
    assert connection.accounts() == before
