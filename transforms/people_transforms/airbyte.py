"""The Airbyte edge: a CDK destination that hands its standard input to `run_night`.

Beside `cdk_words.py` the only module here that imports the CDK. It overrides the CDK where measured behaviour would hurt:
records stay bytes (the CDK parses each twice), a line that is no message is not logged (it may hold
personal data), an unknown message type doesn't end the sync, STATE goes back byte for byte and is
flushed at once.
"""

from __future__ import annotations

from people_transforms import quick_start  # isort: skip  - before anything imports the CDK

import contextlib
import datetime as dt
import io
import logging
import sys
from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, cast

import duckdb
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

from people_transforms.cdk_words import speak_for_the_cdk
from people_transforms.conclusion import Night
from people_transforms.delivery.vendor import Vendor
from people_transforms.errors import (
    AuditError,
    BusyError,
    ConfigError,
    HeldError,
    RefusedError,
    RetryableError,
    StoreError,
    SyncError,
    UnansweredError,
)
from people_transforms.landing.catalog import Catalog, parse_catalog, read_catalog
from people_transforms.landing.messages import chunks
from people_transforms.landing.states import with_rejected
from people_transforms.lasting import WILL_NOT_LAST, goes_away
from people_transforms.models.contracts import NEEDED_STREAMS, raw_streams
from people_transforms.night import run_night
from people_transforms.no_pandas import keep_pandas_out
from people_transforms.planning.drift import check_fields
from people_transforms.settings import Settings, fit_ids, parse_settings
from people_transforms.shared_spec import with_sources
from people_transforms.store_failures import explained
from people_transforms.warehouse import open_store, open_warehouse, store_paths

EXIT_DONE, EXIT_FAILED, EXIT_CONFIGURATION, EXIT_HELD, EXIT_PARTLY = 0, 1, 2, 3, 4

logger = logging.getLogger("airbyte")


class PeopleDestination(Destination):
    """A benefit platform as an Airbyte destination; a connector supplies its vendor."""

    vendor_name: ClassVar[str]
    default_source_system: ClassVar[str]

    @abstractmethod
    def vendor(self, config: Mapping[str, Any]) -> Vendor:
        """Build the vendor's client from a checked configuration."""

    def verify(self, config: Mapping[str, Any], vendor: Vendor) -> list[str]:
        """Name what is wrong between configuration and vendor, one sentence each."""
        return []

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """Give spec.json, in which `source_system` may be any source that there are models for."""
        told = super().spec(logger)
        told.connectionSpecification = with_sources(told.connectionSpecification)
        return told

    def read_config(self, config_path: str) -> dict[str, Any]:  # type: ignore[override]
        """Read the configuration; ids may be typed with or without quotes."""
        spec = self.spec(logger).connectionSpecification
        return dict(fit_ids(super().read_config(config_path), spec))

    def settings(self, config: Mapping[str, Any]) -> Settings:
        """Parse the configuration against spec.json."""
        return parse_settings(
            config,
            self.spec(logger).connectionSpecification,
            vendor=self.vendor_name,
            source_system=self.default_source_system,
        )

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Try everything a run needs and say in one message what is wrong."""
        try:
            settings = self.settings(config)
            raw_streams(settings.source_system)
            vendor = self.vendor(config)
            try:
                check_fields(vendor.traits, settings)
                vendor.places()
                wrong = self.verify(config, vendor)
            finally:
                vendor.close()
            paths = store_paths(settings.warehouse, self.vendor_name, config=config)
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
        self._run(config, catalog, lines)
        return ()

    def _run_write(
        self,
        config: Mapping[str, Any],
        configured_catalog_path: str,
        input_stream: io.TextIOWrapper,
    ) -> Iterable[AirbyteMessage]:
        self._run(
            config,
            read_catalog(configured_catalog_path),
            chunks(cast(io.BufferedReader, input_stream.buffer)),
        )
        return ()

    def _run(self, config: Mapping[str, Any], catalog: Catalog, lines: Iterable[bytes]) -> None:
        settings = self.settings(config)
        _check_streams(catalog.streams, settings.source_system)
        paths = store_paths(settings.warehouse, self.vendor_name, config=config)
        vendor = self.vendor(config)
        try:
            check_fields(vendor.traits, settings)
            with open_warehouse(paths) as warehouse:
                try:
                    night = run_night(
                        warehouse.connection,
                        paths,
                        vendor,
                        settings,
                        lines,
                        catalog=catalog,
                        now=dt.datetime.now(dt.UTC),
                        lake=warehouse.lake,
                        verify=lambda: self.verify(config, vendor),
                    )
                except duckdb.Error as error:
                    logger.debug("store failure", exc_info=error)
                    raise explained(error, paths.work) from None
        finally:
            vendor.close()
        _finish(night)


def _finish(night: Night) -> None:
    """Acknowledge the states, then end as the run did.

    A night is settled also when the vendor refused people: that is HR's work, not a failed sync.
    """
    refused = night.refused.people if night.refused else 0
    for state in with_rejected(night.states, refused):
        sys.stdout.buffer.write(state + b"\n")
    sys.stdout.buffer.flush()
    logger.info("Run %s: %s. %s", night.run_id, night.outcome, night.message)
    if night.error is not None:
        raise night.error


def launch(destination: PeopleDestination, args: Sequence[str]) -> NoReturn:
    """Run a destination's command line; every known error is one sentence and an exit code."""
    keep_pandas_out()
    quick_start.finish()
    speak_for_the_cdk()
    try:
        destination.run(list(args))
    except SyncError as error:
        _print_trace(error)
        raise SystemExit(_exit_code(error)) from None
    except AirbyteTracedException as error:
        _print_message(error.as_airbyte_message())
        wrong_setting = error.failure_type == FailureType.config_error
        raise SystemExit(EXIT_CONFIGURATION if wrong_setting else EXIT_FAILED) from None
    finally:
        sys.stdout.flush()
    raise SystemExit(EXIT_DONE)


