"""The desk beside runs, each a process: nobody disturbs anybody, and a kill loses no decision."""

from __future__ import annotations

import contextlib
import html
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from people_sync.commands.store import store_of
from people_transforms.store.warehouse import hold_store, open_store

from .conftest import write_connection

pytestmark = pytest.mark.long
PEOPLE_SYNC = Path(sys.executable).parent / "people-sync"
ADDRESS = "joke@example.nl"
HOME = "/c/diners"
PAGES = (HOME, f"{HOME}/approvals", f"{HOME}/to-do", f"{HOME}/people", f"{HOME}/report")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with start_sandbox(size=20, seed=7) as running:
        yield running


@pytest.fixture
def connection(box: Sandbox, tmp_path: Path) -> Path:
    configs = (box.config("source-alveno"), box.config("destination-lunchdrive"))
    path = tmp_path / "diners"
    return write_connection(path, "source-alveno", "destination-lunchdrive", configs)


def start_run(connection: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([PEOPLE_SYNC, "run", connection], stderr=subprocess.DEVNULL)


def run(connection: Path) -> int:
    with start_run(connection) as process:
        return process.wait()


@dataclass
class Served:
    """The command as an operator starts it, and a browser that signed in."""

    process: subprocess.Popen[bytes]
    browser: httpx.Client

    def press(self, page: str, what: str) -> httpx.Response:
        """Press a button of the approvals' first form that has it."""
        shown = self.browser.get(f"{HOME}/approvals").text
        forms = re.findall(r'<form method="post">.*?</form>', shown, re.DOTALL)
        form = next(one for one in forms if f'value="{what}"' in one)
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
        fields = {name: html.unescape(value) for name, value in hidden}
        return self.browser.post(page, data={**fields, "what": what}, follow_redirects=True)


@contextlib.contextmanager
def serve(connection: Path) -> Iterator[Served]:
    command = [PEOPLE_SYNC, "desk", connection, "--allow", f"{ADDRESS}=hr:diners"]
    command += ["--link", ADDRESS, "--records", connection.parent / "desk"]
    command += ["--port", "0", "--output", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        with httpx.Client(base_url=said["url"], timeout=60) as browser:
            page = browser.get(f"{said['link']}?lang=en").text
            token = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
            assert browser.post(said["link"], data={"csrf": token}).status_code == 303
            try:
                yield Served(process, browser)
            except BaseException:
                # It serves on, and what failed would wait for it.
                process.kill()
                raise
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0


def approvals(connection: Path) -> list[Any]:
    with open_store(store_of(connection).paths) as database:
        return database.execute("select approved_by, source from sync.approvals").fetchall()


def test_a_desk_that_is_killed_loses_no_decision(box: Sandbox, connection: Path) -> None:
    assert run(connection) == 3
    with serve(connection) as desk, hold_store(store_of(connection).paths):
        answer = desk.press(f"{HOME}/approvals", "approve_all")
        assert "your yes is kept" in answer.text, "a run is using the store"
        desk.process.kill()
        desk.process.wait(60)
    assert approvals(connection) == [], "control: the store has not heard of it yet"
    with serve(connection):
        pass
    assert approvals(connection) == [(ADDRESS, "desk")]
    assert run(connection) == 0
    assert [call for call in box.requests("lunchdrive", writes=True) if call["status"] < 300]


def test_pages_are_read_and_a_yes_is_given_while_runs_go_on(box: Sandbox, connection: Path) -> None:
    assert run(connection) == 3
    with serve(connection) as desk:
        statuses, rounds = set(), 0
        with start_run(connection) as going:
            while going.poll() is None:
                statuses |= {desk.browser.get(path).status_code for path in PAGES}
                rounds += 1
        assert (statuses, going.returncode) == ({200}, 3)
        assert rounds > 1, "control: pages were read while the run was going on"
        with start_run(connection) as going:
            answer = desk.press(f"{HOME}/approvals", "approve_all")
            assert answer.status_code in (200, 409), answer.text
        assert going.returncode in (0, 3)
    if answer.status_code == 200:
        assert approvals(connection) == [(ADDRESS, "desk")]
        assert run(connection) == 0
