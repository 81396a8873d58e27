"""Each spec against the rules of Airbyte's forms: what breaks one of them is shown badly, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft7Validator
from people_connector.own_words import wrong_settings
from people_transforms.form import CHOICE, as_form, fit
from people_transforms.shared_spec import with_sources

from .refusals.mistakes import spec_of
from .workspace import CONNECTORS

# A number needs to say of what.
UNITS = (
    "(days)", "(people)", "(connections)", "(hours)", "0.1 = 10 %", "per minute", "per run", "side by side",
    "Days ", "reads", " id", "codes",
)  # fmt: skip
SECRET = re.compile(r"token|secret|password|encryption_key|api_key|access_key", re.IGNORECASE)
NO_SECRET = {"token_expiry_date"}
NOT_IN_A_FORM = {
    "$ref",
    "allOf",
    "anyOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "definitions",
}


def objects(schema: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every level of a form: the spec, what is inside its settings, and each choice of a oneOf."""
    if "properties" in schema:
        yield place, schema
    for name, one in schema.get("properties", {}).items():
        yield from objects(one, f"{place}{name}.")
    for variant in schema.get("oneOf", ()):
        yield from objects(variant, f"{place}{variant['title']}.")
    if isinstance(schema.get("items"), dict):
        yield from objects(schema["items"], f"{place}0.")


def broken_rules(spec: Mapping[str, Any]) -> Iterator[str]:
    """Name each rule that a spec breaks and where."""
    yield from _groups(spec)
    for place, level in objects(spec):
        orders = [one.get("order") for one in level["properties"].values()]
        if orders != list(range(len(orders))):
            yield f"{place} order does not count up from 0 as the settings stand: {orders}"
        if level.get("additionalProperties") is not True:
            yield f"{place} a platform adds keys of its own: additionalProperties must be true"
        for name, one in level["properties"].items():
            yield from _setting(f"{place}{name}", name, one, name in level.get("required", ()))


def _groups(spec: Mapping[str, Any]) -> Iterator[str]:
    known = [group["id"] for group in spec.get("groups", ())]
    used = [one.get("group") for one in spec["properties"].values()]
    if set(known) != set(used) or len(known) != len(set(known)):
        yield f"groups {known} are not those of the settings: {sorted(map(str, set(used)))}"
    nested = [
        place
        for place, level in objects(spec)
        if place
        for one in level["properties"].values()
        if "group" in one
    ]
    yield from (f"{place} only settings at the top have a group" for place in nested)


def _setting(place: str, name: str, one: Mapping[str, Any], is_required: bool) -> Iterator[str]:
    yield from (f"{place} has no {key}" for key in ("title", "description") if not one.get(key))
    if not one.get("examples") and "const" not in one:
        yield f"{place} has no examples"
    kinds = one.get("type")
    if isinstance(kinds, list) and (len(kinds) != 2 or "null" not in kinds):
        yield f"{place} has several types: {kinds}"
    if isinstance(one.get("items"), dict) and not isinstance(one["items"].get("type"), str):
        yield f"{place} has items of several types"
    yield from (
        f"{place} has {key}, which a form cannot show" for key in NOT_IN_A_FORM & one.keys()
    )
    is_secret = SECRET.search(name) and name not in NO_SECRET
    if is_secret and kinds == "string" and not one.get("airbyte_secret"):
        yield f"{place} is a secret and does not say so"
    if one.get("airbyte_secret") and (kinds != "string" or "default" in one):
        yield f"{place} only a text without a default can be a secret"
    if one.get("pattern") and not one.get("pattern_descriptor"):
        yield f"{place} has a pattern that nobody explains"
    may_be_left_out = "default" in one or (isinstance(kinds, list) and "null" in kinds)
    if is_required and may_be_left_out and "const" not in one:
        yield f"{place} is required and has a default or may be null"
    if one.get("airbyte_hidden") and is_required:
        yield f"{place} is required and hidden"
    wide = {"integer", "number"} & {kinds if isinstance(kinds, str) else k for k in (kinds or ())}
    if wide and not any(unit in one["title"] for unit in UNITS):
        yield f"{place} is a number of what? Say the unit in its title"
    if "oneOf" in one:
        yield from _choices(place, one)
    for said in (*one.get("examples", ()), *([one["default"]] if "default" in one else ())):
        if not Draft7Validator(_only(one)).is_valid(said):
            yield f"{place} has an example or default that it refuses itself"


