"""What the onboarding and `check` ask a connector: an answer by half is none."""

from __future__ import annotations

from typing import Any

import pytest
from people_sync.connection.connection_file import read_connection_file
from people_sync.running import programs
from people_sync.running.programs import Employers, discover, read_employers

from .conftest import Connection, control, error, record, status

RENEWED = control({"token": "new"})
NAMES = {"id": "id", "name": "name"}
TWO = [record("employers", id=key, name=f"Bakkerij {key}") for key in ("1", "2")]


def employers(connection: Connection) -> Employers:
    connection.write()
    source = read_connection_file(connection.file).source
    return read_employers(source, connection.source, connection.folder, NAMES)


def names(connection: Connection) -> list[str]:
    return [one["name"] for one in employers(connection).found]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"killed": True}, "broke off"),
        ({"exit": 1}, "broke off"),
        ({"lines": [*TWO, RENEWED, status("employers", "INCOMPLETE")]}, "broke off"),
        ({"lines": [*TWO, RENEWED, error("Loket said 502.")], "exit": 1}, "Loket said 502"),
        ({"lines": [RENEWED]}, "shows no employer"),
    ],
)
def test_employers_that_were_read_in_part_are_not_taken_for_all(
    connection: Connection, end: dict[str, Any], said: str
) -> None:
    """Whoever takes part is chosen from them, and who is not among them loses the place that was set."""
    connection.source["lines"] = [*TWO, RENEWED, status("employers", "COMPLETE")]
    assert names(connection) == ["Bakkerij 1", "Bakkerij 2"], "the control"
    connection.source.update(end)
    read = employers(connection)
    assert (read.found, said in read.sentence) == ([], True), read
    assert read.config == {"token": "new"}, "a token that was renewed is not lost with it"


def test_a_token_that_was_renewed_before_a_source_took_too_long_is_kept(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "PATIENCE_SECONDS", 2)
    connection.source |= {"lines": [*TWO, RENEWED], "waits": True}
    read = employers(connection)
    assert (read.found, read.config) == ([], {"token": "new"})
    assert "no answer in time" in read.sentence


@pytest.mark.parametrize("wrong", [None, 7, [], {}])
def test_what_is_no_message_is_not_heard(connection: Connection, wrong: object) -> None:
    kinds = ("record", "trace", "control", "catalog", "connectionStatus")
    odd = [{"type": kind.upper(), kind: wrong} for kind in kinds]
    connection.source["lines"] = [*odd, *TWO]
    assert names(connection) == ["Bakkerij 1", "Bakkerij 2"]
    connection.source["before_catalog"] = [one for one in odd if one["type"] != "CATALOG"]
    source = read_connection_file(connection.file).source
    connection.write()
    assert len(discover(source, connection.folder)["streams"]) == 2
