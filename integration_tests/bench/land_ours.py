"""Land the lines on standard input in a new store, as a run does: read, type, deduplicate, commit.

python -m integration_tests.bench.land_ours FOLDER < LINES
"""

from __future__ import annotations

import sys
from pathlib import Path

from people_transforms.landing.catalog import of_streams
from people_transforms.landing.land import Landing
from people_transforms.landing.messages import Intake, chunks, read_messages
from people_transforms.models.contracts import raw_streams
from people_transforms.store.warehouse import StorePaths, open_store


def main(folder: Path) -> None:
    paths = StorePaths(folder / "staging.duckdb", folder / "work" / "work.duckdb")
    streams = raw_streams("loket")
    intake = Intake()
    with open_store(paths) as connection:
        landing = Landing(
            connection,
            streams,
            run_id="run-1",
            folder=paths.work.parent,
            settings={},
            catalog=of_streams(streams),
        )
        landing.begin()
        for batch in read_messages(chunks(sys.stdin.buffer), frozenset(streams), intake):
            landing.land(batch)
        landing.finish(intake)
        row = connection.execute("select count(*) from raw.loket__employees").fetchone()
    print(row[0] if row else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
