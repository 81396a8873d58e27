"""That it is a declarative source: read by the CDK itself, opened elsewhere, and small.

The numbers are those of the traps that a first attempt met; traps without a test here are read
through the sandbox in the other files.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk import entrypoint
from airbyte_cdk.manifest_server.api_models.dicts import Manifest
from airbyte_cdk.manifest_server.command_processor.utils import build_source
from airbyte_cdk.sources.declarative.auth.oauth import (
    DeclarativeSingleUseRefreshTokenOauth2Authenticator,
)
from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
    ConcurrentDeclarativeSource,
    get_declarative_component_schema,
    validate_manifest,
)
from airbyte_cdk.sources.declarative.retrievers import SimpleRetriever
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource
from people_connector import source_command
from people_connector.manifest import ManifestSource
from people_sandbox import start_sandbox
from source_loket import components
from source_loket.source import SourceLoket

PACKAGE = Path(components.__file__).parent
MANIFEST = PACKAGE / "manifest.yaml"
CONFIG = {"credentials": {"client_id": "c", "refresh_token": "r"}, "flex_salary": True}


def resolved() -> dict[str, Any]:
    return dict(SourceLoket(config=CONFIG).resolved_manifest)


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for below in node.values():
            yield from nodes(below)
    elif isinstance(node, list):
        for below in node:
            yield from nodes(below)


def of_type(name: str) -> list[dict[str, Any]]:
    return [node for node in nodes(resolved()["streams"]) if node.get("type") == name]


def test_the_cdk_alone_lists_the_streams() -> None:
    program = (
        "import sys, yaml; from airbyte_cdk.sources.declarative.concurrent_declarative_source import "
        "ConcurrentDeclarativeSource as Source; manifest = yaml.safe_load(open(sys.argv[1])); "
        "source = Source(source_config=manifest, config=None, catalog=None, state=None); "
        "print(*[stream.name for stream in source.streams({})])"
    )
    # A process of its own: nothing of ours is imported but what the manifest names.
    told = subprocess.run(
        [sys.executable, "-c", program, str(MANIFEST)], capture_output=True, text=True, check=True
    )
    assert told.stdout.split()[:3] == ["employers", "user_filter_settings", "employees"]


def test_reading_listing_and_printing_are_the_cdk_s() -> None:
    assert SourceLoket.__mro__[1:3] == (ManifestSource, YamlDeclarativeSource)
    assert not {"read", "streams", "check", "discover", "spec"} & vars(ManifestSource).keys()
    assert [name for name in vars(SourceLoket) if not name.startswith("_")] == ["configure"]
    assert source_command.launch is entrypoint.launch
    printing = [
        name
        for path in (*PACKAGE.glob("*.py"), *Path(source_command.__file__).parent.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for name in [ast.unparse(node.func)]
        if name == "print" or name.endswith("stdout.write")
    ]
    assert printing == []


def test_it_stays_small() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in PACKAGE.glob("*.py")}
    assert lines["components.py"] <= 500
    assert sum(lines.values()) <= 750
    assert lines["run.py"] + lines["source.py"] <= 50


def test_each_class_of_the_manifest_says_why_it_is_no_yaml() -> None:
    named = {
        node["class_name"].rsplit(".", 1)[1] for node in nodes(resolved()) if "class_name" in node
    }
    assert len(named) > 10
    for name in named:
        words = (inspect.getdoc(getattr(components, name)) or "").splitlines()
        assert len(words[0]) > 40, name


def test_a_list_stream_is_about_ten_lines() -> None:
    text = MANIFEST.read_text()
    part = text.split("      name: custom_field_definitions")[1].split("\n\n")[0]
    assert len(part.splitlines()) + 2 <= 10


def test_the_manifest_fits_the_cdk_s_schema_and_uses_nothing_deprecated() -> None:
    validate_manifest(resolved(), get_declarative_component_schema())
    # pytest turns a DeprecationWarning into an error.
    SourceLoket(config=CONFIG).streams(CONFIG)


def test_every_request_has_time_outs_no_cache_and_its_version() -> None:
    """Traps 2 and 3: the CDK waits for ever, and repeats from its cache."""
    requesters = of_type("HttpRequester")
    assert len(requesters) > 30
    for requester in requesters:
        assert requester["connect_timeout_in_seconds"] == 10
        assert requester["read_timeout_in_seconds"] == 60
        assert requester["use_cache"] is False
        assert requester["authenticator"]["type"] == "CustomAuthenticator"
        assert "Accept" in requester["request_headers"]


def test_a_parent_says_every_parameter_of_its_own() -> None:
    """Trap 4: what it does not say is the child's."""
    said = {name for node in of_type("DeclarativeStream") for name in node["$parameters"]}
    only_of_values = {"holders", "holders_version", "holders_activity", "each_activity"}
    for parent in of_type("ParentStreamConfig"):
        kept = parent["stream"]["$parameters"]
        assert said - only_of_values <= set(kept)
        assert kept["activity"] == "GetEmployersByUserId"
        assert (kept["level"], kept["slice_field"], kept["list"]) == ("", "", "")


def test_every_error_handler_always_names_a_wait_and_never_rate_limited() -> None:
    """Traps 6, 8 and 9: without a wait the CDK logs the body of a broken 200."""
    handlers = of_type("CustomErrorHandler")
    assert handlers
    for handler in handlers:
        kinds = [strategy["type"] for strategy in handler["backoff_strategies"]]
        assert kinds == ["CustomBackoffStrategy", "ExponentialBackoffStrategy"]
        filters = handler["response_filters"]
        assert any(429 in f.get("http_codes", []) and f["action"] == "RETRY" for f in filters)
        assert "RATE_LIMITED" not in {f["action"] for f in filters}
        # The last one takes what is left: the CDK's own words quote the answer.
        assert filters[-1]["predicate"] == "{{ True }}"


