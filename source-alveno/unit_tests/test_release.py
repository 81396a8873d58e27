"""The words around the code agree with it."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from source_alveno.source import SourceAlveno

from .conftest import STREAMS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_setting_is_in_the_readme() -> None:
    source = SourceAlveno()

    for setting in source.spec(source.logger).connectionSpecification["properties"]:
        assert f"| `{setting}` |" in README


@pytest.mark.parametrize("stream", STREAMS)
def test_every_stream_and_field_is_in_the_readme(stream: str) -> None:
    schema = json.loads((files("source_alveno") / "schemas" / f"{stream}.json").read_text("utf-8"))
    row = next(line for line in README.splitlines() if line.startswith(f"| `{stream}` |"))

    for field in schema["properties"]:
        assert f"`{field}`" in row or field in ("total_size", "employer_id")


@pytest.mark.parametrize("kind", ["employee", "employment", "operation"])
def test_every_name_of_a_field_is_in_the_readme(kind: str) -> None:
    definitions = SourceAlveno().resolved_manifest["definitions"]
    for ours, theirs in definitions["attendance_names"][kind].items():
        hr = definitions["hr_names"][kind][ours]
        row = next(line for line in README.splitlines() if line.startswith(f"| `{kind}.{ours}` |"))
        cells = [cell.strip(" `") for cell in row.split("|")]
        assert (cells[2], cells[4]) == (theirs or "–", hr or "–")


def test_the_manifest_names_the_cdk_it_is_written_for() -> None:
    manifest = yaml.safe_load((files("source_alveno") / "manifest.yaml").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert f"airbyte-cdk=={manifest['version']}" in project["dependencies"]
