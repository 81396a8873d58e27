"""A floor of a small night: PyAirbyte reads the same source into its DuckDB cache, and does nothing with it.

python small_pyairbyte.py SOURCE EXECUTABLE CONFIG DATABASE        (with the interpreter that has PyAirbyte)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import airbyte as ab


def main(name: str, executable: str, config: str, database: str) -> None:
    source = ab.get_source(
        name,
        config=json.loads(Path(config).read_bytes()),
        local_executable=Path(executable),
        install_if_missing=False,
    )
    source.select_all_streams()
    cache = ab.caches.DuckDBCache(db_path=database, schema_name="main")
    source.read(cache=cache, force_full_refresh=True)


if __name__ == "__main__":
    main(*sys.argv[1:5])
