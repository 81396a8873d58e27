"""The configured catalog of a run, made from what the source discovers."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from people_transforms.errors import ConfigError


def configure(
    catalog: dict[str, Any], streams: Sequence[str] | None, sync_id: int
) -> dict[str, Any]:
    """Choose the streams and how each is read and written.

    Every stream is deduplicated by its primary key; it is read incrementally where the source
    can. No generation is ever truncated: what an old record means is the destination's decision.
    """
    offered = {stream["name"]: stream for stream in _named(catalog.get("streams"))}
    for name in streams or ():
        if name not in offered:
            near = difflib.get_close_matches(name, offered, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise ConfigError(
                f"The source has no stream of that name.{hint}",
                stream=name,
                streams=" ".join(sorted(offered)),
            )
    chosen = [offered[name] for name in streams] if streams else list(offered.values())
    if not chosen:
        raise ConfigError("The source offers no stream at all.")
    return {"streams": [_configured(stream, sync_id) for stream in chosen]}


def incremental_streams(configured: dict[str, Any]) -> set[str]:
    """Name the streams that resume from a state."""
    return {
        entry["stream"]["name"]
        for entry in configured["streams"]
        if entry["sync_mode"] == "incremental"
    }


def _named(listed: object) -> list[dict[str, Any]]:
    """Give what is a stream of that list, which somebody else's connector wrote."""
    streams = listed if isinstance(listed, list) else []
    return [one for one in streams if isinstance(one, dict) and isinstance(one.get("name"), str)]


def _configured(stream: dict[str, Any], sync_id: int) -> dict[str, Any]:
    modes = stream.get("supported_sync_modes") or ["full_refresh"]
    key = stream.get("source_defined_primary_key") or []
    return {
        "stream": stream,
        "sync_mode": "incremental" if "incremental" in modes else "full_refresh",
        "cursor_field": stream.get("default_cursor_field") or [],
        "destination_sync_mode": "append_dedup" if key else "append",
        "primary_key": key,
        "generation_id": 0,
        "minimum_generation_id": 0,
        "sync_id": sync_id,
    }
