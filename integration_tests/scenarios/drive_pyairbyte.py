"""Drive one source and one destination with PyAirbyte; runs in PyAirbyte's own environment.

Takes an order as JSON on standard input, and gives what happened as one line of JSON at the end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import airbyte as ab
from airbyte.exceptions import AirbyteConnectorError


def main() -> None:
    order = json.load(sys.stdin)
    ends: dict[str, Any] = {
        kind: getattr(ab, f"get_{kind}")(
            order[kind]["name"],
            config=order[kind]["config"],
            local_executable=Path(order[kind]["executable"]),
            install_if_missing=False,
        )
        for kind in ("source", "destination")
    }
    source, destination = ends["source"], ends["destination"]
    source.check()
    destination.check()
    source.select_all_streams()
    cache = ab.caches.DuckDBCache(db_path=order["cache"], schema_name="main")
    read = source.read(cache=cache, force_full_refresh=True)
    answer: dict[str, Any] = {
        "streams": source.get_available_streams(),
        "read": {name: len(list(read[name])) for name in read.streams},
        "failed": None,
    }
    try:
        # Without its cache in between, which gives every field another name.
        destination.write(source, cache=False, state_cache=False)
    except AirbyteConnectorError as error:
        answer["failed"] = str(error)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
