"""From raw rows to the plan, as a run does it: models, plan, gate. One process, nothing stored.

python -m integration_tests.bench.plan_ours STORE_FOLDER VENDOR SIZE
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from people_transforms import kept_out  # noqa: F401  - as in a run
from people_transforms.models import runner
from people_transforms.planning import gate, plan
from people_transforms.store.warehouse import StorePaths, open_store

from integration_tests.bench.plan_store import NOW, RUN, set_variables
from integration_tests.bench.plan_vendor import SilentVendor, engine_settings, stored_traits


def main(folder: Path, vendor: str, size: int) -> None:
    paths = StorePaths(folder / "staging.duckdb", folder / "work" / "work.duckdb")
    settings = engine_settings(vendor, size)
    traits = stored_traits(folder)
    clock = [time.perf_counter()]
    with open_store(paths) as connection:
        set_variables(connection, vendor, size)
        clock.append(time.perf_counter())
        runner.build(connection, source_system="loket", vendor=vendor)
        runner.audit(connection)
        clock.append(time.perf_counter())
        plan_hash = plan.make_plan(
            connection,
            SilentVendor(vendor, traits),  # type: ignore[arg-type]
            settings,
            run_id=RUN,
            as_of=NOW.date(),
            account_keys=[],
        )
        clock.append(time.perf_counter())
        gated = gate.hold(
            connection, settings, traits, plan_hash=plan_hash, as_of=NOW.date(), now=NOW
        )
        clock.append(time.perf_counter())
        counts = connection.execute(
            "select operation, count(*) from temp.plan_planned group by all order by all"
        ).fetchall()
    steps = [round(after - before, 2) for before, after in zip(clock, clock[1:], strict=False)]
    print("open, model, plan, gate:", steps, dict(counts), gated)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
