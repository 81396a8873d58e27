"""An Airbyte engineer recognises it: the manifest is read by the CDK's own runtime, anywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from airbyte_cdk.manifest_server.command_processor.utils import build_source
from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer, Status
from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
    ConcurrentDeclarativeSource,
)
from airbyte_cdk.sources.declarative.retrievers import SimpleRetriever
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource
from source_alveno.source import SourceAlveno

from .conftest import STREAMS, TOKEN, Alveno, Reply, catalog_of, read

PACKAGE = Path(str(files("source_alveno")))


def manifest() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((PACKAGE / "manifest.yaml").read_text("utf-8"))
    return content


@pytest.mark.parametrize("api", ["attendance", "hr"])
def test_the_plain_manifest_lists_the_streams(config: dict[str, Any], api: str) -> None:
    config |= {"api": api, "tenant": "01234567"}
    source = ConcurrentDeclarativeSource(source_config=manifest(), config=config)

    assert {stream.name for stream in source.streams(config)} == set(STREAMS)


def test_the_streams_are_listed_before_there_is_a_token() -> None:
    source = ConcurrentDeclarativeSource(source_config=manifest(), config={})

    assert {stream.name for stream in source.streams({})} == set(STREAMS)


def test_the_plain_manifest_reads_an_account_without_our_source(config: dict[str, Any]) -> None:
    catalog = catalog_of(*STREAMS)
    source = ConcurrentDeclarativeSource(catalog, config, [], source_config=manifest())

    found = [m.record.stream for m in source.read(source.logger, config, catalog, []) if m.record]

    assert sorted(found) == ["employees"] * 2 + ["employers"] + ["employments"] * 2 + ["operations"]


def test_the_source_leaves_reading_streams_and_printing_to_the_cdk() -> None:
    assert SourceAlveno.read is YamlDeclarativeSource.read
    assert SourceAlveno.streams is YamlDeclarativeSource.streams
    assert SourceAlveno.check is YamlDeclarativeSource.check
    assert SourceAlveno.discover is YamlDeclarativeSource.discover
    own = list(PACKAGE.glob("*.py"))
    assert own
    for path in own:
        assert not any(word in path.read_text("utf-8") for word in ("print(", "sys.stdout"))


def test_its_own_python_stays_small() -> None:
    own = list(PACKAGE.glob("*.py"))
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in own)

    assert {path.name for path in own} >= {"components.py", "source.py", "run.py"}
    assert lines <= 750


def sdm(folder: Path, command: str, config: dict[str, Any], *more: str) -> list[dict[str, Any]]:
    (folder / "config.json").write_text(json.dumps(config))
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("source-declarative-manifest")), command),
            *("--config", str(folder / "config.json")),
            *("--manifest-path", str(PACKAGE / "manifest.yaml")),
            *("--components-path", str(PACKAGE / "components.py")),
            *more,
        ],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
        env={**os.environ, "AIRBYTE_ENABLE_UNSAFE_CODE": "true"},
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.mark.long
def test_source_declarative_manifest_reads_it_with_the_components(
    config: dict[str, Any], tmp_path: Path
) -> None:
    assert any(
        point.name == "source-declarative-manifest"
        for point in distribution("airbyte-cdk").entry_points
    )
    catalog = {
        "streams": [
            {
                "stream": {
                    "name": name,
                    "json_schema": {},
                    "supported_sync_modes": ["full_refresh"],
                },
                "sync_mode": "full_refresh",
                "destination_sync_mode": "overwrite",
            }
            for name in STREAMS
        ]
    }
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))

    said = sdm(tmp_path, "read", config, "--catalog", str(tmp_path / "catalog.json"))

    records = [message["record"] for message in said if message["type"] == "RECORD"]
    assert len(records) == 6
    assert {record["stream"] for record in records} == set(STREAMS)


def test_the_builders_backend_resolves_it() -> None:
    """As manifest-server does for `/manifest/resolve`, which is an extra of the CDK."""
    resolved = build_source({**manifest(), "__should_migrate": True}, None, {}, None)

    groups = resolved.resolved_manifest["streams"]
    assert {stream["name"] for group in groups for stream in group["streams"]} == {*STREAMS}


@pytest.mark.parametrize("name", ["_read_pages"])
def test_a_private_name_of_the_cdk_that_we_use_is_there(name: str) -> None:
    assert callable(getattr(SimpleRetriever, name)), f"whole lists are read through {name}"


def test_a_read_after_a_check_asks_again(alveno: Alveno, config: dict[str, Any]) -> None:
    """Lists are shared between the components of one read, and never outlive it."""
    source = SourceAlveno(catalog_of("employees"), config)

    assert source.check(source.logger, config).status is Status.SUCCEEDED
    messages = list(source.read(source.logger, config, catalog_of("employees"), []))

    assert sum(message.record is not None for message in messages) == 2
    assert alveno.count("/employees") == 2


def test_a_list_with_a_wrong_key_holds_back_only_what_is_read_with_it(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(employees=[{"EmployeeID": 1}])

    assert read(config, "operations", "employments").count == 3  # employees are not asked for
    assert read(config, "operations", "employees").count == 0
    assert TOKEN not in read(config, "operations", "employees").text


def test_one_more_list_is_read_by_what_the_readme_says(
    alveno: Alveno, config: dict[str, Any], tmp_path: Path
) -> None:
    """Its lines and a schema, in a copy of the connector."""
    readme = (PACKAGE.parent / "README.md").read_text("utf-8").split("**Add a stream**")[1]
    names, stream = readme.split("```yaml\n")[1].split("```")[0].split("...\n")
    assert len((names + stream).splitlines()) <= 10
    shutil.copytree(PACKAGE, tmp_path / "source_alveno")
    path = tmp_path / "source_alveno" / "manifest.yaml"
    text = path.read_text("utf-8").replace("    employment:\n", f"{names}    employment:\n", 1)
    after = "    streams:\n"
    path.write_text(text.replace(after, f"{after}{stream}", 1), "utf-8")
    (path.parent / "schemas" / "projects.json").write_text('{"type": "object", "properties": {}}')
    alveno.answer("/projects", Reply(b'[{"ProjectID": 7, "Name": " Most "}]'))
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "catalog.json").write_bytes(
        orjson.dumps(ConfiguredAirbyteCatalogSerializer.dump(catalog_of("projects")))
    )

    done = subprocess.run(
        [sys.executable, "-c", "from source_alveno.run import run; run()", "read", "--config",
         "config.json", "--catalog", "catalog.json"],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-2000:]
    said = map(json.loads, done.stdout.splitlines())
    (record,) = [message["record"]["data"] for message in said if message["type"] == "RECORD"]
    assert record == {
        "project_id": "7", "name": "Most", "employer_id": "alveno", "total_size": 1
    }  # fmt: skip
