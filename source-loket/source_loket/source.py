"""source-loket: the streams of manifest.yaml, read through one shared account.

The CDK gives the protocol, the spec, the workers and their queue. It does not build the streams:
each would get its own session, token and list of employers, and every record would pass a dozen
generators. Pages go from the reading thread to the printer as bytes instead.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from pathlib import Path
from typing import Any

from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    FailureType,
    Status,
)
from airbyte_cdk.sources.declarative.schema.json_file_schema_loader import JsonFileSchemaLoader
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.sources.streams.concurrent.cursor import CursorField
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_loket.account import Account
from source_loket.check import check_account
from source_loket.client import LoketClient
from source_loket.components import StreamPlan
from source_loket.errors import config_error
from source_loket.messages import Page
from source_loket.network import open_session
from source_loket.persisting import persist_config
from source_loket.progress import Progress, known_employers
from source_loket.retries import Retries
from source_loket.settings import parse_settings
from source_loket.slices import EmployerSlices, NoCursor, SkipRule
from source_loket.tokens import Tokens

_MANIFEST = Path(__file__).with_name("manifest.yaml")
# Pages wait in the CDK's queue; a slow reader of our output must not fill the memory.
_QUEUED_PAGES = 16


class SourceLoket(YamlDeclarativeSource):
    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
        *,
        retries: Retries | None = None,
    ) -> None:
        super().__init__(
            str(_MANIFEST), catalog=catalog, config=config, state=state, config_path=config_path
        )
        self._config_path = config_path
        self._retries = retries or Retries()
        self._state = state or []
        self._shared: Account | None = None
        self._concurrent_source._queue.maxsize = _QUEUED_PAGES

    def configure(self, config: Mapping[str, Any], temp_dir: str) -> Mapping[str, Any]:
        # The CDK's standard tests make the source before they have its configuration.
        self._config = self._config or dict(config)
        if not temp_dir:
            # The CDK would write the secrets to ./config.json.
            return self._config
        return super().configure(self._config, temp_dir)

    def streams(self, config: Mapping[str, Any]) -> list[AbstractStream]:
        return [self._build(definition, None) for definition in self._definitions().values()]

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        plans = [self._plan(definition) for definition in self._definitions().values()]
        try:
            check_account(self._account(), plans)
        except AirbyteTracedException as error:
            if error.failure_type == FailureType.system_error:
                raise
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        for message in self.read_pages(catalog, state):
            if isinstance(message, Page):
                yield from message.messages()
            else:
                yield message

    def read_pages(
        self, catalog: ConfiguredAirbyteCatalog, state: list[AirbyteStateMessage] | None = None
    ) -> Iterator[AirbyteMessage]:
        """Read the configured streams; records come as pages, everything else as usual."""
        known = known_employers(state or self._state, catalog, self._shape())
        streams = self._select(catalog, known)
        if streams:
            progress = Progress(streams, known, self._shape())
            yield from progress.follow(self._concurrent_source.read(streams))

    def _select(
        self, catalog: ConfiguredAirbyteCatalog, known: Mapping[str, Mapping[str, Any]]
    ) -> list[AbstractStream]:
        definitions = self._definitions()
        wanted = [configured.stream.name for configured in catalog.streams]
        unknown = [name for name in wanted if name not in definitions]
        if unknown:
            raise config_error(
                f"The catalog has streams that source-loket does not have: {', '.join(unknown)}. "
                f"Refresh the schema of the connection. Streams: {', '.join(definitions)}."
            )
        # The manifest's order: what limits every other list (employers, filters) is read first.
        return [
            self._build(definition, known.get(name))
            for name, definition in definitions.items()
            if name in wanted
        ]

    def _build(
        self, definition: Mapping[str, Any], known: Mapping[str, Any] | None
    ) -> AbstractStream:
        plan = self._plan(definition)
        retriever = definition["retriever"]
        module, reader = retriever["class_name"].rsplit(".", 1)
        skip = retriever.get("skip")
        is_skipping = (
            skip and known is not None and self._account().settings.skip_unchanged_employers
        )
        return DefaultStream(
            partition_generator=EmployerSlices(
                stream=plan.name,
                account=plan.account,
                reader=getattr(import_module(module), reader)(plan),
                is_per_employer=retriever["per_employer"],
                skip=SkipRule(known or {}, has_rota=skip == "rota") if is_skipping else None,
            ),
            name=plan.name,
            json_schema=lambda: _schema(definition),
            primary_key=list(definition["primary_key"]),
            cursor_field=CursorField("employer_id") if skip else None,
            logger=logging.getLogger(f"airbyte.{plan.name}"),
            cursor=NoCursor(),
        )

    def _plan(self, definition: Mapping[str, Any]) -> StreamPlan:
        retriever = definition["retriever"]
        said = {key: retriever[key] for key in StreamPlan.settings() if key in retriever}
        if "minimal" in said:
            said["minimal"] = tuple(said["minimal"])
        dates = _dates_of(_schema(definition))
        return StreamPlan(name=definition["name"], account=self._account(), dates=dates, **said)

    def _definitions(self) -> dict[str, Mapping[str, Any]]:
        return {stream["name"]: stream for stream in self._stream_configs(self._source_config)}

    def _shape(self) -> str:
        """What a remembered list holds: with other fields it must be read again."""
        return "minimal" if self._account().settings.is_minimal else "all"

    def _account(self) -> Account:
        if self._shared is None:
            config: MutableMapping[str, Any] = dict(self._config)
            config["credentials"] = dict(config.get("credentials") or {})
            settings = parse_settings(config)
            session = open_session()
            tokens = Tokens(
                config,
                settings.oauth_url,
                session,
                lambda: persist_config(config, self._config_path),
                self._retries,
            )
            client = LoketClient(settings.api_url, tokens, session, self._retries)
            self._shared = Account(client, settings)
        return self._shared


def _schema(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    loader = JsonFileSchemaLoader(
        config={},
        file_path=definition["schema_loader"]["file_path"],
        parameters={"name": definition["name"]},
    )
    return loader.get_json_schema()


def _dates_of(schema: Mapping[str, Any], path: str = "") -> tuple[str, ...]:
    """Give the dotted paths of the schema's days."""
    found: list[str] = []
    for name, below in schema.get("properties", {}).items():
        if below.get("format") == "date":
            found.append(f"{path}{name}")
        found += _dates_of(below, f"{path}{name}.")
    return tuple(found)
