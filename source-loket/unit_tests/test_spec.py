"""The spec and the manifest: every setting explained, nothing written twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from airbyte_cdk.models import ConnectorSpecificationSerializer
from source_loket.source import SourceLoket

ROOT = Path(__file__).parents[1]
CONFIG = {"credentials": {"client_id": "c", "refresh_token": "r"}, "flex_salary": True}
SOURCE = SourceLoket(config=CONFIG)
STREAMS = {stream["name"]: stream for stream in SOURCE._stream_configs(SOURCE.resolved_manifest)}


def settings(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, below in schema["properties"].items():
        yield f"{path}{name}", below
        if below["type"] == "object":
            yield from settings(below, f"{path}{name}.")


def spec() -> dict[str, Any]:
    source = SourceLoket()
    found: dict[str, Any] = ConnectorSpecificationSerializer.dump(source.spec(source.logger))
    return found


def test_the_settings_are_those_of_the_design() -> None:
    assert [name for name, _ in settings(spec()["connectionSpecification"])] == [
        "credentials",
        "credentials.client_id",
        "credentials.client_secret",
        "credentials.refresh_token",
        "credentials.access_token",
        "credentials.token_expiry_date",
        "environment",
        "employer_ids",
        "fields",
        "flex_salary",
        "num_workers",
        "api_url",
        "oauth_url",
    ]


def test_every_setting_is_explained_and_every_secret_marked() -> None:
    for name, setting in settings(spec()["connectionSpecification"]):
        assert setting["title"] and setting["description"], name
        if setting["type"] != "object":
            assert setting["examples"], name
    secrets = {n for n, s in settings(spec()["connectionSpecification"]) if s.get("airbyte_secret")}
    assert secrets == {
        "credentials.client_id",
        "credentials.client_secret",
        "credentials.refresh_token",
        "credentials.access_token",
    }


def test_airbyte_can_show_its_consent_button() -> None:
    auth = spec()["advanced_auth"]
    oauth = auth["oauth_config_specification"]
    asked = oauth["oauth_connector_input_specification"]
    assert asked["consent_url"].startswith("https://oauth.loket.nl/authorize?")
    assert "scope=all" in asked["consent_url"]
    kept = oauth["complete_oauth_output_specification"]["properties"]
    assert kept["refresh_token"]["path_in_connector_config"] == ["credentials", "refresh_token"]


def test_every_stream_and_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in STREAMS:
        assert f"`{name}`" in readme, name
    for name, _ in settings(spec()["connectionSpecification"]):
        assert f"`{name.rsplit('.', 1)[-1]}`" in readme, name


def test_each_stream_asks_for_a_right_of_its_own_and_pins_its_version() -> None:
    said = [stream["$parameters"] for stream in STREAMS.values()]
    assert len({parameters["activity"] for parameters in said}) == len(said) == 12
    assert all(parameters["version"] for parameters in said)


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://api.loket-acc.nl/v2", True),
        ("http://127.0.0.1:8080/v2", True),
        ("http://localhost", True),
        ("http://[::1]:80/", True),
        ("http://api.loket.nl/v2", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://localhost:80@evil.example/", False),
        ("ftp://localhost/", False),
        ("https://", False),
    ],
)
def test_addresses_are_https_or_on_this_machine(url: str, is_taken: bool) -> None:
    for name in ("api_url", "oauth_url"):
        setting = spec()["connectionSpecification"]["properties"][name]
        assert jsonschema.Draft7Validator(setting).is_valid(url) == is_taken


def test_versions_agree() -> None:
    metadata = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    version = metadata["dockerImageTag"]
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text()
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
