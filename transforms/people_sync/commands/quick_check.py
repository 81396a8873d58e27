"""What can be said of a connection's files before a process starts and a vendor is asked.

The settings are held against the specs of the connectors that are installed beside this program;
a connector of somebody else checks its own.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from people_connector.own_words import wrong_settings
from people_transforms.errors import ConfigError

from people_sync.connection.connection_file import ConnectionFile, Connector, read_config


def wrong_connection(file: ConnectionFile) -> list[str]:
    """Say what is wrong in both configurations: each sentence names the file and the key."""
    return [*wrong_end(file.source), *wrong_end(file.destination), *_wrong_pair(file)]


def wrong_end(end: Connector) -> list[str]:
    """Say what is wrong in the configuration of one connector."""
    spec = spec_of(end)
    if spec is None:
        return []
    return [f"{end.config.name}: {said}" for said in _wrong_config(end, spec)]


def spec_of(end: Connector) -> dict[str, Any] | None:
    """Read the settings that a connector takes; None where it is not installed beside this program."""
    if end.program.parent.resolve() != Path(sys.executable).parent.resolve():
        return None
    found = importlib.util.find_spec(end.program.name.replace("-", "_"))
    if found is None or not found.submodule_search_locations:
        return None
    return _read_spec(Path(found.submodule_search_locations[0]))


def _read_spec(folder: Path) -> dict[str, Any] | None:
    if (folder / "spec.json").is_file():
        from people_transforms.shared_spec import with_sources

        said = json.loads((folder / "spec.json").read_bytes())
        return with_sources(said["connectionSpecification"])
    if (folder / "manifest.yaml").is_file():
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        manifest = yaml.load((folder / "manifest.yaml").read_text("utf-8"), Loader=loader)  # noqa: S506
        return dict(manifest["spec"]["connection_specification"])
    return None


def _wrong_config(end: Connector, spec: Mapping[str, Any]) -> list[str]:
    from people_transforms.form import fit
    from people_transforms.settings import parse_settings

    config = fit(read_config(end.config), spec)
    wrong = wrong_settings(config, spec)
    if wrong or not _is_ours(spec):
        return wrong
    try:
        parse_settings(config, spec, vendor=_vendor(end), source_system=_usual_source(spec))
    except ConfigError as error:
        return [error.sentence]
    return []


def _wrong_pair(file: ConnectionFile) -> Iterator[str]:
    """Say when the destination expects another HR system than the one that is read."""
    from people_transforms.models.contracts import source_systems

    spec = spec_of(file.destination)
    reads = file.source.program.name.removeprefix("source-")
    if spec is None or not _is_ours(spec) or reads not in source_systems():
        return
    expects = read_config(file.destination.config).get("source_system") or _usual_source(spec)
    if expects != reads and expects in source_systems():
        yield (
            f"{file.destination.config.name}: `source_system` is {expects}, and the connection "
            f'reads with {file.source.program.name}: write "source_system": "{reads}".'
        )


def _is_ours(spec: Mapping[str, Any]) -> bool:
    return "warehouse" in spec["properties"] and "source_system" in spec["properties"]


def _usual_source(spec: Mapping[str, Any]) -> str:
    return str(spec["properties"]["source_system"].get("default", ""))


def _vendor(end: Connector) -> str:
    return end.program.name.removeprefix("destination-").replace("-", "_")
