from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from people_transforms.publishing.uploads import publish_uploads, rewrite_uploads


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema mart; create table mart.people (name varchar)")
        connection.execute("insert into mart.people values ('not for an upload')")
        connection.execute(
            "create table mart.budget_upload (email varchar, amount_eur decimal(12, 2), day date)"
        )
        connection.execute("create schema sync")
        connection.execute(
            "create table sync.runs as select '1' as run_id, date '2026-03-02' as as_of, "
            "date '2026-03-02' as accepted_on, null::date as night_on"
        )
        yield connection


def test_rows_are_written_as_csv_for_the_owner_only(
    store: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store.execute(
        "insert into mart.budget_upload values "
        "('z@example.com', 50, null), ('a,\"b\"@example.com', 12.5, date '2026-03-02')"
    )
    (path,) = publish_uploads(store, tmp_path, "1")
    assert path == tmp_path / "budget.csv"
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["email", "amount_eur", "day"],
            ['a,"b"@example.com', "12.50", str(dt.date(2026, 3, 2))],
            ["z@example.com", "50.00", ""],
        ]
    assert [one.name for one in tmp_path.iterdir()] == ["budget.csv"]


@pytest.mark.parametrize(
    "typed",
    [
        "=cmd|'/C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "\x1b]0;x\x07=1",
    ],
)
def test_no_cell_is_a_formula_or_a_terminal_escape(
    store: duckdb.DuckDBPyConnection, tmp_path: Path, typed: str
) -> None:
    store.execute("insert into mart.budget_upload values (?, -50, null)", [typed])
    (path,) = publish_uploads(store, tmp_path, "1")
    assert not set(path.read_text("utf-8")) & {"\x1b", "\x07", "\t"}
    with path.open(newline="", encoding="utf-8") as file:
        _, (email, amount, _) = csv.reader(file)
    assert not email.lstrip().startswith(("=", "+", "-", "@"))
    assert "=" in typed or email == f"'{typed}"
    assert amount == "-50.00", "the control: a number below zero stays a number"


def test_a_file_of_an_earlier_night_does_not_stay(
    store: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store.execute("insert into mart.budget_upload values ('a@example.com', 50, null)")
    assert publish_uploads(store, tmp_path, "1") == [tmp_path / "budget.csv"]
    store.execute("delete from mart.budget_upload")
    assert publish_uploads(store, tmp_path, "1") == []
    assert list(tmp_path.iterdir()) == []


def test_a_day_that_is_not_accepted_has_no_file_and_leaves_the_one_of_the_day(
    store: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store.execute("insert into mart.budget_upload values ('a@example.com', 50, null)")
    path = tmp_path / "budget.csv"
    assert publish_uploads(store, tmp_path, "1") == [path]
    store.execute("insert into sync.runs values ('2', date '2026-03-02', null, null)")
    assert publish_uploads(store, tmp_path, "2") == []
    assert path.exists(), "the day has told it, and the next day will not"
    store.execute("insert into sync.runs values ('m', date '2026-03-03', null, date '2026-03-02')")
    assert publish_uploads(store, tmp_path, "m") == []
    assert path.exists(), "a retry past midnight is of the same night"
    store.execute("insert into sync.runs values ('3', date '2026-03-03', null, null)")
    assert publish_uploads(store, tmp_path, "3") == []
    assert not path.exists(), "the next accepted day tells all of it"


def test_whoever_is_erased_leaves_the_file_of_any_day_and_no_file_comes_of_it(
    store: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store.execute(
        "insert into mart.budget_upload values ('a@example.com', 50, null), ('b@example.com', 50, null)"
    )
    rewrite_uploads(store, tmp_path)
    assert list(tmp_path.iterdir()) == []
    (path,) = publish_uploads(store, tmp_path, "1")
    store.execute("insert into sync.runs values ('2', date '2026-03-02', null, null)")
    store.execute("delete from mart.budget_upload where email = 'a@example.com'")
    rewrite_uploads(store, tmp_path)
    assert "a@example.com" not in path.read_text("utf-8")
    assert "b@example.com" in path.read_text("utf-8"), "control"
