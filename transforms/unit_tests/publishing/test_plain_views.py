"""Schema `report` and the ready questions: names, days and reasons for who does not know our words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_sync.queries import filtered, find_query
from people_transforms.errors import ConfigError
from people_transforms.publishing.plain_views import VIEWS, make_plain_views
from people_transforms.publishing.publish import publish_staging

from .conftest import DAY, RUN, StoreBuilder, built_store

EARLIER, RERUN = "20260210T003000Z-a", "20260302T090000Z-b"
QUESTIONS = (
    "joiners", "leavers", "several-accounts", "not-in", "no-email", "headcount", "changes",
    "budgets", "history", "old-findings",
)  # fmt: skip


def fill(store: StoreBuilder) -> None:
    """Two nights and a rerun: who joined, left, changed, waits, is not in, has budgets and findings."""
    store.connection.execute(
        "insert into sync.places values ('alleo', 'c1', 'Jansen B.V.'), ('alleo', 'c2', null);"
        "create table mart.alleo_budgets (person_id varchar, employer_id varchar, field_name varchar, "
        "typed_value varchar, previous_typed_value varchar, amount_cents bigint, "
        "previous_amount_cents bigint);"
        "create table people.custom_fields (person_id varchar, field_name varchar, level varchar, "
        "known_from_run varchar)"
    )
    store.run(EARLIER, as_of=dt.date(2026, 2, 10))
    store.run()
    store.run(RERUN)
    email = {"business_email": "a@example.nl"}
    anna = store.person(1, "Anna", **email)
    store.plan(anna, "create", EARLIER)
    store.account(anna, ends_on=dt.date(2026, 3, 20), spell_starts_on=dt.date(2026, 2, 10))
    store.account(anna, account_key="c2", updated_run_id=EARLIER)
    store.plan(anna, "update", changes={"last_name": ["Vries", "Jansen"]})
    bram = store.person(2, "Bram", **email)
    store.plan(bram, "create", RUN)
    store.account(bram)
    store.plan(store.person(3, "Cees", **email), "deactivate", RUN, leaving_kind="ended")
    store.account("loket:e1:3", state="inactive", ended_on=DAY)
    store.plan(store.person(4, "Dirk"), "none", EARLIER, reason="email_missing", account_key="*")
    store.plan(store.person(5, "Els", **email), "create", RERUN, hold="additions")
    store.finding("email_missing", person_id="loket:e1:4", employer_id="e1", run_id=EARLIER)
    store.connection.execute(
        "insert into mart.alleo_budgets values "
        "('loket:e1:1', 'e1', 'alleo_monthly_all_budget', '75', '50', 7500, 5000);"
        "insert into people.custom_fields values "
        "('loket:e1:1', 'alleo_monthly_all_budget', 'employee', $run)",
        {"run": RUN},
    )
    make_plain_views(store.connection, "loket", "alleo")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with built_store(tmp_path_factory.mktemp("plain") / "store") as store:
        fill(store)
        publish_staging(store.connection, store.paths.staging)
        return store.paths.staging


def ask(path: Path, sql: str, values: dict[str, str] | None = None) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as analyst:
        return analyst.execute(sql, values or {}).fetchall()


def answer(path: Path, name: str, *filters: str) -> list[tuple[Any, ...]]:
    query = find_query(name, "nl")
    with duckdb.connect(str(path), read_only=True) as analyst:
        columns = [column[0] for column in analyst.execute(query.sql).description or []]
        sql, values = filtered(query.sql, columns, filters)
        return analyst.execute(sql, values).fetchall()


def test_there_are_eight_views_each_with_a_day_and_a_comment_everywhere(published: Path) -> None:
    said = ask(
        published, "select view_name, comment from duckdb_views() where schema_name = 'report'"
    )
    assert {name for name, _ in said} == set(VIEWS) and all(comment for _, comment in said)
    columns = ask(
        published,
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'report'",
    )
    assert [row for row in columns if not row[2]] == []
    assert {table for table, column, _ in columns if column == "day"} == set(VIEWS)
    ids = [row for row in columns if row[1].endswith("run_id") or row[1] == "plan_hash"]
    assert ids == [], "days, not run ids"


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_at_most_five_lines_on_the_plain_views(published: Path, name: str) -> None:
    lines = find_query(name).sql.strip().splitlines()
    assert len(lines) - 1 <= 5, lines
    assert "report." in find_query(name).sql and "sync." not in find_query(name).sql
    assert answer(published, name), "it answers"


def test_the_ten_questions_have_the_right_answers(published: Path) -> None:
    assert [row[1] for row in answer(published, "joiners")] == ["Bram de Vries"], "this month"
    assert [(row[0], row[1]) for row in answer(published, "leavers")] == [
        (dt.date(2026, 3, 20), "Anna de Vries")
    ]
    assert answer(published, "several-accounts") == [
        ("Anna de Vries", "P1", "Bakkerij Jansen", "Jansen B.V., c2")
    ]
    assert answer(published, "not-in") == [
        (
            "Dirk de Vries", "P4", "Bakkerij Jansen", "in Loket staat geen e-mailadres",
            dt.date(2026, 2, 10),
        ),
        (
            "Els de Vries", "P5", "Bakkerij Jansen",
            "Er zouden meer medewerkers worden toegevoegd dan gewoonlijk", DAY,
        ),
    ]  # fmt: skip
    assert [row[0] for row in answer(published, "no-email")] == ["Dirk de Vries"]
    assert answer(published, "headcount") == [
        (DAY, "Bakkerij Jansen", 3),
        (dt.date(2026, 2, 10), "Bakkerij Jansen", 3),
    ], "one joined and one left since"
    assert answer(published, "changes") == [
        ("Anna de Vries", "Bakkerij Jansen", "Jansen B.V.", "last_name", "Vries", "Jansen",
         "confirmed")
    ], "a rerun of the day does not hide it"  # fmt: skip
    assert answer(published, "budgets") == [
        ("Anna de Vries", "Bakkerij Jansen", "alleo_monthly_all_budget", 75.0, 50.0, DAY)
    ]
    story = [(row[0], row[5], row[6]) for row in answer(published, "history", "name=anna")]
    assert story == [
        (dt.date(2026, 2, 10), "sent", "nieuw account"),
        (DAY, "sent", "wijziging"),
    ]
    assert [row[:3] for row in answer(published, "old-findings")] == [
        (
            "Bakkerij Jansen",
            "Van 1 medewerker is er geen e-mailadres, dus er kan geen account worden aangemaakt.",
            1,
        )
    ]


def test_last_night_survives_a_rerun(published: Path) -> None:
    assert answer(published, "last-night") == [
        ("create", "additions", 1, 1),
        ("create", "confirmed", 1, 1),
        ("deactivate", "confirmed", 1, 1),
        ("update", "confirmed", 1, 1),
    ]


def test_where_finds_a_name_without_case_or_accents_and_names_the_columns_there_are(
    published: Path,
) -> None:
    assert [row[0] for row in answer(published, "not-in", "name=DÍRK")] == ["Dirk de Vries"]
    with pytest.raises(ConfigError, match="person personal_number"):
        filtered("select 1", ["person", "personal_number"], ["nmae=x"])
    hostile = answer(published, "not-in", "name=' or true --")
    assert hostile == []


def test_the_views_are_made_once_and_anew_when_words_change(store: StoreBuilder) -> None:
    fill(store)
    made = store.connection.execute("select count(*), count(nl) from sync.words").fetchone()
    assert made is not None and made[0] == made[1] + 1 > 150, "every code, and the version"
    store.connection.execute("update sync.words set nl = 'x' where kind = 'hold'")
    make_plain_views(store.connection, "loket", "alleo")
    kept = store.connection.execute("select count(*) from sync.words where nl = 'x'").fetchone()
    assert kept != (0,), "nothing is written anew while nothing changed"
    make_plain_views(store.connection, "alveno", "alleo")
    anew = store.connection.execute("select count(*) from sync.words where nl = 'x'").fetchone()
    assert anew == (0,)
