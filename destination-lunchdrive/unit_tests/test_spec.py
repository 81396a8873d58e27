from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from airbyte_cdk.models import ConnectorSpecificationSerializer
from airbyte_cdk.test.standard_tests._spec_lint import find_secret_marking_errors

ROOT = Path(__file__).parents[2]
# Design, section 10, and what section 7 adds to it.
SHARED = {
    "warehouse",
    "source_system",
    "approved_plan",
    "brakes",
    "fleet_brake",
    "bridge_gap_days",
    "announced_after_days",
    "fail_on_refused",
    "when_absent",
    "absence_reads",
    "reconcile",
    "retention",
    "timezone",
    "as_of",
    "selective_sync",
    "max_requests_per_minute",
    "num_workers",
    "report_dir",
    "report_language",
    "desk_url",
}
OWN = {
    "alleo": {
        "access_key",
        "secret_key",
        "api_url",
        "companies",
        "language",
        "email",
        "send_private_email",
        "external_id_prefix",
        "access_turned_off",
    },
    "lunchdrive": {
        "api_url",
        "api_key",
        "auth",
        "mode",
        "client_id",
        "allowed_client_ids",
        "default_client_id",
        "import_employees",
        "invitations",
        "max_invitations_per_run",
        "missing_email",
        "on_ldid_zero",
        "chip_transform",
        "personal_number_prefix",
        "endpoints",
        "field_names",
    },
}
DEFAULTS_THAT_DIFFER = {
    "alleo": ("loket", "Europe/Amsterdam", "report"),
    "lunchdrive": ("alveno", "Europe/Prague", "end"),
}
BOTH = pytest.mark.parametrize("vendor", ["alleo", "lunchdrive"])


def spec(vendor: str) -> dict[str, Any]:
    path = ROOT / f"destination-{vendor}" / f"destination_{vendor}" / "spec.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def connection(vendor: str) -> dict[str, Any]:
    found: dict[str, Any] = spec(vendor)["connectionSpecification"]
    return found


