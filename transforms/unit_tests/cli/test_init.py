"""`people-sync init`: three files whose comments stay, and nothing is replaced unasked."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path

import pytest
from people_sync.cli import main
from people_sync.connection.config_file import write_config
from people_sync.connection.connection_file import read_connection_file

from .conftest import PeopleSync


@pytest.mark.parametrize("pair", ["loket-alleo", "alveno-lunchdrive", "loket-lunchdrive"])
def test_three_commented_files_that_ask_to_be_filled_in(
    pair: str, tmp_path: Path, people_sync: PeopleSync
) -> None:
    ended = people_sync("init", "--pair", pair)
    assert ended.returncode == 0, ended.stderr
    source, vendor = pair.split("-")
    assert f"{source}.json and {vendor}.json" in ended.stdout
    file = read_connection_file(tmp_path / "connection.yaml")
    assert (file.source.name, file.destination.name) == (
        f"source-{source}",
        f"destination-{vendor}",
    )
    config = json.loads((tmp_path / f"{vendor}.json").read_text())
    asked = [key for key in config if not key.startswith("__")]
    assert all(config[f"__{key}"].endswith(".") for key in asked)
    assert config.get("source_system") == ("loket" if pair == "loket-lunchdrive" else None)
    assert (tmp_path / f"{vendor}.json").stat().st_mode & 0o777 == 0o600
    # What is still empty is what `check` asks for, and nothing else is wrong.
    wrong = [line for line in people_sync("check").stdout.splitlines() if line.startswith("wrong")]
    assert wrong
    assert all("is empty: fill it in" in line for line in wrong), wrong


def test_nothing_is_replaced_unasked(tmp_path: Path, people_sync: PeopleSync) -> None:
    people_sync("init", "--pair", "loket-alleo")
    (tmp_path / "alleo.json").write_text("{}")
    ended = people_sync("init", "--pair", "loket-alleo")
    assert (ended.returncode, "alleo.json" in ended.stderr) == (2, True)
    assert (tmp_path / "alleo.json").read_text() == "{}"
    assert people_sync("init", "--pair", "loket-alleo", "--force").returncode == 0
    assert (tmp_path / "alleo.json").read_text() != "{}"


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("loket", "names both ends"),
        ("loket-aleo", "There are: alleo, lunchdrive."),
        ("../x-y", "source"),
    ],
)
def test_a_pair_that_is_none_is_said(pair: str, said: str, people_sync: PeopleSync) -> None:
    ended = people_sync("init", "--pair", pair)
    assert (ended.returncode, said in ended.stderr) == (2, True), ended.stderr


def test_without_a_sandbox_init_says_how_to_start_one(people_sync: PeopleSync) -> None:
    ended = people_sync("init", "--pair", "loket-alleo", "--sandbox", "http://127.0.0.1:9")
    assert ended.returncode == 2
    assert "people-sync sandbox --port 8765" in ended.stderr
    elsewhere = people_sync("init", "--pair", "loket-alleo", "--sandbox", "https://example.com")
    assert (elsewhere.returncode, "this machine" in elsewhere.stderr) == (2, True)


def test_a_renewed_token_leaves_the_comments_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "loket.json"
    before = {
        "__": "about",
        "credentials": {"__refresh_token": "renewed", "refresh_token": "old", "gone": 1},
        "employer_ids": [],
    }
    path.write_text(json.dumps(before))
    write_config(
        path, {"employer_ids": [], "credentials": {"refresh_token": "new", "access_token": "a"}}
    )
    kept = json.loads(path.read_text())
    assert list(kept) == ["__", "credentials", "employer_ids"]
    assert kept["credentials"] == {
        "__refresh_token": "renewed",
        "refresh_token": "new",
        "access_token": "a",
    }


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (errno.ENOSPC, 1, "The disk is full"),
        (errno.EDQUOT, 1, "The disk is full"),
        (errno.EROFS, 2, "may not read or write"),
        (errno.EACCES, 2, "may not read or write"),
    ],
)
def test_what_a_disk_or_a_folder_refuses_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    number: int,
    code: int,
    words: str,
) -> None:
    def refuse(*, dir: Path, **_: object) -> None:
        raise OSError(number, os.strerror(number), str(dir))

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(SystemExit) as ended:
        main(["init", str(tmp_path / "new"), "--pair", "loket-alleo", "--output", "json"])
    assert ended.value.code == code
    said = capsys.readouterr()
    assert words in said.err
    assert str(tmp_path) in said.err
    assert "OSError" not in said.err
    assert json.loads(said.out)["exit_code"] == code
