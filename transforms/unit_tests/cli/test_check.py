"""`people-sync check` once the files are right: what the two ends say, and what to do about it."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from people_sync.commands.store import Store, store_of
from people_transforms.publishing.publish import publish_staging
from people_transforms.runs import begin_run
from people_transforms.store.warehouse import open_store

from .conftest import PeopleSync, control, error, record
from .test_forty_mistakes import GOOD, files

EMPLOYERS = [
    {"id": "b5a1f0c2", "companyName": "Bakkerij"},
    {"id": "c6", "companyName": "Zorg & Co."},
]
STREAMS = ("employers", "employees", "employments")


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What both ends answer, as processes do; a test changes it. What is `renewed` a read renews."""
    said: dict[str, Any] = {
        "source-loket": succeeded(),
        "destination-alleo": succeeded(),
        "streams": STREAMS,
        "renewed": None,
        "trouble": None,
    }

    run = subprocess.run

    def answer(command: list[Any], **options: Any) -> subprocess.CompletedProcess[bytes]:
        program = Path(command[0]).name
        if program not in said:
            return run(command, **options)
        verb, trouble = command[1], said["trouble"]
        told = [said[program]]
        if verb == "discover":
            streams = [{"name": name} for name in said["streams"]]
            told = [{"type": "CATALOG", "catalog": {"streams": streams}}] if streams else []
        if verb == "read":
            config = json.loads(Path(command[command.index("--config") + 1]).read_text())
            told = [record("employers", **one) for one in EMPLOYERS]
            told += [control({**config, **(said["renewed"] or {})})]
            told += [error(trouble)] if trouble else []
        lines = "\n".join(map(json.dumps, told))
        return subprocess.CompletedProcess(command, int(bool(trouble)), lines.encode())

    monkeypatch.setattr(subprocess, "run", answer)
    return said


def succeeded(is_fine: bool = True, sentence: str = "") -> dict[str, Any]:
    status = {"status": "SUCCEEDED" if is_fine else "FAILED", "message": sentence}
    return {"type": "CONNECTION_STATUS", "connectionStatus": status}


def checks(people_sync: PeopleSync, *options: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    ended = people_sync("check", "--output", "json", *options)
    found: dict[str, list[tuple[str, str]]] = {}
    for one in json.loads(ended.stdout)["checks"]:
        found.setdefault(one["about"], []).append((one["state"], one["text"]))
    return ended.returncode, found


def test_an_employer_that_hr_does_not_list_is_said_with_the_list(
    tmp_path: Path, people_sync: PeopleSync, ends: dict[str, Any]
) -> None:
    files(tmp_path, "loket-alleo")
    code, found = checks(people_sync)
    assert code == 0, "the control: b5a1f0c2 is listed"
    ((state, text),) = found["mapping"]
    assert (state, "leaves out c6 (Zorg & Co.)" in text) == ("look", True)

    companies = [{"employer_id": "elsewhere", "company_id": 501}]
    (tmp_path / "alleo.json").write_text(json.dumps(GOOD["alleo"] | {"companies": companies}))
    code, found = checks(people_sync)
    assert code == 2
    state, text = found["mapping"][0]
    assert state == "wrong"
    assert "alleo.json: `companies` maps elsewhere" in text
    assert "It lists b5a1f0c2 (Bakkerij), c6 (Zorg & Co.)." in text


def test_what_an_end_says_is_told_and_the_other_is_asked_all_the_same(
    tmp_path: Path, people_sync: PeopleSync, ends: dict[str, Any]
) -> None:
    files(tmp_path, "loket-alleo")
    ends["source-loket"] = succeeded(False, "Loket does not accept the client.")
    code, found = checks(people_sync)
    assert code == 2
    assert found["source-loket"] == [("wrong", "Loket does not accept the client.")]
    assert found["destination-alleo"][0][0] == "fine"
    assert "employers" not in found


@pytest.mark.parametrize(
    ("streams", "said"),
    [((), "did not list its streams"), (("employers", "employees"), "lacks employments")],
)
def test_streams_that_are_missing_are_said(
    streams: tuple[str, ...],
    said: str,
    tmp_path: Path,
    people_sync: PeopleSync,
    ends: dict[str, Any],
) -> None:
    files(tmp_path, "loket-alleo")
    ends["streams"] = streams
    code, found = checks(people_sync)
    assert (code, said in found["streams"][0][1]) == (2, True), found


def test_a_token_that_was_renewed_by_the_check_is_kept(
    tmp_path: Path, people_sync: PeopleSync, ends: dict[str, Any]
) -> None:
    files(tmp_path, "loket-alleo")
    ends["renewed"] = {"credentials": {**GOOD["loket"]["credentials"], "refresh_token": "new"}}
    assert checks(people_sync)[0] == 0
    kept = json.loads((tmp_path / "loket.json").read_text())
    assert kept["credentials"]["refresh_token"] == "new"


def test_so_it_is_where_the_employers_were_not_all_read(
    tmp_path: Path, people_sync: PeopleSync, ends: dict[str, Any]
) -> None:
    files(tmp_path, "loket-alleo")
    ends["renewed"] = {"credentials": {**GOOD["loket"]["credentials"], "refresh_token": "new"}}
    ends["trouble"] = "The source broke off while it listed employers."
    code, found = checks(people_sync)
    assert (code, found["employers"]) == (2, [("wrong", ends["trouble"])])
    assert "mapping" not in found
    assert json.loads((tmp_path / "loket.json").read_text())["credentials"]["refresh_token"] == (
        "new"
    )


def test_a_fixed_day_and_silent_alarms_are_pointed_at(
    tmp_path: Path, people_sync: PeopleSync, ends: dict[str, Any]
) -> None:
    files(tmp_path, "loket-alleo")
    (tmp_path / "alleo.json").write_text(json.dumps(GOOD["alleo"] | {"as_of": "2026-03-02"}))
    code, found = checks(people_sync)
    assert code == 0
    assert (found["day"][0][0], found["alarms"][0][0]) == ("look", "look")
    (tmp_path / "connection.yaml").write_text(
        (tmp_path / "connection.yaml").read_text() + "\nalarms: {webhook: 'http://127.0.0.1:9/x'}\n"
    )
    assert checks(people_sync)[1]["alarms"][0][0] == "fine"
    code, found = checks(people_sync, "--tell")
    assert (code, found["alarms"][0][0]) == (2, "wrong")


@pytest.mark.parametrize(("has_run", "sends_nothing"), [(False, True), (True, False)])
def test_only_before_the_first_run_it_is_said_that_nothing_is_sent(
    tmp_path: Path,
    people_sync: PeopleSync,
    ends: dict[str, Any],
    has_run: bool,
    sends_nothing: bool,
) -> None:
    files(tmp_path, "loket-alleo")
    if has_run:
        run_once(store_of(tmp_path / "connection.yaml"))
    ended = people_sync("check")
    assert ended.returncode == 0
    assert "Next: people-sync run" in ended.stdout
    assert ("sends nothing" in ended.stdout) == sends_nothing


def run_once(store: Store) -> None:
    """Let a run have been done long ago."""
    day = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    with open_store(store.paths) as connection:
        begin_run(
            connection,
            started_at=day,
            as_of=day.date(),
            source_system="loket",
            vendor="alleo",
            timezone="Europe/Amsterdam",
        )
        connection.execute(
            "update sync.runs set finished_at = started_at, outcome = 'done', status = 'quiet'"
        )
        assert store.paths.published is not None
        publish_staging(connection, store.paths.published)
