"""What the source discovered, kept beside the state: asking it again every night costs a process.

It holds for both ends as they are installed and configured: with the question their settings are checked.
A token that the source itself renewed changes neither. Where that can't be told, or the file is damaged,
the source is asked.
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

from people_sync.connection.atomic_file import replace_file
from people_sync.connection.connection_file import Connector

_SUFFIXES = {".py", ".yaml", ".json"}


@dataclass(frozen=True, slots=True)
class KeptCatalog:
    """The catalog of one connection, in a file of its own."""

    path: Path
    ends: tuple[Connector, ...]

    @classmethod
    def beside(cls, state: Path, *ends: Connector) -> KeptCatalog:
        return cls(state.with_name(f"{state.name}.catalog"), ends)

    def read(self, fingerprint: str | None) -> dict[str, Any] | None:
        """Give the catalog of such ends, or None where the source must be asked."""
        try:
            kept = json.loads(self.path.read_bytes())
            catalog = kept["catalog"] if kept["of"] == fingerprint is not None else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return catalog if isinstance(catalog, dict) else None

    def keep(self, catalog: dict[str, Any], fingerprint: str | None) -> None:
        """Keep what the source says while the ends have this fingerprint."""
        if fingerprint is None:
            return
        # A folder that can't be written is told by the state, which matters.
        with contextlib.suppress(OSError):
            replace_file(self.path, json.dumps({"of": fingerprint, "catalog": catalog}).encode())

    def renew(self, fingerprint: str | None) -> None:
        """Keep what was kept under a fingerprint under the one that the ends have now."""
        catalog = self.read(fingerprint)
        if catalog is not None:
            self.keep(catalog, self.fingerprint())

    def fingerprint(self) -> str | None:
        """Of both ends as they are; None where one of them isn't known."""
        ends = [_fingerprint(end) for end in self.ends]
        return None if None in ends else hashlib.sha256(repr(ends).encode()).hexdigest()


def _fingerprint(end: Connector) -> str | None:
    """Of a connector's version, its files and its configuration; None where they aren't known.

    By Airbyte's convention connector `source-x` is the package `source_x`. Its files tell an
    editable checkout that changed without a new version.
    """
    if end.program.parent != Path(sys.executable).parent:
        return None
    try:
        version = importlib.metadata.version(end.name)
        package = importlib.util.find_spec(end.name.replace("-", "_"))
        config = end.config.read_bytes()
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
    what = json.dumps([end.name, version, files])
    return hashlib.sha256(what.encode() + b"\0" + config).hexdigest()
