"""Lines that attack the landing: the outcome of each, with everybody else landed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people_transforms.landing.catalog import of_streams
from people_transforms.landing.land import Landing
from people_transforms.landing.messages import Intake, read_messages
from people_transforms.models.contracts import raw_streams
from people_transforms.store.warehouse import StorePaths, open_store

STREAMS = raw_streams("loket")
OTHER = b'{"id":"P2","employer_id":"E1","personalDetails":{"lastName":"Bakker"}}'


def line(data: bytes, stream: str = "employees", more: bytes = b"") -> bytes:
    name = json.dumps(stream).encode()
    return b'{"type":"RECORD","record":{"stream":%b,%b"data":%b,"emitted_at":1}}\n' % (
        name,
        more,
        data,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    paths = StorePaths(tmp_path / "staging.duckdb", tmp_path / "work" / "w.duckdb")
    with open_store(paths) as connection:
        yield connection, paths.work.parent


def land(store: tuple[duckdb.DuckDBPyConnection, Path], lines: list[bytes]) -> Intake:
    connection, folder = store
    landing = Landing(
        connection, STREAMS, run_id="run-1", folder=folder, settings={}, catalog=of_streams(STREAMS)
    )
    intake = Intake()
    landing.begin()
    for batch in read_messages(lines, frozenset(STREAMS), intake):
        landing.land(batch)
    landing.finish(intake)
    return intake


def landed(store: tuple[duckdb.DuckDBPyConnection, Path]) -> list[Any]:
    return (
        store[0]
        .execute("select employee_id, last_name from raw.loket__employees order by all")
        .fetchall()
    )


HOSTILE = "<script>'); drop table raw.loket__employees; --\x1b[2J\u202e../../../x =cmd|1"


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b'{"id":"P1","id":"P9","employer_id":"E1"}', ("P1", None)),
        (
            b'{"id":"P1","employer_id":"E1","personalDetails":{"lastName":"A","lastName":"B"}}',
            ("P1", "A"),
        ),
        (
            b'{"id":"P1","employer_id":"E1","employeeNumber":%b}' % (b"9" * 400),
            ("P1", None),
        ),
        (
            json.dumps(
                {"id": "P1", "employer_id": "E1", "personalDetails": {"lastName": HOSTILE}}
            ).encode(),
            ("P1", HOSTILE),
        ),
        (b'{"id":"P1","employer_id":"E1","extra":%b}' % (b"[" * 200 + b"]" * 200), ("P1", None)),
    ],
    ids=["an id twice", "a key twice", "a number of 400 digits", "text", "200 deep"],
)
def test_a_hostile_record_is_one_record(store: Any, data: bytes, seen: tuple[str, Any]) -> None:
    intake = land(store, [line(data), line(OTHER)])
    assert landed(store) == [seen, ("P2", "Bakker")]
    assert intake.unreadable_lines == []
    assert store[0].execute("select count(*) from sync.rejected_records").fetchall() == [(0,)]


def test_an_integer_that_no_column_holds_sets_its_record_aside(store: Any) -> None:
    data = b'{"id":"E9","employer_id":"E9","employerNumber":%b}' % (b"9" * 30)
    honest = b'{"id":"E1","employer_id":"E1","employerNumber":7}'
    land(store, [line(data, "employers"), line(honest, "employers"), line(OTHER)])
    numbers = store[0].execute("select employer_number from raw.loket__employers").fetchall()
    assert numbers == [(7,)]
    rejected = store[0].execute("select line, field from sync.rejected_records").fetchall()
    assert rejected == [(1, "employer_number")]
    assert landed(store) == [("P2", "Bakker")]


@pytest.mark.parametrize(
    "name", ["../../employees", "/etc/x", "employees/../x", "a\x00b", "employees\u202e", "x" * 5000]
)
def test_a_stream_named_like_a_path_is_counted_and_writes_no_file(
    store: Any, name: str, tmp_path: Path
) -> None:
    intake = land(store, [line(OTHER, name), line(OTHER)])
    assert sum(intake.unknown_streams.values()) == 1
    assert landed(store) == [("P2", "Bakker")]
    assert {path.name for path in tmp_path.rglob("*")} <= {
        "work", "w.duckdb", "w.duckdb.wal", "lock", "tmp",
    }  # fmt: skip


def test_a_record_that_names_two_streams_counts_once(store: Any) -> None:
    intake = land(store, [line(OTHER, more=b'"stream":"employers",')])
    assert intake.record_counts == {"employees": 1}
    assert landed(store) == [("P2", "Bakker")]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
LINES = (
    st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b""))
    | VALUES.map(lambda value: json.dumps(value).encode())
    | VALUES.map(lambda value: line(json.dumps({"id": "P7", "x": value}).encode())[:-1])
    | st.sampled_from(
        [
            line(OTHER)[:-1],
            line(b'{"id":NaN}')[:-1],
            line(OTHER, "no/stream")[:-1],
            b'{"type":"STATE","state":{"n":1}}',
            b'{"record":{"data":{},"stream":"employees"},"type":"RECORD"}',
            line(OTHER)[:-30],
        ]
    )
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(LINES, max_size=6), st.lists(st.integers(0, 400), max_size=6))
def test_lines_cut_at_any_byte_are_the_same_lines(lines: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(one + b"\n" for one in lines)
    places = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    pieces = [whole[a:b] for a, b in zip(places, places[1:], strict=False)]
    read = []
    for chunks in ([whole], pieces, [whole[n : n + 1] for n in range(len(whole))]):
        intake = Intake()
        batches = read_messages(chunks, frozenset(STREAMS), intake)
        numbered = sorted(item for batch in batches for item in batch.lines())
        read.append((numbered, intake))
    assert read[0] == read[1] == read[2]
    for number, text in read[0][0]:
        assert lines[number - 1] == text


@settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(LINES, max_size=6))
def test_any_lines_land_or_are_set_aside_and_an_honest_one_always_lands(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    paths = StorePaths(folder / "staging.duckdb", folder / "work" / "w.duckdb")
    with open_store(paths) as connection:
        opened = (connection, paths.work.parent)
        land(opened, [one + b"\n" for one in lines] + [line(OTHER)])
        assert ("P2", "Bakker") in landed(opened)


def test_a_null_that_is_not_printed_is_a_null(
    store: tuple[duckdb.DuckDBPyConnection, Path],
) -> None:
    """Airbyte's CDK leaves out what is null; the row and its hash are those of a printed null."""
    names = ("lastName", "firstName", "initials", "dateOfBirth")
    person = {"id": "P1", "employer_id": "E1", "employeeNumber": None}
    printed = json.dumps(person | {"personalDetails": dict.fromkeys(names)}).encode()
    left_out = b'{"id":"P1","employer_id":"E1"}'
    rows = []
    for data in (printed, left_out, OTHER.replace(b"P2", b"P1")):
        land(store, [line(data)])
        rows.append(
            store[0]
            .execute("select _record_hash from raw.loket__employees order by all")
            .fetchall()
        )

    assert rows[0] == rows[1] != rows[2]
    assert len(rows[1]) == 1
