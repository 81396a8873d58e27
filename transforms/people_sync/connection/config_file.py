"""A connector's configuration file, written anew without losing the comments in it.

JSON has no comments: keys that begin with `__` are ours to explain the key after them. Airbyte has
such keys of its own, so connectors leave them alone, and leave them out of what they give back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from people_sync.connection.atomic_file import replace_file

COMMENT = "__"


def write_config(path: Path, config: Mapping[str, Any]) -> None:
    """Replace a configuration for its owner only, with the comments that the file has now."""
    try:
        before = json.loads(path.read_bytes())
    except (OSError, ValueError):
        before = {}
    kept = with_comments(without_comments(config), before if isinstance(before, dict) else {})
    replace_file(path, (json.dumps(kept, indent=2, ensure_ascii=False) + "\n").encode())


def with_comments(config: Mapping[str, Any], commented: Mapping[str, Any]) -> dict[str, Any]:
    """Put comments back where they stood: each before the key that it is about."""
    kept: dict[str, Any] = {}
    for key, value in commented.items():
        if key.startswith(COMMENT):
            kept[key] = value
        elif key in config:
            nested = isinstance(value, dict) and isinstance(config[key], Mapping)
            kept[key] = with_comments(config[key], value) if nested else config[key]
    return kept | {key: value for key, value in config.items() if key not in kept}


def without_comments(config: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the comments, at every level."""
    return {
        key: without_comments(value) if isinstance(value, Mapping) else value
        for key, value in config.items()
        if not key.startswith(COMMENT)
    }
