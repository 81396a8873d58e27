"""`people-sync fleet --run`: one line for each connection's night, one exit code for all."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from people_transforms.errors import ConfigError
from people_transforms.safe_text import as_json, printable

from people_sync.connection.found_files import connection_files

if TYPE_CHECKING:
    from people_sync.running.side_by_side import EndedNight


def run_all(where: Iterable[Path], workers: int | None, *, is_json: bool) -> int:
    """Run all connections of folders and files, tell each as it ends, and give the exit code."""
    paths = list(
        dict.fromkeys(found.absolute() for path in where for found in connection_files(path))
    )
    if not paths:
        raise ConfigError(
            "There is no connection to run: no connection.yaml and no *.connection.yaml was found."
        )
    from people_sync.running.side_by_side import Fleet, worst

    began = time.monotonic()
    nights = []
    for night in Fleet(paths, workers or _processors()).run():
        nights.append(night)
        if not is_json:
            click.echo(printable(_line(night)))
    seconds = round(time.monotonic() - began, 1)
    code = worst(nights)
    states = Counter(night.status for night in nights)
    if is_json:
        told = {"connections": [asdict(night) for night in nights], "states": states}
        click.echo(as_json({**told, "seconds": seconds, "exit_code": code}))
    else:
        listed = ", ".join(f"{count} {status}" for status, count in states.most_common())
        click.echo(f"{len(nights)} connections in {seconds} s: {listed}")
    return code


def _line(night: EndedNight) -> str:
    said = [night.headline or "", *night.errors] if night.exit_code in (1, 2) else [night.headline]
    words = " ".join(one for one in said if one) or "Done."
    where = f" (log: {night.log})" if night.log else ""
    return f"{night.connection}: {night.status}, {night.seconds} s. {words}{where}"


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
