"""The software bill of materials names what the wheels need at run time, and no tool."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / ".ci" / "sbom.py"
SBOM: dict[str, Any] = runpy.run_path(str(SCRIPT))


@cache
def bill() -> dict[str, Any]:
    document: dict[str, Any] = SBOM["bill"]()
    return document


def versions() -> dict[str, str]:
    return {canonicalize_name(c["name"]): c["version"] for c in bill()["components"]}


def projects() -> dict[str, Any]:
    return {
        folder: tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
        for folder in SBOM["PACKAGES"]
    }


def test_every_direct_dependency_is_named_with_its_pinned_version() -> None:
    pins = SBOM["pinned"]()
    ours = {project["name"] for project in projects().values()}
    for folder, project in projects().items():
        assert versions()[project["name"]] == project["version"]
        extras = project.get("optional-dependencies", {}).values()
        direct = [*project["dependencies"], *(line for lines in extras for line in lines)]
        assert direct, folder
        for name in {canonicalize_name(Requirement(line).name) for line in direct} - ours:
            assert versions().get(name) == pins[name], (folder, name)


def test_every_package_with_a_wheel_of_its_own_is_in() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/pyproject.toml")}
    assert folders == set(SBOM["PACKAGES"])


def test_no_tool_and_no_folder_of_this_machine_is_in() -> None:
    tools = {"pytest", "ruff", "mypy", "sqlfluff", "hypothesis", "playwright", "cyclonedx-bom"}
    assert tools & set(versions()) == set()
    assert "file:" not in json.dumps(bill()) and str(ROOT) not in json.dumps(bill())


def test_what_a_package_needs_can_be_followed() -> None:
    needs = {entry["ref"]: entry["dependsOn"] for entry in bill()["dependencies"]}
    refs = {component["bom-ref"] for component in bill()["components"]}
    assert refs >= {ref for needed in needs.values() for ref in needed} | set(needs)
    (alleo,) = [needed for ref, needed in needs.items() if ref.startswith("destination-alleo==")]
    assert {ref.split("==")[0] for ref in alleo} == {
        "alleo",
        "httpx",
        "people-transforms",
        "pydantic",
    }


@pytest.mark.long
def test_the_command_writes_a_valid_document(tmp_path: Path) -> None:
    path = tmp_path / "sbom.cdx.json"
    subprocess.run([sys.executable, str(SCRIPT), str(path)], check=True, cwd=tmp_path)
    assert json.loads(path.read_text())["bomFormat"] == "CycloneDX"
