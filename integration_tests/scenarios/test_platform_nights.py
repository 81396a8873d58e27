"""Nights on Airbyte's platform: the same accounts as through a shell's pipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .all_operations import settled
from .conftest import at_the_start
from .connections import PAIRS, Connection
from .on_platform import OnPlatform, activate, delivered

Connect = Callable[..., Connection]
Accounts = list[tuple[Any, ...]]
CROSSED = {
    "loket to lunchdrive": ("source-loket", "destination-lunchdrive"),
    "alveno to alleo": ("source-alveno", "destination-alleo"),
}
ORDINARY: dict[str, dict[str, int]] = {
    "loket": {"joiners": 2, "changes": 2, "leavers": 1},
    "alveno": {"joiners": 2, "changes": 2, "leavers": 1, "moves": 1},
}


def an_ordinary_day(connection: Connection) -> None:
    vendor = connection.source.removeprefix("source-")
    connection.box.night(vendor=vendor, seed=1, **ORDINARY[vendor])
    connection.configure(as_of=connection.box.control()["as_of"])


def through_a_shell(connection: Connection) -> list[Accounts]:
    """The accounts after night 1 and night 2, everything passed on as the source said it."""
    connection.activate(connection.read())
    nights = [settled(connection.accounts())]
    an_ordinary_day(connection)
    assert connection.write(connection.read()).code == 0
    return [*nights, settled(connection.accounts())]


def through_the_platform(connection: Connection, on_platform: OnPlatform, **choices: Any) -> Any:
    """The same nights; a second job of night 2 writes nothing."""
    pipe = on_platform(connection, **choices)
    activate(pipe, connection)
    nights = [settled(connection.accounts())]
    an_ordinary_day(connection)
    delivered(pipe)
    nights.append(settled(connection.accounts()))
    assert connection.duplicates() == []
    connection.box.clear_requests()
    delivered(pipe)
    assert connection.writes() == []
    return nights


def compare(
    connect: Connect,
    on_platform: OnPlatform,
    at_start: Callable[[], Sandbox],
    pair: tuple[str, str],
    **choices: Any,
) -> None:
    """Live two nights twice and compare the accounts after each."""
    settings = {"source_system": pair[0].removeprefix("source-")}
    shell = through_a_shell(connect(*pair, **settings))
    assert shell[0] != shell[1]
    assert len(shell[0]) > 10
    at_start()
    connection = connect(*pair, **settings)
    connection.forget()
    assert through_the_platform(connection, on_platform, **choices) == shell


@pytest.fixture
def at_start(shared_box: tuple[Sandbox, dict[str, Any]]) -> Callable[[], Sandbox]:
    return lambda: at_the_start(*shared_box)


@pytest.mark.parametrize("platform", PAIRS)
@pytest.mark.long
def test_two_nights_give_the_same_accounts(
    connect: Connect, on_platform: OnPlatform, at_start: Callable[[], Sandbox], platform: str
) -> None:
    compare(connect, on_platform, at_start, PAIRS[platform])


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("pair", CROSSED)
def test_two_nights_of_the_other_pairs_give_the_same_accounts(
    connect: Connect, on_platform: OnPlatform, at_start: Callable[[], Sandbox], pair: str
) -> None:
    compare(connect, on_platform, at_start, CROSSED[pair])


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("platform", PAIRS)
def test_a_custom_image_gives_the_same_accounts_without_any_status(
    connect: Connect, on_platform: OnPlatform, at_start: Callable[[], Sandbox], platform: str
) -> None:
    compare(connect, on_platform, at_start, PAIRS[platform], supports_refreshes=False)


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("platform", PAIRS)
def test_a_namespace_changes_nothing(
    connect: Connect, on_platform: OnPlatform, at_start: Callable[[], Sandbox], platform: str
) -> None:
    compare(connect, on_platform, at_start, PAIRS[platform], namespace="people")


@pytest.mark.long
@pytest.mark.drawn(1)
@pytest.mark.parametrize("platform", PAIRS)
def test_a_fresh_directory_each_night_gives_the_same_accounts(
    connect: Connect, on_platform: OnPlatform, at_start: Callable[[], Sandbox], platform: str
) -> None:
    compare(connect, on_platform, at_start, PAIRS[platform], fresh_directory=True)
