"""Somebody whom HR no longer lists, on a platform that forwards no stream status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from ..airbyte_platform.pipe import PlatformPipe
from ..airbyte_platform.worker import Strike
from .connections import PAIRS, Connection
from .on_platform import OnPlatform, activate, delivered

Connect = Callable[..., Connection]
NIGHTS = ("2026-03-03", "2026-03-04")


def vanish(box: Sandbox, person: str) -> None:
    """Delete an employee and all that hangs on it from HR, as one does who was typed in twice."""
    for row in box.world("alveno")["workloads"]:
        if str(row["EmployeeID"]) == person:
            box.remove("alveno", "workloads", row["WorkloadID"])
    box.remove("alveno", "employees", person)


def begin(
    connect: Connect, on_platform: OnPlatform, platform: str, **choices: Any
) -> tuple[Connection, PlatformPipe, str]:
    """Go live; give the HR system's id of somebody with an account."""
    source, destination = PAIRS[platform]
    connection = connect(source, destination, when_absent="end")
    pipe = on_platform(connection, **choices)
    activate(pipe, connection)
    person = min(external_id for _, external_id in connection.active())
    return connection, pipe, person


def has_account(connection: Connection, person: str) -> bool:
    return person in {external_id for _, external_id in connection.active()}


# A custom image has no `supportsRefreshes`: no status arrives at all.
@pytest.mark.long
@pytest.mark.parametrize("supports_refreshes", [True, False])
def test_who_is_missing_from_two_whole_lists_loses_the_account_and_nobody_else(
    connect: Connect, on_platform: OnPlatform, supports_refreshes: bool
) -> None:
    connection, pipe, person = begin(
        connect, on_platform, "lunchdrive", supports_refreshes=supports_refreshes
    )
    before = connection.active()
    vanish(connection.box, person.rsplit(":", 1)[-1])
    for night, is_there in zip(NIGHTS, (True, False), strict=True):
        connection.configure(as_of=night)
        delivered(pipe)
        assert has_account(connection, person) is is_there
    assert {gone for _, gone in before - connection.active()} == {person}


@pytest.mark.long
@pytest.mark.parametrize("platform", PAIRS)
@pytest.mark.drawn(1)
def test_who_is_missing_because_the_source_was_cut_off_keeps_the_account(
    connect: Connect, on_platform: OnPlatform, platform: str
) -> None:
    connection, pipe, _ = begin(connect, on_platform, platform, fresh="source")
    before = connection.accounts()
    for night in NIGHTS:
        connection.configure(as_of=night)
        assert pipe.sync(Strike("source", after_records=5)).source_code == 137
    assert connection.accounts() == before
