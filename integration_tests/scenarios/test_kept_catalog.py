"""`people-sync run` asks a source for its streams once, and again when something of it changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .connections import PAIRS, Connection

Connect = Callable[..., Connection]


def age(connection: Connection) -> int:
    """When the catalog was written last: only after asking, or when a token was renewed."""
    return (connection.folder / ".people-sync" / "state.json.catalog").stat().st_mtime_ns


@pytest.mark.long
def test_a_source_is_asked_again_only_when_something_of_it_changed(connect: Connect) -> None:
    connection = connect(*PAIRS["alleo"], as_of="2026-03-02")
    assert connection.sync().code == 3
    first = age(connection)
    assert connection.sync().code == 3
    assert age(connection) == first, "a token that the source renewed is no other configuration"
    connection.configure_source(fields="all")
    assert connection.sync().code == 3
    changed = age(connection)
    assert changed != first
    assert connection.sync("--full-refresh").code == 3
    assert age(connection) != changed


@pytest.mark.long
def test_killed_while_the_catalog_is_kept_and_run_again(connect: Connect) -> None:
    """Half a file, and one of another connector, are as none."""
    connection = connect(*PAIRS["lunchdrive"])
    assert connection.sync().code == 3
    kept = connection.folder / ".people-sync" / "state.json.catalog"
    for content in (
        kept.read_bytes()[:100],
        b"[]",
        b'{"of": null, "catalog": {"streams": []}}',
        b"\xff",
    ):
        kept.write_bytes(content)
        ended = connection.sync()
        assert (ended.code, ended.summary["records"]["employees"]) == (3, 24)
        assert kept.read_bytes() != content


@pytest.mark.long
def test_a_setting_that_became_wrong_ends_a_run_before_hr_is_asked(connect: Connect) -> None:
    connection = connect(*PAIRS["lunchdrive"])
    assert connection.sync().code == 3
    connection.configure(on_ldid_zero="sometimes")
    connection.box.clear_requests()
    ended = connection.sync()
    assert ended.code == 2
    # Said by the check before the start, with its file; the destination alone would be as quick by chance.
    assert "destination.json: `on_ldid_zero`" in " ".join(ended.summary["errors"])
    assert connection.box.requests("alveno") == []
    # The control: the right setting, and HR is asked.
    connection.configure(on_ldid_zero="leave")
    assert connection.sync().code == 3
    assert connection.box.requests("alveno") != []
