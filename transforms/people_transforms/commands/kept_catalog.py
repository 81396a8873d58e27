"""What the source discovered, kept beside the state: asking it again every night costs a process.

It holds for one connector as it is installed and one configuration; a token that the connector itself
renewed changes neither. Where that can't be told, or the file is damaged, the source is asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from people_transforms.commands.atomic_file import replace_file
from people_transforms.commands.connection_file import Connector

_SUFFIXES = {".py", ".yaml", ".json"}


@dataclass(frozen=True, slots=True)
class KeptCatalog:
    """The catalog of one source, in a file of its own."""

    path: Path
    source: Connector

    @classmethod
    def beside(cls, state: Path, source: Connector) -> KeptCatalog:
        return cls(state.with_name(f"{state.name}.catalog"), source)

    def read(self, fingerprint: str | None) -> dict[str, Any] | None:
        """Give the catalog of such a connector, or None where the source must be asked."""
        try:
            kept = json.loads(self.path.read_bytes())
            catalog = kept["catalog"] if kept["of"] == fingerprint is not None else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return catalog if isinstance(catalog, dict) else None

    def keep(self, catalog: dict[str, Any], fingerprint: str | None) -> None:
        """Keep what a connector of this fingerprint says."""
        if fingerprint is None:
            return
        # A folder that can't be written is told by the state, which matters.
        with contextlib.suppress(OSError):
            replace_file(self.path, json.dumps({"of": fingerprint, "catalog": catalog}).encode())

    def renew(self, fingerprint: str | None) -> None:
        """Keep what was kept under a fingerprint under the one that the source has now."""
        catalog = self.read(fingerprint)
        if catalog is not None:
            self.keep(catalog, self.fingerprint())

    def fingerprint(self) -> str | None:
        """Of the connector's version, its files and its configuration; None where they aren't known.

        By Airbyte's convention connector `source-x` is the package `source_x`. Its files tell an
        editable checkout that changed without a new version.
        """
        if self.source.program.parent != Path(sys.executable).parent:
            return None
        try:
            version = importlib.metadata.version(self.source.name)
            package = importlib.util.find_spec(self.source.name.replace("-", "_"))
            config = self.source.config.read_bytes()
        except (importlib.metadata.PackageNotFoundError, OSError, ValueError, ImportError):
            return None
        if package is None or not package.submodule_search_locations:
            return None
        files = sorted(
            (str(path), path.stat().st_size, path.stat().st_mtime_ns)
            for folder in package.submodule_search_locations
            for path in Path(folder).rglob("*")
            if path.suffix in _SUFFIXES
        )
        what = json.dumps([self.source.name, version, files])
        return hashlib.sha256(what.encode() + b"\0" + config).hexdigest()
