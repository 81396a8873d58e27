"""The settings that all destinations share are told once: settings.yaml, the model and the specs agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from people_transforms.models.vendors import vendors
from people_transforms.settings import Settings, WarehouseSettings
from people_transforms.shared_spec import shared_settings, spec_text, with_shared_settings

ROOT = Path(__file__).parents[1]
SPECS = sorted(ROOT.glob("destination-*/destination_*/spec.json"))
# In the model for one platform only, or made by the program.
NOT_SHARED = {
    "vendor",
    "configuration",
    "import_employees",
    "invitations",
    "max_invitations_per_run",
}
# Asked by the models alone, as part of the whole configuration.
ONLY_MODELS = {"selective_sync", "bridge_gap_days"}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.parent.name)
def test_the_shared_part_of_a_spec_is_current(path: Path) -> None:
    assert path.read_text("utf-8") == spec_text(path), (
        "change settings.yaml, then: python -m people_transforms.shared_spec"
    )


def test_there_is_a_spec_for_every_platform_and_its_own_settings_stay() -> None:
    assert {path.parent.name.removeprefix("destination_") for path in SPECS} == set(vendors())
    own = {"properties": {"key": {"type": "string", "order": 0}}}
    made = with_shared_settings(own, "alleo")["properties"]
    assert list(made) == ["key", *shared_settings()]
    assert made["source_system"]["default"] == "loket"


def test_the_model_parses_every_setting_and_no_other() -> None:
    assert set(Settings.model_fields) - NOT_SHARED == set(shared_settings()) - ONLY_MODELS


def test_bounds_words_and_defaults_of_the_model_are_those_of_the_spec() -> None:
    told = with_shared_settings({"properties": {}}, "alleo")["properties"]
    parsed = Settings.model_json_schema()
    different = list(_different(told, parsed["properties"], parsed["$defs"], ""))
    assert different == []


def _different(
    told: Mapping[str, Any], parsed: Mapping[str, Any], kinds: Mapping[str, Any], place: str
) -> Iterator[str]:
    for name in told.keys() & parsed.keys():
        ours, theirs = told[name], _resolved(parsed[name], kinds)
        for key in ("minimum", "maximum", "exclusiveMinimum"):
            if ours.get(key) != theirs.get(key):
                yield f"{place}{name} {key}: {ours.get(key)}, and the model {theirs.get(key)}"
        if set(ours.get("enum", ())) != set(theirs.get("enum", ())):
            yield f"{place}{name}: other words in the model"
        if name in ("source_system", "timezone", "when_absent"):
            continue
        if "default" in ours and ours["default"] not in _defaults(theirs, parsed[name]):
            yield f"{place}{name}: another default in the model"
        if "properties" in ours and "properties" in theirs:
            # A brake's own numbers differ per kind; see the test of the brakes.
            inside = ours["properties"] if "brake" not in str(theirs.get("title")).lower() else {}
            yield from _different(inside, theirs["properties"], kinds, f"{place}{name}.")


def _resolved(one: Mapping[str, Any], kinds: Mapping[str, Any]) -> Mapping[str, Any]:
    for choice in one.get("anyOf", ()):
        if choice.get("type") != "null":
            return {**_resolved(choice, kinds), **{k: v for k, v in one.items() if k != "anyOf"}}
    if "$ref" in one:
        return {**kinds[one["$ref"].rsplit("/", 1)[1]], **one}
    return one


def _defaults(*parsed: Mapping[str, Any]) -> list[Any]:
    """What a model makes of nothing; a part that is None is one that is not set."""
    found = [one["default"] for one in parsed if "default" in one]
    return [
        {key: value for key, value in one.items() if value is not None}
        if isinstance(one, dict)
        else one
        for one in found
    ]


def test_the_brakes_of_the_model_are_those_of_the_spec() -> None:
    told = {
        name: {"at_least": one["brake"][0], "share": one["brake"][1]}
        for name, one in shared_settings()["brakes"]["properties"].items()
    }
    parsed = Settings.model_fields["brakes"].default.model_dump()
    assert {name: value for name, value in parsed.items() if value} == told


def test_every_key_of_the_warehouse_is_parsed() -> None:
    told = {name for one in shared_settings()["warehouse"]["oneOf"] for name in one["properties"]}
    assert told == set(WarehouseSettings.model_fields)
