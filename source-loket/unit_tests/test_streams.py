"""What each stream asks for and gives: shapes, links, fallbacks, numbers of calls."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest
from people_sandbox import start_sandbox
from source_loket.source import SourceLoket

pytestmark = pytest.mark.few(8)

STREAMS = [
    "employers",
    "user_filter_settings",
    "employees",
    "employments",
    "custom_field_definitions",
    "employee_custom_fields",
    "employment_custom_fields",
    "leave_types",
    "leave_balances",
    "payroll_administrations",
    "payroll_runs",
    "employer_versions",
]
LISTS = [name for name in STREAMS if name not in ("employers", "employer_versions")]


def test_every_stream_gives_every_record_of_the_world(box: Any, config: Any, read: Any) -> None:
    outcome = read(config, STREAMS)
    world = box.world("loket")
    assert {outcome.status(stream) for stream in STREAMS} == {"COMPLETE"}
    for stream in ("employers", "employees", "employments", "leave_types", "leave_balances"):
        assert sorted(outcome.ids(stream)) == sorted(row["id"] for row in world[stream])
    for stream in ("custom_field_definitions", "payroll_administrations", "payroll_runs"):
        assert sorted(outcome.ids(stream)) == sorted(row["id"] for row in world[stream])
    assert len(outcome.records["user_filter_settings"]) == len(world["employers"])
    assert len(outcome.records["employer_versions"]) == len(world["employers"])


def test_every_record_says_its_employer_and_the_size_of_its_list(config: Any, read: Any) -> None:
    outcome = read(config, STREAMS)
    for stream in LISTS:
        sizes = Counter(record["employer_id"] for record in outcome.records[stream])
        for record in outcome.records[stream]:
            assert record["total_size"] == sizes[record["employer_id"]], stream
    for stream in ("employers", "employer_versions"):
        assert {record["total_size"] for record in outcome.records[stream]} == {2}
        assert all(record["employer_id"] == record["id"] for record in outcome.records[stream])


def test_employer_ids_select_the_employers(box: Any, config: Any, read: Any) -> None:
    wanted = box.control()["loket"]["employer_ids"][1]
    # Typed in capitals, with a blank.
    outcome = read(config | {"employer_ids": [f" {wanted.upper()} "]}, STREAMS)
    for stream in STREAMS:
        assert {record["employer_id"] for record in outcome.records[stream]} == {wanted}
        assert outcome.status(stream) == "COMPLETE"
    assert outcome.records["employers"][0]["total_size"] == 1


def test_an_employer_that_the_user_does_not_see_is_named(box: Any, config: Any, read: Any) -> None:
    seen = box.control()["loket"]["employer_ids"][0]
    stranger = "00000000-0000-4000-8000-000000000000"
    outcome = read(config | {"employer_ids": [seen, stranger]}, ["employees"])
    assert {record["employer_id"] for record in outcome.records["employees"]} == {seen}
    assert outcome.status("employees") == "INCOMPLETE"
    assert stranger in outcome.errors[0]["message"]
    assert outcome.errors[0]["failure_type"] == "config_error"


def test_the_employers_themselves_are_read_before_one_is_missed(
    box: Any, config: Any, read: Any
) -> None:
    seen = box.control()["loket"]["employer_ids"]
    outcome = read(config | {"employer_ids": [*seen, "20720"]}, ["employers", "employer_versions"])
    for stream in ("employers", "employer_versions"):
        assert sorted(outcome.ids(stream)) == sorted(seen)
        assert outcome.status(stream) == "INCOMPLETE"
    assert all("20720" in error["message"] for error in outcome.errors)


def test_no_employer_of_the_setting_is_a_configuration_error(config: Any, read: Any) -> None:
    outcome = read(config | {"employer_ids": ["20720"]}, ["employers", "employees"])
    assert outcome.records == {}
    assert outcome.status("employers") == outcome.status("employees") == "INCOMPLETE"
    assert {error["failure_type"] for error in outcome.errors} == {"config_error"}


def test_paging_asks_for_a_page_per_250_people_and_a_stated_order(big_box: Any, read: Any) -> None:
    outcome = read(big_box.config("source-loket") | {"flex_salary": True}, STREAMS)
    world = big_box.world("loket")
    calls = Counter(
        call["path"].rsplit("/", 1)[-1]
        for call in big_box.requests("loket")
        if "providers" in call["path"]
    )
    assert calls["employees"] == math.ceil(len(world["employees"]) / 250)
    assert calls["employments"] == math.ceil(len(world["employments"]) / 250)
    assert calls["leavebalances"] == math.ceil(len(world["leave_balances"]) / 250)
    fields = ("employee_custom_fields", "employment_custom_fields", "custom_field_definitions")
    assert calls["customfields"] == sum(
        math.ceil(len(outcome.records[stream]) / 250) for stream in fields
    )
    # Everything else is a constant: no call per person anywhere.
    pages = sum(math.ceil(len(records) / 250) for records in outcome.records.values())
    assert len(big_box.requests("loket")) <= pages + 1 + len(LISTS) + 2


def test_twelve_streams_of_three_employers_take_at_most_fifty_requests(read: Any) -> None:
    with start_sandbox(size=60, seed=7, employers=3) as box:
        config = box.config("source-loket") | {"flex_salary": True}
        box.clear_requests()
        outcome = read(config, STREAMS)
        assert {outcome.status(stream) for stream in STREAMS} == {"COMPLETE"}
        assert len(box.requests("loket")) <= 50


def test_leave_balances_have_every_leave_type(box: Any, config: Any, read: Any) -> None:
    outcome = read(config, ["leave_balances", "leave_types"])
    keys = {record["leaveType"]["key"] for record in outcome.records["leave_types"]}
    for record in outcome.records["leave_balances"]:
        assert {row["leaveType"]["key"] for row in record["leaveBalance"]} == keys


def test_a_missing_right_for_leave_types_is_named_for_the_balances(
    box: Any, config: Any, read: Any
) -> None:
    box.fault("loket", "forbidden", times=None, match="GET */leavetypes")
    outcome = read(config, ["leave_balances"])
    assert outcome.status("leave_balances") == "INCOMPLETE"
    assert "GetLeaveTypesByEmployerId" in outcome.errors[0]["message"]


def test_payroll_runs_name_their_administration(box: Any, config: Any, read: Any) -> None:
    outcome = read(config, ["payroll_runs"])
    links = {
        row["id"]: row["payroll_administration_id"] for row in box.world("loket")["payroll_runs"]
    }
    assert {r["id"]: r["payrollAdministrationId"] for r in outcome.records["payroll_runs"]} == links


@pytest.mark.parametrize("as_array", [False, True])
@pytest.mark.parametrize("level", ["employee", "employment"])
def test_bulk_values_of_either_shape_are_the_same_values(
    box: Any, config: Any, read: Any, level: str, as_array: bool
) -> None:
    stream, key = f"{level}_custom_fields", f"{level}CustomFields"
    box.settings("loket", bulk_values_as_array=as_array)
    try:
        outcome = read(config, [stream])
    finally:
        box.settings("loket", bulk_values_as_array=False)
    assert outcome.errors == []
    values = {row["id"]: row["value"] for row in box.world("loket")[stream]}
    records = outcome.records[stream]
    assert {r[key]["id"]: r[key]["value"] for r in records} == values
    assert all(r["id"] == f"{r['employmentId']}:{r[key]['id']}" for r in records)
    assert all(r["employeeId"] is None for r in records)
    assert len({r["id"] for r in records}) == len(records)
    assert {r["total_size"] is None for r in records} == {as_array}


@pytest.mark.parametrize("level", ["employee", "employment"])
@pytest.mark.parametrize("fault", ["forbidden", "not_found"])
def test_without_the_bulk_right_values_are_read_one_by_one(
    box: Any, config: Any, read: Any, caplog: Any, level: str, fault: str
) -> None:
    stream, key = f"{level}_custom_fields", f"{level}CustomFields"
    box.clear_faults()
    path = "employees" if level == "employee" else "employees/employments"
    for employer_id in box.control()["loket"]["employer_ids"]:
        bulk = f"GET /providers/employers/{employer_id}/{path}/customfields"
        box.fault("loket", fault, times=None, match=bulk)
    outcome = read(config, [stream])
    assert outcome.status(stream) == "COMPLETE"
    rows = box.world("loket")[stream]
    records = outcome.records[stream]
    assert {r[key]["id"]: r[key]["value"] for r in records} == {r["id"]: r["value"] for r in rows}
    holders = {row["id"]: row[f"{level}_id"] for row in rows}
    assert all(r[f"{level}Id"] == holders[r[key]["id"]] for r in records)
    assert {r["total_size"] for r in records} == {None}
    said = [r.getMessage() for r in caplog.records if "one by one" in r.getMessage()]
    assert len(said) == 2  # once per employer


def test_without_any_right_to_values_both_rights_are_named(
    box: Any, config: Any, read: Any
) -> None:
    box.fault("loket", "forbidden", times=None, match="GET */customfields")
    outcome = read(config, ["employee_custom_fields"])
    assert outcome.status("employee_custom_fields") == "INCOMPLETE"
    message = outcome.errors[0]["message"]
    assert "GetEmployeeCustomFieldsByEmployerId" in message
    assert "GetEmployeeCustomFieldsByEmployeeId" in message


def test_filters_that_hide_employments_are_a_warning(
    box: Any, config: Any, read: Any, caplog: Any
) -> None:
    employer_id = box.control()["loket"]["employer_ids"][0]
    stored = {"filterOnEmployedStatus": "ActiveEmployments", "filterOnDepartments": [{"key": "x"}]}
    before = next(
        row for row in box.world("loket")["filter_settings"] if row["employer_id"] == employer_id
    )
    box.patch("loket", "filter_settings", employer_id, employmentFilter=stored)
    try:
        outcome = read(config, ["employments", "user_filter_settings"])
    finally:
        box.patch(
            "loket", "filter_settings", employer_id, employmentFilter=before["employmentFilter"]
        )
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert len(warnings) == 1
    assert employer_id in warnings[0]
    assert "filterOnEmployedStatus is ActiveEmployments" in warnings[0]
    assert "filterOnDepartments is set" in warnings[0]
    found = {
        r["employer_id"]: r["employmentFilter"] for r in outcome.records["user_filter_settings"]
    }
    assert found[employer_id]["filterOnEmployedStatus"] == "ActiveEmployments"


def test_no_filters_are_no_warning(config: Any, read: Any, caplog: Any) -> None:
    read(config, ["employments", "user_filter_settings"])
    assert [r for r in caplog.records if r.levelname == "WARNING"] == []


FLEX = ["leave_types", "leave_balances", "payroll_administrations", "payroll_runs"]


def test_discover_lists_the_streams_with_their_keys(config: Any) -> None:
    source = SourceLoket(config=config)
    streams = source.discover(source.logger, config).streams
    assert [stream.name for stream in streams] == STREAMS
    keys = {stream.name: stream.source_defined_primary_key for stream in streams}
    assert keys["employers"] == [["id"]]
    assert keys["user_filter_settings"] == [["employer_id"]]
    assert keys["employees"] == [["employer_id"], ["id"]]


@pytest.mark.parametrize("said", [{}, {"flex_salary": False}])
def test_leave_and_payroll_are_listed_only_when_asked_for(config: Any, said: Any) -> None:
    del config["flex_salary"]
    source = SourceLoket(config=config | said)
    streams = [stream.name for stream in source.discover(source.logger, config | said).streams]
    assert streams == [name for name in STREAMS if name not in FLEX]


def test_a_hundred_employers_are_read_by_several_workers(read: Any) -> None:
    with start_sandbox(size=100, seed=3, employers=25) as many:
        outcome = read(many.config("source-loket") | {"num_workers": 8}, ["employees"])
        world = many.world("loket")
    assert outcome.status("employees") == "COMPLETE"
    assert sorted(outcome.ids("employees")) == sorted(row["id"] for row in world["employees"])
