"""One of several writers of a lake: python writer.py CATALOG DATA_PATH CONNECTION_ID FOLDER TIMES"""

from __future__ import annotations

import sys
from pathlib import Path

from people_transforms.settings import WarehouseSettings
from people_transforms.store.warehouse import open_warehouse, store_paths


def main(catalog: str, data_path: str, connection_id: str, folder: str, times: str) -> None:
    warehouse = WarehouseSettings(
        type="ducklake", catalog=catalog, data_path=data_path, connection_id=connection_id
    )
    paths = store_paths(warehouse, "alleo", Path(folder))
    for number in range(int(times)):
        with open_warehouse(paths) as run:
            assert run.lake is not None
            run.connection.execute("update sync.dead_letters set attempts = attempts + 1")
            run.connection.execute(
                "insert into sync.dead_letters (person_id, attempts) "
                f"select 'p' || {number}, 0 from range(3)"
            )
            run.lake.push()


if __name__ == "__main__":
    main(*sys.argv[1:])
