"""Whoever stops listening changes no night: a closed stream, a full disk, a terminal that is gone."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from people_sync.streams import _escaped

from .conftest import Connection, record, state, status

NIGHT = {
    "lines": [record("people", id="1"), status("people", "COMPLETE"), state("people", v=1)],
}


@pytest.fixture
def night(connection: Connection) -> Connection:
    """A night of which something is said while it goes on."""
    connection.source |= NIGHT
    log = {"type": "LOG", "log": {"level": "INFO", "message": "deliver: done"}}
    connection.destination["lines"] = [log] * 20
    connection.write()
    return connection


def shell(night: Connection, redirected: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What a person types: only a shell closes streams as a shell does."""
    command = " ".join(night.command(*options))
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} {redirected}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "redirected",
    ["2>&-", ">&-", "<&- >&- 2>&-", "2>/dev/full", "2>&1 | true", "| true"],
)
def test_a_night_goes_on_when_nobody_listens(night: Connection, redirected: str) -> None:
    ended = shell(night, redirected)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Error" not in ended.stdout + ended.stderr
    assert (night.folder / "input_ended").exists()
    assert json.loads(night.state.read_text()), "the state was kept"


def test_a_terminal_that_is_gone_ends_nothing(night: Connection) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(night.command(), stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    os.close(ours)
    assert process.wait(60) == 0
    assert (night.folder / "input_ended").exists()


def test_an_answer_that_finds_no_room_is_told_in_a_sentence(night: Connection) -> None:
    ended = shell(night, ">/dev/full", "--output", "json")
    assert ended.returncode == 1
    assert "could not be written to standard output" in ended.stderr
    assert "Traceback" not in ended.stderr
    # The control: what went wrong before keeps its own exit code.
    (night.folder / "source.json").unlink()
    ended = shell(night, ">/dev/full", "--output", "json")
    assert ended.returncode == 2
    assert "source.config" in ended.stderr


@pytest.mark.parametrize("text", ["ž", "ñ", "😀", "a\u0301"])
def test_what_a_code_page_does_not_have_is_escaped_as_json_does(text: str) -> None:
    found = UnicodeEncodeError("cp1252", text, 0, len(text), "unknown")
    written, end = _escaped(found)
    assert written.isascii()
    assert (json.loads(f'"{written}"'), end) == (text, len(text))


def test_a_terminal_with_another_code_page_gets_the_rest(tmp_path: Path) -> None:
    """Through a real process: the stream is made where the program starts."""
    code = (
        "from people_sync.streams import ready_streams; ready_streams(); "
        'print(\'{"name": "Žofie Nová ✓"}\')'
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        check=True,
    )
    assert json.loads(ended.stdout.decode("latin-1")) == {"name": "Žofie Nová ✓"}