def objects(schema: dict[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with properties in a spec, with its place."""
    if "properties" in schema:
        yield place, schema
    for name, child in schema.get("properties", {}).items():
        yield from objects(child, f"{place}.{name}")
    for number, variant in enumerate(schema.get("oneOf", [])):
        yield from objects(variant, f"{place}[{number}]")
    if isinstance(schema.get("items"), dict):
        yield from objects(schema["items"], f"{place}[]")


@BOTH
def test_the_settings_are_those_of_the_design(vendor: str) -> None:
    assert set(connection(vendor)["properties"]) == SHARED | OWN[vendor]


def test_shared_settings_are_the_same_but_for_the_pairs_own_defaults() -> None:
    alleo, lunchdrive = (connection(vendor)["properties"] for vendor in OWN)
    for name in SHARED:
        one, other = ({**where[name], "order": 0} for where in (alleo, lunchdrive))
        if name in ("source_system", "timezone", "when_absent"):
            assert one.pop("default") != other.pop("default")
        assert one == other, name


@BOTH
def test_defaults_follow_the_vendors_pair(vendor: str) -> None:
    properties = connection(vendor)["properties"]
    names = ("source_system", "timezone", "when_absent")
    defaults = tuple(properties[name]["default"] for name in names)
    assert defaults == DEFAULTS_THAT_DIFFER[vendor]


@BOTH
def test_the_protocol_accepts_the_spec(vendor: str) -> None:
    loaded = ConnectorSpecificationSerializer.load(spec(vendor))
    modes = [str(mode.value) for mode in loaded.supported_destination_sync_modes or []]
    assert modes == ["append", "append_dedup", "overwrite"]
    jsonschema.Draft7Validator.check_schema(connection(vendor))


@BOTH
def test_secrets_are_marked_and_nothing_else_is(vendor: str) -> None:
    schema = connection(vendor)
    assert find_secret_marking_errors(schema) == []
    secret = {name for name, one in schema["properties"].items() if one.get("airbyte_secret")}
    assert secret == ({"access_key", "secret_key"} if vendor == "alleo" else {"api_key"})


@BOTH
def test_every_setting_is_explained_ordered_and_grouped(vendor: str) -> None:
    groups = {group["id"] for group in connection(vendor)["groups"]}
    places = list(objects(connection(vendor)))
    assert len(places) > 8
    for place, schema in places:
        assert schema["additionalProperties"] is True, place
        orders = [one.get("order") for one in schema["properties"].values()]
        assert sorted(orders) == list(range(len(orders))), place
        for name, one in schema["properties"].items():
            assert one["title"], f"{place}.{name}"
            assert one["description"], f"{place}.{name}"
            assert one["examples"], f"{place}.{name}"
            assert ("group" in one) == (place == ""), f"{place}.{name}"
            assert one.get("group") in groups | {None}, f"{place}.{name}"


@BOTH
def test_forms_that_airbyte_cannot_show_are_not_used(vendor: str) -> None:
    text = json.dumps(connection(vendor))
    for word in ("allOf", "anyOf", "$ref", '"not"', '"additionalProperties": false'):
        assert word not in text
    for place, schema in objects(connection(vendor)):
        for name, one in schema["properties"].items():
            types = one["type"] if isinstance(one["type"], list) else [one["type"]]
            assert len(set(types) - {"null"}) == 1, f"{place}.{name}"
            if "oneOf" in one:
                consts = [variant["properties"]["type"]["const"] for variant in one["oneOf"]]
                assert len(set(consts)) == len(consts) > 1


@BOTH
def test_defaults_and_examples_are_valid_themselves(vendor: str) -> None:
    for place, schema in objects(connection(vendor)):
        for name, one in schema["properties"].items():
            values = [*one["examples"], *([one["default"]] if "default" in one else [])]
            for value in values:
                errors = list(jsonschema.Draft7Validator(one).iter_errors(value))
                assert errors == [], f"{place}.{name}"


@pytest.mark.parametrize(
    ("changes", "is_valid"),
    [
        ({}, True),
        ({"brakes": {"removals": None, "fill_rate": {"at_least": 1, "share": 0.5}}}, True),
        ({"brakes": {"removals": {"share": 2}}}, False),
        ({"selective_sync": None}, True),
        ({"warehouse": {"type": "motherduck", "database": "people"}}, False),
        ({"warehouse": {"type": "spreadsheet"}}, False),
        ({"as_of": "2026-03-02", "approved_plan": None, "some_later_setting": 1}, True),
        ({"as_of": "2 March"}, False),
        ({"when_absent": "delete"}, False),
    ],
)
@BOTH
def test_a_configuration_is_accepted_or_refused(
    vendor: str, changes: dict[str, Any], is_valid: bool
) -> None:
    sample = ROOT / f"destination-{vendor}" / "integration_tests" / "sample_config.json"
    config = json.loads(sample.read_text()) | changes
    assert jsonschema.Draft7Validator(connection(vendor)).is_valid(config) is is_valid


@BOTH
def test_the_sample_shows_every_setting(vendor: str) -> None:
    sample = ROOT / f"destination-{vendor}" / "integration_tests" / "sample_config.json"
    missing = set(connection(vendor)["properties"]) - set(json.loads(sample.read_text()))
    assert missing - {"client_id"} == set()


@BOTH
def test_every_setting_and_stream_is_in_the_readme(vendor: str) -> None:
    folder = ROOT / f"destination-{vendor}"
    readme = (folder / "README.md").read_text()
    for place, schema in objects(connection(vendor)):
        for name, one in schema["properties"].items():
            parents = [part for part in place.replace("[]", "").split(".") if part]
            if parents[:1] == ["brakes"] and len(parents) > 1 or "const" in one:
                continue
            path = ".".join([*(part.split("[")[0] for part in parents), name])
            assert f"| `{path}` |" in readme, path
            assert one["description"] in readme, path
    catalog = json.loads((folder / "integration_tests" / "configured_catalog.json").read_text())
    for stream in catalog["streams"]:
        assert f"`{stream['stream']['name']}`" in readme
