"""The connection files in a folder, and what each connection is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_FOLDERS_DEEP = 3
_NAMES = ("connection.yaml", "connection.yml", "*.connection.yaml", "*.connection.yml")


def connection_files(path: Path) -> Iterator[Path]:
    """Give the connection files in a folder and in those below it, or the one that was named."""
    if not path.is_dir():
        yield path
        return
    levels = ["/".join(["*"] * depth) for depth in range(_FOLDERS_DEEP + 1)]
    for level in levels:
        for name in _NAMES:
            yield from sorted(path.glob(f"{level}/{name}" if level else name))


def name_of(path: Path) -> str:
    """Name a connection after its file, or after its folder where the file has the usual name."""
    path = path.absolute()
    stem = path.name.removesuffix(".yaml").removesuffix(".yml")
    name = path.parent.name if stem == "connection" else stem.removesuffix(".connection")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:63] or "connection"
