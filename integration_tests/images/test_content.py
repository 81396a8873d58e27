"""The hash under which a trial is kept follows what the image takes, and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from . import content
from .content import REPOSITORY, content_hash, files


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A connector of two files in a repository of its own."""
    for name, text in {
        "source-x/Dockerfile": "FROM base\nCOPY pins.txt ./\nCOPY source-x ./source-x\n",
        "source-x/main.py": "run()\n",
        "pins.txt": "a==1\n",
        "other/main.py": "run()\n",
        ".gitignore": "build/\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.setattr(content, "REPOSITORY", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "is_another"),
    [
        ("source-x/Dockerfile", True),
        ("source-x/main.py", True),
        ("source-x/new.py", True),
        ("pins.txt", True),
        ("other/main.py", False),
        ("source-x/build/left.txt", False),
    ],
)
def test_the_hash_follows_what_is_copied(repository: Path, changed: str, is_another: bool) -> None:
    before = content_hash("source-x")
    path = repository / changed
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "# more\n")
    assert (content_hash("source-x") != before) is is_another


def test_how_it_is_tried_is_part_of_the_hash() -> None:
    assert content_hash("source-loket") == content_hash("source-loket")
    assert content_hash("source-loket", "more") != content_hash("source-loket")


@pytest.mark.parametrize("connector", ["destination-alleo", "destination-lunchdrive"])
def test_the_models_are_part_of_a_destination(connector: str) -> None:
    names = {path.relative_to(REPOSITORY).as_posix() for path in files(connector)}
    assert any(name.endswith(".sql") for name in names)
    assert {"constraints.txt", f"{connector}/pyproject.toml"} <= names
