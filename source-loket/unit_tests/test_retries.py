"""Waiting: as long as Loket says, up to a limit, else longer each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from source_loket.components import _LONGEST_WAIT, RetryAfter


def wait_for(said: str) -> float | None:
    response = requests.Response()
    response.headers["Retry-After"] = said
    return RetryAfter(parameters={}).backoff_time(response, 1)


@pytest.mark.parametrize(
    ("said", "waited"), [("7", 7), ("0", 0.1), ("99999", _LONGEST_WAIT), ("-5", 0.1)]
)
def test_retry_after_is_honoured_up_to_a_limit(said: str, waited: float) -> None:
    assert wait_for(said) == waited


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
