"""What each way of failing leads to: asked again, stopped with a reason, never read as empty."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from source_alveno.source import SourceAlveno

from .conftest import EMPLOYEES, TOKEN, Alveno, Reply, escaped, read

GOOD = Reply(escaped(EMPLOYEES))
HTML = Reply(
    b"<html><head><title>Request Error</title></head><body>Jan Tajny</body></html>",
    headers={"Content-Type": "text/html"},
)
XML = Reply(b'<?xml version="1.0"?><Fault><Reason>Jan Tajny</Reason></Fault>')
HALF = Reply(GOOD.body[: len(GOOD.body) // 2])
CUT = Reply(GOOD.body[: len(GOOD.body) // 2], cut=True)


@pytest.mark.parametrize(
    "bad",
    [
        Reply(b"", 408),
        Reply(b"", 429),
        Reply(b"", 500),
        Reply(b"", 502),
        Reply(b"", 503),
        Reply(b"", 504),
        HTML,
        XML,
        HALF,
        CUT,
        Reply(b""),
        Reply(b"{}"),
        Reply(b'{"Message":"later"}'),
        Reply(b"null"),
        Reply(b"42"),
        Reply(b'["text"]'),
    ],
)
def test_an_answer_that_is_no_list_is_asked_for_again(
    alveno: Alveno, config: dict[str, Any], bad: Reply
) -> None:
    alveno.answer("/employees", bad, bad, GOOD)

    outcome = read(config, "employees")

    assert outcome.error is None
    assert outcome.last("employees") == "COMPLETE"
    assert len(outcome.records["employees"]) == 2
    assert alveno.count("/employees") == 3


@pytest.mark.parametrize("bad", [Reply(b"", 500), HTML, XML, HALF, CUT, Reply(b"")])
def test_an_answer_that_stays_no_list_fails_as_transient_and_never_completes(
    alveno: Alveno, config: dict[str, Any], waits: list[float], bad: Reply
) -> None:
    alveno.answer("/employees", bad)

    outcome = read(config)

    assert outcome.failure is FailureType.transient_error
    assert outcome.last("employees") == "INCOMPLETE"
    assert "employees" not in outcome.records
    # The control: what is right beside it is let out.
    assert outcome.last("employments") == "COMPLETE"
    assert alveno.count("/employees") == 6
    assert [round(seconds) for seconds in waits if seconds > 0] == [1, 2, 4, 8, 16]


def test_no_line_quotes_a_body(
    alveno: Alveno, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for bad in (HTML, XML, HALF, Reply(HTML.body, 400), Reply(HTML.body, 403)):
        alveno.answer("/employees", bad)
        text = read(config, "employees").text + caplog.text
        assert "Tajny" not in text
        assert "Dvořák" not in text
        assert TOKEN not in text
    assert "an HTML or XML page" in caplog.text  # the control: something is said


def test_retry_after_is_waited_for(
    alveno: Alveno, config: dict[str, Any], waits: list[float]
) -> None:
    alveno.answer("/employees", Reply(b"", 429, {"Retry-After": "17"}), GOOD)

    assert read(config, "employees").error is None
    assert [round(seconds) for seconds in waits if seconds > 0] == [17]


def test_retry_after_may_be_a_date(
    alveno: Alveno, config: dict[str, Any], waits: list[float]
) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    alveno.answer("/employees", Reply(b"", 503, {"Retry-After": moment}), GOOD)

    assert read(config, "employees").error is None
    assert 30 < max(waits) < 92


@pytest.mark.parametrize("header", ["soon", "-5", "0", ""])
def test_a_retry_after_that_says_nothing_is_no_reason_to_stop(
    alveno: Alveno, config: dict[str, Any], waits: list[float], header: str
) -> None:
    alveno.answer("/employees", Reply(b"", 429, {"Retry-After": header}), GOOD)

    assert read(config, "employees").error is None
    assert max(waits) < 2


def test_a_storm_of_waits_ends_within_minutes(
    alveno: Alveno, config: dict[str, Any], waits: list[float]
) -> None:
    """Four lists, each told to come back in five minutes as often as it does."""
    for path in ("employees", "workloads", "operations"):
        alveno.answer(f"/{path}", Reply(b"", 429, {"Retry-After": "300"}))

    outcome = read(config)

    assert outcome.failure is FailureType.transient_error
    assert "asks to wait 300 s" in outcome.text
    assert sum(waits) <= 4 * 600


def test_a_wait_of_an_hour_is_left_to_the_next_run(
    alveno: Alveno, config: dict[str, Any], waits: list[float]
) -> None:
    alveno.answer("/employees", Reply(b"", 429, {"Retry-After": "3600"}), GOOD)

    outcome = read(config, "employees")

    assert outcome.failure is FailureType.transient_error
    assert "3600 s" in outcome.text
    assert max(waits, default=0) < 1


@pytest.mark.parametrize(
    ("status", "words"), [(401, "token"), (403, "right"), (404, "api_url"), (302, "api_url")]
)
def test_a_refusal_is_a_config_error_at_once(
    alveno: Alveno, config: dict[str, Any], waits: list[float], status: int, words: str
) -> None:
    alveno.answer("/employees", Reply(HTML.body, status))

    outcome = read(config)

    assert outcome.failure is FailureType.config_error
    assert words in outcome.text
    assert outcome.count == 0
    assert alveno.count("/employees") == 1
    assert max(waits, default=0) < 0.1


def test_a_token_that_ends_in_the_middle_lets_nothing_out(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.answer("/workloads", Reply(b"", 401))

    outcome = read(config, "operations", "employees", "employments")

    assert outcome.failure is FailureType.config_error
    assert outcome.records == {}


@pytest.mark.parametrize(
    ("codes", "body"),
    [
        ([1008], b'{"error":{"code":1008}}'),
        (["1008"], b"<html>Error 1008: slow down</html>"),
        ([401], b""),
    ],
)
def test_a_401_that_means_too_fast_is_asked_again(
    alveno: Alveno, config: dict[str, Any], codes: list[object], body: bytes
) -> None:
    config["throttle_error_codes"] = codes
    alveno.answer("/employees", Reply(body, 401), GOOD)

    assert read(config, "employees").error is None
    assert alveno.count("/employees") == 2


@pytest.mark.parametrize("body", [b'{"error":{"code":1009}}', b"11008", b""])
def test_any_other_401_still_stops(alveno: Alveno, config: dict[str, Any], body: bytes) -> None:
    config["throttle_error_codes"] = [1008]
    alveno.answer("/employees", Reply(body, 401), GOOD)

    assert read(config, "employees").failure is FailureType.config_error
    assert alveno.count("/employees") == 1


def test_any_other_4xx_is_named_and_not_repeated(alveno: Alveno, config: dict[str, Any]) -> None:
    alveno.answer("/employees", Reply(b"", 418))

    outcome = read(config, "employees")

    assert outcome.failure is FailureType.system_error
    assert "status 418" in outcome.text
    assert alveno.count("/employees") == 1


def test_an_answer_that_inflates_without_end_is_refused(
    alveno: Alveno, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(b"[" + b" " * 3_000_000 + b"]")
    alveno.answer("/operations", Reply(bomb, headers={"Content-Encoding": "gzip"}))
    assert read(config, "operations").error is None  # the control: under the limit it is a list

    monkeypatch.setattr("people_connector.guard.MOST_BYTES", 2 << 20)
    outcome = read(config, "operations")

    assert outcome.failure is FailureType.transient_error
    assert "larger than 2 MB" in outcome.text
    assert alveno.count("/operations") == 2


def test_an_api_that_is_not_there_is_transient(config: dict[str, Any]) -> None:
    outcome = read({**config, "api_url": "http://127.0.0.1:9"}, "employees")

    assert outcome.failure is FailureType.transient_error
    assert "api_url" in outcome.text


def test_an_outage_is_not_waited_for_once_per_list(
    config: dict[str, Any], waits: list[float]
) -> None:
    """Six attempts for the first list; with time-outs, six for each of four would be half an hour."""
    outcome = read({**config, "api_url": "http://127.0.0.1:9"})

    assert set(outcome.failures.values()) == {FailureType.transient_error}
    assert len(outcome.failures) == 4
    assert len([seconds for seconds in waits if seconds > 0.5]) == 5 + 3


def test_connect_and_read_time_outs_are_set(config: dict[str, Any]) -> None:
    manifest = SourceAlveno(config=config).resolved_manifest
    retrievers = [
        stream["retriever"] for group in manifest["streams"] for stream in group["streams"]
    ]
    requesters = [retriever["requester"] for retriever in retrievers]
    requesters += [one["chip_requester"] for one in retrievers if "chip_requester" in one]

    assert len(requesters) == 9
    for requester in requesters:
        assert 0 < requester["connect_timeout_in_seconds"] <= 30
        assert 0 < requester["read_timeout_in_seconds"] <= 300
