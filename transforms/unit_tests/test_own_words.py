"""Settings are held against a spec without a library; what is refused is what JSON Schema refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from people_transforms.own_words import _RULES, wrong_settings

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 3, 2.0, 2.5, 10**20, float("inf"), float("nan"),
    "", "a", "abc", "12", "žluť", [], [1], [1, 1], [1, True], ["a", "a"], [{"a": 1}, {"a": 1}], {}, {"a": 1},
)  # fmt: skip
RULES: tuple[tuple[str, Any], ...] = (
    *(("type", kind) for kind in ("string", "integer", "number", "boolean", "array", "object", "null")),
    ("type", ["integer", "null"]),
    ("enum", ["a", 1, None]),
    ("enum", [True]),
    ("const", 1),
    ("const", "a"),
    ("minimum", 1),
    ("maximum", 1),
    ("exclusiveMinimum", 1),
    ("exclusiveMaximum", 1),
    ("minLength", 2),
    ("maxLength", 2),
    ("pattern", "^[a-z]+$"),
    ("pattern", "2"),
    ("minItems", 1),
    ("maxItems", 1),
    ("uniqueItems", True),
    ("uniqueItems", False),
)  # fmt: skip
# What a spec says to people and to Airbyte's forms, and what `wrong_settings` looks at by itself.
SAID = {
    "title", "description", "examples", "order", "default", "group", "groups", "airbyte_secret",
    "airbyte_hidden", "always_show", "pattern_descriptor", "format", "x-choice", "$schema",
    "properties", "items", "oneOf", "required", "additionalProperties",
}  # fmt: skip


@pytest.mark.parametrize(("rule", "bound"), RULES, ids=str)
def test_a_rule_refuses_what_json_schema_refuses(rule: str, bound: Any) -> None:
    schema = {"properties": {"it": {rule: bound}}}
    validator = Draft7Validator(schema)
    for value in VALUES:
        is_refused = bool(wrong_settings({"it": value}, schema))
        assert is_refused is not validator.is_valid({"it": value}), value


def test_every_rule_is_tried() -> None:
    assert {rule for rule, _ in RULES} == set(_RULES)


def specs() -> Iterator[tuple[str, dict[str, Any]]]:
    for package in ("destination_alleo", "destination_lunchdrive"):
        spec = json.loads(files(package).joinpath("spec.json").read_bytes())
        yield package, spec["connectionSpecification"]
    for package in ("source_loket", "source_alveno"):
        manifest = yaml.safe_load(files(package).joinpath("manifest.yaml").read_text())
        yield package, manifest["spec"]["connection_specification"]


@pytest.mark.parametrize(("package", "spec"), [*specs()])
def test_no_spec_has_a_rule_that_nobody_looks_at(package: str, spec: dict[str, Any]) -> None:
    assert _names(spec) <= set(_RULES) | SAID


def _names(schema: Any) -> set[str]:
    found = set(schema)
    below = [*schema.get("properties", {}).values(), *schema.get("oneOf", ())]
    below += [schema["items"]] if "items" in schema else []
    return found.union(*map(_names, below))
