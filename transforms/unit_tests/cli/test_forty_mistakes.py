"""The mistakes that people make in the first hour, each answered by one plain sentence.

Each names the file and the key and says what to write; no process is started and no vendor asked.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from people_sync.commands.init import make_files

from .conftest import PeopleSync

pytestmark = pytest.mark.few(20)

# What libraries say of a value.
FOREIGN = re.compile(
    r"Input should|is not of type|is not valid under|does not match|validation error|Traceback|"
    r"Failed validating|is not one of|Additional properties|Extra inputs|Expecting|mapping values",
    re.IGNORECASE,
)
LOKET = {"credentials": {"client_id": "my-client", "client_secret": "s", "refresh_token": "r"}}
ALVENO = {"token": "4f6c8a10-0000-0000-0000-000000000000"}
ALLEO = {
    "access_key": "ak_1",
    "secret_key": "sk_1",
    "companies": [{"employer_id": "b5a1f0c2", "company_id": 501}],
}
LUNCHDRIVE = {"api_url": "https://lunchdrive.example.com/api", "api_key": "ld_1", "mode": "group"}
GOOD = {"loket": LOKET, "alveno": ALVENO, "alleo": ALLEO, "lunchdrive": LUNCHDRIVE}


def setting(end: str, **changes: Any) -> tuple[str, Callable[[str], str]]:
    """Change settings of one end; None takes the setting out."""
    config = {**GOOD[end], **changes}
    text = json.dumps({name: value for name, value in config.items() if value is not None})
    return f"{end}.json", lambda _: text


def text(end: str, content: str) -> tuple[str, Callable[[str], str]]:
    return f"{end}.json", lambda _: content


def line(old: str, new: str) -> tuple[str, Callable[[str], str]]:
    """Change a line of connection.yaml."""
    return "connection.yaml", lambda kept: kept.replace(old, new)


def added(new: str) -> tuple[str, Callable[[str], str]]:
    return "connection.yaml", lambda kept: f"{kept}\n{new}\n"


MISTAKES: list[tuple[tuple[str, Callable[[str], str]], str]] = [
    # connection.yaml
    (line("state:", "stat:"), "`stat` is not a setting. Did you mean `state`?"),
    (line("streams: all", "streams: everything"), "`streams` must be `all` or a list"),
    (line("streams: all", "streams: []"), "`streams` is empty: write `all` or name the streams"),
    (line("config: loket.json", "config: lokt.json"), "`source.config` names a file that does not"),
    (line("config: loket.json", "conf: loket.json"), "Did you mean `source.config`?"),
    (line("source-loket", "loket"), "`source.connector` is not installed"),
    (line("destination: {", "destination:\n- {"), "needs `destination: {connector: …, config: …}`"),
    (line("streams: all", "streams: all: yes"), "is not valid YAML"),
    (added("alarms: {webhok: 'https://a.example.com'}"), "Did you mean `alarms.webhook`?"),
    (added("alarms: {webhook: hooks.example.com}"), "`alarms.webhook` must look like"),
    (added("alarms: {email: {to: a@example.com}}"), "`alarms.email.from` is missing"),
    (added("alarms: {email: {to: a@example.com, from: b@example.com, server: m, "
           "desk: 'https://u:pw@desk.example.com'}}"), "`alarms.email.desk` must look like"),
    # Loket
    (text("loket", '{"credentials": {}, }'), "is not JSON. (path="),
    (text("loket", "[]"), "must hold one JSON object"),
    (setting("loket", credentials=None), "`credentials` is missing"),
    (setting("loket", credentials={**LOKET["credentials"], "refresh_token": ""}),
     "`credentials.refresh_token` is empty: fill it in"),
    (setting("loket", client_id="my-client"), "`client_id` belongs in `credentials`"),
    (setting("loket", enviroment="acceptance"), "Did you mean `environment`?"),
    (setting("loket", environment="test"),
     "`environment` must be one of: production, acceptance"),
    (setting("loket", employer_ids="b5a1f0c2"), "`employer_ids` must be a list, and is text"),
    (setting("loket", employer_id="b5a1f0c2"), "Did you mean `employer_ids`?"),
    (setting("loket", num_workers=100), "`num_workers` must be at most 20, and is 100"),
    (setting("loket", api_url="http://api.loket.nl/v2"), "`api_url` must look like https://…"),
    # Alveno
    (setting("alveno", token=""), "`token` is empty: fill it in"),
    (setting("alveno", field_names={"employees": {}}), "Did you mean `field_names.employee`?"),
    (setting("alveno", field_names={"employee": {"emial": "Mail"}}),
     "Did you mean `field_names.employee.email`?"),
    (setting("alveno", allow_empty="no"), "`allow_empty` must be true or false, and is text"),
    (setting("alveno", api_url="api.alveno.cz"), "`api_url` must look like https://…"),
    # Alleo
    (setting("alleo", secret_key=None), "`secret_key` is missing"),
    (setting("alleo", desk_url="https://u:pw@desk.example.com/c/x"), "`desk_url` must look like https://…"),
    (setting("alleo", when_abscent="end"), "Did you mean `when_absent`?"),
    (setting("alleo", brakes={"removal": {"at_least": 3, "share": 0.1}}),
     "Did you mean `brakes.removals`?"),
    (setting("alleo", brakes={"removals": {"at_least": 3, "share": 10}}),
     "`brakes.removals.share` must be at most 1, and is 10 (0.1 means 10 %)"),
    (setting("alleo", brakes={"removals": 3}), "`brakes.removals` must be an object or null"),
    (setting("alleo", brakes={"removals": {"at_least": "three", "share": 0.1}}),
     "`brakes.removals.at_least` must be a whole number, and is text"),
    (setting("alleo", companies={"b5a1f0c2": 501}), "`companies` must be a list, and is an object"),
    (setting("alleo", companies=[{"employer": "b5a1f0c2", "company_id": 501}]),
     "Did you mean `companies.0.employer_id`?"),
    (setting("alleo", companies=[{"employer_id": "b5a1f0c2", "company_id": "five"}]),
     "`companies.0.company_id` must be a whole number, and is text"),
    (setting("alleo", timezone="Amsterdam"), "`timezone` is not a time zone; use a name like"),
    (setting("alleo", as_of="02-03-2026"), "`as_of` must look like YYYY-MM-DD"),
    (setting("alleo", as_of="2026-02-30"), "`as_of` must be a day"),
    (setting("alleo", source_system="alveno"),
     '`source_system` is alveno, and the connection reads with source-loket: write '
     '"source_system": "loket"'),
    (setting("alleo", warehouse={"path": "/data/people"}), "`warehouse.type` is missing"),
    (setting("alleo", warehouse={"type": "file", "encryption_key": "short"}),
     "`warehouse.encryption_key` needs at least 16 characters"),
    (setting("alleo", api_url="http://alleo.example.com"), "`api_url` must look like https://…"),
    # Lunchdrive
    (setting("lunchdrive", api_url=None), "`api_url` is missing"),
    (setting("lunchdrive", api_url="lunchdrive.example.com"), "`api_url` must look like https://…"),
    (setting("lunchdrive", mode="grup"), "`mode` must be one of: single, group"),
    (setting("lunchdrive", allowed_client_ids="32567"),
     "`allowed_client_ids` must be a list, and is text"),
    (setting("lunchdrive", allowed_clients=["32567"]), "Did you mean `allowed_client_ids`?"),
    (setting("lunchdrive", invitations=True), "`invitations` must be text, and is true or false"),
    (setting("lunchdrive", absence_reads=1), "`absence_reads` must be at least 2, and is 1"),
]  # fmt: skip


def files(folder: Path, pair: str) -> None:
    for path, content in make_files(folder, pair, None).items():
        end = path.stem
        path.write_text(json.dumps(GOOD[end]) if end in GOOD else content)


@pytest.fixture
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "run", refuse)


@pytest.mark.usefixtures("nobody_is_asked")
@pytest.mark.parametrize(("change", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_one_sentence_with_file_and_key(
    change: tuple[str, Callable[[str], str]], said: str, tmp_path: Path, people_sync: PeopleSync
) -> None:
    name, changed = change
    pair = "alveno-lunchdrive" if name in ("alveno.json", "lunchdrive.json") else "loket-alleo"
    files(tmp_path, pair)
    path = tmp_path / name
    assert changed(path.read_text()) != path.read_text(), "the control"
    path.write_text(changed(path.read_text()))

    ended = people_sync("check")

    told = ended.stdout + ended.stderr
    assert ended.returncode == 2, told
    assert said in told
    assert name in told
    assert FOREIGN.search(told) is None
    assert len([one for one in told.splitlines() if name in one]) == 1


def test_there_are_at_least_forty_and_the_right_files_are_right(
    tmp_path: Path, people_sync: PeopleSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(MISTAKES) >= 40
    asked: list[object] = []

    def answer(command: list[object], **_: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, b"")

    monkeypatch.setattr(subprocess, "run", answer)
    files(tmp_path, "loket-alleo")
    told = people_sync("check")
    # Here the vendors are asked; nobody answers.
    assert asked
    assert "can be used" in told.stdout
