"""The report of a night: how large it is and how soon a browser shows it.

The night of `plan_store`: about 3 % of the people change. Every other part of the page is there too.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from people_transforms.findings import store_findings
from people_transforms.models import runner
from people_transforms.planning import gate, plan
from people_transforms.publishing.publish import publish_run
from people_transforms.store.warehouse import open_store

from integration_tests.bench.plan_store import NOW, RUN, make_store, set_variables
from integration_tests.bench.plan_vendor import SilentVendor, engine_settings, stored_traits
from integration_tests.onboarding.browser import find_chromium, open_browser, watched_page

_VENDOR = "lunchdrive"


def run(size: int, rounds: int = 3) -> dict[str, float]:
    """Write the report of `size` people; where there is a Chromium, open it `rounds` times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report = _publish(folder, size)
        figures = {"report_mb": report.stat().st_size / 1e6}
        if find_chromium():
            figures["report_opens_s"] = _open(report, rounds)
    return figures


def _publish(folder: Path, size: int) -> Path:
    paths = make_store(folder, _VENDOR, size)
    traits, settings = stored_traits(folder), engine_settings(_VENDOR, size)
    with open_store(paths) as connection:
        set_variables(connection, _VENDOR, size)
        runner.build(connection, source_system="loket", vendor=_VENDOR)
        vendor = SilentVendor(_VENDOR, traits)
        plan_hash = plan.make_plan(
            connection,
            vendor,  # type: ignore[arg-type]
            settings,
            run_id=RUN,
            as_of=NOW.date(),
            account_keys=[],
        )
        gated = gate.hold(
            connection, settings, traits, plan_hash=plan_hash, as_of=NOW.date(), now=NOW
        )
        plan.store_plan(connection, RUN, gated.plan_hash)
        store_findings(connection, RUN)
        publish_run(connection, run_id=RUN, staging_path=paths.staging, report_dir=folder)
    return folder / "report.html"


def _open(report: Path, rounds: int) -> float:
    seconds = []
    with open_browser() as browser:
        for _ in range(rounds):
            with watched_page(browser) as watched:
                started = time.perf_counter()
                watched.page.goto(report.as_uri(), wait_until="load")
                # Shown, not only loaded: the last part of the page has a place on the screen.
                watched.page.locator("footer, main > :last-child").last.scroll_into_view_if_needed()
                seconds.append(time.perf_counter() - started)
    return median(seconds)
