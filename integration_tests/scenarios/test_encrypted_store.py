"""An encrypted store: nothing legible on the disk, whenever the machine stops; keys come and go."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .connections import BIN, PAIRS, Connection, Ended

Connect = Callable[..., Connection]
pytestmark = pytest.mark.long
KEY, NEW_KEY = "the first sentence as a key", "another sentence as a key"


def warehouse(key: str | None = None, previous: str | None = None) -> dict[str, Any]:
    keys = {"encryption_key": key, "previous_encryption_key": previous}
    return {"type": "file"} | {name: value for name, value in keys.items() if value}


def refused(ended: Ended, *words: str) -> None:
    assert ended.code != 0
    assert ended.trace["failure_type"] == "config_error"
    assert all(word in ended.trace["message"] for word in words), ended.trace["message"]
    assert "Traceback" not in ended.out + ended.err
    assert ended.states == []


def legible(store: Path, words: list[str]) -> set[str]:
    """The files of a store, but for those that people open, in which one of the words can be read."""
    return {
        path.name
        for path in store.rglob("*")
        if path.is_file() and path.suffix not in (".html", ".csv", ".xlsx")
        and any(word.encode() in path.read_bytes() for word in words)
    }  # fmt: skip


@pytest.mark.drawn(1)
@pytest.mark.parametrize(("source", "destination"), PAIRS.values())
def test_a_machine_that_stops_leaves_nothing_legible_in_an_encrypted_store(
    source: str, destination: str, connect: Connect
) -> None:
    found: dict[str | None, set[str]] = {None: set(), KEY: set()}
    for key, names in found.items():
        connection = connect(source, destination, warehouse=warehouse(key))
        lines = connection.first_lines()
        words = addresses(lines)
        undisturbed = connection.write(lines)
        assert undisturbed.code == 3, undisturbed.out
        commits = [
            number
            for number, point in enumerate(undisturbed.points, start=1)
            if point.startswith("after commit")
        ]
        assert commits
        for number in commits:
            connection.forget()
            assert connection.write(lines, kill_at=number).code == -signal.SIGKILL
            names |= legible(connection.store, words)
        assert connection.write(lines).code == 3
        names |= legible(connection.store, words)
        connection.forget()
    assert found[None], "control: what is in a write-ahead log can be read without a key"
    assert found[KEY] == set()


def addresses(lines: Path) -> list[str]:
    found = set(re.findall(r"[\w.+-]+@example\.(?:nl|cz)", lines.read_text()))
    assert len(found) > 5
    return sorted(found)


@pytest.mark.drawn(1)
@pytest.mark.parametrize(("source", "destination"), PAIRS.values())
def test_a_key_is_given_changed_and_taken_away_and_no_account_changes(
    source: str, destination: str, connect: Connect
) -> None:
    connection = connect(source, destination, warehouse=warehouse())
    lines = connection.first_lines()
    connection.activate(lines)
    accounts = connection.accounts()
    steps = [warehouse(KEY), warehouse(KEY), warehouse(NEW_KEY, KEY), warehouse(None, NEW_KEY)]
    for step in steps:
        connection.configure(warehouse=step)
        connection.box.clear_requests()
        assert connection.write(lines).code == 0
        assert connection.writes() == []
        assert connection.ask("select count(*) from sync.ledger")[0][0] == len(accounts)
    assert connection.accounts() == accounts


def test_a_wrong_key_and_a_missing_one_are_named_and_nothing_is_lost(connect: Connect) -> None:
    connection = connect(*PAIRS["lunchdrive"], warehouse=warehouse(KEY))
    lines = connection.first_lines()
    connection.activate(lines)
    before = connection.staging.read_bytes()
    for wrong in (warehouse(NEW_KEY), warehouse(), warehouse(NEW_KEY, "neither this one")):
        connection.configure(warehouse=wrong)
        refused(connection.write(lines), "cannot be opened with this key", "encryption_key")
    connection.configure(warehouse=warehouse("too short"))
    refused(connection.write(lines), "encryption_key")
    assert connection.staging.read_bytes() == before
    connection.configure(warehouse=warehouse(KEY))
    connection.box.clear_requests()
    assert connection.write(lines).code == 0
    assert connection.writes() == []


def test_looking_at_an_encrypted_store_takes_the_key(connect: Connect) -> None:
    connection = connect(*PAIRS["lunchdrive"], warehouse=warehouse(KEY))
    assert connection.write(connection.first_lines()).code == 3
    by_file = connection.command("plan", "--connection", str(connection.file))
    assert by_file.code == 0, by_file.err
    command = [BIN / "people-sync", "plan", "--store", str(connection.store)]
    for key, code in ((KEY, 0), (NEW_KEY, 2)):
        ended = subprocess.run(
            command, env=os.environ | {"PEOPLE_SYNC_ENCRYPTION_KEY": key},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == code, ended.stderr
        assert KEY not in ended.stdout + ended.stderr
    assert "cannot be opened with this key" in ended.stderr


def test_without_the_package_the_message_says_which(connect: Connect) -> None:
    connection = connect(*PAIRS["lunchdrive"], warehouse=warehouse(KEY))
    lines = connection.first_lines()
    code = (
        "import sys; sys.modules['duckdb_extension_httpfs'] = None; "
        "from destination_lunchdrive.run import run; run()"
    )
    arguments = ["write", "--config", "destination.json", "--catalog", str(connection.catalog())]
    with lines.open("rb") as stdin:
        ended = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=connection.folder, stdin=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ended.returncode != 0
    assert "people-transforms[encryption]" in ended.stdout
    assert connection.write(lines).code == 3, "control: with the package it runs"
