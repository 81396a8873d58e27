"""States: one per employer, before the last status; what they let a later read leave out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from people_sandbox import start_sandbox
from source_loket.progress import Progress
from source_loket.slices import ROTA, SkipRule
from source_loket.source import SourceLoket

PEOPLE = ["employees", "employments"]


def test_a_state_is_written_per_employer_before_the_status(
    box: Any, config: Any, read: Any
) -> None:
    outcome = read(config, ["employees", "leave_types"])
    employers = set(box.control()["loket"]["employer_ids"])
    for stream in ("employees", "leave_types"):
        states = [state for name, state in outcome.states if name == stream]
        assert [len(state["employers"]) for state in states] == [1, 2]
        assert set(states[-1]["employers"]) == employers
        order = [what for what, name in outcome.order if name == stream]
        assert order[-2:] == ["state", "COMPLETE"]


def test_records_come_before_the_state_that_covers_them(config: Any, read: Any) -> None:
    outcome = read(config, ["employees"])
    counted = 0
    for what, _ in outcome.order:
        if what == "record":
            counted += 1
        if what == "state":
            covered = sum(
                entry["records"]
                for entry in outcome.states[0 if counted < 60 else 1][1]["employers"].values()
            )
            assert covered == counted


def test_unchanged_employers_are_left_out_when_asked(box: Any, config: Any, read: Any) -> None:
    asking = config | {"skip_unchanged_employers": True}
    first = read(asking, PEOPLE, sync_mode="incremental")
    assert len(first.records["employees"]) == 60
    second = read(asking, PEOPLE, sync_mode="incremental", state=first.state_file())
    assert second.records == {}
    assert {second.status(stream) for stream in PEOPLE} == {"COMPLETE"}
    # A change at one employer: that one is read again, whole.
    employee = box.world("loket")["employees"][0]
    box.patch("loket", "employees", employee["id"], employeeNumber=employee["employeeNumber"])
    third = read(asking, PEOPLE, sync_mode="incremental", state=second.state_file())
    assert {r["employer_id"] for r in third.records["employees"]} == {employee["employer_id"]}
    assert len(third.records["employees"]) == third.records["employees"][0]["total_size"]


def test_by_default_nothing_is_left_out(config: Any, read: Any) -> None:
    first = read(config, PEOPLE, sync_mode="incremental")
    second = read(config, PEOPLE, sync_mode="incremental", state=first.state_file())
    assert len(second.records["employees"]) == 60


def test_a_full_refresh_reads_everything_whatever_the_state(config: Any, read: Any) -> None:
    asking = config | {"skip_unchanged_employers": True}
    first = read(asking, PEOPLE, sync_mode="incremental")
    second = read(asking, PEOPLE, sync_mode="full_refresh", state=first.state_file())
    assert len(second.records["employees"]) == 60


def test_other_fields_are_read_again(config: Any, read: Any) -> None:
    asking = config | {"skip_unchanged_employers": True}
    first = read(asking, PEOPLE, sync_mode="incremental")
    second = read(
        asking | {"fields": "all"}, PEOPLE, sync_mode="incremental", state=first.state_file()
    )
    assert len(second.records["employees"]) == 60


@pytest.mark.parametrize("remembered", [{}, {"employers": 7}, {"employers": {"x": 1}}, {"a": [1]}])
def test_a_state_of_another_shape_is_no_obstacle(
    config: Any, read: Any, remembered: dict[str, Any]
) -> None:
    state = [
        {
            "type": "STREAM",
            "stream": {
                "stream_descriptor": {"name": "employees"},
                "stream_state": remembered | {"fields": "minimal"},
            },
        }
    ]
    asking = config | {"skip_unchanged_employers": True}
    outcome = read(asking, ["employees"], sync_mode="incremental", state=state)
    assert len(outcome.records["employees"]) == 60


def test_extra_fields_are_read_on_a_rota(read: Any) -> None:
    stream = "employee_custom_fields"
    with start_sandbox(size=60, seed=7, employers=2) as box:
        asking = box.config("source-loket") | {"skip_unchanged_employers": True}
        outcome = read(asking, [stream], sync_mode="incremental")
        nights: Counter[str] = Counter()
        for _ in range(ROTA):
            outcome = read(asking, [stream], sync_mode="incremental", state=outcome.state_file())
            nights.update({record["employer_id"] for record in outcome.records[stream]})
        # In seven nights each employer once, though its version number never rose.
        assert nights == dict.fromkeys(box.control()["loket"]["employer_ids"], 1)


def test_without_the_version_numbers_everything_is_read(
    box: Any, config: Any, read: Any, caplog: Any
) -> None:
    asking = config | {"skip_unchanged_employers": True}
    first = read(asking, ["employees"], sync_mode="incremental")
    box.fault("loket", "forbidden", times=None, match="GET */lastmodifiedversionnumbers")
    second = read(asking, ["employees"], sync_mode="incremental", state=first.state_file())
    assert len(second.records["employees"]) == 60
    assert second.status("employees") == "COMPLETE"
    assert "GetEmployerLastModifiedVersionNumbersByUser" in caplog.text


def test_a_skipped_employer_needs_the_same_version() -> None:
    rule = SkipRule({"a": {"version": 5}})
    assert rule.skips("a", 5)
    assert not rule.skips("a", 6)
    assert not rule.skips("a", 4)
    assert not rule.skips("a", None)
    assert not rule.skips("b", 5)


def test_states_of_thousands_of_employers_stay_in_proportion(config: Any) -> None:
    from source_loket.messages import SliceRead

    source = SourceLoket(config=config)
    employees = next(s for s in source.streams(config) if s.name == "employees")
    progress = Progress([employees], {}, "minimal")
    ends = (SliceRead("employees", f"employer-{n}", {"records": 1}) for n in range(5_000))
    states = sum(1 for _ in progress.follow(ends))
    assert 100 < states < 700
