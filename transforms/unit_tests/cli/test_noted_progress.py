"""What a run does is noted for whoever shows it, and no trouble with the note troubles the run."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest
from people_sync.connection.connection_file import ConnectionFile, read_connection_file
from people_sync.running.noted_progress import Step, note_progress, read_step
from people_sync.running.progress import PlainProgress


@pytest.fixture
def file(tmp_path: Path) -> ConnectionFile:
    for name in ("source", "destination"):
        (tmp_path / f"{name}.json").write_text("{}")
    path = tmp_path / "connection.yaml"
    path.write_text(
        "source: {connector: source-loket, config: source.json}\n"
        "destination: {connector: destination-alleo, config: destination.json}\n"
        "state: state/state.json\n"
    )
    (tmp_path / "state").mkdir()
    return read_connection_file(path)


def plain() -> PlainProgress:
    return PlainProgress(Counter(), io.StringIO(), quiet=True)


def test_the_step_is_that_of_the_run_and_goes_with_it(file: ConnectionFile) -> None:
    progress = note_progress(plain(), file)
    assert read_step(file) is None
    progress.status("employees", "STARTED")
    assert read_step(file) == Step("read", "employees")
    progress.status("employments", "STARTED")
    progress.status("employees", "COMPLETE")
    assert read_step(file) == Step("read", "employments"), "one list is still being read"
    progress.status("employments", "INCOMPLETE")
    assert read_step(file) == Step("compare")
    progress.phase("deliver", 3, 40)
    assert read_step(file) == Step("send", "", 3, 40)
    progress.close()
    assert read_step(file) is None


def test_what_a_killed_run_left_is_not_the_step_of_the_next(file: ConnectionFile) -> None:
    note_progress(plain(), file).phase("deliver", 3, 40)
    assert read_step(file) is not None
    note_progress(plain(), file)
    assert read_step(file) is None


@pytest.mark.parametrize("left", ["", "{", "[]", '"x"', '{"step": "send", "done": "many"}'])
def test_half_a_note_is_none(file: ConnectionFile, left: str) -> None:
    file.state.with_name("connection.progress.json").write_text(left)
    assert read_step(file) is None


def test_a_note_that_cannot_be_written_stops_no_run(file: ConnectionFile) -> None:
    file.state.parent.rmdir()
    progress = note_progress(plain(), file)
    progress.status("employees", "STARTED")
    progress.phase("deliver", 1, 2)
    progress.close()
    assert read_step(file) is None
