"""source-loket: manifest.yaml, read by the CDK."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airbyte_cdk.models import AirbyteStateMessage, ConfiguredAirbyteCatalog
from people_connector.manifest import ManifestSource


class SourceLoket(ManifestSource, manifest=Path(__file__).with_name("manifest.yaml")):
    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
    ) -> None:
        # For the authenticator, which keeps a renewed token in the file too.
        known = {**config, "__config_path": config_path} if config else None
        super().__init__(
            self._manifest, catalog=catalog, config=known, state=state, config_path=config_path
        )

    def configure(self, config: Mapping[str, Any], temp_dir: str) -> Mapping[str, Any]:
        # The CDK's standard tests make the source before they have its configuration.
        self._config = self._config or self._migrate_and_transform_config(None, config) or {}
        # The CDK would write the keys to a temporary folder, where they stay when the source is killed.
        return self._config
