"""A destination and a source made as CONTRIBUTING says it, in a copy of the repository: a pair that works.

`files` is what a developer writes; the rest of both folders is another connector's, renamed. Nothing that
is shared is edited, and the tests that hold for every connector hold for these.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..workspace import ROOT
from .canteen import KEY, Canteen, running

pytestmark = pytest.mark.long

FILES = Path(__file__).parent / "files"
MODELS = "transforms/people_transforms/models"
# The two rows "add a destination" and "add a source".
OWN = (
    "destination-example/",
    "source-example/",
    f"{MODELS}/marts/example/",
    f"{MODELS}/raw/example.yaml",
    f"{MODELS}/staging/example/",
)
_LEFT_OUT = (
    ".*", "build", "*.egg-info", "__pycache__", "new_connectors", "bench", "recordings",
)  # fmt: skip
_NOT_COPIED = ("unit_tests", "test_*.py", "__pycache__", "*.egg-info", "build")
# What of the connector that is copied is about its own vendor.
_VENDORS_OWN = {
    "destination-alleo": ("employees.py", "exchange.py", "refusals.py", "client.py"),
    "source-alveno": ("components.py", "dates.py", "fields.py", "whole_list.py"),
}
_TESTS = (
    "transforms/unit_tests/models/test_models.py",
    "transforms/unit_tests/models/test_portability.py",
    "transforms/unit_tests/publishing/test_register.py",
    "transforms/unit_tests/publishing/test_words.py",
    "integration_tests/test_register.py",
    "integration_tests/test_metadata.py",
    "integration_tests/test_shared_spec.py",
    "integration_tests/test_forms.py",
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the two connectors in it."""
    copy = tmp_path_factory.mktemp("repository") / "people-sync"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    copy_renamed("destination-alleo", copy / "destination-example")
    copy_renamed("source-alveno", copy / "source-example")
    for connector in ("destination-example", "source-example"):
        shutil.copytree(FILES / connector, copy / connector, dirs_exist_ok=True)
    shutil.copytree(FILES / "models", copy / MODELS, dirs_exist_ok=True)
    ran(copy, sys.executable, "-m", "people_transforms.shared_spec")
    return copy


def copy_renamed(connector: str, target: Path) -> None:
    """Copy a connector under another name, without what is about its vendor."""
    name = connector.partition("-")[2]
    without = shutil.ignore_patterns(*_NOT_COPIED, *_VENDORS_OWN[connector])
    shutil.copytree(ROOT / connector, target, ignore=without)
    package = target / connector.replace("-", "_")
    package.rename(target / target.name.replace("-", "_"))
    for path in target.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8").replace(name, "example")
            text = text.replace(name.title(), "Example")
            text = re.sub(r"definitionId: .*", f"definitionId: {uuid.uuid4()}", text)
            path.write_text(text, "utf-8")


