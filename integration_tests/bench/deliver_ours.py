"""First deliveries as a run makes them: plan, gate, and every account to Alleo and the ledger.

python -m integration_tests.bench.deliver_ours STORE_FOLDER URL SIZE WORKERS
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from people_transforms import kept_out  # isort: skip  # noqa: F401  - as in a run

from destination_alleo.client import AlleoVendor
from destination_alleo.settings import parse_alleo_settings
from people_transforms.delivery.deliver import Delivery
from people_transforms.planning import gate, plan
from people_transforms.settings import Brakes
from people_transforms.store.warehouse import Store, StorePaths, open_store

from integration_tests.bench.plan_store import NOW, RUN, set_variables
from integration_tests.bench.plan_vendor import engine_settings


def main(folder: Path, url: str, size: int, workers: int) -> None:
    paths = StorePaths(folder / "staging.duckdb", folder / "work" / "work.duckdb")
    settings = engine_settings("alleo", size).model_copy(
        update={"brakes": Brakes(additions=None), "num_workers": workers}
    )
    vendor = AlleoVendor(
        parse_alleo_settings(
            {
                "access_key": "bench",
                "secret_key": "bench",
                "api_url": url,
                "num_workers": workers,
                "companies": settings.configuration["companies"],
            }
        )
    )
    with open_store(paths) as connection:
        set_variables(connection, "alleo", size)
        keys = [place.account_key for place in vendor.places()]
        plan_hash = plan.make_plan(
            connection, vendor, settings, run_id=RUN, as_of=NOW.date(), account_keys=keys
        )
        gated = gate.hold(
            connection, settings, vendor.traits, plan_hash=plan_hash, as_of=NOW.date(), now=NOW
        )
        plan.store_plan(connection, RUN, gated.plan_hash)
        delivery = Delivery(
            Store(connection, paths), vendor, settings, run_id=RUN, as_of=NOW.date()
        )
        delivery.run()
    vendor.close()
    print(dict(delivery.counts))


if __name__ == "__main__":
    gc.freeze()  # As in a run.
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
