"""The Alveno source: manifest.yaml, read by the CDK."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airbyte_cdk.models import AirbyteStateMessage, ConfiguredAirbyteCatalog
from people_connector.manifest import ManifestSource

from source_alveno.whole_list import account_of


class SourceAlveno(ManifestSource, manifest=Path(__file__).with_name("manifest.yaml")):
    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
    ) -> None:
        super().__init__(self._manifest, False, catalog, config, state, config_path)
        # A list is let out when all of the catalog are right, which no component sees.
        streams = catalog.streams if catalog else []
        account_of(self._config).selected = frozenset(one.stream.name for one in streams)

    def configure(self, config: Mapping[str, Any], temp_dir: str) -> Mapping[str, Any]:
        # Made without a configuration (the CDK's standard tests do that), it would read with {}.
        self._config = self._config or config
        # The CDK would write the token to a temporary folder, where it stays when the source is killed.
        return self._config
