from __future__ import annotations

import importlib.metadata
import re
import tomllib
import uuid
from pathlib import Path

import yaml
from airbyte_cdk.models.connector_metadata import ConnectorLanguage, MetadataFile

FOLDER = Path(__file__).parents[1]
NAME = FOLDER.name


def test_every_file_names_the_same_version() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    data = yaml.safe_load((FOLDER / "metadata.yaml").read_text())["data"]
    dockerfile = (FOLDER / "Dockerfile").read_text()
    changelog = (FOLDER / "CHANGELOG.md").read_text()
    assert project["name"] == NAME
    assert importlib.metadata.version(NAME) == project["version"]
    assert data["dockerImageTag"] == project["version"]
    assert f"io.airbyte.version={project['version']}\n" in dockerfile
    assert re.findall(r"^## (\S+)", changelog, re.MULTILINE)[0] == project["version"]


def test_the_registry_entry_is_complete() -> None:
    metadata = MetadataFile.from_file(FOLDER / "metadata.yaml").data
    data = yaml.safe_load((FOLDER / "metadata.yaml").read_text())["data"]
    assert metadata.language is ConnectorLanguage.PYTHON
    assert metadata.dockerRepository.endswith(NAME)
    needed = {
        "name",
        "definitionId",
        "connectorType",
        "connectorSubtype",
        "documentationUrl",
        "githubIssueLabel",
        "license",
        "releaseStage",
        "supportLevel",
        "allowedHosts",
        "icon",
    }
    assert needed <= set(data)
    assert uuid.UUID(data["definitionId"]).version == 4
    assert (FOLDER / data["icon"]).read_text().startswith("<svg")
    assert data["connectorBuildOptions"]["baseImage"] in (FOLDER / "Dockerfile").read_text()
