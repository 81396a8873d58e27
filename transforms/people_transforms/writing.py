"""`write`: from a configuration, a catalog and lines to a night, and the states that it settled."""

from __future__ import annotations

import datetime as dt
import logging
import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from people_transforms.conclusion import Night
from people_transforms.errors import BusyError, ConfigError
from people_transforms.landing.catalog import Catalog
from people_transforms.landing.states import with_rejected
from people_transforms.models.contracts import NEEDED_STREAMS, raw_streams
from people_transforms.night import refuse_report_folder, report_folder, run_night
from people_transforms.planning.drift import check_fields
from people_transforms.platform import Platform
from people_transforms.publishing.end import tell_end, tell_kept_out
from people_transforms.publishing.publish import REPORT_NAME
from people_transforms.store.waiting import open_for_a_night
from people_transforms.store.warehouse import store_paths

logger = logging.getLogger("airbyte")


def write(
    platform: Platform, config: Mapping[str, Any], catalog: Catalog, lines: Iterable[bytes]
) -> None:
    """Bring the platform in line with what the lines say, and acknowledge their states.

    Raises SyncError as the run ended, where it did not end well.
    """
    settings = platform.settings(config)
    _check_streams(catalog.streams, settings.source_system)
    refuse_report_folder(settings)
    paths = store_paths(settings.warehouse, platform.vendor_name, config=config)
    vendor = platform.vendor(config)
    try:
        check_fields(vendor.traits, settings)
        with open_for_a_night(paths) as store:
            night = run_night(
                store,
                vendor,
                settings,
                lines,
                catalog=catalog,
                now=dt.datetime.now(dt.UTC),
                verify=lambda: platform.verify(config, vendor),
            )
    except BusyError:
        tell_kept_out()
        raise
    finally:
        vendor.close()
    if night.report is not None:
        page = report_folder(paths, settings) / REPORT_NAME
        tell_end(night.report, night.counts, page, paths.published)
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
