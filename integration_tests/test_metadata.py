"""`metadata.yaml` of each connector, against the schema that Airbyte's own registry uses."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from .workspace import CONNECTORS, DESTINATIONS

REPOSITORY = Path(__file__).parents[1]
SCHEMA = "airbyte_connector_models/metadata/v0/ConnectorMetadataDefinitionV0.json"


def metadata_of(connector: str) -> Any:
    """The file as JSON; a date is text there."""
    loaded = yaml.safe_load((REPOSITORY / connector / "metadata.yaml").read_text())
    return json.loads(json.dumps(loaded, default=str))


@cache
def validator() -> Draft7Validator:
    """Airbyte's schema; an `$id` inside of it would lead its own references astray."""
    file = distribution("airbyte-connector-models").locate_file(SCHEMA)
    schema = json.loads(Path(str(file)).read_text())

    def without_ids(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: without_ids(value) for key, value in node.items() if key != "$id"}
        return [without_ids(one) for one in node] if isinstance(node, list) else node

    return Draft7Validator(without_ids(schema))


@pytest.mark.parametrize("connector", CONNECTORS)
def test_the_metadata_is_what_airbytes_registry_takes(connector: str) -> None:
    assert [error.message for error in validator().iter_errors(metadata_of(connector))] == []


@pytest.mark.parametrize(
    "change", [{"supportsRefreshes": "yes"}, {"dockerImageTag": None}, {"allowedHost": {}}]
)
def test_the_schema_would_find_a_mistake(change: dict[str, Any]) -> None:
    metadata = metadata_of("destination-alleo")
    metadata["data"] |= change
    assert list(validator().iter_errors(metadata))


@pytest.mark.parametrize("connector", DESTINATIONS)
def test_a_destination_asks_for_the_statuses_that_the_platform_makes_up(connector: str) -> None:
    assert metadata_of(connector)["data"]["supportsRefreshes"] is True


def test_the_example_shows_the_versions_that_there_are() -> None:
    shown = re.findall(
        r"people-sync/([a-z-]+):([0-9.]+)",
        (REPOSITORY / "examples/airbyte_api/README.md").read_text(),
    )
    assert shown
    for connector, version in shown:
        assert version == metadata_of(connector)["data"]["dockerImageTag"], connector


@pytest.mark.parametrize("connector", CONNECTORS)
def test_the_metadata_says_what_well_made_connectors_say(connector: str) -> None:
    data = metadata_of(connector)["data"]
    assert all(one["url"].startswith("https://") for one in data["externalDocumentationUrls"])
    jobs = {one["jobType"] for one in data["resourceRequirements"]["jobSpecific"]}
    assert {"check_connection", "sync"} <= jobs
    assert data["remoteRegistries"]["pypi"]["packageName"] == connector
    # A source may be told to wait ten minutes, six times: that is no source that hangs.
    assert data.get("maxSecondsBetweenMessages", 3601) > 3600
