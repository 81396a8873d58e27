"""Lines in, raw tables out: what is kept, what is set aside, and what proves a whole read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from people_transforms.landing import messages
from people_transforms.landing.catalog import of_streams
from people_transforms.landing.land import Landing
from people_transforms.landing.messages import Intake, read_messages
from people_transforms.models.contracts import raw_streams
from people_transforms.store.warehouse import StorePaths, open_store

pytestmark = pytest.mark.few(8)

STREAMS = raw_streams("loket")
Land = Callable[..., Intake]


def record(stream: str, **data: Any) -> bytes:
    data = {"employer_id": "E1", **data}
    message = {"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": 1}}
    return orjson.dumps(message) + b"\n"


def employer(employer_id: str = "E1", total: int = 1) -> bytes:
    return record("employers", id=employer_id, employer_id=employer_id, total_size=total)


def employee(number: int, total: int | None, **details: Any) -> bytes:
    return record(
        "employees",
        id=f"P{number}",
        total_size=total,
        employeeNumber=number,
        personalDetails={"firstName": "Jan", "lastName": "Bakker", **details},
    )


def status(stream: str, value: str = "COMPLETE") -> bytes:
    trace = {
        "type": "STREAM_STATUS",
        "emitted_at": 1.0,
        "stream_status": {"stream_descriptor": {"name": stream}, "status": value},
    }
    return orjson.dumps({"type": "TRACE", "trace": trace}) + b"\n"


COMPLETE = [status("employers"), status("employees")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_store(paths_in(tmp_path)) as connection:
        yield connection


def paths_in(folder: Path) -> StorePaths:
    return StorePaths(folder / "staging.duckdb", folder / "work" / "w.duckdb")


@pytest.fixture
def land(store: duckdb.DuckDBPyConnection, tmp_path: Path) -> Land:
    runs: list[str] = []

    def run(
        lines: Iterable[bytes],
        settings: dict[str, Any] | None = None,
    ) -> Intake:
        runs.append(f"run-{len(runs) + 1}")
        landing = Landing(
            store,
            STREAMS,
            run_id=runs[-1],
            folder=paths_in(tmp_path).work.parent,
            settings=settings or {},
            catalog=of_streams(STREAMS),
        )
        intake = Intake()
        landing.begin()
        for batch in read_messages(lines, frozenset(STREAMS), intake):
            landing.land(batch)
        landing.finish(intake)
        return intake

    return run


def versions(store: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return store.execute(
        "select employee_id, first_name, _valid_from_run, _valid_to_run "
        "from raw.loket__employees order by all"
    ).fetchall()


def verdict(store: duckdb.DuckDBPyConnection, run: str, employer_id: str = "E1") -> str | None:
    row = store.execute(
        "select verdict from sync.evidence "
        "where run_id = ? and stream = 'employees' and employer_id = ?",
        [run, employer_id],
    ).fetchone()
    return row[0] if row else None


def test_an_unchanged_record_makes_no_new_version_and_a_changed_one_does(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    land([employer(), employee(1, 2), employee(2, 2), *COMPLETE])
    land([employer(), employee(2, 2), employee(1, 2, firstName="Piet"), *COMPLETE])
    assert versions(store) == [
        ("P1", "Jan", "run-1", "run-2"),
        ("P1", "Piet", "run-2", None),
        ("P2", "Jan", "run-1", None),
    ]


def test_a_value_that_comes_back_makes_a_third_version(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    for name in ("Jan", "Piet", "Jan"):
        land([employer(), employee(1, 1, firstName=name), *COMPLETE])
    assert [row[1:] for row in versions(store)] == [
        ("Jan", "run-1", "run-2"),
        ("Jan", "run-3", None),
        ("Piet", "run-2", "run-3"),
    ]


def test_a_repeated_record_counts_once_and_is_set_aside_where_it_contradicts_itself(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    land([employer(), employee(1, 1), *COMPLETE])
    land([employer(), employee(1, 1, firstName="Piet"), employee(1, 1), *COMPLETE])
    land([employer(), employee(1, 1), employee(1, 1, firstName="Eva"), *COMPLETE])
    land([employer(), employee(1, 1, firstName="Ada"), employee(1, 1, firstName="Eva"), *COMPLETE])
    assert versions(store) == [("P1", "Jan", "run-1", None)]
    land([employer(), *[employee(1, 1, firstName="Ida")] * 3, *COMPLETE])
    assert [row[1:] for row in versions(store)] == [
        ("Ida", "run-5", None),
        ("Jan", "run-1", "run-5"),
    ]
    assert [verdict(store, f"run-{n}") for n in range(1, 6)] == ["whole"] * 5
    assert store.execute(
        "select run_id, stream, line, record_key, employer_id, field from sync.rejected_records"
    ).fetchall() == [(f"run-{n}", "employees", None, "E1/P1", "E1", None) for n in (2, 3, 4)]


def test_a_list_of_values_that_contradicts_itself_is_not_whole(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    def value(text: str) -> bytes:
        field = {"customField": {"id": "F", "description": "alleo_access"}, "value": text}
        stream = "employee_custom_fields"
        return record(stream, id="V1", employeeId="P1", total_size=1, employeeCustomFields=field)

    begin = [employer(), employee(1, 1), *COMPLETE]
    for values in (("TRUE",), ("TRUE", "FALSE"), ("FALSE", "FALSE"), ("TRUE", "FALSE")):
        land([*begin, *map(value, values)])
    asked = (
        "select verdict from sync.evidence where stream = 'employee_custom_fields' order by run_id"
    )
    assert [row[0] for row in store.execute(asked).fetchall()] == [
        *("whole", "partial", "whole", "partial")
    ]
    assert store.execute(
        "select value, _valid_to_run from raw.loket__employee_custom_fields order by _valid_from_run"
    ).fetchall() == [("TRUE", "run-3"), ("FALSE", None)]


def test_only_listed_values_are_stored_and_private_ones_only_when_asked_for(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    line = record(
        "employees",
        id="P1",
        total_size=1,
        citizenServiceNumber="123456782",
        contactInformation={"businessEmailAddress": "a@example.nl", "emailAddress": "b@example.nl"},
    )
    land([employer(), line, *COMPLETE])
    columns = {row[0] for row in store.execute("describe raw.loket__employees").fetchall()}
    assert not {name for name in columns if "citizen" in name.lower()}
    emails = (
        "select business_email, private_email from raw.loket__employees where _valid_to_run is null"
    )
    assert store.execute(emails).fetchall() == [("a@example.nl", None)]
    land([employer(), line, *COMPLETE], {"send_private_email": True})
    assert store.execute(emails).fetchall() == [("a@example.nl", "b@example.nl")]


@pytest.mark.parametrize(
    ("date", "stored"),
    [
        ("1980-01-31", "1980-01-31"),
        ("1980-01-31T00:00:00+01:00", "1980-01-31"),
        (" 1980-01-31 ", "1980-01-31"),
        (None, None),
        ("", None),
        ("  ", None),
    ],
)
def test_a_date_is_cut_to_its_day(
    land: Land, store: duckdb.DuckDBPyConnection, date: str | None, stored: str | None
) -> None:
    land([employer(), employee(1, 1, dateOfBirth=date), *COMPLETE])
    assert store.execute("select birth_on::varchar from raw.loket__employees").fetchall() == [
        (stored,)
    ]


@pytest.mark.parametrize("batch_bytes", [1, 9_000, 1 << 27], ids=["1 record", "30", "all"])
@pytest.mark.parametrize("apart", [1, 50])
@pytest.mark.some(3)
def test_whatever_a_batch_holds_a_record_that_contradicts_itself_is_set_aside(
    land: Land,
    store: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    batch_bytes: int,
    apart: int,
) -> None:
    monkeypatch.setattr(messages, "_BATCH_BYTES", batch_bytes)
    monkeypatch.setattr(messages, "_LARGE_BYTES", batch_bytes // 3)
    count = 80
    land([employer(), *(employee(n, count) for n in range(count)), *COMPLETE])
    lines: list[bytes] = []
    for n in range(count):
        lines.append(employee(n, count, firstName=f"first {n}"))
        if n >= apart:
            # Back to what it was, changed, unreadable, or the same again.
            again: dict[str, Any] = [
                {}, {"firstName": "last"}, {"dateOfBirth": "?"}, {"firstName": f"first {n - apart}"},
            ][n % 4]  # fmt: skip
            lines.append(employee(n - apart, count, **again))
    land([employer(), *lines, *COMPLETE])
    current = [row[:2] for row in versions(store) if row[3] is None]
    contradicted = {f"P{n}" for n in range(count - apart) if (n + apart) % 4 in (0, 1)}
    assert dict(current) == {
        f"P{n}": "Jan" if f"P{n}" in contradicted else f"first {n}" for n in range(count)
    }
    assert len(current) == count
    assert len(versions(store)) == 2 * count - len(contradicted)
    set_aside = store.execute(
        "select record_key from sync.rejected_records where field is null"
    ).fetchall()
    assert sorted(set_aside) == sorted((f"E1/{person}",) for person in contradicted)
    assert store.execute(
        "select record_count, distinct_ids, verdict from sync.evidence "
        "where run_id = 'run-2' and stream = 'employees'"
    ).fetchall() == [(2 * count - apart, count, "whole")]


def test_an_unreadable_value_sets_the_record_aside_and_keeps_the_old_version(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    land([employer(), employee(1, 2), employee(2, 2), *COMPLETE])
    land(
        [
            employer(),
            employee(1, 2, firstName="Piet", dateOfDeath="31-31-2020"),
            employee(2, 2, firstName="Eva"),
            *COMPLETE,
        ]
    )
    assert [row for row in versions(store) if row[3] is None] == [
        ("P1", "Jan", "run-1", None),
        ("P2", "Eva", "run-2", None),
    ]
    assert store.execute(
        "select stream, line, record_key, employer_id, field from sync.rejected_records"
    ).fetchall() == [("employees", 2, "E1/P1", "E1", "death_on")]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"type":"RECORD","record":{"stream":"employees","data":{"id":"P2","employer_id":"E1"',
        b'{"type":"RECORD","record":{"stream":"employees","data":{"id":"P2","n":"\\ud83d"},"emitted_at":1}}',
        b'{"type":"RECORD","record":{"stream":"employees","data":{"id":NaN},"emitted_at":1}}',
        b'{"type":"RECORD","record":{"stream":"employees","data":"text","emitted_at":1}}',
    ],
    ids=["cut short", "lone surrogate", "NaN", "no object"],
)
def test_a_broken_line_is_counted_by_its_number_and_stops_nobody(
    land: Land, store: duckdb.DuckDBPyConnection, broken: bytes
) -> None:
    intake = land([employer(), employee(1, 2), broken + b"\n", *COMPLETE])
    assert [row[0] for row in versions(store)] == ["P1"]
    rejected = store.execute("select distinct line from sync.rejected_records").fetchall()
    assert [line for (line,) in rejected] + intake.unreadable_lines == [3]
    assert verdict(store, "run-1") == "partial"


def test_a_megabyte_of_text_and_deep_nesting_are_no_trouble(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = {"a": deep}
    big = employee(1, 2, lastName="y" * 1_000_000)
    nested = record("employees", id="P2", total_size=2, extra=deep)
    land([employer(), big, nested, *COMPLETE])
    assert store.execute(
        "select employee_id, length(last_name) from raw.loket__employees order by all"
    ).fetchall() == [("P1", 1_000_000), ("P2", None)]


def test_lines_that_are_no_message_are_counted_and_other_spellings_understood(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    other_order = orjson.dumps(
        {
            "record": {
                "emitted_at": 1,
                "data": {"id": "P1", "employer_id": "E1", "total_size": 1},
                "stream": "employees",
            },
            "type": "RECORD",
        }
    )
    intake = land(
        [
            b"Jan Bakker says hello\n",
            b"\n",
            b'{"type":"NEW_KIND","x":1}\n',
            b'{"type":"TRACE","trace":"said by nobody"}\n',
            employer(),
            b"  " + other_order + b"\r\n",
            record("unheard_of", id="1"),
            b'{"type":"STATE","state":{"n":1}}\n',
            *COMPLETE,
            b'{"type":"STATE","state":{"n":2}}',
        ]
    )
    assert intake.unreadable_lines == [1, 4]
    assert intake.unknown_streams == {"unheard_of": 1}
    assert intake.states == [
        b'{"type":"STATE","state":{"n":1}}',
        b'{"type":"STATE","state":{"n":2}}',
    ]
    assert [row[0] for row in versions(store)] == ["P1"]


def test_a_count_that_fits_proves_a_list_and_nothing_else_does_without_a_status(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    unreadable = employee(2, 2).replace(b'"P2"', b"null")
    reads = [
        [employee(1, 2), employee(2, 2), *COMPLETE],
        [employee(1, 2), employee(2, 2)],
        [employee(1, 2), employee(2, 2), status("employees", "INCOMPLETE")],
        [employee(1, 2), *COMPLETE],
        [employee(1, 2), employee(1, 2), *COMPLETE],
        [employee(1, 2), unreadable, *COMPLETE],
        [employee(1, 1), employee(2, 2), *COMPLETE],
        [employee(1, None), employee(2, None)],
        [employee(1, None), employee(2, None), *COMPLETE],
        [employee(1, None), employee(2, None), b"not a message\n", *COMPLETE],
        COMPLETE,
        [],
    ]
    for lines in reads:
        land([employer(), *lines])
    assert [verdict(store, f"run-{n}") for n in range(1, len(reads) + 1)] == [
        *["whole"] * 3,
        *["partial"] * 5,
        "whole",
        "partial",
        *["not_read"] * 2,
    ]


def test_a_status_proves_no_more_than_was_there_when_it_was_said(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    people = [employee(1, None), employee(2, None)]
    failed, ended = status("employees", "INCOMPLETE"), status("employees")
    reads = [
        [*people, failed, ended],
        [*people, ended, failed],
        [ended, *people],
        [people[0], ended, people[1]],
        # The controls: said twice, and after it began.
        [*people, ended, ended],
        [status("employees", "STARTED"), *people, status("employees", "RUNNING"), ended],
    ]
    for lines in reads:
        land([employer(), *lines])
    assert [verdict(store, f"run-{n}") for n in range(1, len(reads) + 1)] == [
        *["partial"] * 4,
        *["whole"] * 2,
    ]


def test_a_list_of_people_of_another_employer_is_no_whole_list(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    def listed(employer_id: str, *numbers: int) -> list[bytes]:
        return [
            record(
                "employees",
                employer_id=employer_id,
                id=f"P{n}",
                total_size=len(numbers),
                personalDetails={"firstName": "Jan"},
            )
            for n in numbers
        ]

    def night(small: list[bytes]) -> tuple[str | None, str | None]:
        own = listed("E1", 1, 2, 3, 9)
        land([employer(total=2), employer("E2", 2), *own, *small, *COMPLETE])
        run = store.execute("select max(run_id) from sync.evidence").fetchone()
        assert run
        return verdict(store, run[0], "E1"), verdict(store, run[0], "E2")

    # Somebody of both from the first day on is no stranger to either.
    for _ in range(2):
        assert night(listed("E2", 7, 8, 9)) == ("whole", "whole")
    for _ in range(2):
        assert night(listed("E2", 1, 2, 3)) == ("whole", "partial")
        assert night(listed("E2", 1, 2, 7, 8)) == ("whole", "partial")
    assert store.execute(
        "select count(*) from raw.loket__employees "
        "where employer_id = 'E2' and employee_id in ('P7', 'P8', 'P9') and _valid_to_run is null"
    ).fetchone() == (3,), "nobody is closed"
    # The controls: one who works at both now, and the list as it was.
    assert night(listed("E2", 1, 7, 8, 9)) == ("whole", "whole")
    assert night(listed("E2", 7, 8, 9)) == ("whole", "whole")


def test_people_of_an_employer_that_is_gone_are_of_the_one_that_lists_them(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    """HR gave an employer another id: its people are the same, and nobody else lists them."""

    def one(employer_id: str, number: int) -> bytes:
        names = {"firstName": "Jan"}
        key = {"employer_id": employer_id, "id": f"P{number}"}
        return record("employees", **key, total_size=3, personalDetails=names)

    def night(employer_id: str) -> str | None:
        land([employer(employer_id), *(one(employer_id, n) for n in range(3)), *COMPLETE])
        run = store.execute("select max(run_id) from sync.evidence").fetchone()
        assert run
        return verdict(store, run[0], employer_id)

    assert night("E1") == "whole"
    # On the first day the old one is known to be gone only at its end.
    assert [night("E9") for _ in range(3)] == ["partial", "whole", "whole"]


@pytest.mark.parametrize(
    ("name", "is_read"),
    [({"text": "Jan"}, False), (["Jan"], False), ("[Jan]", True), ("{Jan", True), (7, True)],
    ids=["object", "list", "brackets", "brace", "number"],
)
def test_a_text_that_comes_as_an_object_sets_its_record_aside(
    land: Land, store: duckdb.DuckDBPyConnection, name: Any, is_read: bool
) -> None:
    land([employer(), employee(1, 1), *COMPLETE])
    land([employer(), employee(1, 1, firstName=name), *COMPLETE])
    current = [row[1] for row in versions(store) if row[3] is None]
    assert current == [str(name) if is_read else "Jan"]
    found = store.execute("select record_key, field from sync.rejected_records").fetchall()
    assert found == ([] if is_read else [("E1/P1", "first_name")])


def changed_on_the_way(line: bytes, *fields: str | None) -> bytes:
    """What a source or the platform writes beside a value that it nulled or cut."""
    message = orjson.loads(line)
    changes = [{"field": name, "change": "NULLED", "reason": "X"} for name in fields]
    message["record"]["meta"] = {"changes": changes}
    return orjson.dumps(message) + b"\n"


@pytest.mark.parametrize(
    ("fields", "set_aside"),
    [
        (["personalDetails.lastName"], "last_name"),
        (["$.personalDetails.lastName"], "last_name"),
        (["photo", "personalDetails"], "first_name"),
        ([None], "employer_id"),
        (["photo"], None),
        (["personalDetails.lastNameOfPartner"], None),
        ([], None),
    ],
    ids=["value", "path", "object", "unnamed", "another", "longer", "none"],
)
def test_a_value_that_was_nulled_on_the_way_was_not_read(
    land: Land, store: duckdb.DuckDBPyConnection, fields: list[str | None], set_aside: str | None
) -> None:
    land([employer(), employee(1, 1), *COMPLETE])
    nulled = employee(1, 1, firstName="Piet", lastName=None)
    land([employer(), changed_on_the_way(nulled, *fields), *COMPLETE])
    current = [row[1] for row in versions(store) if row[3] is None]
    assert current == ["Jan" if set_aside else "Piet"]
    found = store.execute("select record_key, field from sync.rejected_records").fetchall()
    assert found == ([("E1/P1", set_aside)] if set_aside else [])


def test_a_list_of_values_of_which_one_was_nulled_on_the_way_is_not_whole(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    def values(*texts: str | None) -> list[bytes]:
        lines = [employer(), employee(1, 2), employee(2, 2), *COMPLETE]
        for number, text in enumerate(texts, start=1):
            field = {"customField": {"id": "F", "description": "alleo_access"}, "value": text}
            line = record(
                "employee_custom_fields",
                id=f"V{number}",
                employeeId=f"P{number}",
                total_size=len(texts),
                employeeCustomFields=field,
            )
            is_cut = text is None
            lines.append(changed_on_the_way(line, "employeeCustomFields.value") if is_cut else line)
        return lines

    land(values("TRUE", "FALSE"))
    land(values("TRUE", None))
    land(values("TRUE", "FALSE"))
    asked = (
        "select verdict from sync.evidence where stream = 'employee_custom_fields' order by run_id"
    )
    assert store.execute(asked).fetchall() == [("whole",), ("partial",), ("whole",)]
    known = (
        "select count(*), count(*) filter (value = 'FALSE') from raw.loket__employee_custom_fields"
    )
    assert store.execute(known).fetchall() == [(2, 1)], "and what was known stays"


def test_a_stream_that_was_not_asked_for_is_told_from_one_that_was_not_read(
    store: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    streams = [employer(), employee(1, 1)]
    landing = Landing(
        store,
        STREAMS,
        run_id="run-1",
        folder=paths_in(tmp_path).work.parent,
        settings={},
        catalog=of_streams(["employers", "employees", "employments"]),
    )
    intake = Intake()
    landing.begin()
    for batch in read_messages(streams, frozenset(STREAMS), intake):
        landing.land(batch)
    landing.finish(intake)
    found = dict(store.execute("select stream, verdict from sync.evidence").fetchall())
    assert found["employees"] == "whole"
    assert found["employments"] == "not_read"
    assert found["custom_field_definitions"] == found["employee_custom_fields"] == "not_asked"


def test_an_incomplete_read_closes_nothing_and_a_complete_one_closes_the_absent(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    land([employer(), employee(1, 2), employee(2, 2), *COMPLETE])
    land([employer(), employee(1, 2), *COMPLETE])
    assert [row[3] for row in versions(store)] == [None, None]
    land([employer(), employee(1, 1), *COMPLETE])
    assert [row[3] for row in versions(store)] == [None, "run-3"]


def test_an_empty_list_where_people_were_is_never_complete(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    land([employer(), employer("E2", 2), employee(1, 1), *COMPLETE])
    land([employer(), employer("E2", 2), *COMPLETE])
    assert verdict(store, "run-2") == "not_read"
    assert versions(store) == [("P1", "Jan", "run-1", None)]
    # The control: an employer that never had anybody is read whole with nobody.
    assert verdict(store, "run-2", "E2") == "whole"


def test_a_killed_landing_leaves_nothing(tmp_path: Path) -> None:
    with open_store(paths_in(tmp_path)) as connection:
        landing = Landing(
            connection,
            STREAMS,
            run_id="run-1",
            folder=paths_in(tmp_path).work.parent,
            settings={},
            catalog=of_streams(STREAMS),
        )
        landing.begin()
        intake = Intake()
        for batch in read_messages([employee(1, 1)], frozenset(STREAMS), intake):
            landing.land(batch)
    with open_store(paths_in(tmp_path)) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw' "
            "and estimated_size > 0"
        ).fetchall()
        assert tables == []
        assert connection.execute("select count(*) from sync.evidence").fetchone() == (0,)


def test_a_column_that_no_record_has_keeps_what_was_known_and_an_empty_one_does_not(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    land([employer(), employee(1, 1, prefix="van", dateOfBirth="1980-01-31"), *COMPLETE])
    land([employer(), employee(1, 1, prefix=None), *COMPLETE])
    assert versions(store)[0][2:] == ("run-1", "run-2")
    assert store.execute(
        "select prefix, birth_on::varchar from raw.loket__employees where _valid_to_run is null"
    ).fetchall() == [(None, "1980-01-31")]
    missing = store.execute(
        "select run_id, list_sort(list_filter(missing_columns, lambda c : c in ('prefix', 'birth_on'))) "
        "from sync.evidence where stream = 'employees' order by all"
    ).fetchall()
    assert missing == [("run-1", []), ("run-2", ["birth_on"])]


@pytest.mark.parametrize("batch_bytes", [1, 1 << 27], ids=["1 record", "all"])
@pytest.mark.parametrize("is_mixed", [False, True], ids=["in order", "mixed"])
@pytest.mark.drawn(2)
def test_a_column_that_no_record_of_one_employer_has_does_not_arrive_there(
    land: Land,
    store: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    batch_bytes: int,
    is_mixed: bool,
) -> None:
    monkeypatch.setattr(messages, "_BATCH_BYTES", batch_bytes)
    broken = b'{"type":"RECORD","record":{"stream":"employees","data":"text","emitted_at":1}}\n'

    def people(employer_id: str, count: int, **details: Any) -> list[bytes]:
        return [
            record(
                "employees",
                employer_id=employer_id,
                id=f"{employer_id}-{n}",
                total_size=count,
                personalDetails={"firstName": "Jan", "prefix": None, **details},
            )
            for n in range(count)
        ]

    def night(*lists: list[bytes]) -> None:
        lines = [one for listed in lists for one in listed]
        if is_mixed:
            lines = lines[::2] + [broken] + lines[1::2]
        land([employer(), employer("E2", 2), *lines, *COMPLETE])

    def read(run: str) -> dict[str, bool]:
        found = store.execute(
            "select employer_id, list_contains(missing_columns, 'birth_on') from sync.evidence "
            "where stream = 'employees' and run_id = ? and employer_id <> ''",
            [run],
        ).fetchall()
        return dict(found)

    night(people("E1", 30, dateOfBirth="1980-01-31"), people("E2", 40, dateOfBirth="1980-01-31"))
    night(people("E1", 30, dateOfBirth=None), people("E2", 40))
    assert read("run-1") == {"E1": False, "E2": False}
    assert read("run-2") == {"E1": False, "E2": True}
    assert store.execute(
        "select employer_id, count(birth_on) from raw.loket__employees "
        "where _valid_to_run is null group by all order by all"
    ).fetchall() == [("E1", 0), ("E2", 40)]
    # One late record with the key is an answer for all of its list.
    late = people("E2", 40)[:-1] + people("E2", 40, dateOfBirth=None)[-1:]
    night(people("E1", 30, dateOfBirth=None), late)
    assert read("run-3") == {"E1": False, "E2": False}


def test_a_column_that_one_late_record_has_arrives(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    land(
        [employer(), *(employee(n, 60) for n in range(59)), employee(59, 60, prefix=""), *COMPLETE]
    )
    [(missing,)] = store.execute(
        "select missing_columns from sync.evidence where stream = 'employees'"
    ).fetchall()
    assert "prefix" not in missing
    assert "birth_on" in missing


@pytest.mark.parametrize("day", ["10987-01-01", "99999-12-31", "-0044-03-15", "0000-01-01"])
def test_a_day_that_no_calendar_has_sets_its_record_aside(
    land: Land, store: duckdb.DuckDBPyConnection, day: str
) -> None:
    land([employer(), employee(1, 2), employee(2, 2, dateOfBirth=day), *COMPLETE])
    assert [row[0] for row in versions(store)] == ["P1"]
    assert store.execute("select record_key, field from sync.rejected_records").fetchall() == [
        ("E1/P2", "birth_on")
    ]


VALUES = "employee_custom_fields"


@pytest.fixture
def days_of_values(land: Land, store: duckdb.DuckDBPyConnection) -> Callable[..., list[str]]:
    """The verdicts on a list of values: per run its day, and whether it has one or none."""

    def verdicts(*runs: tuple[str, str]) -> list[str]:
        begin = [employer(), employee(1, 1), *COMPLETE]
        value = record(VALUES, id="V1", employeeId="P1", total_size=1)
        for number, (day, arrives) in enumerate(runs, start=1):
            store.execute(
                "insert into sync.runs (run_id, as_of, accepted_on) values (?, ?, ?)",
                [f"run-{number}", day, day],
            )
            land([*begin, *([value] if arrives == "one" else []), status(VALUES)])
        rows = store.execute(
            "select verdict from sync.evidence where employer_id = 'E1' and stream = ? order by run_id",
            [VALUES],
        ).fetchall()
        return [verdict for (verdict,) in rows]

    return verdicts


@pytest.mark.parametrize(
    ("runs", "last"),
    [
        ([("01", "one"), ("02", "none"), ("03", "none")], "whole"),
        # It was there again in an attempt of the same day.
        ([("01", "one"), ("02", "none"), ("03", "one"), ("03", "none")], "not_read"),
        ([("01", "one"), ("02", "none"), ("03", "one"), ("04", "none")], "not_read"),
    ],
    ids=["empty twice", "same day", "again"],
)
def test_only_what_was_asked_and_answered_empty_on_two_days_in_a_row_is_empty(
    days_of_values: Callable[..., list[str]], runs: list[tuple[str, str]], last: str
) -> None:
    found = days_of_values(*[(f"2026-03-{day}", arrives) for day, arrives in runs])
    assert found[0] == "whole"
    assert found[-1] == last


def test_a_list_of_values_that_is_empty_on_two_days_is_empty_and_a_list_of_people_never_is(
    land: Land, store: duckdb.DuckDBPyConnection
) -> None:
    def note_day(number: int, day: str, accepted_on: str | None) -> None:
        store.execute(
            "insert into sync.runs (run_id, as_of, night_on, accepted_on) values (?, ?, ?, ?)",
            [f"run-{number}", day, "2026-03-02" if number == 5 else None, accepted_on],
        )

    value = record("employee_custom_fields", id="V1", employeeId="P1", total_size=1)
    ended = [*COMPLETE, status("employee_custom_fields")]
    # A clock that ran back: a day that nobody accepted. Then two attempts, a retry past midnight, a night.
    days = ["2026-03-01", "2026-02-01", "2026-03-02", "2026-03-02", "2026-03-03", "2026-03-03"]
    for number, day in enumerate(days, start=1):
        note_day(number, day, None if number == 2 else day)
        land([employer(), *([employee(1, 1), value] if number == 1 else []), *ended])
    verdicts = store.execute(
        "select stream, verdict from sync.evidence where employer_id = 'E1' "
        "and stream in ('employees', 'employee_custom_fields') order by stream, run_id"
    ).fetchall()
    assert [verdict for _, verdict in verdicts] == [
        *["whole", "not_read", "not_read", "not_read", "not_read", "whole"],
        *["whole", "not_read", "not_read", "not_read", "not_read", "not_read"],
    ]
