"""The command line answers at once: nothing slow is imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from .conftest import Connection, PeopleSync, record

SLOW = ("airbyte_cdk", "duckdb", "pydantic", "yaml", "rich", "jinja2", "requests")

TOLD = {
    "status": "quiet", "headline": "Nothing changed.", "run_id": "r", "plan_hash": "h",
    "counts": {"joining": 0}, "held": [], "is_approvable": False, "refused": {"new": 0, "still": 0},
    "report": None, "staging": None,
}  # fmt: skip

HELP = """
import json, sys
from people_sync.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps([name for name in SLOW if name in sys.modules]))
""".replace("SLOW", repr(SLOW))

BEFORE_SPAWN = """
import json, subprocess, sys
from people_sync.cli import main
def popen(*arguments, **options):
    print(json.dumps([name for name in SLOW if name in sys.modules]))
    raise SystemExit(0)
subprocess.Popen = popen
main(["run", sys.argv[1]])
""".replace("SLOW", repr(SLOW))


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["plan", "--help"]])
def test_help_imports_nothing_slow(arguments: list[str]) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", HELP, *arguments], capture_output=True, text=True, check=True
    )
    assert "Usage: people-sync" in answer.stdout
    assert json.loads(answer.stdout.splitlines()[-1]) == []


def test_a_run_starts_its_processes_before_anything_slow_is_imported(
    connection: Connection,
) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", BEFORE_SPAWN, str(connection.file)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout.splitlines()[-1]) == ["yaml"]


def test_a_night_that_its_destination_told_the_end_of_imports_nothing_slow(
    connection: Connection,
) -> None:
    """What there is to tell is not looked up in the store: that would import half of the engine."""
    connection.destination["tells"] = TOLD
    connection.write()
    run = [sys.executable, "-c", HELP, "run", str(connection.file), "--output", "json"]
    answer = subprocess.run(run, capture_output=True, text=True, check=True)
    *summary, imported = answer.stdout.splitlines()
    assert json.loads(imported) == ["yaml"]
    said = json.loads("".join(summary))
    assert {name: said[name] for name in ("status", "headline", "counts")} == {
        name: TOLD[name] for name in ("status", "headline", "counts")
    }
    assert said["approve"] is None and said["exit_code"] == 0


def test_an_end_that_does_not_fit_what_the_processes_did_is_not_believed(
    connection: Connection,
) -> None:
    connection.destination |= {"tells": TOLD, "exit": 1}
    ended = connection.run("--output", "json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["status"] == "failed"
    connection.destination |= {"exit": 0}
    connection.source["exit"] = 1
    ended = connection.run("--output", "json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["status"] == "hr_unreachable"


def test_an_end_that_a_destination_tells_before_it_heard_all_is_not_believed(
    connection: Connection,
) -> None:
    connection.source |= {"takes": 1, "lines": [record("people", id="1")]}
    connection.destination |= {"tells": TOLD, "dies_at_once": True, "exit": 0}
    ended = connection.run("--output", "json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["status"] == "failed"


def test_the_help_lists_every_command(people_sync: PeopleSync) -> None:
    answer = people_sync("--help")
    for name in (
        "run",
        "plan",
        "approve",
        "erase",
        "explain",
        "fleet",
        "lint",
        "register",
        "report",
        "sandbox",
    ):
        assert f"\n  {name} " in answer.stdout


def test_an_unknown_command_is_a_usage_error(people_sync: PeopleSync) -> None:
    answer = people_sync("rnu")
    assert answer.returncode == 2
    assert "rnu" in answer.stderr


@pytest.mark.parametrize("command", ["explain", "erase", "approve", "undo"])
def test_bytes_of_another_code_page_are_refused_in_one_sentence(command: str) -> None:
    """A process: only the system makes such words of bytes."""
    answer = subprocess.run(
        [sys.executable, "-m", "people_sync.cli", command, b"Jos\xe9"], capture_output=True
    )
    assert answer.returncode == 2
    lines = answer.stderr.decode().splitlines()
    assert len(lines) == 1 and "is not UTF-8" in lines[0], lines


@pytest.mark.parametrize(
    "arguments",
    [("run", "--nosuch"), ("nosuch",), ("explain",), ("report", "--lang", "xx"), ("watch",)],
    ids=lambda words: " ".join(words),
)
def test_a_command_that_is_typed_wrong_is_answered_in_json_where_that_was_asked_for(
    people_sync: PeopleSync, arguments: tuple[str, ...]
) -> None:
    ended = people_sync(*arguments, "--output", "json")
    assert ended.returncode == 2
    told = json.loads(ended.stdout)
    assert (told["exit_code"], told["facts"]) == (2, {})
    assert told["error"] in ended.stderr
