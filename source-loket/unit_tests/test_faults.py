"""Each fault of the sandbox's menu, and its outcome: whole, read again, or INCOMPLETE; never less."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.few(3)

EMPLOYEES = "GET /providers/employers/*/employees"
FIRST_TWO = {"times": 2, "match": EMPLOYEES}


@pytest.mark.parametrize(
    "fault",
    [
        "too_many_requests",
        "too_many_requests_no_header",
        "server_error",
        "unavailable",
        "reset_before",
        "reset_after",
        "half_body",
        "html_200",
        "html_error",
    ],
)
@pytest.mark.some(2)
def test_a_fault_that_passes_leaves_no_trace(box: Any, config: Any, read: Any, fault: str) -> None:
    box.fault("loket", fault, **FIRST_TWO)
    outcome = read(config, ["employees"])
    assert outcome.status("employees") == "COMPLETE"
    assert len(set(outcome.ids("employees"))) == len(outcome.ids("employees")) == 60
    assert outcome.raised is None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("too_many_requests", "transient_error"),
        ("too_many_requests_no_header", "transient_error"),
        ("server_error", "transient_error"),
        ("unavailable", "transient_error"),
        ("reset_before", "transient_error"),
        ("reset_after", "transient_error"),
        ("half_body", "transient_error"),
        ("html_200", "transient_error"),
        ("html_error", "transient_error"),
        ("page_short", "transient_error"),
        ("forbidden", "config_error"),
        ("not_found", "config_error"),
    ],
)
@pytest.mark.some(3)
def test_a_fault_that_stays_ends_the_stream_incomplete(
    box: Any, config: Any, read: Any, fault: str, kind: str
) -> None:
    box.fault("loket", fault, times=None, match=EMPLOYEES)
    outcome = read(config, ["employees", "custom_field_definitions"])
    assert outcome.status("employees") == "INCOMPLETE"
    assert outcome.records["employees"] == []
    assert {error["failure_type"] for error in outcome.errors} == {kind}
    assert outcome.raised is not None
    # The other streams go on.
    assert outcome.status("custom_field_definitions") == "COMPLETE"


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after"])
def test_a_silent_loket_is_asked_again(
    box: Any, config: Any, read: Any, waits: list[float], fault: str
) -> None:
    box.fault("loket", fault, seconds=5, match=EMPLOYEES)
    outcome = read(config, ["employees"], read_timeout=0.5)
    assert outcome.status("employees") == "COMPLETE"
    assert len(outcome.ids("employees")) == 60
    assert len(waits) == 1


@pytest.mark.parametrize("fault", ["page_short", "page_repeated", "empty_list"])
def test_a_list_that_does_not_add_up_is_read_again_once(
    big_box: Any, read: Any, fault: str, caplog: Any
) -> None:
    big_box.fault("loket", fault, after=2, match=EMPLOYEES)
    outcome = read(big_box.config("source-loket"), ["employees"])
    assert outcome.status("employees") == "COMPLETE"
    assert len(set(outcome.ids("employees"))) == len(outcome.ids("employees")) == 900
    assert "Reading it again" in caplog.text


@pytest.mark.parametrize("fault", ["page_short", "page_repeated"])
def test_a_list_that_never_adds_up_gives_no_record(big_box: Any, read: Any, fault: str) -> None:
    big_box.fault("loket", fault, times=None, match=EMPLOYEES)
    outcome = read(big_box.config("source-loket"), ["employees"])
    assert outcome.status("employees") == "INCOMPLETE"
    assert outcome.records["employees"] == []
    assert outcome.errors[0]["failure_type"] == "transient_error"
    assert "cannot be read whole" in outcome.errors[0]["message"]


def test_an_empty_list_passes_through_as_no_records(box: Any, config: Any, read: Any) -> None:
    # Whether nobody works there is for the destination's brakes to judge: the answer is valid.
    box.fault("loket", "empty_list", times=None, match=EMPLOYEES)
    outcome = read(config, ["employees"])
    assert outcome.statuses["employees"] == ["STARTED", "COMPLETE"]
    assert outcome.records["employees"] == []


def test_no_employer_at_all_is_a_configuration_error(box: Any, config: Any, read: Any) -> None:
    box.fault("loket", "empty_list", times=None, match="GET /providers/employers")
    outcome = read(config, ["employers", "employees"])
    assert outcome.status("employees") == outcome.status("employers") == "INCOMPLETE"
    assert "sees no employer" in outcome.errors[0]["message"]
    assert outcome.errors[0]["failure_type"] == "config_error"


def test_an_employer_that_is_gone_is_not_read_and_the_others_are(
    box: Any, config: Any, read: Any
) -> None:
    gone, left = box.control()["loket"]["employer_ids"]
    box.fault("loket", "employer_gone", employer_id=gone)
    outcome = read(config, ["employers", "employees"])
    assert outcome.ids("employers") == [left]
    assert {record["employer_id"] for record in outcome.records["employees"]} == {left}


def test_an_expired_token_is_renewed_once(box: Any, config: Any, read: Any) -> None:
    box.fault("loket", "expired_token", match=EMPLOYEES)
    outcome = read(config, ["employees"])
    assert outcome.status("employees") == "COMPLETE"
    assert len(outcome.ids("employees")) == 60
    tokens = [call for call in box.requests("loket") if call["path"].endswith("/token")]
    assert len(tokens) == 2  # the first one, and the renewal


def test_a_token_that_expires_twice_within_a_list_costs_nobody(big_box: Any, read: Any) -> None:
    """In the middle of a page too: 401 is renewed once per request, not once per run."""
    for after in (1, 3):
        big_box.fault("loket", "expired_token", after=after, match=EMPLOYEES)
    outcome = read(big_box.config("source-loket"), ["employees"])
    assert outcome.status("employees") == "COMPLETE"
    assert len(set(outcome.ids("employees"))) == len(big_box.world("loket")["employees"])
    assert sum(call["status"] == 401 for call in big_box.requests("loket")) == 2


def test_a_token_that_stays_rejected_stops_the_read(box: Any, config: Any, read: Any) -> None:
    box.fault("loket", "expired_token", times=None)
    outcome = read(config, ["employees"])
    assert outcome.status("employees") == "INCOMPLETE"
    assert "access token is rejected" in outcome.errors[0]["message"]


def test_one_missing_right_stops_one_employer_with_one_error(
    box: Any, config: Any, read: Any
) -> None:
    denied, left = box.control()["loket"]["employer_ids"]
    box.fault(
        "loket", "forbidden", times=None, match=f"GET /providers/employers/{denied}/employees"
    )
    outcome = read(config, ["employees"])
    assert outcome.status("employees") == "INCOMPLETE"
    assert {record["employer_id"] for record in outcome.records["employees"]} == {left}
    (error,) = outcome.errors
    assert "GetEmployeesByEmployerId" in error["message"]
    assert denied in error["message"]
    assert error["failure_type"] == "config_error"


def test_an_outage_costs_the_later_lists_two_attempts(box: Any, config: Any, read: Any) -> None:
    def calls(answered: int) -> int:
        box.clear_requests()
        outcome = read(config, ["leave_types"])
        assert outcome.status("leave_types") == ("COMPLETE" if answered == 200 else "INCOMPLETE")
        return sum(
            c["status"] == answered and c["path"].endswith("leavetypes")
            for c in box.requests("loket")
        )

    lists = calls(200)
    assert lists >= 2, "control"
    box.fault("loket", "unavailable", times=None, match="GET /providers/employers/*")
    # Six attempts of the first, and of whichever is read beside it.
    anew = range(6 + 2 * (lists - 1), 6 * lists + 1)
    assert calls(503) in anew
    assert calls(503) == 2 * lists
    box.clear_faults()
    assert calls(200) == lists
    box.fault("loket", "unavailable", times=None, match="GET /providers/employers/*")
    assert calls(503) in anew, "an answer in between ends the outage"
