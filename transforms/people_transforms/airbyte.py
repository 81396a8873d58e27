"""The Airbyte edge: a platform as a CDK destination, for `spec`, `check` and whoever drives one in Python.

The only module here that imports the CDK. Records stay bytes (the CDK parses each
twice), a line that is no message is not logged (it may hold personal data), an unknown message type
doesn't end the sync, STATE goes back byte for byte and is flushed at once: `writing.py`.
"""

from __future__ import annotations

from people_connector import quick_start  # isort: skip  - before anything imports the CDK

import argparse
import contextlib
import io
import logging
import sys
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any, ClassVar, cast

import orjson
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
    ConnectorSpecification,
    FailureType,
    Status,
)
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from people_connector.cdk_words import speak_for_the_cdk

from people_transforms import exit_codes
from people_transforms.errors import BusyError, SyncError
from people_transforms.form import as_form
from people_transforms.landing.catalog import parse_catalog, read_catalog
from people_transforms.landing.messages import chunks
from people_transforms.models.contracts import raw_streams
from people_transforms.night import refuse_report_folder
from people_transforms.planning.drift import check_fields
from people_transforms.platform import Platform
from people_transforms.store.lasting import WILL_NOT_LAST, goes_away
from people_transforms.store.warehouse import open_store, store_paths
from people_transforms.writing import write

logger = logging.getLogger("airbyte")


class PeopleDestination(Destination):
    """A benefit platform as an Airbyte destination; a connector names its `platform`."""

    platform: ClassVar[Platform]

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """Give spec.json, in which `source_system` may be any source that there are models for."""
        told = super().spec(logger)
        told.connectionSpecification = self.platform.spec
        return told

    def run_cmd(self, parsed_args: argparse.Namespace) -> Iterable[AirbyteMessage]:
        """Run a command; what `spec` prints is for forms, what settings are held against is flat."""
        for message in super().run_cmd(parsed_args):
            if message.spec is not None:
                message.spec.connectionSpecification = as_form(self.platform.spec)
            yield message

    def read_config(self, config_path: str) -> MutableMapping[str, Any]:  # type: ignore[override]
        """Read the configuration; ids may be typed with or without quotes."""
        return self.platform.fit(super().read_config(config_path))

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Try everything a run needs and say in one message what is wrong."""
        try:
            wrong = self._wrong(config)
            settings = self.platform.settings(config)
            refuse_report_folder(settings)
            paths = store_paths(settings.warehouse, self.platform.vendor_name, config=config)
            # A sync that is going on shows that the store can be used.
            with contextlib.suppress(BusyError), open_store(paths):
                pass
        except SyncError as error:
            wrong = [str(error)]
        if wrong:
            return AirbyteConnectionStatus(status=Status.FAILED, message=" ".join(wrong))
        if paths.lake is None and goes_away(paths.folder):
            logger.warning(WILL_NOT_LAST)
            return AirbyteConnectionStatus(status=Status.SUCCEEDED, message=WILL_NOT_LAST)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def _wrong(self, config: Mapping[str, Any]) -> list[str]:
        settings = self.platform.settings(config)
        raw_streams(settings.source_system)
        vendor = self.platform.vendor(config)
        try:
            check_fields(vendor.traits, settings)
            wrong = self.platform.verify(config, vendor)
            if not wrong:
                self.platform.probe(config, vendor)
            return wrong
        finally:
            vendor.close()

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog,
        input_messages: Iterable[AirbyteMessage],
    ) -> Iterable[AirbyteMessage]:
        """Write parsed messages: the CDK's own entry, for callers that hold messages, not bytes."""
        lines = (
            orjson.dumps(AirbyteMessageSerializer.dump(message)) + b"\n"
            for message in input_messages
        )
        catalog = parse_catalog(ConfiguredAirbyteCatalogSerializer.dump(configured_catalog))
        write(self.platform, config, catalog, lines)
        return ()

    def _run_write(
        self,
        config: Mapping[str, Any],
        configured_catalog_path: str,
        input_stream: io.TextIOWrapper,
    ) -> Iterable[AirbyteMessage]:
        lines = chunks(cast(io.BufferedReader, input_stream.buffer))
        write(self.platform, config, read_catalog(configured_catalog_path), lines)
        return ()


def run(destination: PeopleDestination, args: Sequence[str]) -> None:
    """Run a command of the CDK's; raises SystemExit with the code of a wrong setting."""
    quick_start.finish()
    speak_for_the_cdk()
    try:
        destination.run(list(args))
    except AirbyteTracedException as error:
        message = AirbyteMessageSerializer.dump(error.as_airbyte_message())
        sys.stdout.write(orjson.dumps(message).decode() + "\n")
        is_setting = error.failure_type == FailureType.config_error
        code = exit_codes.MISCONFIGURED if is_setting else exit_codes.FAILED
        raise SystemExit(code) from None
