"""Any sequence of nights, read whole: the platform has whom HR wants, whatever the order was."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people_sandbox.client import Sandbox

from .any_world import OFF, PAIRS, World
from .connections import PLATFORM

pytestmark = pytest.mark.long
_ALL = {"at_least": 0, "share": 0}
_HOLD_ALL = dict.fromkeys(("removals", "announced_removals", "additions", "updates"), _ALL)
EVENTS = ("join", "join", "change", "flip", "leave", "leave_backdated", "rehire")
NIGHTS = st.lists(
    st.tuples(
        st.integers(1, 10),  # days that pass
        st.lists(st.sampled_from(EVENTS), min_size=0, max_size=6),
        st.integers(0, 2**32),  # who, and in which order
    ),
    min_size=2,
    max_size=6,
)


def planned(folder: Path) -> list[str]:
    """The changes of the latest plan in a store."""
    with duckdb.connect(str(folder / "staging.duckdb"), read_only=True) as store:
        rows = store.execute(
            "select row_hash from sync.plan where operation <> 'none' "
            "and run_id = (select max(run_id) from sync.runs) order by 1"
        ).fetchall()
    return [row_hash for (row_hash,) in rows]


@pytest.mark.parametrize("platform", PAIRS)
@settings(max_examples=settings().max_examples // 25, suppress_health_check=list(HealthCheck))
@given(nights=NIGHTS)
def test_after_any_nights_the_platform_has_whom_hr_wants(
    platform: str, box: Sandbox, tmp_path: Path, nights: list[tuple[int, list[str], int]]
) -> None:
    for name in PLATFORM.values():
        box.put_accounts(name, [])
    world = World(box, platform, tmp_path / "store")
    shutil.rmtree(world.folder, ignore_errors=True)
    draw = Random(1)
    for event in ("join",) * 6:
        world.happens(event, draw)
    for outcome in ("held", "done"):
        assert world.run(draw).outcome == outcome
    for days, events, seed in nights:
        draw = Random(seed)
        world.day += dt.timedelta(days=days)
        for event in events:
            world.happens(event, draw)
        # The same input in another order, in a copy in which everything is held: the same plan.
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(world.folder, copy)
        box.clear_requests()
        world.run(draw, copy, brakes=OFF | _HOLD_ALL)
        assert world.writes() == []
        night = world.run(draw)
        assert night.outcome == "done", night.message
        assert planned(world.folder) == planned(copy)
        assert world.active() == world.wanted()
        box.clear_requests()
        world.run(draw)
        assert world.writes() == [], "the same night again"
