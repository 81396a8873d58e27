"""The Alveno source: the manifest's streams, read one after the other and checked before any is let out."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    Status,
)
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.sources.utils.record_helper import stream_data_to_airbyte_message

from source_alveno.components import RecordChunk
from source_alveno.errors import ConfigError
from source_alveno.field_names import nearest
from source_alveno.reading import as_traced, open_stream, read_streams


class SourceAlveno(YamlDeclarativeSource):
    """Reads employees, employments, operations and employers of one Alveno account."""

    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
    ) -> None:
        self._arguments = (catalog, state, config_path)
        super().__init__(
            path_to_yaml="manifest.yaml",
            catalog=catalog,
            config=config,
            state=state,
            config_path=config_path,
        )

    def _read_and_parse_yaml_file(self, path_to_yaml_file: str) -> Any:
        # The CDK prefers a manifest.yaml of the working directory, whatever it is.
        text = (files(__package__) / path_to_yaml_file).read_text("utf-8")
        return self._parse(text)

    def configure(self, config: Mapping[str, Any], temp_dir: str) -> Mapping[str, Any]:
        # Made without a configuration (the CDK's standard tests do that), we would read with {}.
        if not self._config:
            catalog, state, config_path = self._arguments
            SourceAlveno.__init__(self, catalog, config, state, config_path)
        return super().configure(config, temp_dir)

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Fetch and check the lists the manifest names, and say in one sentence what is wrong."""
        self._warn_about_unknown_settings()
        names = self.resolved_manifest["check"]["stream_names"]
        try:
            for stream in self.streams(self._config):
                if stream.name in names:
                    open_stream(stream)
        except Exception as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=as_traced(error).message)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        for item in self.read_items(catalog):
            if isinstance(item, RecordChunk):
                for record in item.records:
                    yield stream_data_to_airbyte_message(item.stream_name, record)
            else:
                yield item

    def read_items(
        self, catalog: ConfiguredAirbyteCatalog
    ) -> Iterator[AirbyteMessage | RecordChunk]:
        """Yield the records many at a time, and a message for everything else."""
        self._warn_about_unknown_settings()
        yield from read_streams(self._configured_streams(catalog))

    def _configured_streams(self, catalog: ConfiguredAirbyteCatalog) -> list[AbstractStream]:
        """The streams of the catalog, in its order.

        Raises ConfigError for one that we do not have: the CDK would skip it and exit 0.
        """
        known = {stream.name: stream for stream in self.streams(self._config)}
        names = [configured.stream.name for configured in catalog.streams]
        for name in names:
            if name not in known:
                raise ConfigError(
                    f"The catalog asks for the stream {name}, which this source does not have."
                    f"{nearest(name, known)} Streams: {', '.join(known)}. Refresh the schema."
                )
        return [known[name] for name in names]

    def _warn_about_unknown_settings(self) -> None:
        """A setting that is misspelt would silently do nothing."""
        known = self.spec(self.logger).connectionSpecification["properties"]
        for name in self._config:
            if name not in known and not name.startswith("__"):
                self.logger.warning(f"{name} is no setting of this source.{nearest(name, known)}")
