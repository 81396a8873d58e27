"""`people-sync watch` and `people-sync sql`, on a store as a run leaves it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from people_sync.commands.check_here import check_store
from people_sync.commands.watch import latest_deadline
from people_sync.connection.connection_file import read_connection_file
from people_sync.queries import list_queries
from people_transforms.publishing.plain_views import make_plain_views
from people_transforms.publishing.publish import publish_staging

from ..publishing.conftest import StoreBuilder, built_store
from .conftest import Connection, PeopleSync

NOW = dt.datetime.now(dt.UTC)
PASSED = f"{NOW - dt.timedelta(minutes=2):%H:%M}"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def published(connection: Connection, finished_at: dt.datetime, outcome: str = "done") -> None:
    connection.destination["warehouse"] = {"type": "file", "path": str(connection.folder / "store")}
    connection.destination["timezone"] = "UTC"
    connection.write()
    with built_store(connection.folder / "store") as store:
        fill(store)
        store.run(finished_at=finished_at, outcome=outcome, status=None)
        make_plain_views(store.connection, "loket", "alleo")
        publish_staging(store.connection, store.paths.staging)


def fill(store: StoreBuilder) -> None:
    store.plan(store.person(1), "create")
    store.plan(store.person(2), "deactivate", hold="removals", hold_reason="too many")
    store.plan(store.person(3), "none", reason="access_off")
    store.account(store.person(4), ends_on=dt.date(2026, 3, 20))
    store.dead_letter("loket:e1:5", "422 email", field="email")
    store.finding("email_missing", person_id="loket:e1:3", field="email")


def test_a_run_that_was_done_in_time_is_fine(
    connection: Connection, people_sync: PeopleSync
) -> None:
    published(connection, NOW - dt.timedelta(hours=3))
    said = people_sync("watch", str(connection.file), "--by", PASSED, "--output", "json")
    assert (said.returncode, json.loads(said.stdout)["missed"]) == (0, False)


@pytest.mark.parametrize(("hours", "outcome"), [(30, "done"), (3, "failed"), (None, "")])
def test_a_missing_old_or_failed_run_ends_with_1(
    connection: Connection, people_sync: PeopleSync, hours: int | None, outcome: str
) -> None:
    if hours is not None:
        published(connection, NOW - dt.timedelta(hours=hours), outcome)
    said = people_sync(
        "watch", str(connection.file), "--by", PASSED, "--timezone", "UTC", "--output", "json"
    )
    assert (said.returncode, json.loads(said.stdout)["missed"]) == (1, True)


def test_of_a_store_that_cannot_be_read_nobody_says_that_nothing_ran(
    connection: Connection, people_sync: PeopleSync
) -> None:
    published(connection, NOW - dt.timedelta(hours=3))
    (connection.folder / "store" / "staging.duckdb").write_bytes(b"no database" * 1000)
    watched = people_sync("watch", str(connection.file), "--by", PASSED, "--output", "json")
    said = json.loads(watched.stdout)
    assert (watched.returncode, said["last_run"], said["missed"]) == (1, None, True)
    assert said["text"].startswith("Nobody knows whether a run was done by ")
    assert "staging.duckdb" in said["text"]
    assert "never" not in said["text"]
    told = [
        one for one in check_store(read_connection_file(connection.file)) if one.about == "last run"
    ]
    assert [(one.state, "staging.duckdb" in one.text) for one in told] == [("look", True)]


def test_a_deadline_that_is_ahead_is_yesterdays(
    connection: Connection, people_sync: PeopleSync
) -> None:
    at_six, noon = dt.time(6, 0), dt.datetime(2026, 3, 29, 10, 0, tzinfo=dt.UTC)
    assert latest_deadline(at_six, AMSTERDAM, noon).isoformat() == "2026-03-29T06:00:00+02:00"
    early = dt.datetime(2026, 3, 29, 3, 59, tzinfo=dt.UTC)
    assert latest_deadline(at_six, AMSTERDAM, early).isoformat() == "2026-03-28T06:00:00+01:00"


@pytest.mark.parametrize(
    "wrong", [("--by", "25:00"), ("--by", "6h"), ("--by", "06:00", "--timezone", "Mars")]
)
def test_a_wrong_time_or_zone_is_named(
    connection: Connection, people_sync: PeopleSync, wrong: tuple[str, ...]
) -> None:
    said = people_sync("watch", str(connection.file), *wrong)
    assert (said.returncode, wrong[-2] in said.stderr) == (2, True)


def test_the_ready_queries_are_listed_and_each_answers(
    connection: Connection, people_sync: PeopleSync
) -> None:
    published(connection, NOW)
    listed = people_sync("sql").stdout.splitlines()
    assert len(listed) == len(list_queries()) == 18
    for query in list_queries():
        said = people_sync("sql", query.name, "-c", str(connection.file), "--output", "json")
        rows = json.loads(said.stdout)
        assert said.returncode == 0, said.stderr
        empty = ("deliveries", "reads", "budgets", "changes", "old-findings", "several-accounts")
        assert rows or query.name in empty, query.name


def test_a_query_is_shown_named_and_answered_as_a_table_and_as_csv(
    connection: Connection, people_sync: PeopleSync
) -> None:
    published(connection, NOW)
    store = ("--store", str(connection.folder / "store"))
    assert "from sync.plan" in people_sync("sql", "held", "--show").stdout
    assert "too many" in people_sync("sql", "held", *store).stdout
    table = people_sync("sql", "held", *store, "--output", "csv").stdout.splitlines()
    assert table[1].startswith("removals,deactivate,c1,too many,1,")
    wrong = people_sync("sql", "helt")
    assert (wrong.returncode, "Did you mean held?" in wrong.stderr) == (2, True)


def test_a_file_of_an_earlier_release_is_said_so(
    connection: Connection, people_sync: PeopleSync, tmp_path: Path
) -> None:
    with built_store(tmp_path / "old") as store:
        store.run()
        publish_staging(store.connection, store.paths.staging)
    said = people_sync("sql", "joiners", "--store", str(tmp_path / "old"))
    assert (said.returncode, "the next run publishes" in said.stderr) == (2, True)


def test_open_prints_how_to_look_yourself(connection: Connection, people_sync: PeopleSync) -> None:
    published(connection, NOW)
    said = people_sync("sql", "--open", "-c", str(connection.file)).stdout
    staging = connection.folder / "store" / "staging.duckdb"
    assert f"duckdb -readonly {staging}" in said and f"duckdb -readonly -ui {staging}" in said


def test_pages_describe_every_table_and_column_and_old_pages_go(
    connection: Connection, people_sync: PeopleSync, tmp_path: Path
) -> None:
    published(connection, NOW)
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "mart.gone.md").write_text("old")
    said = people_sync("sql", "--pages", str(folder), "-c", str(connection.file))
    assert said.returncode == 0, said.stderr
    names = {path.name for path in folder.iterdir()}
    assert {
        "README.md",
        "sync.plan.md",
        "people.people.md",
    } <= names and "mart.gone.md" not in names
    page = (folder / "sync.plan.md").read_text()
    assert "| hold_reason | varchar | Why it is held, in words, without personal data |" in page
    assert "(sync.plan.md)" in (folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("kept", "code", "word"),
    [
        ({"status": "failed", "at": NOW.isoformat()}, 1, "left no record"),
        ({"status": "misconfigured", "at": NOW.isoformat()}, 2, "left no record"),
        # Before the run that is recorded, or no failure: that one stands.
        ({"status": "failed", "at": (NOW - dt.timedelta(hours=9)).isoformat()}, 0, ""),
        ({"status": "quiet", "at": NOW.isoformat()}, 0, ""),
        # What a later release or another hand wrote.
        ({"status": "brilliant", "at": NOW.isoformat()}, 0, ""),
        ({"status": "failed", "at": "yesterday"}, 0, ""),
        ({"status": ["failed"], "at": 5}, 0, ""),
    ],
)
def test_the_status_is_that_of_the_latest_run_also_where_it_could_not_be_recorded(
    connection: Connection, people_sync: PeopleSync, kept: dict[str, object], code: int, word: str
) -> None:
    """A damaged or full store: the report still shows the night before."""
    published(connection, NOW - dt.timedelta(hours=3))
    file = read_connection_file(connection.file)
    path = file.state.with_name(f"{file.path.stem}.status.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept))
    said = people_sync("status", str(connection.file))
    assert said.returncode == code, said.stdout + said.stderr
    assert (word in said.stdout) and ("left no record" in said.stdout) == bool(word)
