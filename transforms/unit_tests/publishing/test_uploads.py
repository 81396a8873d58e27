from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from people_transforms.publishing.uploads import publish_uploads


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema mart; create table mart.people (name varchar)")
        connection.execute("insert into mart.people values ('not for an upload')")
        connection.execute(
            "create table mart.budget_upload (email varchar, amount_eur decimal(12, 2), day date)"
        )
        yield connection


def test_rows_are_written_as_csv_for_the_owner_only(
    store: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store.execute(
        "insert into mart.budget_upload values "
        "('z@example.com', 50, null), ('a,\"b\"@example.com', 12.5, date '2026-03-02')"
    )
    (path,) = publish_uploads(store, tmp_path)
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
    (path,) = publish_uploads(store, tmp_path)
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
    assert publish_uploads(store, tmp_path) == [tmp_path / "budget.csv"]
    store.execute("delete from mart.budget_upload")
    assert publish_uploads(store, tmp_path) == []
    assert list(tmp_path.iterdir()) == []
