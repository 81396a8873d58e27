"""Waiting: as long as Loket says, up to a limit, else longer each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from source_loket.components import _LONGEST_WAIT, RetryAfter


def wait_for(said: str, attempt: int = 1) -> float | None:
    response = requests.Response()
    response.headers["Retry-After"] = said
    return RetryAfter(parameters={}).backoff_time(response, attempt)


@pytest.mark.parametrize(
    ("said", "waited"), [("7", 7), ("0", 0.1), ("600", _LONGEST_WAIT), ("-5", None)]
)
def test_retry_after_is_honoured_up_to_a_limit(said: str, waited: float | None) -> None:
    assert wait_for(said) == waited


@pytest.mark.parametrize(
    ("said", "attempt"), [("601", 1), ("99999", 1), ("999999999", 1), ("250", 3)]
)
def test_a_wait_that_is_too_long_is_left_to_the_next_run(said: str, attempt: int) -> None:
    with pytest.raises(AirbyteTracedException) as refused:
        wait_for(said, attempt)
    assert refused.value.failure_type == FailureType.transient_error
    assert f"asks to wait {said} s" in str(refused.value.message)


def test_a_storm_of_absurd_waits_ends_within_minutes(
    box: Any, config: Any, read: Any, waits: list[float]
) -> None:
    """Two employers, two lists each: without a limit each would be waited for, again and again."""
    match = "GET /providers/employers/*"
    box.fault("loket", "too_many_requests", times=None, retry_after=86_400, match=match)
    outcome = read(config, ["leave_types", "payroll_administrations"])
    assert outcome.status("leave_types") == "INCOMPLETE"
    assert {error["failure_type"] for error in outcome.errors} == {"transient_error"}
    assert waits == []
    box.clear_faults()
    box.fault("loket", "too_many_requests", times=None, retry_after=110, match=match)
    outcome = read(config, ["leave_types", "payroll_administrations"])
    assert waits == [], "they are known to be down"
    box.clear_faults()
    outcome = read(config, ["leave_types", "payroll_administrations"])
    assert outcome.status("leave_types") == "COMPLETE", "the control: it passes"


def test_retry_after_may_be_a_date() -> None:
    soon = wait_for(format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    assert soon is not None
    assert 25 < soon <= 30
    assert wait_for(format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)) == 0.1


@pytest.mark.parametrize(
    "said", ["", "soon", "nan", "inf", "-inf", "1e999", "Thu, 99 Foo 99999 99:99:99"]
)
def test_a_wait_that_is_no_time_is_left_to_the_next_strategy(said: str) -> None:
    assert wait_for(said) is None


def test_a_lost_connection_names_no_time() -> None:
    assert RetryAfter(parameters={}).backoff_time(requests.ConnectionError(), 1) is None


def test_without_it_each_wait_is_longer(
    box: Any, config: Any, read: Any, waits: list[float]
) -> None:
    match = "GET /providers/employers"
    box.fault("loket", "too_many_requests_no_header", times=None, match=match)
    read(config, ["employers"])
    # One second more than said, by the CDK.
    assert waits == [2, 3, 5, 9, 17]


def test_with_it_loket_s_own_time_is_waited(
    box: Any, config: Any, read: Any, waits: list[float]
) -> None:
    match = "GET /providers/employers"
    box.fault("loket", "too_many_requests", times=1, retry_after=3, match=match)
    assert read(config, ["employers"]).status("employers") == "COMPLETE"
    assert waits == [4]


def test_a_400_is_a_configuration_error_that_quotes_nothing(
    box: Any, config: Any, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from source_loket.components import NumberedPages

    monkeypatch.setattr(NumberedPages, "get_page_size", lambda self: 100_000)
    outcome = read(config, ["employers"])
    assert outcome.status("employers") == "INCOMPLETE"
    assert outcome.errors[0]["failure_type"] == "config_error"
    assert "GetEmployersByUserId" in outcome.errors[0]["message"]
    # What Loket said of it.
    assert "pageSize" not in str(outcome.errors)
