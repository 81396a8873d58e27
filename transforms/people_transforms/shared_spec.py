"""The part of each destination's spec that all destinations share, made from settings.yaml.

    python -m people_transforms.shared_spec     # in the repository: writes each destination's spec.json

A destination's spec.json keeps its own settings, in their order; the shared ones follow.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from people_transforms.models.contracts import source_systems
from people_transforms.models.vendors import vendors

# What each platform says of these is in its vendor.yaml, under the name on the right.
_PER_VENDOR = {
    "source_system": "usual_source",
    "timezone": "timezone",
    "when_absent": "when_absent",
}


@cache
def shared_settings() -> dict[str, Any]:
    """Read settings.yaml: setting → its schema, as written there."""
    text = files("people_transforms").joinpath("settings.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return found


def with_shared_settings(spec: Mapping[str, Any], vendor: str) -> dict[str, Any]:
    """Give a connection specification with the shared settings after the destination's own."""
    shared = _properties(shared_settings())
    for name, told in _PER_VENDOR.items():
        shared[name]["default"] = vendors()[vendor][told]
    own = [(name, one) for name, one in spec["properties"].items() if name not in shared]
    own.sort(key=lambda item: int(item[1].get("order", 0)))
    properties = {**dict(own), **shared}
    ordered = {name: {**one, "order": n} for n, (name, one) in enumerate(properties.items())}
    return {**spec, "properties": ordered}


def with_sources(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give a connection specification in which `source_system` may be any source of models/raw."""
    properties = dict(spec["properties"])
    if "source_system" in properties:
        properties["source_system"] = {**properties["source_system"], "enum": source_systems()}
    return {**spec, "properties": properties}


def _properties(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {**_complete(one), "order": order}
        for order, (name, one) in enumerate(settings.items())
    }


def _complete(setting: Mapping[str, Any]) -> dict[str, Any]:
    """Add what settings.yaml leaves to be added, at every level."""
    found = dict(setting)
    if "brake" in found:
        found |= _brake(*found.pop("brake"))
    if "properties" in found:
        found["properties"] = _properties(found["properties"])
    if "oneOf" in found:
        found["oneOf"] = [_complete(variant) for variant in found["oneOf"]]
    if "properties" in found or "oneOf" in found:
        found = {"type": "object", "additionalProperties": True} | found
    return found


def _brake(at_least: int, share: float) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "examples": [{"at_least": at_least, "share": share}],
        "properties": {
            "at_least": {
                "type": "integer",
                "minimum": 0,
                "title": "At least (people)",
                "description": "Never hold fewer people than this.",
                "default": at_least,
                "examples": [at_least],
            },
            "share": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "title": "Share (0.1 = 10 %)",
                "description": "Share of the active accounts, between 0 and 1.",
                "default": share,
                "examples": [share],
            },
        },
    }


def spec_text(path: Path) -> str:
    """Give what a destination's spec.json should say; `path` is the file as it is."""
    vendor = path.parent.name.removeprefix("destination_")
    spec = json.loads(path.read_text("utf-8"))
    whole = with_shared_settings(spec["connectionSpecification"], vendor)
    return (
        json.dumps({**spec, "connectionSpecification": whole}, indent=2, ensure_ascii=False) + "\n"
    )


def main() -> None:
    """Write the shared settings into the spec.json of every destination below this folder."""
    for path in sorted(Path().glob("destination-*/destination_*/spec.json")):
        path.write_text(spec_text(path), "utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