def test_only_employers_are_partitions() -> None:
    """Trap 1: a router below a router stops at the first parent that fails."""
    for router in of_type("SubstreamPartitionRouter"):
        (parent,) = router["parent_stream_configs"]
        assert parent["stream"]["name"] == "employers"
        assert "partition_router" not in parent["stream"]["retriever"]


def test_one_employer_s_missing_list_leaves_the_runs_of_the_others(
    box: Any, config: Any, read: Any
) -> None:
    """Trap 1, read."""
    denied, left = box.control()["loket"]["employer_ids"]
    match = f"GET /providers/employers/{denied}/payrolladministrations"
    box.fault("loket", "forbidden", times=None, match=match)
    outcome = read(config, ["payroll_runs"])
    assert {record["employer_id"] for record in outcome.records["payroll_runs"]} == {left}
    assert outcome.status("payroll_runs") == "INCOMPLETE"
    assert "GetPayrollAdministrationsByEmployerId" in outcome.errors[0]["message"]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        # What our classes take over or call, and the CDK does not promise: a release without one of
        # them must fail here. WholeList wraps the pages; the authenticator, three steps of a renewal.
        (SimpleRetriever, "_read_pages"),
        (DeclarativeSingleUseRefreshTokenOauth2Authenticator, "_make_handled_request"),
        (DeclarativeSingleUseRefreshTokenOauth2Authenticator, "_extract_token_expiry_date"),
        (DeclarativeSingleUseRefreshTokenOauth2Authenticator, "_emit_control_message"),
        (DeclarativeSingleUseRefreshTokenOauth2Authenticator, "_get_config_value_by_path"),
        # The command asks for the streams of these settings.
        (ConcurrentDeclarativeSource, "_stream_configs"),
        (ConcurrentDeclarativeSource, "_migrate_and_transform_config"),
    ],
)
def test_the_cdk_still_has_what_we_build_on(owner: type, name: str) -> None:
    """Trap 14."""
    assert callable(getattr(owner, name))


def test_the_cdk_is_pinned_exactly() -> None:
    assert '"airbyte-cdk==7.39.1"' in (PACKAGE.parent / "pyproject.toml").read_text()


def test_components_can_be_executed_as_text() -> None:
    """Trap 12: the Builder does, and dataclasses then find no module for texts as annotations."""
    text = (PACKAGE / "components.py").read_text()
    assert "from __future__" not in text.replace("`from __future__", "")
    names: dict[str, Any] = {"__name__": "no_module_that_is_known"}
    exec(compile(text, "components.py", "exec", dont_inherit=True), names)
    assert "WholeList" in names


@pytest.mark.long
def test_source_declarative_manifest_reads_it(tmp_path: Path) -> None:
    with start_sandbox(size=20, seed=7) as box:
        config = tmp_path / "config.json"
        config.write_text(json.dumps(box.config("source-loket")))
        stream = {"name": "employees", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
        modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
        catalog = tmp_path / "catalog.json"
        catalog.write_text(json.dumps({"streams": [{"stream": stream, **modes}]}))
        paths = ["--manifest-path", str(MANIFEST), "--components-path"]
        told = subprocess.run(
            [
                str(Path(sys.executable).with_name("source-declarative-manifest")),
                *("read", "--config", str(config), "--catalog", str(catalog)),
                *(*paths, str(PACKAGE / "components.py")),
            ],
            capture_output=True,
            env={**os.environ, "AIRBYTE_ENABLE_UNSAFE_CODE": "true"},
        )
        people = len(box.world("loket")["employees"])
    assert told.returncode == 0, told.stdout[-2000:]
    assert told.stdout.count(b'"type":"RECORD"') == people > 0


def test_the_builder_s_backend_resolves_it() -> None:
    """What `manifest-server` does for /v1/manifest/resolve, without its web server."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    source = build_source(manifest, None, {}, [], 1, 1, 1)
    answer = Manifest(**source.resolved_manifest).model_dump()
    assert answer["streams"][2]["name"] == "employees"


def test_one_more_list_is_read_by_what_the_readme_says(tmp_path: Path, box: Any) -> None:
    """Its lines and a schema, in a copy of the connector; the list is one that the sandbox has."""
    readme = (PACKAGE.parent / "README.md").read_text().split("## One more list stream")[1]
    lines = readme.split("```yaml\n")[1].split("```")[0]
    assert len(lines.splitlines()) <= 10
    lines = lines.replace("list: departments", "list: customfields")
    shutil.copytree(PACKAGE, tmp_path / "source_loket")
    manifest = tmp_path / "source_loket" / "manifest.yaml"
    manifest.write_text(manifest.read_text().replace("\nspec:\n", f"\n{lines}\nspec:\n"))
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    (manifest.parent / "schemas" / "departments.json").write_text(json.dumps(schema))
    (tmp_path / "config.json").write_text(json.dumps(box.config("source-loket")))
    stream = {"name": "departments", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    catalog = {"streams": [{"stream": stream, **modes}]}
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    told = subprocess.run(
        [sys.executable, "-c", "from source_loket.run import run; run()", "read", "--config",
         "config.json", "--catalog", "catalog.json"],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout[-2000:]
    records = [
        one["record"] for one in map(json.loads, told.stdout.splitlines()) if "record" in one
    ]
    assert records
    assert {one["stream"] for one in records} == {"departments"}
    # `code` is none of a custom field's.
    names = {"id", "employer_id", "total_size", "description"}
    assert all(set(one["data"]) == names for one in records)
