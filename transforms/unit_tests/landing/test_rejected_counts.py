"""STATE lines go back byte for byte; only refused people change one, in `destinationStats`."""

from __future__ import annotations

import orjson
from people_transforms.landing.states import with_rejected


def state(stream: str, sent: float | None = None, **more: object) -> bytes:
    body = {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": stream}, "stream_state": {"cursor": 1}},
        **({} if sent is None else {"sourceStats": {"recordCount": sent}}),
        **more,
    }
    return b'{"type": "STATE",  "state": ' + orjson.dumps(body) + b"}"


def stats(lines: list[bytes]) -> list[object]:
    return [orjson.loads(line)["state"].get("destinationStats") for line in lines]


def test_where_nothing_was_refused_no_byte_changes() -> None:
    lines = [state("employers", 2.0), state("employees", 5.0), b"\xff no json"]
    assert with_rejected(lines, 0) == lines


def test_refused_people_are_told_with_the_employees_and_add_up() -> None:
    lines = [
        state("employers", 2.0, id=7),
        state("employees", 5.0, id=8),
        state("employments", 9.0),
    ]
    told = with_rejected(lines, 2)
    assert stats(told) == [None, {"recordCount": 3.0, "rejectedRecordCount": 2.0}, None]
    assert [told[0], told[2]] == [lines[0], lines[2]]
    kept = orjson.loads(told[1])
    del kept["state"]["destinationStats"]
    assert kept == orjson.loads(lines[1])
    assert b"3.0" in told[1], "Airbyte reads these as decimals"


def test_more_refused_people_than_the_last_state_counts_are_told_with_those_before() -> None:
    told = with_rejected([state("employees", 3.0), state("employees", 1.0)], 3)
    assert stats(told) == [
        {"recordCount": 1.0, "rejectedRecordCount": 2.0},
        {"recordCount": 0.0, "rejectedRecordCount": 1.0},
    ]


def test_without_a_count_of_the_source_the_refused_ones_are_told_alone() -> None:
    assert stats(with_rejected([state("employers")], 3)) == [{"rejectedRecordCount": 3.0}]
    assert with_rejected([], 3) == []
