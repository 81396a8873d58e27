"""The two ends of a connection, asked by their own programs: rights, streams, employers, mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from people_transforms.errors import ConfigError
from people_transforms.models.contracts import NEEDED_STREAMS

from people_sync.commands.check import FINE, LOOK, WRONG, Finding
from people_sync.connection.catalog import configure
from people_sync.connection.config_file import write_config
from people_sync.connection.connection_file import ConnectionFile, Connector, read_config
from people_sync.desk.onboarding.connectors import describe
from people_sync.running import programs


def check_source(file: ConnectionFile) -> list[Finding]:
    """Let the source check itself, list its streams, and give its employers for the mapping."""
    found = _check(file, file.source)
    streams = _check_streams(file)
    if found.state == WRONG:
        return [found, streams]
    return [found, streams, *_check_employers(file)]


def check_destination(file: ConnectionFile) -> list[Finding]:
    """Let the destination check itself: keys, companies or clients, and the store."""
    return [_check(file, file.destination)]


def _check(file: ConnectionFile, end: Connector) -> Finding:
    config = read_config(end.config)
    checked = programs.check(end, config, file.folder)
    if checked.config != config:  # a token was renewed: lost, if it were not kept now
        write_config(end.config, checked.config)
    if checked.is_fine:
        return Finding(end.name, FINE, "answers, and its settings and rights are enough.")
    return Finding(end.name, WRONG, checked.sentence or "did not answer, and said nothing.")


def _check_streams(file: ConnectionFile) -> Finding:
    try:
        catalog = programs.discover(file.source, file.folder)
        offered = configure(catalog, file.streams, 0)
    except ConfigError as error:
        return Finding("streams", WRONG, str(error))
    names = [entry["stream"]["name"] for entry in offered["streams"]]
    missing = [name for name in NEEDED_STREAMS if name not in names]
    if missing:
        needed = ", ".join(missing)
        return Finding(
            "streams", WRONG, f"{file.path.name}: `streams` lacks {needed}, without which nobody "
            "can be matched: add them, or write `streams: all`.",
        )  # fmt: skip
    return Finding("streams", FINE, f"{len(names)} are read: {', '.join(names)}.")


def _check_employers(file: ConnectionFile) -> list[Finding]:
    try:
        source, destination = describe(file.source.name), describe(file.destination.name)
    except ConfigError:  # a connector of somebody else
        return []
    config = read_config(file.source.config)
    try:
        employers = programs.read_employers(file.source, config, file.folder, source.employers)
    except ConfigError as error:
        return [Finding("employers", WRONG, str(error))]
    if employers.config != config:
        write_config(file.source.config, employers.config)
    if employers.sentence:
        return [Finding("employers", WRONG, employers.sentence)]
    known = {one["id"]: one["name"] for one in employers.found}
    listed = ", ".join(f"{key} ({name})" for key, name in known.items())
    found = [Finding("employers", FINE, f"the HR system lists {listed}.")]
    if destination.mapping:
        found += _check_mapping(file.destination, destination.mapping, known, listed)
    return found


def _check_mapping(
    end: Connector, names: Mapping[str, str], known: Mapping[str, str], listed: str
) -> list[Finding]:
    entries: list[dict[str, Any]] = read_config(end.config).get(names["setting"]) or []
    mapped = [str(entry.get(names["employer"])) for entry in entries]
    place = f"{end.config.name}: `{names['setting']}`"
    found = [
        Finding("mapping", WRONG, f"{place} maps {one}, an employer that the HR system does not "
        f"list. It lists {listed}.")
        for one in mapped if one not in known
    ]  # fmt: skip
    if left := [one for one in known if one not in mapped]:
        without = ", ".join(f"{one} ({known[one]})" for one in left)
        example = json.dumps({names["employer"]: left[0], names["place"]: "…"}, ensure_ascii=False)
        found.append(
            Finding("mapping", LOOK, f"{place} leaves out {without}: their people get no account. "
            f"To let them take part, add {example}.")
        )  # fmt: skip
    return found
