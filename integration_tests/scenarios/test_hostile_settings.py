"""Configurations that point elsewhere: what is written where, and that nothing is sent by mistake."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .connections import Connection, Ended
from .names import personal_values, told

pytestmark = pytest.mark.few(3)

Connect = Callable[..., Connection]
PAIR = ("source-alveno", "destination-lunchdrive")


def refused(connection: Connection, ended: Ended, code: int, *words: str) -> None:
    assert ended.code == code, ended.out + ended.err
    assert all(word in ended.trace["message"] for word in words), ended.trace["message"]
    assert "Traceback" not in ended.out + ended.err
    assert connection.writes() == []
    assert ended.states == []


@pytest.mark.parametrize("path", ["/proc/people-sync", "/dev/null/x", "source.json"])
def test_a_store_where_nobody_may_write_is_named_and_nothing_is_sent(
    connect: Connect, path: str
) -> None:
    connection = connect(*PAIR, warehouse={"type": "file", "path": path})
    before = (connection.folder / "source.json").read_bytes()
    refused(connection, connection.write(connection.first_lines()), 1, "`warehouse.path`")
    assert (connection.folder / "source.json").read_bytes() == before


def test_a_path_that_is_none_is_named(connect: Connect) -> None:
    connection = connect(*PAIR, warehouse={"type": "file", "path": "a\x00b"})
    refused(connection, connection.write(connection.first_lines()), 2, "NUL")
    plan = connection.command("plan", "--connection", str(connection.file))
    assert (plan.code, "NUL" in plan.err) == (2, True)


def test_a_store_outside_the_folder_is_where_the_setting_says_and_nowhere_else(
    connect: Connect,
) -> None:
    """The operator may choose any folder; its name is never a piece of SQL or of a command."""
    name = "../it's; drop table x -- $(touch ran) 100% \u202e"
    connection = connect(*PAIR, warehouse={"type": "file", "path": name})
    ended = connection.write(connection.first_lines())
    assert ended.code == 3, ended.out + ended.err
    folder = connection.folder / name
    assert (folder / "staging.duckdb").is_file()
    assert (folder / "work").stat().st_mode & 0o777 == 0o700
    assert not (connection.folder / ".people-sync").exists()
    assert not list(connection.folder.parent.rglob("ran"))
    plan = connection.command("plan", "--connection", str(connection.file))
    assert (plan.code, plan.err) == (0, "")
    assert told([ended.out, ended.err, plan.out], personal_values(connection.box)) == []


def test_a_report_that_cannot_be_written_is_named_and_acknowledges_nothing(
    connect: Connect,
) -> None:
    connection = connect(*PAIR, report_dir="/proc/people-sync")
    lines = connection.first_lines()
    ended = connection.write(lines)
    refused(connection, ended, 1, "could not be published", "report.html")


@pytest.mark.parametrize("name", ["../employees", "/etc/x", "employees/../../x", "a\x1b[2Jb"])
def test_a_catalog_with_a_stream_named_like_a_path_is_refused(connect: Connect, name: str) -> None:
    connection = connect(*PAIR)
    lines = connection.first_lines()
    catalog = connection.catalog()
    text = catalog.read_text().replace('"operations"', '"HERE"')
    escaped = name.replace("\x1b", "\\u001b")
    catalog.write_text(text.replace('"HERE"', f'"{escaped}"'))
    ended = connection.write(lines, catalog=catalog)
    refused(connection, ended, 2, "does not know")
    assert "\x1b" not in ended.out + ended.err
