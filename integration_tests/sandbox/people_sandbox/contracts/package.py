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
    NEEDS: ClassVar[tuple[str, ...]] = ("transforms",)
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
        """Installed away from this checkout, the connector answers, and writes nothing."""
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
        home, spec = _spec_of(own, site, tmp_path)
        assert home.is_relative_to(site)
        assert spec["connectionSpecification"]["properties"][self.SETTING]
        after = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
        assert after == before


def _installed(folder: Path) -> Path:
    """Build the wheels of a folder's `source` and install them alone."""
    sources = list((folder / "source").iterdir())
    _pip("wheel", "--quiet", "--no-deps", "--wheel-dir", folder / "wheels", *sources)
    wheels = list((folder / "wheels").glob("*.whl"))
    assert len(wheels) == len(sources)
    _pip("install", "--quiet", "--no-deps", "--target", folder / "site", *wheels)
    return folder / "site"


def _pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _spec_of(package: str, site: Path, folder: Path) -> tuple[Path, dict[str, dict[str, object]]]:
    code = f"import {package}, {package}.run as entry; print({package}.__file__); entry.run()"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, "spec"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    home, spec = done.stdout.splitlines()
    return Path(home), json.loads(spec)["spec"]
