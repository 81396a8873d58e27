"""Real processes with a wrong configuration: nothing that leaves them shows what it holds.

They are processes because a traceback, the CDK's hooks and the pipe between them are the subject.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from people_sandbox.webhook import Webhook
from people_sync.cli import main

from ..workspace import CONNECTORS
from .mistakes import WORD, sample_of

BIN = Path(sys.executable).parent
# A source of somebody else, with one stream that nobody reads to its end.
SOURCE = """
import json
stream = {"name": "employees", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
print(json.dumps({"type": "CATALOG", "catalog": {"streams": [stream]}}))
"""
LAKE = {"type": "ducklake", "catalog": f"postgres:host=db password={WORD}"}


def secret_as_a_list(connector: str) -> dict[str, Any]:
    name = {
        "source-loket": "credentials",
        "source-alveno": "token",
        "destination-alleo": "secret_key",
        "destination-lunchdrive": "api_key",
    }[connector]
    return {**sample_of(connector), name: [WORD]}


def start(folder: Path, connector: str, command: str, config: str) -> tuple[str, int]:
    (folder / "config.json").write_text(config)
    (folder / "catalog.json").write_text('{"streams": []}')
    catalog = ["--catalog", "catalog.json"] if command in ("read", "write") else []
    ended = subprocess.run(
        [BIN / connector, command, "--config", "config.json", *catalog],
        capture_output=True,
        text=True,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    return ended.stdout + ended.stderr, ended.returncode


@pytest.mark.parametrize("connector", CONNECTORS)
@pytest.mark.long
def test_a_key_that_is_no_text_is_refused_and_not_shown(connector: str, tmp_path: Path) -> None:
    command = "read" if connector.startswith("source-") else "write"
    said, code = start(tmp_path, connector, command, json.dumps(secret_as_a_list(connector)))
    assert code == (1 if connector.startswith("source-") else 2), said
    assert "and is a list" in said
    assert "config_error" in said
    assert WORD not in said


@pytest.mark.parametrize("connector", CONNECTORS)
@pytest.mark.long
def test_a_configuration_that_is_no_json_is_refused_and_not_shown(
    connector: str, tmp_path: Path
) -> None:
    said, code = start(tmp_path, connector, "check", f'{{\n"token": "{WORD}",\n}}')
    assert code != 0
    assert "config.json cannot be read as JSON. (line=" in said
    assert WORD not in said


@pytest.mark.parametrize("connector", ["source-loket", "source-alveno"])
@pytest.mark.long
def test_discover_of_a_source_shows_nothing(connector: str, tmp_path: Path) -> None:
    config = {**sample_of(connector), "credentials": WORD, "token": {"is": WORD}}
    said, code = start(tmp_path, connector, "discover", json.dumps(config))
    assert (code, "must be" in said) == (1, True), said
    assert WORD not in said


@dataclass
class Connection:
    """A connection in a folder, whose ends may be wrong."""

    folder: Path
    file: Path

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [BIN / "people-sync", "run", self.file, "--output", "json", *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def kept(self) -> list[Path]:
        """Files in which the secret is, but for the configurations in which it was planted."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [
            path
            for path in files
            if path.parent != self.folder and WORD.encode() in path.read_bytes()
        ]


def connect(
    folder: Path, ends: dict[str, dict[str, Any]], hook: Webhook | None = None
) -> Connection:
    fake = folder / "fake-source"
    fake.write_text(f"#!{sys.executable}\n{SOURCE}")
    fake.chmod(0o755)
    lines = []
    for end, connector in zip(("source", "destination"), ends, strict=True):
        (folder / f"{end}.json").write_text(json.dumps(ends[connector]))
        lines.append(f"{end}: {{connector: {connector}, config: {end}.json}}\n")
    lines.append("state: .people-sync/state.json\n")
    if hook is not None:
        lines.append(f"alarms: {{webhook: '{hook.url}'}}\n")
    file = folder / "connection.yaml"
    file.write_text("".join(lines))
    return Connection(folder, file)


