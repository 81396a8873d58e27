"""A destination's command line: every known error is one sentence and an exit code.

`write` does without Airbyte's CDK, whose import takes longer than a small employer's night; `spec`
and `check` are the CDK's. `places` is ours: it lists the companies or clients that the keys can see, as
data for whoever lets a person choose.
"""

from __future__ import annotations

from people_transforms import kept_out  # isort: skip  # noqa: F401  - before anything imports httpx

import argparse
import gc
import io
import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn, cast

import orjson
from people_connector.own_words import frames, named
from people_connector.surroundings import keep_this_machine_direct, wrong_surroundings

from people_transforms import exit_codes
from people_transforms.delivery.call import fetch
from people_transforms.delivery.ratelimit import Pace
from people_transforms.errors import (
    AuditError,
    ConfigError,
    HeldError,
    RefusedError,
    RetryableError,
    StoreError,
    SyncError,
    UnansweredError,
)
from people_transforms.landing.catalog import read_catalog
from people_transforms.landing.messages import chunks
from people_transforms.platform import Platform
from people_transforms.protocol import log_as_messages, say, secrets_of, trace
from people_transforms.writing import write

if TYPE_CHECKING:
    from people_transforms.airbyte import PeopleDestination

logger = logging.getLogger("airbyte")


def launch(
    platform: Platform, args: Sequence[str], destination: Callable[[], PeopleDestination]
) -> NoReturn:
    """Run the command that the arguments name, and end the process as it ended.

    `destination` makes the platform's CDK destination.
    """
    keep_this_machine_direct()
    try:
        if args[:1] not in ([], ["spec"]):
            _ended(_look_around)
        if args[:1] == ["write"]:
            # What an import makes lives as long as the process: looking at it again costs time.
            gc.freeze()
            _ended(lambda: _write(platform, args[1:]))
        elif args[:1] == ["places"]:
            _ended(lambda: _list_places(platform, args[1:]))
        else:
            from people_transforms import airbyte

            _ended(lambda: airbyte.run(destination(), args))
    finally:
        sys.stdout.flush()
    raise SystemExit(exit_codes.DONE)


def _look_around() -> None:
    if wrong := wrong_surroundings():
        raise ConfigError(" ".join(wrong))


def _write(platform: Platform, args: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog=f"destination-{platform.vendor_name} write")
    parser.add_argument("--config", required=True, help="path of the JSON configuration")
    parser.add_argument("--catalog", required=True, help="path of the configured catalog")
    given = parser.parse_args(args)
    log_as_messages([])
    config = platform.read_config(given.config)
    log_as_messages(list(secrets_of(config, platform.spec)))
    lines = chunks(cast(io.BufferedReader, sys.stdin.buffer))
    write(platform, config, read_catalog(given.catalog), lines)


def _list_places(platform: Platform, args: Sequence[str]) -> None:
    """Print one line, `{"type": "PLACES", "places": [{"key": …, "name": …}]}`; none is an error."""
    parser = argparse.ArgumentParser(prog=f"destination-{platform.vendor_name} places")
    parser.add_argument("--config", required=True, help="path of the JSON configuration")
    config = platform.read_config(parser.parse_args(args).config)
    vendor = platform.vendor(config)
    try:
        found = fetch(lambda: platform.visible(vendor), vendor, Pace())
        if not found:
            raise ConfigError(" ".join(platform.verify(config, vendor)) or "The keys see no place.")
    finally:
        vendor.close()
    places = [{"key": one.account_key, "name": one.name} for one in found]
    sys.stdout.write(orjson.dumps({"type": "PLACES", "places": places}).decode() + "\n")


def _ended(command: Callable[[], None]) -> None:
    try:
        command()
    except SyncError as error:
        say(trace(str(error), _failure_type(error)))
        if isinstance(error, AuditError):
            logger.error("An audit stopped the run before anything was sent.")
        raise SystemExit(_exit_code(error)) from None
    except Exception as error:
        # Its text may quote what it choked on.
        words = f"Stopped by an unexpected error: {named(error)}."
        say(trace(words, "system_error", frames(error)))
        raise SystemExit(exit_codes.FAILED) from None


def _failure_type(error: SyncError) -> str:
    if isinstance(error, ConfigError):
        return "config_error"
    return "transient_error" if isinstance(error, (RetryableError, StoreError)) else "system_error"


def _exit_code(error: SyncError) -> int:
    if isinstance(error, HeldError):
        return exit_codes.HELD
    if isinstance(error, (RefusedError, UnansweredError)):
        return exit_codes.PARTLY
    is_setting = isinstance(error, ConfigError)
    return exit_codes.MISCONFIGURED if is_setting else exit_codes.FAILED
