"""What the program must know of each platform and HR system beside its models, from their own folders.

marts/<vendor>/vendor.yaml, and for either kind words/<language>.yaml: a new one edits no shared list.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml


@cache
def vendors() -> dict[str, dict[str, Any]]:
    """Read every platform's vendor.yaml: vendor → title, usual_source, accounts, account_settings, …"""
    found = ((name, folder.joinpath("vendor.yaml")) for name, folder in _folders("marts"))
    return {name: read(file) for name, file in found if file.is_file()}


def own_words(language: str) -> dict[str, dict[str, Any]]:
    """Read what a platform or HR system has of words of its own: system → `in`, `costs`, …"""
    return {name: read(file) for name, file in word_files(language)}


def word_files(language: str) -> Iterator[tuple[str, Traversable]]:
    """Give the file of each platform and HR system that has words of its own."""
    for kind in ("marts", "staging"):
        for name, folder in _folders(kind):
            file = folder.joinpath("words", f"{language}.yaml")
            if file.is_file():
                yield name, file


def read(file: Traversable) -> dict[str, Any]:
    """Read a file of settings or words."""
    content: dict[str, Any] = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return content


def _folders(kind: str) -> Iterator[tuple[str, Traversable]]:
    entries = files(__package__).joinpath(kind).iterdir()
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.is_dir():
            yield entry.name, entry
