"""Connectors whose code this process has imported, so that each of their processes can be a fork of it.

Airbyte's CDK takes a second to import, which is more than a small employer's night takes after it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

# What a night imports late, for commands that don't need it.
_LATE = (
    "people_sync.running.record",
    "people_sync.running.relay",
    "people_sync.running.summary",
    "people_transforms.night",
    "charset_normalizer",
    "httpcore",
    "jinja2",
    "netrc",
    "pytz",
    "stamina",
    "xlsxwriter",
)


@dataclass(slots=True)
class Warm:
    """What is imported: each program's entry point, and how a source's own log is set up."""

    entries: dict[Path, Callable[[], object]] = field(default_factory=dict)
    handlers: list[logging.Handler] = field(default_factory=list)

    def find(
        self, command: Sequence[str | Path], environment: Mapping[str, str]
    ) -> Callable[[], None] | None:
        """Give the call that does what a command would do, where its program is imported."""
        start = self.entries.get(Path(command[0]))
        if start is None:
            return None

        def call() -> None:
            sys.argv = [str(word) for word in command]
            os.environ.update(environment)
            # Looked for again: this process has found its own.
            tempfile.tempdir = None
            logging.getLogger().handlers[:] = self.handlers
            sys.exit(start())  # type: ignore[arg-type]

        return call


def warm_up(programs: Iterable[Path]) -> Warm:
    """Import the connectors that are installed beside this program; others start as programs do.

    An import that fails is told by the connector's own process.
    """
    warm = Warm()
    root = logging.getLogger()
    before = list(root.handlers)
    # What an import makes lives as long as the process, and in each fork of it.
    gc.disable()
    installed = {entry.name: entry for entry in entry_points(group="console_scripts")}
    for program in sorted(set(programs)):
        entry = installed.get(program.name)
        if entry is None or program.parent != Path(sys.executable).parent:
            continue
        try:
            warm.entries[program] = entry.load()
            import_components(entry.module)
        except Exception:  # noqa: BLE001, S112 - its own process says what is missing
            continue
    read_ahead()
    gc.freeze()
    gc.enable()
    warm.handlers = list(root.handlers)
    root.handlers[:] = before
    return warm


def import_components(module: str) -> None:
    """By Airbyte's convention what a manifest needs of Python, imported when it is read."""
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module(f"{module.partition('.')[0]}.components")


def read_ahead() -> None:
    """Import and read what each night would again: tables, words, the page, the usual pairs' models."""
    for name in _LATE:
        importlib.import_module(name)
    from people_transforms.models import plan_models, purposes, runner, stored, typed_text
    from people_transforms.models.vendors import vendors
    from people_transforms.publishing.template import page_template
    from people_transforms.publishing.words import LANGUAGES, load_words
    from people_transforms.store.sync_tables import described

    described()
    page_template()
    typed_text.macros()
    purposes.column_purposes()
    for language in LANGUAGES:
        load_words(language)

    for vendor, told in vendors().items():
        runner.models(told["usual_source"], vendor)
        runner.audits(vendor)
        stored.fingerprint_of(told["usual_source"], vendor)
    runner.plan_audits()
    plan_models.selects()


def can_fork() -> bool:
    """Tell whether copies of this process are safe: on Linux, and with one thread of Python's.

    The thread of DuckDB's memory allocator doesn't count: the allocator sees to itself at a fork.
    """
    return sys.platform == "linux" and threading.active_count() == 1
