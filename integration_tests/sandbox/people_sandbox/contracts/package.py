"""What a connector's package promises: one version everywhere, a full registry entry, a whole wheel."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import uuid
from pathlib import Path
from typing import ClassVar

import pytest
import yaml
from airbyte_cdk.models.connector_metadata import ConnectorLanguage, MetadataFile

_NEEDED = {
    "name", "definitionId", "connectorType", "connectorSubtype", "documentationUrl",
    "githubIssueLabel", "license", "releaseStage", "supportLevel", "allowedHosts", "icon",
}  # fmt: skip
_DATA = (".sql", ".yaml", ".json", ".j2", ".css", ".typed")


class PackageContract:
    """Inherit it with the connector's folder, and what else of the workspace its wheel needs."""

    FOLDER: ClassVar[Path]
    NEEDS: ClassVar[tuple[str, ...]] = ("connector", "transforms")
    # A setting that the spec of the installed wheel must have.
    SETTING: ClassVar[str] = "warehouse"

    def test_every_file_names_the_same_version(self) -> None:
        name = self.FOLDER.name
        project = tomllib.loads((self.FOLDER / "pyproject.toml").read_text())["project"]
        data = yaml.safe_load((self.FOLDER / "metadata.yaml").read_text())["data"]
        dockerfile = (self.FOLDER / "Dockerfile").read_text()
        changelog = (self.FOLDER / "CHANGELOG.md").read_text()
        assert project["name"] == name
        assert importlib.metadata.version(name) == project["version"]
        assert data["dockerImageTag"] == project["version"]
        assert f"io.airbyte.version={project['version']}\n" in dockerfile
        released = [
            name
            for name in re.findall(r"^## (\S+)", changelog, re.MULTILINE)
            if name != "Unreleased"
        ]
        assert released[0] == project["version"]

    def test_the_registry_entry_is_complete(self) -> None:
        metadata = MetadataFile.from_file(self.FOLDER / "metadata.yaml").data
        data = yaml.safe_load((self.FOLDER / "metadata.yaml").read_text())["data"]
        assert metadata.language is ConnectorLanguage.PYTHON
        assert metadata.dockerRepository.endswith(self.FOLDER.name)
        assert set(data) >= _NEEDED
        assert uuid.UUID(data["definitionId"]).version == 4
        assert (self.FOLDER / data["icon"]).read_text().startswith("<svg")
        assert (
            data["connectorBuildOptions"]["baseImage"] in (self.FOLDER / "Dockerfile").read_text()
        )

    @pytest.mark.long
    def test_the_wheels_answer_spec_from_anywhere(self, tmp_path: Path) -> None:
        """Installed away from this checkout and without the program's packages, the connector answers.

        It writes nothing there, and `people-sync` says in a sentence what it lacks.
        """
        own = self.FOLDER.name.replace("-", "_")
        without = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", "unit_tests")
        for name in (*self.NEEDS, self.FOLDER.name):
            copy = tmp_path / "source" / name
            shutil.copytree(self.FOLDER.parent / name, copy, ignore=without)
        site = _installed(tmp_path)
        for source in (tmp_path / "source").glob("*/*/__init__.py"):
            package = source.parent
            wanted = {p.relative_to(package) for p in package.rglob("*") if p.suffix in _DATA}
            there = site / package.name
            assert {path for path in wanted if not (there / path).is_file()} == set()
        before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
        bare = _without_the_program(site, tmp_path)
        home, spec = _spec_of(own, bare, tmp_path)
        assert home.is_relative_to(site)
        assert spec["connectionSpecification"]["properties"][self.SETTING]
        said = _check_of(own, bare, tmp_path)
        assert said["status"] == "FAILED" and said["message"], "control: {} lacks settings"
        if "transforms" in self.NEEDS:
            program = [sys.executable, "-B", "-m", "people_sync.program", "run"]
            ended = _started(program, bare, tmp_path)
            assert ended.returncode == 1
            assert ended.stderr.strip() == (
                "people-sync needs click: pip install 'people-transforms[people-sync]'."
            )
        after = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
        assert after == before


def _installed(folder: Path) -> Path:
    """Build the wheels of a folder's `source` and install them alone."""
    sources = list((folder / "source").iterdir())
    # With the setuptools that is here: an environment of its own for each takes four times as long.
    quick = ("--quiet", "--no-deps", "--no-build-isolation")
    _pip("wheel", *quick, "--wheel-dir", folder / "wheels", *sources)
    wheels = list((folder / "wheels").glob("*.whl"))
    assert len(wheels) == len(sources)
    _pip("install", "--quiet", "--no-deps", "--target", folder / "site", *wheels)
    return folder / "site"


def _pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Airbyte's CDK brings click and rich for a command of its own, so they are not missing everywhere.
_REFUSE = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"click", "rich", "starlette", "uvicorn", "limits"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
"""


def _without_the_program(site: Path, folder: Path) -> str:
    """Give a path on which the wheels are, and no package that only the program needs."""
    refusing = folder / "refusing"
    refusing.mkdir()
    (refusing / "sitecustomize.py").write_text(_REFUSE)
    return os.pathsep.join(map(str, (refusing, site)))


def _started(command: list[str], path: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _spec_of(package: str, path: str, folder: Path) -> tuple[Path, dict[str, dict[str, object]]]:
    code = f"import {package}, {package}.run as entry; print({package}.__file__); entry.run()"
    done = _started([sys.executable, "-B", "-c", code, "spec"], path, folder)
    assert done.returncode == 0, done.stderr
    home, *lines = done.stdout.splitlines()
    # The CDK of a source logs beside it.
    (spec,) = [one["spec"] for one in map(json.loads, lines) if one["type"] == "SPEC"]
    return Path(home), spec


def _check_of(package: str, path: str, folder: Path) -> dict[str, str]:
    (folder / "empty.json").write_text("{}")
    code = f"import {package}.run as entry; entry.run()"
    command = [sys.executable, "-B", "-c", code, "check", "--config", str(folder / "empty.json")]
    lines = [json.loads(line) for line in _started(command, path, folder).stdout.splitlines()]
    (status,) = [one["connectionStatus"] for one in lines if one["type"] == "CONNECTION_STATUS"]
    return dict(status)
