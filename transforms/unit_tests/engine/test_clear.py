"""A Clear of Airbyte: nobody was asked anything, so it is no night and says nothing of one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from people_transforms.conclusion import Night
from people_transforms.errors import RetryableError
from people_transforms.landing.catalog import of_streams
from people_transforms.models.contracts import NEEDED_STREAMS
from people_transforms.night import run_night
from people_transforms.store.warehouse import Store, StorePaths

from .conftest import Engine

LAST = "20260301T010000Z-aaaaaa"
NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)


def state(stream: str, value: dict[str, Any] | None) -> bytes:
    kept = {"stream_descriptor": {"name": stream}, "stream_state": value}
    return (
        json.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": kept}}).encode() + b"\n"
    )


def complete(stream: str) -> bytes:
    told = {"stream_descriptor": {"name": stream}, "status": "COMPLETE"}
    trace = {"type": "STREAM_STATUS", "emitted_at": 1, "stream_status": told}
    return json.dumps({"type": "TRACE", "trace": trace}).encode() + b"\n"


NULL_STATES = [state(name, None) for name in NEEDED_STREAMS]
ENDS = [complete(name) for name in NEEDED_STREAMS]


@pytest.fixture
def night(make_engine: Callable[..., Engine], tmp_path: Path) -> Callable[..., Night]:
    engine = make_engine(source_system="alveno", vendor="lunchdrive")
    engine.connection.execute(
        "insert into sync.runs (run_id, started_at, as_of, status) values (?, ?, ?, 'held')",
        [LAST, NOW - dt.timedelta(days=1), NOW.date() - dt.timedelta(days=1)],
    )
    paths = StorePaths(tmp_path / "staging.duckdb", tmp_path / "work" / "w.duckdb")

    def run(lines: list[bytes], replaces: tuple[str, ...] = NEEDED_STREAMS) -> Night:
        catalog = replace(of_streams(NEEDED_STREAMS), replaces=frozenset(replaces))
        store = Store(engine.connection, paths)
        try:
            return run_night(store, engine.vendor, engine.settings, lines, catalog=catalog, now=NOW)
        finally:
            assert engine.vendor.calls == []

    run.engine = engine  # type: ignore[attr-defined]
    return run


def statuses(night: Callable[..., Night]) -> list[str]:
    connection = night.engine.connection  # type: ignore[attr-defined]
    rows = connection.execute("select status from sync.runs order by run_id").fetchall()
    return [status for (status,) in rows]


@pytest.mark.parametrize(
    ("lines", "replaces"),
    [
        (NULL_STATES + ENDS, NEEDED_STREAMS),
        (NULL_STATES[:1] + ENDS[:1], NEEDED_STREAMS[:1]),
        (NULL_STATES, NEEDED_STREAMS),
    ],
    ids=["all streams", "one stream", "no status"],
)
def test_a_clear_gives_its_states_back_and_the_last_night_still_stands(
    night: Callable[..., Night], tmp_path: Path, lines: list[bytes], replaces: tuple[str, ...]
) -> None:
    ended = night(lines, replaces)
    assert ended.error is None
    assert [line + b"\n" for line in ended.states] == [line for line in lines if b"STATE" in line]
    assert "cleared" in ended.message
    assert statuses(night) == ["held"]
    assert not (tmp_path / "report.html").exists()
    connection = night.engine.connection  # type: ignore[attr-defined]
    assert connection.execute("select count(*) from sync.evidence").fetchone() == (0,)


@pytest.mark.parametrize(
    ("lines", "replaces"),
    [
        # Nothing is replaced: a source that died at once.
        (NULL_STATES + ENDS, ()),
        # A refresh whose source gave states and no record.
        ([state(name, {"day": 1}) for name in NEEDED_STREAMS] + ENDS, NEEDED_STREAMS),
        (ENDS, NEEDED_STREAMS),
        ([*NULL_STATES, b"half a line\n"], NEEDED_STREAMS),
    ],
    ids=["not a clear", "a refresh", "no states", "a broken line"],
)
def test_a_source_that_sends_nothing_is_no_clear(
    night: Callable[..., Night], lines: list[bytes], replaces: tuple[str, ...]
) -> None:
    with pytest.raises(RetryableError):
        night(lines, replaces)
    assert statuses(night) == ["held", "hr_unreachable"]
