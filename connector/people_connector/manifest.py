"""A source of which the manifest is resolved when it is imported: each fork of that process has it ready.

What a manifest's references and parameters come to depends on no configuration, and takes a quarter of what
a small employer's read takes.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, ClassVar

from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource


class ManifestSource(YamlDeclarativeSource):
    """The CDK's source; `class SourceLoket(ManifestSource, manifest=…)` says where its manifest is."""

    _manifest: ClassVar[str]
    _ready: ClassVar[list[dict[str, Any]]]

    def __init_subclass__(cls, *, manifest: Path) -> None:
        super().__init_subclass__()
        cls._manifest, cls._ready = str(manifest), []
        blank = cls.__new__(cls)
        # Whatever is wrong with it is told by the command that reads it again.
        with contextlib.suppress(Exception):
            read = blank._read_and_parse_yaml_file(cls._manifest)
            cls._ready = [blank._pre_process_manifest(dict(read))]

    def _pre_process_manifest(self, manifest: dict[str, Any]) -> dict[str, Any]:
        # The CDK may write into it, so it is the first source's alone.
        return self._ready.pop() if self._ready else super()._pre_process_manifest(manifest)