def _exit_code(error: SyncError) -> int:
    if isinstance(error, HeldError):
        return EXIT_HELD
    if isinstance(error, (RefusedError, UnansweredError)):
        return EXIT_PARTLY
    return EXIT_CONFIGURATION if isinstance(error, ConfigError) else EXIT_FAILED


def _print_trace(error: SyncError) -> None:
    if isinstance(error, ConfigError):
        kind = FailureType.config_error
    elif isinstance(error, (RetryableError, StoreError)):
        kind = FailureType.transient_error
    else:
        kind = FailureType.system_error
    traced = AirbyteTracedException(message=str(error), failure_type=kind)
    _print_message(traced.as_airbyte_message())
    if isinstance(error, AuditError):
        logger.error("An audit stopped the run before anything was sent.")


def _print_message(message: AirbyteMessage) -> None:
    sys.stdout.write(orjson.dumps(AirbyteMessageSerializer.dump(message)).decode() + "\n")


def _check_streams(names: Collection[str], source_system: str) -> None:
    """Refuse a catalog that can't work; warn for one that makes the rules see less."""
    known = raw_streams(source_system)
    unknown = sorted(set(names) - set(known))
    if unknown and (prefix := _prefix(names, known)):
        raise ConfigError(
            "The connection puts a prefix before the names of its streams, so none is known. Take "
            "the stream prefix out of the connection's settings.",
            prefix=prefix,
        )
    if unknown:
        raise ConfigError(
            f"The catalog has streams that source_system {source_system} does not know: "
            f"{', '.join(unknown)}. Remove them, or set `source_system`.",
            known=" ".join(sorted(known)),
        )
    missing = [name for name in NEEDED_STREAMS if name not in names]
    if missing:
        raise ConfigError(
            f"The catalog lacks {', '.join(missing)}: without them nobody can be matched. "
            "Select these streams in the connection."
        )
    for name in sorted(set(known) - set(names)):
        logger.warning("Stream %s is not in the catalog; rules that need it see nothing.", name)


def _prefix(names: Collection[str], known: Collection[str]) -> str | None:
    """Give what stands before every name of the catalog, where the rest of each is a known stream."""
    found = [
        {name.removesuffix(stream) for stream in known if name.endswith(stream)} for name in names
    ]
    common = set.intersection(*found) - {""} if found else set()
    return max(common, key=len, default=None)
