"""How an attempt is classed, and when the platform tries again."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from .attempt import Attempt, Failure, is_retried
from .toys import TWO_LISTS, record, state, stream, toy_pipe
from .worker import Strike

COMPLETE_FAILURE = Attempt(destination_code=1)
PARTIAL_FAILURE = Attempt(source_code=1, states=[state("people")])


def error(kind: str) -> dict[str, Any]:
    return {"message": "The words.", "failure_type": kind}


@pytest.mark.parametrize("side", ["source", "destination"])
def test_an_exit_code_without_an_error_trace_says_nothing_to_the_user(
    tmp_path: Path, side: str
) -> None:
    attempt = toy_pipe(tmp_path, **{side: {"exit": 3}}).sync()
    words = f"Something went wrong within the {side} connector"
    assert attempt.outcome == "failed"
    assert attempt.failures == [Failure(side, words, "system_error")]


@pytest.mark.parametrize(
    ("side", "kind"),
    [
        ("source", "config_error"),
        ("destination", "config_error"),
        ("source", "transient_error"),
        ("destination", "system_error"),
    ],
)
def test_only_a_config_error_is_not_tried_again(tmp_path: Path, side: str, kind: str) -> None:
    pipe = toy_pipe(tmp_path, [], **{side: {"exit": 1, "trace": error(kind)}})
    attempts = pipe.night()
    assert attempts[0].failures == [Failure(side, "The words.", kind)]
    assert len(attempts) == (1 if kind == "config_error" else 5)


def test_an_error_trace_alone_does_not_fail_an_attempt(tmp_path: Path) -> None:
    attempt = toy_pipe(tmp_path, source={"trace": error("system_error")}).sync()
    assert (attempt.outcome, attempt.failures) == ("succeeded", [])


def test_five_complete_failures_in_a_row_or_twenty_partial_ones_end_a_job() -> None:
    assert is_retried([COMPLETE_FAILURE] * 4)
    assert not is_retried([COMPLETE_FAILURE] * 5)
    assert is_retried([COMPLETE_FAILURE] * 4 + [PARTIAL_FAILURE] + [COMPLETE_FAILURE] * 4)
    assert is_retried([PARTIAL_FAILURE] * 19)
    assert not is_retried([PARTIAL_FAILURE] * 20)
    assert not is_retried([COMPLETE_FAILURE, Attempt()])
    assert not is_retried([COMPLETE_FAILURE, Attempt(143, 143, is_cancelled=True)])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_source_struck_midway_is_not_heard_any_more(
    tmp_path: Path, number: signal.Signals
) -> None:
    lines = [record("people", id=n, note="x" * 400) for n in range(100)]
    pipe = toy_pipe(tmp_path, [*lines, state("people", 100.0)])
    attempt = pipe.sync(Strike("source", number, after_records=10))
    assert attempt.codes == (128 + number, 0)
    assert len(attempt.sent) == 10
    assert attempt.outcome == "failed"


def test_a_strike_that_never_comes_is_an_error_of_the_test(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few records"):
        toy_pipe(tmp_path).sync(Strike("source", after_records=4))


@pytest.mark.parametrize("victim", ["destination", "both"])
def test_sigterm_in_the_middle_is_a_failure_or_a_cancelled_sync(
    tmp_path: Path, victim: Any
) -> None:
    lines = [record("people", id=n, note="x" * 4000) for n in range(1000)]
    strike = Strike(victim, signal.SIGTERM, after_records=3)
    attempt = toy_pipe(tmp_path, lines).sync(strike)
    assert attempt.destination_code == 143
    assert attempt.outcome == ("cancelled" if victim == "both" else "failed")
    assert not attempt.states


def test_a_destination_that_leaves_early_ends_the_source_and_takes_the_blame(
    tmp_path: Path,
) -> None:
    lines = [record("people", id=n, note="x" * 4000) for n in range(1000)]
    attempt = toy_pipe(tmp_path, lines, destination={"leaves_after": 2}).sync()
    assert attempt.destination_code == 9
    assert len(attempt.sent) < 1000
    assert [failure.origin for failure in attempt.failures] == ["destination"]


def test_a_second_attempt_gets_the_states_of_resumable_lists_and_a_new_job_none(
    tmp_path: Path,
) -> None:
    streams = [stream("people", "name", "note", is_resumable=True), stream("places")]
    pipe = toy_pipe(tmp_path, TWO_LISTS, source={"exit": 1}, streams=streams)

    def given(attempt: Attempt) -> list[str]:
        first = attempt.source_said[0]["log"]["message"]
        return (
            []
            if first == "begin"
            else [one["stream"]["stream_descriptor"]["name"] for one in json.loads(first)]
        )

    assert given(pipe.sync()) == []
    assert given(pipe.retry()) == ["people"]
    assert given(pipe.sync()) == []


def test_an_incremental_stream_keeps_its_state_from_night_to_night(tmp_path: Path) -> None:
    people = stream("people", "name", "note") | {"sync_mode": "incremental"}
    pipe = toy_pipe(tmp_path, streams=[people, stream("places")])
    pipe.sync()
    (kept,) = json.loads(pipe.sync().source_said[0]["log"]["message"])
    assert kept["stream"]["stream_state"] == {"cursor": 2}