@pytest.mark.parametrize(
    ("ends", "place"),
    [
        (
            {
                "./fake-source": {},
                "destination-alleo": sample_of("destination-alleo")
                | {"warehouse": LAKE | {"data_pth": WORD}},
            },
            "Did you mean `warehouse.data_path`?",
        ),
        (
            {
                "./fake-source": {},
                "destination-lunchdrive": sample_of("destination-lunchdrive")
                | {"warehouse": {"encryption_key": WORD}},
            },
            "`warehouse.type` is missing",
        ),
        (
            {
                "source-loket": {"credentials": WORD},
                "destination-alleo": sample_of("destination-alleo"),
            },
            "`credentials` must be an object, and is text",
        ),
    ],
)
def test_a_refused_run_shows_nothing_in_its_summary_its_alarm_and_its_files(
    ends: dict[str, dict[str, Any]], place: str, tmp_path: Path, hook: Webhook
) -> None:
    connection = connect(tmp_path, ends, hook)
    ended = connection.run("--verbose")
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert place in " ".join(json.loads(ended.stdout)["errors"])
    assert place in hook.events[0]["text"]
    assert WORD not in ended.stdout + ended.stderr + json.dumps(hook.events)
    assert connection.kept() == []


COMMANDS = (
    "plan",
    "report",
    "lint",
    "explain x",
    "undo x",
    "retry",
    "watch --by 06:00",
    "register",
)
COMMANDS += ("approve x --by y", "erase x", "sql accounts")


@pytest.mark.parametrize(
    "warehouse",
    [
        {"type": "Ducklake", "catalog": WORD},
        {"type": "ducklake", "catalog": [WORD], "data_path": {"is": WORD}},
        {"type": "file", "conection_id": WORD},
        {"type": "file", "encryption_key": [WORD]},
        {WORD: WORD},
        [WORD],
        WORD,
    ],
    ids=str,
)
@pytest.mark.long
def test_no_command_shows_what_is_in_the_warehouse(
    warehouse: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    config = sample_of("destination-alleo") | {"warehouse": warehouse}
    connection = connect(tmp_path, {"./fake-source": {}, "destination-alleo": config})
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--connection", str(connection.file)])
        said = capsys.readouterr()
        assert WORD not in said.out + said.err, command
        if command != "register":
            assert ended.value.code == 2, (command, said)
    with pytest.raises(SystemExit):
        main(["fleet", str(tmp_path / "destination.json")])
    said = capsys.readouterr()
    assert WORD not in said.out + said.err


@pytest.mark.parametrize(
    "text",
    [
        f"source: *{WORD}",
        f"source: !{WORD} x",
        f"source: &{WORD} x\nstate: &{WORD} y\n\t",
        f"source: {{connector: source-loket, config: {{refresh_token: {WORD}}}}}",
        f"source: {{connector: {WORD}, config: source.json}}",
        f"source: {{connector: source-loket, config: {WORD}}}",
        f"{WORD}: x",
        f"source: {{{WORD}: x}}",
        f"source: '{WORD}",
        f"source: 2026-13-45\nstate: {WORD}",
        f"alarms: {{webhook: {WORD}}}",
        f"alarms: {{webhok: {WORD}}}",
        f"alarms: {{email: {{{WORD}: x, to: [{WORD}]}}}}",
        f"alarms: {WORD}",
    ],
)
@pytest.mark.parametrize("output", ["json", "text"])
def test_a_connection_file_that_is_refused_is_not_shown(
    text: str, output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = connect(tmp_path, {"./fake-source": {}, "destination-alleo": {}})
    kept = right.file.read_text().splitlines()
    # The wrong line stands in the place of the right one.
    lines = [line for line in kept if line.split(":")[0] not in text.split(":")[0]]
    right.file.write_text("\n".join([*lines, text]) + "\n")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(right.file), "--output", output])
    said = capsys.readouterr()
    assert ended.value.code == 2, said
    assert WORD not in said.out + said.err
