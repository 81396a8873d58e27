"""Every fault of the sandbox's menu, and what it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from people_sandbox import start_sandbox
from people_sandbox.faults import NAMES

from .conftest import STREAMS, Outcome, read

PASSING = (
    "too_many_requests",
    "too_many_requests_no_header",
    "server_error",
    "unavailable",
    "html_error",
    "html_200",
    "half_body",
    "reset_before",
    "reset_after",
    "timeout_before",
    "timeout_after",
)
REFUSALS = (
    "expired_token",
    "forbidden",
    "not_found",
    "employer_gone",
    "empty_list",
)
# What a platform answers to a write; whoever answers so to a read is not understood.
OF_WRITES = ("conflict", "unprocessable", "locked")
SPOILED = ("page_repeated", "page_short")
EMPLOYEES = "GET /employees"
SIZE = 40


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    with start_sandbox(size=SIZE, seed=7) as box:
        yield box


@pytest.fixture
def box(sandbox: Any) -> Any:
    sandbox.clear_faults()
    sandbox.clear_requests()
    return sandbox


def fault(box: Any, name: str, times: int | None) -> None:
    box.fault("alveno", name, match=EMPLOYEES, times=times, seconds=0.05)


def different(outcome: Outcome, stream: str = "employees") -> int:
    key = {"employees": "employee_id", "employments": "employment_id"}[stream]
    return len({record[key] for record in outcome.records.get(stream, [])})


def test_the_outcome_of_every_fault_of_the_menu_is_named_here() -> None:
    assert {*PASSING, *REFUSALS, *SPOILED, *OF_WRITES} == set(NAMES)


def test_without_a_fault_everything_is_read(box: Any) -> None:
    outcome = read(box.config("source-alveno"))

    assert outcome.error is None
    assert different(outcome) == SIZE
    assert different(outcome, "employments") >= SIZE
    assert sorted(outcome.states) == sorted(STREAMS)
    assert len(box.requests("alveno")) == len(STREAMS)
    assert box.requests("alveno", writes=True) == []


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_costs_a_second_question_and_nobody(box: Any, name: str) -> None:
    fault(box, name, times=1)

    outcome = read(box.config("source-alveno"))

    assert outcome.error is None
    assert different(outcome) == SIZE
    assert {outcome.last(stream) for stream in STREAMS} == {"COMPLETE"}
    assert len(box.requests("alveno")) == len(STREAMS) + 1


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_stays_is_transient_and_the_stream_incomplete(box: Any, name: str) -> None:
    fault(box, name, times=None)

    outcome = read(box.config("source-alveno"), "employees")

    assert outcome.failure is FailureType.transient_error
    assert outcome.last("employees") == "INCOMPLETE"
    assert outcome.count == 0
    assert len(box.requests("alveno")) == 6


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_a_config_error_and_lets_nothing_out(box: Any, name: str) -> None:
    fault(box, name, times=None)

    outcome = read(box.config("source-alveno"))

    assert outcome.failure is FailureType.config_error
    assert outcome.records == {}
    assert {outcome.last(stream) for stream in STREAMS} == {"INCOMPLETE"}


@pytest.mark.parametrize("name", OF_WRITES)
def test_an_answer_to_a_write_ends_a_read_as_incomplete(box: Any, name: str) -> None:
    fault(box, name, times=None)

    outcome = read(box.config("source-alveno"))

    assert outcome.failure is FailureType.system_error
    assert "employees" not in outcome.records
    assert outcome.last("employees") == "INCOMPLETE"


def test_a_page_repeated_once_is_read_again(box: Any) -> None:
    fault(box, "page_repeated", times=1)

    assert different(read(box.config("source-alveno"))) == SIZE


def test_a_page_that_stays_repeated_is_told_by_its_total(box: Any) -> None:
    fault(box, "page_repeated", times=None)

    outcome = read(box.config("source-alveno"), "employees")

    assert outcome.error is None
    assert {record["total_size"] for record in outcome.records["employees"]} == {SIZE}
    assert different(outcome) < SIZE


def test_a_plain_array_cut_short_cannot_be_told_from_a_smaller_firm(box: Any) -> None:
    """Nothing in the answer says so: the destination's brakes are there for this."""
    fault(box, "page_short", times=None)

    outcome = read(box.config("source-alveno"), "employees")

    assert outcome.error is None
    assert {record["total_size"] for record in outcome.records["employees"]} == {SIZE // 2}


@pytest.mark.parametrize("name", ["page_short", "page_repeated", "html_200", "half_body"])
def test_the_hr_api_proves_its_list_by_its_count(box: Any, name: str) -> None:
    config = box.config("source-alveno", api="hr")
    assert different(read(config, "employees")) == SIZE  # the control

    box.fault("alveno", name, match="GET /01234567/employees", times=None)
    outcome = read(config, "employees")

    assert outcome.count == 0 or different(outcome) == SIZE
    assert (outcome.last("employees") == "COMPLETE") is (different(outcome) == SIZE)


def test_a_renamed_note_in_the_sandbox_lets_nothing_out(box: Any) -> None:
    world = box.world("alveno")
    renamed = [
        {("Poznamka" if name == "Note" else name): value for name, value in row.items()}
        for row in world["employees"]
    ]
    config = box.config("source-alveno")
    box.put_world("alveno", world | {"employees": renamed})
    try:
        outcome = read(config)
        named = read({**config, "field_names": {"employee": {"note": "Poznamka"}}})
    finally:
        box.put_world("alveno", world)

    assert outcome.failure is FailureType.config_error
    assert outcome.records == {}
    assert "Poznamka" in outcome.text
    assert named.error is None  # the control
    assert read(config).error is None
