"""Real nights in the sandbox, one per status of a night, and the page of each as HR would see it.

`live(box, folder)` plays them through the real processes and gives the published file of each;
`page_of` writes the page from such a file in a language.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from people_sandbox.client import Sandbox
from people_sync.commands.store import last_night
from people_transforms.publishing.page import render_page
from people_transforms.publishing.questions import build_report
from people_transforms.publishing.words import load_words

from integration_tests.scenarios.connections import BIN, Connection, run

FIRST_DAY = "2026-03-02"
LANGUAGES = ("nl", "cs", "en")
SIZES = {"desk": (1100, 800), "phone": (390, 844)}
_STILL = dict.fromkeys(("joiners", "changes", "leavers", "rehires", "moves", "backdated_ends"), 0)
_LASTS: dict[str, Any] = {"times": None}


def live(box: Sandbox, folder: Path) -> Iterator[tuple[str, Path]]:
    """Play a night of each status; yields its name and the file it published."""
    box.settings("lunchdrive", rate_limit=None, unique_scope="client", error_shape="object")
    connection = Connection(box, folder, "source-alveno", "destination-lunchdrive", None, {})  # type: ignore[arg-type]

    def night(name: str) -> tuple[str, Path]:
        connection.configure(as_of=box.control()["as_of"])
        command = [str(BIN / "people-sync"), "run", str(connection.file), "--output", "json"]
        ended = run(command, connection.folder)
        status = ended.summary["status"]
        assert status == name, f"{name}: {ended.out} {ended.err}"
        kept = folder / f"{name}.duckdb"
        shutil.copyfile(connection.staging, kept)
        return name, kept

    def next_day(day: int, **what: int) -> None:
        box.night(vendor="alveno", as_of=f"2026-03-{day:02}", **{**_STILL, **what})

    yield night("preview")
    connection.approve()
    yield night("needs_you")
    mend(box, connection)
    next_day(3, joiners=2, changes=2)
    yield night("in_order")
    next_day(4)
    yield night("quiet")
    next_day(5, joiners=1)
    box.fault("lunchdrive", "unprocessable", match="POST*")
    yield night("partly")
    next_day(6)
    box.fault("alveno", "page_repeated", match="*employees*", **_LASTS)
    yield night("hr_incomplete")
    box.clear_faults()
    box.fault("alveno", "forbidden", **_LASTS)
    yield night("misconfigured")
    box.clear_faults()
    box.fault("alveno", "reset_before", **_LASTS)
    yield night("hr_unreachable")
    box.clear_faults()
    box.fault("lunchdrive", "reset_before", **_LASTS)
    yield night("platform_unreachable")
    box.clear_faults()
    next_day(7, leavers=6)
    yield night("held")


def mend(box: Sandbox, connection: Connection) -> None:
    """Do what the report says: after that nothing needs anybody."""
    rows = connection.ask(
        "select code, person_id, typed_value from sync.findings "
        "where severity in ('warning', 'error') order by all"
    )
    for code, person_id, _ in rows:
        employee = person_id.rsplit(":", 1)[1]
        known = {str(row["EmployeeID"]): row for row in box.world("alveno")["employees"]}
        row = known[employee]
        changes = {
            "ldid_malformed": {"Note": "LDID: 32567"},
            "personal_number_zeros": {"PersonalID": f"9{employee}"},
        }[code]
        box.patch("alveno", "employees", row["EmployeeID"], **changes)


def page_of(published: Path, language: str, desk: str | None = None) -> str:
    """Write the page of the latest night of a published file."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as store (read_only)")
        connection.execute("use store")
        connection.execute("set TimeZone = 'UTC'")
        report = build_report(connection, last_night(connection))
    return render_page(report, load_words(language), staging_path=published, desk=desk)
