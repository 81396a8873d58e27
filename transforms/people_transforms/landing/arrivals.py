"""Which columns of the contract arrive: a key that no record has is not read, never empty.

A column that somebody unticked in the connection, or that a new version of an API renamed, looks like
an empty one to whoever reads its value. So the keys are looked at: in the first records of a stream,
where nearly always all are, and for those that are not there in every record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

import orjson

_SAMPLE = 20


def arriving(lines: Iterable[bytes], paths: Collection[str]) -> set[str]:
    """Name the dotted paths that at least one RECORD line has as a key, also with a null.

    Under a null parent the key counts as there: the record says that there is nothing.
    """
    wanted, found = set(paths), set[str]()
    rest = iter(lines)
    for line in islice(rest, _SAMPLE):
        found |= _paths_in(line, wanted - found)
    missing = wanted - found
    if not missing:
        return found
    leaves = {b'"' + path.rsplit(".", 1)[-1].encode() + b'"' for path in missing}
    for line in rest:
        if any(leaf in line for leaf in leaves):
            found |= _paths_in(line, missing)
            missing -= found
            if not missing:
                break
    return found


def _paths_in(line: bytes, paths: Collection[str]) -> set[str]:
    try:
        data = orjson.loads(line)["record"]["data"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return set()
    return {path for path in paths if _has(data, path)}


def _has(data: Any, path: str) -> bool:
    for part in path.split("."):
        if data is None:
            return True
        if not isinstance(data, dict) or part not in data:
            return False
        data = data[part]
    return True
