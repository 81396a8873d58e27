"""Any sequence of nights of which parts were not read: nobody loses or gains anything by it.

Each night any stream arrives whole, in part, not at all or was never asked for, any column may be
missing, statuses come or don't, attempts are repeated. Whatever that was, the next good nights end
with whom HR wants.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people_sandbox.client import Sandbox
from people_transforms.errors import SyncError

from .any_world import PAIRS, Read, World
from .connections import PLATFORM

EVENTS = ("join", "join", "change", "flip", "leave", "leave_backdated", "rehire", "delete")
COLUMNS = {
    "lunchdrive": {"employees": ["note", "email", "chip_numbers"], "employments": ["valid_to", "valid_from"]},
    "alleo": {
        "employees": ["contactInformation.businessEmailAddress", "personalDetails.firstName"],
        "employments": ["endDate", "startDate"],
        "employee_custom_fields": ["employeeCustomFields.value"],
        "custom_field_definitions": ["description"],
    },
}  # fmt: skip
NEEDED = ("employers", "employees", "employments")
VERDICTS = st.sampled_from(("whole", "whole", "partial", "not_read", "not_asked"))


@st.composite
def reads(draw: st.DrawFn, platform: str) -> Read:
    """A read in which any part may be missing."""
    world = PAIRS[platform].records([], "e")
    streams = {name: draw(VERDICTS) for name in world}
    # The destination refuses a catalog without the three lists that say who is employed.
    streams = {
        name: "not_read" if verdict == "not_asked" and name in NEEDED else verdict
        for name, verdict in streams.items()
        if verdict != "whole"
    }
    columns = {
        stream: draw(st.sampled_from(names))
        for stream, names in COLUMNS[platform].items()
        if draw(st.integers(0, 3)) == 0
    }
    return Read(streams, columns, draw(st.booleans()))


@st.composite
def nights(draw: st.DrawFn, platform: str) -> list[tuple[int, list[str], int, Read]]:
    return draw(
        st.lists(
            st.tuples(
                st.integers(1, 4),
                st.lists(st.sampled_from(EVENTS), max_size=4),
                st.integers(0, 2**32),
                reads(platform),
            ),
            min_size=1,
            max_size=4,
        )
    )


@pytest.mark.long
@pytest.mark.parametrize("platform", PAIRS)
@pytest.mark.drawn(1)
def test_nobody_loses_or_gains_anything_by_what_was_not_read(
    platform: str, box: Sandbox, tmp_path: Path
) -> None:
    @settings(
        max_examples=settings().max_examples // 25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn=nights(platform))
    def holds(drawn: list[tuple[int, list[str], int, Read]]) -> None:
        _live(World(box, platform, tmp_path / "store"), drawn)

    holds()


def _live(world: World, drawn: list[tuple[int, list[str], int, Read]]) -> None:
    for name in PLATFORM.values():
        world.box.put_accounts(name, [])
    shutil.rmtree(world.folder, ignore_errors=True)
    draw = Random(1)
    for event in ("join",) * 6:
        world.happens(event, draw)
    for outcome in ("held", "done"):
        assert world.run(draw).outcome == outcome
    for days, events, seed, read in drawn:
        draw = Random(seed)
        world.day += dt.timedelta(days=days)
        for event in events:
            world.happens(event, draw)
        _live_badly(world, draw, read)
    for _ in range(3):
        # Who is no longer listed is so on two days.
        world.day += dt.timedelta(days=1)
        assert world.run(draw, when_absent="end").outcome == "done"
    assert world.active() == world.wanted()


def _live_badly(world: World, draw: Random, read: Read) -> None:
    before, accounts = world.active(), world.values()
    state = draw.getstate()
    try:
        night = world.run(draw, read=read, when_absent="end")
    except SyncError:
        assert not any(verdict == "whole" for verdict in _verdicts(world, read)), "all was read"
        assert world.active() == before
        return
    after, wanted = world.active(), world.wanted()
    assert before - after <= before - wanted, (night.message, read)
    assert after - before <= wanted - before, (night.message, read)
    for account_id, values in world.values().items():
        was = accounts.get(account_id, {})
        emptied = {name for name, value in was.items() if value and values[name] in (None, "")}
        assert emptied <= _EMPTIED_AT_AN_END, (night.message, read)
    if _verdicts(world, read) != {"whole"}:
        assert night.outcome in ("incomplete", "held"), night.message
    draw.setstate(state)
    world.box.clear_requests()
    world.run(draw, read=read, when_absent="end")
    assert world.writes() == [], "another attempt of the same day"


# A last day is emptied by a return, a chip and an end of an account by the end.
_EMPTIED_AT_AN_END = {
    "chip_number",
    "valid_to",
    "inactive_at",
    "offboarding_date",
    "deactivated_at",
}


def _verdicts(world: World, read: Read) -> set[str]:
    """The verdicts of the lists and columns that a rule rests on."""
    of_streams = {read.streams.get(name, "whole") for name in world.pair.rests_on}
    return of_streams | ({"no_column"} if read.columns.keys() & world.pair.rests_on else set())


@pytest.mark.long
def test_a_day_that_was_left_standing_is_warned_of_in_each_run(
    box: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(box, "lunchdrive", tmp_path / "store")
    world.happens("join", Random(1))
    world.run(Random(1))
    assert "as_of" not in caplog.text
    world.day += dt.timedelta(days=1)
    world.run(Random(1), as_of=(world.day - dt.timedelta(days=1)).isoformat())
    assert "`as_of` makes this run act as on 2026-03-02; today is 2026-03-03" in caplog.text