def _choices(place: str, one: Mapping[str, Any]) -> Iterator[str]:
    if one.get("type") != "object":
        yield f"{place} has oneOf and is no object"
    consts = [
        {name for name, told in variant["properties"].items() if "const" in told}
        for variant in one["oneOf"]
    ]
    shared = set.intersection(*consts)
    if len(shared) != 1:
        yield f"{place} its choices need one constant of the same name"
    for name in shared:
        values = [variant["properties"][name]["const"] for variant in one["oneOf"]]
        if len(set(values)) != len(values):
            yield f"{place} has two choices with the same {name}"
        for variant in one["oneOf"]:
            told = variant["properties"][name]
            if "enum" in told or told.get("default", told["const"]) != told["const"]:
                yield f"{place} a constant has neither an enum nor another default"


def _only(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in ("oneOf", "required")}


@pytest.mark.parametrize("connector", CONNECTORS)
def test_a_spec_breaks_no_rule_of_the_forms(connector: str) -> None:
    assert list(broken_rules(as_form(with_sources(spec_of(connector))))) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"order": 1}, "order does not count up"),
        ({"title": ""}, "has no title"),
        ({"examples": []}, "has no examples"),
        ({"type": ["string", "integer"]}, "has several types"),
        ({"anyOf": []}, "which a form cannot show"),
        ({"airbyte_secret": False}, "is a secret and does not say so"),
        ({"default": "x"}, "without a default"),
        ({"pattern": "x"}, "a pattern that nobody explains"),
        ({"group": "elsewhere"}, "groups"),
        ({"minLength": 1000}, "refuses itself"),
        ({"type": "integer", "examples": [1], "airbyte_secret": False}, "is a number of what?"),
    ],
)
def test_each_rule_finds_its_mistake(change: dict[str, Any], said: str) -> None:
    spec = json.loads(json.dumps(spec_of("destination-alleo")))
    spec["properties"]["access_key"] |= change
    assert any(said in one for one in broken_rules(spec)), list(broken_rules(spec))


@pytest.mark.parametrize(
    ("connector", "names"),
    [
        ("destination-alleo", {"approved_plan"}),
        ("destination-lunchdrive", {"approved_plan", "mode", "client_id"}),
        ("source-loket", {"environment"}),
    ],
)
def test_what_a_person_must_see_is_not_folded_away(connector: str, names: set[str]) -> None:
    shown = {
        name for name, one in spec_of(connector)["properties"].items() if one.get("always_show")
    }
    assert names <= shown


def test_settings_of_tests_are_hidden() -> None:
    for connector in ("destination-alleo", "destination-lunchdrive"):
        assert spec_of(connector)["properties"]["as_of"]["airbyte_hidden"] is True


def test_a_mode_is_a_choice_that_shows_only_what_belongs_to_it() -> None:
    spec = spec_of("destination-lunchdrive")
    form = as_form(spec)["properties"]
    assert not {"client_id", "allowed_client_ids", "default_client_id"} & set(form)
    single, group = form["mode"]["oneOf"]
    assert list(single["properties"]) == ["mode", "client_id"]
    assert list(group["properties"]) == ["mode", "allowed_client_ids", "default_client_id"]
    assert single["properties"]["client_id"]["always_show"] is True
    assert CHOICE not in json.dumps(as_form(spec))


@pytest.mark.parametrize(
    ("given", "flat"),
    [
        (
            {"mode": {"mode": "single", "client_id": 32567}},
            {"mode": "single", "client_id": "32567"},
        ),
        (
            {"mode": {"mode": "group", "allowed_client_ids": [32567]}},
            {"mode": "group", "allowed_client_ids": ["32567"]},
        ),
        ({"mode": "single", "client_id": "32567"}, {"mode": "single", "client_id": "32567"}),
        # As a form of an earlier release saved it: flat, with what belongs to the other mode.
        (
            {"mode": "group", "client_id": 1, "allowed_client_ids": [32567]},
            {"mode": "group", "client_id": "1", "allowed_client_ids": ["32567"]},
        ),
        # Such a form, opened and saved again: what is chosen now counts.
        (
            {
                "mode": {"mode": "single", "client_id": "2"},
                "client_id": "1",
                "allowed_client_ids": ["32567"],
            },
            {"mode": "single", "client_id": "2", "allowed_client_ids": ["32567"]},
        ),
    ],
)
def test_what_a_form_gives_and_what_a_file_says_are_the_same_settings(
    given: dict[str, Any], flat: dict[str, Any]
) -> None:
    spec = spec_of("destination-lunchdrive")
    keys = {"api_url": "https://lunchdrive.example.com/api", "api_key": "ld_1"}
    assert fit(keys | given, spec) == keys | flat
    assert wrong_settings(fit(keys | given, spec), spec) == []
    assert wrong_settings(fit(keys | {"mode": {"mode": "both"}}, spec), spec)
    assert wrong_settings(fit(keys | {"mode": {"clientid": "1"}}, spec), spec)
