"""A spec as Airbyte's forms show it, and what such a form gives back.

A configuration is flat: `mode`, and beside it what each mode needs. In a form a mode is a choice that
shows only what belongs to it. In spec.json such a setting has `x-choice`: value → the settings that
belong to it. Both shapes of a configuration are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from people_transforms.settings import fit_ids

CHOICE = "x-choice"


def fit(config: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give a configuration as the spec has it: choices flat, ids as text or number."""
    flat = dict(config)
    for name, one in spec["properties"].items():
        chosen = flat.get(name)
        if CHOICE in one and isinstance(chosen, Mapping):
            del flat[name]
            flat |= chosen
    return dict(fit_ids(flat, spec))


def as_form(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give the spec with each choice as a `oneOf` that holds what belongs to it."""
    properties = dict(spec["properties"])
    for name, one in spec["properties"].items():
        if CHOICE in one:
            inside = {below for names in one[CHOICE].values() for below in names}
            properties[name] = _choice(name, one, spec["properties"])
            properties = {key: value for key, value in properties.items() if key not in inside}
    ordered = {key: {**one, "order": n} for n, (key, one) in enumerate(properties.items())}
    return {**spec, "properties": ordered}


def _choice(name: str, one: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("title", "description", "group", "always_show")
    return {
        "type": "object",
        **{key: one[key] for key in kept if key in one},
        "default": {name: one["default"]},
        "examples": [{name: value} for value in one[CHOICE]],
        "additionalProperties": True,
        "oneOf": [
            _variant(name, one, value, {below: known[below] for below in names})
            for value, names in one[CHOICE].items()
        ],
    }


def _variant(
    name: str, one: Mapping[str, Any], value: str, inside: Mapping[str, Any]
) -> dict[str, Any]:
    constant = {
        "type": "string",
        "title": one["title"],
        "description": one["description"],
        "const": value,
        "order": 0,
    }
    below = {
        key: {**{k: v for k, v in told.items() if k != "group"}, "order": order}
        for order, (key, told) in enumerate(inside.items(), start=1)
    }
    return {
        "type": "object",
        "title": value.capitalize(),
        "required": [name],
        "additionalProperties": True,
        "properties": {name: constant, **below},
    }
