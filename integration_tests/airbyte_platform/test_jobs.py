"""Clear, Refresh, the files between nights, and the configuration that the platform keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .toys import TWO_LISTS, catalogs, record, toy_pipe


def generations(pipe: object, job: int) -> dict[str, tuple[int, int]]:
    """(generation, least generation) of each stream in the destination's catalog of a job."""
    return {
        name: (one["generation_id"], one["minimum_generation_id"])
        for name, one in catalogs(pipe)[job].items()  # type: ignore[arg-type]
    }


def test_an_ordinary_sync_drops_no_generation_and_each_job_has_a_number(tmp_path: Path) -> None:
    pipe = toy_pipe(tmp_path)
    pipe.sync()
    pipe.retry()
    pipe.sync()
    assert [one["people"]["sync_id"] for one in catalogs(pipe)] == [1, 1, 2]
    assert [generations(pipe, job)["people"] for job in range(3)] == [(0, 0)] * 3


def test_clear_writes_null_states_and_no_records_under_a_new_generation(tmp_path: Path) -> None:
    pipe = toy_pipe(tmp_path)
    pipe.sync()
    attempt = pipe.clear("people")
    assert [line for line in attempt.sent if b'"TRACE"' not in line] == [
        b'{"type":"STATE","state":{"type":"STREAM",'
        b'"stream":{"stream_descriptor":{"name":"people"}},"id":1}}'
    ]
    assert list(pipe.states) == ["places"]
    assert generations(pipe, 1) == {"people": (1, 1), "places": (0, 0)}
    modes = {name: one["destination_sync_mode"] for name, one in catalogs(pipe)[1].items()}
    assert modes == {"people": "overwrite", "places": "append"}
    pipe.sync()
    assert generations(pipe, 2) == {"people": (1, 0), "places": (0, 0)}


def test_clear_of_a_connection_that_never_ran_has_nothing_to_say(tmp_path: Path) -> None:
    attempt = toy_pipe(tmp_path, supports_refreshes=False).clear()
    assert (attempt.outcome, attempt.sent) == ("succeeded", [])


def test_refresh_reads_again_and_drops_what_was_before(tmp_path: Path) -> None:
    pipe = toy_pipe(tmp_path)
    pipe.sync()
    attempt = pipe.refresh()
    assert len(attempt.records("people")) == 2
    assert generations(pipe, 1) == {"people": (1, 1), "places": (1, 1)}
    pipe.retry()
    assert generations(pipe, 2) == {"people": (1, 1), "places": (1, 1)}
    pipe.sync()
    assert generations(pipe, 3) == {"people": (1, 0), "places": (1, 0)}


def test_without_supports_refreshes_there_is_no_refresh_and_every_generation_is_0(
    tmp_path: Path,
) -> None:
    pipe = toy_pipe(tmp_path, supports_refreshes=False)
    pipe.sync()
    with pytest.raises(ValueError, match="no Refresh"):
        pipe.refresh()
    pipe.clear()
    assert generations(pipe, 1) == {"people": (0, 0), "places": (0, 0)}


@pytest.mark.parametrize("is_fresh", [False, True])
def test_a_fresh_directory_keeps_the_configurations_and_nothing_else(
    tmp_path: Path, is_fresh: bool
) -> None:
    pipe = toy_pipe(tmp_path, TWO_LISTS, fresh_directory=is_fresh)
    store = tmp_path / ".store" / "deep"
    pipe.sync()
    store.mkdir(parents=True)
    pipe.sync()
    assert store.exists() is not is_fresh
    assert len(catalogs(pipe)) == (1 if is_fresh else 2)
    assert {"source.json", "destination.json"} <= {path.name for path in tmp_path.iterdir()}


def test_a_configuration_that_the_source_rotates_is_stored_for_the_next_sync(
    tmp_path: Path,
) -> None:
    rotated = {"lines": [record("people", id=2)], "token": "second"}
    control = {"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": {"config": rotated}}
    pipe = toy_pipe(tmp_path, [{"type": "CONTROL", "control": control}])
    assert pipe.sync().records("people") == []
    assert json.loads((tmp_path / "source.json").read_text())["token"] == "second"
    assert pipe.sync().records("people") == [{"id": 2}]
