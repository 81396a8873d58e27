"""`python main.py read … | python main.py write …`, as the README shows it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .connections import FILE_AND_LAKE, Connection, Ended

Connect = Callable[..., Connection]
pytestmark = FILE_AND_LAKE
PROJECT = Path(__file__).parents[2]


def piped(connection: Connection) -> tuple[int, Ended]:
    """Both connectors as plain programs; gives the source's exit code and the destination's end."""
    catalog = connection.catalog()
    source = [sys.executable, PROJECT / connection.source / "main.py", "read"]
    destination = [sys.executable, PROJECT / connection.destination / "main.py", "write"]
    with subprocess.Popen(
        [*source, "--config", "source.json", "--catalog", catalog],
        cwd=connection.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as reader:
        ended = subprocess.run(
            [*destination, "--config", "destination.json", "--catalog", catalog],
            cwd=connection.folder,
            stdin=reader.stdout,
            capture_output=True,
            text=True,
            check=False,
        )
        assert reader.stdout is not None
        reader.stdout.close()
        reader.wait()
    return reader.returncode, Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.long
def test_two_programs_and_a_pipe_are_enough(connect: Connect) -> None:
    connection = connect("source-alveno", "destination-lunchdrive")
    source_code, preview = piped(connection)
    assert (source_code, preview.code) == (0, 3), preview.err
    assert connection.writes() == []
    # The held run names the exact value to paste, and its states come back all the same.
    message = preview.trace["message"]
    plan_hash = connection.ask("select plan_hash from sync.runs")[0][0]
    assert f"`approved_plan` to {plan_hash}" in message
    assert len(preview.states) == 4
    connection.configure(approved_plan=plan_hash)
    source_code, night = piped(connection)
    assert (source_code, night.code) == (0, 0), night.out + night.err
    assert connection.active() == connection.desired() != set()


def test_states_come_back_unchanged_and_in_order(connect: Connect) -> None:
    connection = connect("source-alveno", "destination-lunchdrive")
    lines = connection.first_lines()
    given = [line for line in lines.read_text().splitlines() if '"type":"STATE"' in line]
    odd = '{"state": {"zz": 1.50, "type": "STREAM", "stream": {"stream_descriptor": {"name": "employees"}, "stream_state": {"a": "\\u00e9"}}}, "type": "STATE"}'
    given.append(odd)
    with lines.open("a") as file:
        file.write(odd + "\n")
    ended = connection.write(lines)
    states = [line for line in ended.out.splitlines() if json.loads(line)["type"] == "STATE"]
    assert states == given
