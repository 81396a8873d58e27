"""What the operator learns when the desk starts, and what a disk that is full does to a page."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest
from people_sync.cli import main
from people_sync.desk.serve import strangers

from .conftest import HR, Desk


def test_records_that_cannot_be_written_are_refused_at_once(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = tmp_path / "records"
    in_the_way.mkdir()
    (in_the_way / "desk.sqlite").mkdir()
    with pytest.raises(SystemExit) as ended:
        main(
            ["desk", str(tmp_path / "bakkerij"), "--allow", f"{HR}=support", "--port", "0"]
            + ["--records", str(in_the_way)]
        )
    assert ended.value.code == 2
    assert "give another --records" in capsys.readouterr().err


def test_hr_of_a_connection_that_is_not_served_is_told(desk: Desk) -> None:
    assert strangers(desk.office) == []
    desk.office.connections._files.pop("menza")
    assert strangers(desk.office) == ["menza"]


class Full:
    """A database on a disk that is full: a write fails, a look does not."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)

    def execute(self, query: str, *values: object) -> sqlite3.Cursor:
        if query == "commit":
            raise sqlite3.OperationalError("database or disk is full")
        return self._database.execute(query, *values)


def test_a_page_on_a_full_disk_says_what_was_not_written_and_the_log_says_where(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = desk.visitor()
    link = desk.link_for(visitor, HR)
    visitor.open(link)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: Full(connect(*given, **named)))
    with caplog.at_level(logging.ERROR):
        answer = visitor.send(link)
    assert answer.status_code == 500
    assert "records could not be written" in answer.text
    assert "desk.sqlite" not in answer.text
    assert "database or disk is full" in caplog.text
    assert "OperationalError" not in caplog.text
    # The control: the link was not used up.
    monkeypatch.undo()
    assert visitor.send(link).status_code == 200
