"""Each STATE must come back with its id, unchanged, in order; the pipe notices when one does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pipe import BrokenPromise
from .toys import TWO_LISTS, state, toy_pipe


@pytest.mark.parametrize("answer", ["as given", "counted"])
def test_states_that_come_back_are_kept(tmp_path: Path, answer: str) -> None:
    pipe = toy_pipe(tmp_path, destination={"states": answer})
    attempt = pipe.sync()
    assert [one["state"]["id"] for one in attempt.states] == [1, 2, 3]
    assert pipe.states["people"]["stream"]["stream_state"] == {"cursor": 2}
    assert pipe.states["places"]["stream"]["stream_state"] == {"here": True}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("without ids", "came back with the id None"),
        ("in another order", "state 2 came back before state 1"),
        ("only the last", r"without the states \[1, 2\]"),
        ("none", r"without the states \[1, 2, 3\]"),
        ("twice", "state 3 came back twice"),
        ("rewritten", "state 1 came back changed"),
        ("miscounted", "1.0 records were sent, 99.0 are told of"),
    ],
)
def test_a_broken_promise_fails_the_test(tmp_path: Path, answer: str, words: str) -> None:
    with pytest.raises(BrokenPromise, match=words):
        toy_pipe(tmp_path, destination={"states": answer}).sync()


def test_the_order_counts_within_a_stream_only(tmp_path: Path) -> None:
    lines = [state("people", a=1), state("places", a=1)]
    pipe = toy_pipe(tmp_path, lines, destination={"states": "in another order"})
    assert [one["state"]["id"] for one in pipe.sync().states] == [2, 1]


def test_a_destination_that_failed_may_keep_states_back(tmp_path: Path) -> None:
    pipe = toy_pipe(tmp_path, TWO_LISTS, destination={"states": "none", "exit": 1})
    attempt = pipe.sync()
    assert (attempt.outcome, attempt.states, pipe.states) == ("failed", [], {})