def ran(repository: Path, *command: str | Path, expect: int = 0) -> str:
    """Run a command in the copy, with its packages; give what it prints."""
    packages = ("connector", "transforms", "destination-example", "source-example")
    folders = [repository / name for name in packages]
    ended = subprocess.run(
        [*map(str, command)],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == expect, ended.stdout[-3000:] + ended.stderr[-3000:]
    return ended.stdout


def digests(folder: Path) -> dict[str, str]:
    """Tell every file of a repository from another of the same path."""
    without = shutil.ignore_patterns(*_LEFT_OUT)
    found: dict[str, str] = {}
    for path, folders, names in os.walk(folder):
        ignored = without(path, [*folders, *names])
        folders[:] = [name for name in folders if name not in ignored]
        for name in set(names) - ignored:
            file = Path(path, name)
            place = file.relative_to(folder).as_posix()
            found[place] = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    return found


def test_a_new_pair_edits_nothing_that_is_shared(repository: Path) -> None:
    before, after = digests(ROOT), digests(repository)
    assert {path for path in before if after.get(path) != before[path]} == set()
    added = after.keys() - before.keys()
    assert {path for path in added if not path.startswith(OWN)} == set()
    assert all(any(path.startswith(own) for path in added) for own in OWN)
    make = shutil.which("make")
    assert make is not None
    said = ran(repository, make, "--dry-run", "setup")
    assert "-e ./destination-example" in said
    assert "-e ./source-example" in said


def test_every_test_that_holds_for_all_connectors_holds_for_the_new_ones(repository: Path) -> None:
    tests = [repository / path for path in _TESTS]
    said = ran(
        repository,
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not long", "-rA"),
        *tests,
    )
    assert len(re.findall(r"^PASSED .*\bexample\b|^PASSED .*-example", said, re.MULTILINE)) > 10


@pytest.fixture
def canteen() -> Iterator[Canteen]:
    with running() as started:
        started.hr["companies"] = [{"id": "C1", "name": "Jansen B.V."}]
        for number in range(1, 7):
            badge = f"B{number}" if number < 6 else None
            names = {"first_name": f"Anna{number}", "last_name": "Jansen", "badge": badge}
            person = {"company_id": "C1", "id": f"P{number}"}
            started.hr["people"].append({**person, **names})
            # A null is left out by the CDK, and a key that no record has counts as not read.
            days = {"first_day": "2020-01-01", "last_day": "2199-12-31" if number == 6 else None}
            started.hr["contracts"].append(
                {"company_id": "C1", "id": f"W{number}", "person_id": f"P{number}", **days}
            )
        yield started


def test_a_night_of_the_new_pair(repository: Path, canteen: Canteen, tmp_path: Path) -> None:
    folder = connection(repository, canteen, tmp_path)
    (folder / "source.json").write_text(json.dumps({"key": KEY, "api_url": f"{canteen.url}/hr"}))

    def people_sync(*words: str, expect: int = 0) -> str:
        command = (sys.executable, "-m", "people_sync.cli", *words, folder / "connection.yaml")
        return ran(repository, *command, expect=expect)

    people_sync("run", expect=3)
    assert canteen.writes == 0
    plan = json.loads(people_sync("plan", "--output", "json"))
    ran(
        repository,
        *(sys.executable, "-m", "people_sync.cli", "approve", plan["plan_hash"]),
        *("--by", "a test", "--connection", folder / "connection.yaml"),
    )
    people_sync("run")
    assert sorted(guest["badge"] for guest in canteen.guests) == ["B1", "B2", "B3", "B4", "B5"]
    report = (folder / ".people-sync" / "example" / "report.html").read_text("utf-8")
    assert "Vul het nummer van de pas in" in report, "words of the new platform"
    written = canteen.writes
    people_sync("run")
    assert canteen.writes == written, "control: an equal night writes nothing"
    canteen.hr["contracts"][0]["last_day"] = (
        f"{dt.datetime.now(dt.UTC).date() - dt.timedelta(days=2)}"
    )
    people_sync("run")
    assert {guest["badge"] for guest in canteen.guests if not guest["active"]} == {"B1"}


def connection(repository: Path, canteen: Canteen, folder: Path) -> Path:
    """Write a connection file, and what a console script of either connector would be."""
    for end in ("source", "destination"):
        script = folder / f"{end}-example"
        script.write_text(
            f"#!{sys.executable}\nfrom {end}_example.run import run\n\nrun()\n", "utf-8"
        )
        script.chmod(0o700)
    config: dict[str, Any] = {"key": KEY, "api_url": f"{canteen.url}/canteen", "house_id": "7"}
    config["report_language"] = "nl"
    (folder / "destination.json").write_text(json.dumps(config))
    (folder / "connection.yaml").write_text(
        "source: {connector: ./source-example, config: source.json}\n"
        "destination: {connector: ./destination-example, config: destination.json}\n"
        "state: state.json\n"
    )
    return folder
