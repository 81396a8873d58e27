"""The source of the example: manifest.yaml, read by the CDK."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airbyte_cdk.models import AirbyteStateMessage, ConfiguredAirbyteCatalog
from people_connector.manifest import ManifestSource


class SourceExample(ManifestSource, manifest=Path(__file__).with_name("manifest.yaml")):
    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
    ) -> None:
        super().__init__(self._manifest, False, catalog, config, state, config_path)
