"""Real nights in the sandbox, one per status of a night, and the page of each as HR would see it.

`live(box, folder)` plays them through the real processes and gives the published file of each,
`live_alleo` those in which the Dutch pair differs, `live_many` a first plan of thousands of people;
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
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.page import render_page
from people_transforms.publishing.words import load_words

from integration_tests.scenarios.connections import BIN, Connection, run

FIRST_DAY = "2026-03-02"
LANGUAGES = ("nl", "cs", "en")
SIZES = {"desk": (1100, 800), "phone": (390, 844)}
_STILL = dict.fromkeys(("joiners", "changes", "leavers", "rehires", "moves", "backdated_ends"), 0)
_LASTS: dict[str, Any] = {"times": None}


class Nights:
    """A connection whose nights are played one after the other; each leaves a published file."""

    def __init__(self, box: Sandbox, folder: Path, hr: str, source: str, destination: str) -> None:
        self.box = box
        self.connection = Connection(box, folder, source, destination, {}, {})
        self._folder = folder
        self._hr = hr

    def night(self, status: str, name: str | None = None) -> tuple[str, Path]:
        """Run as cron would; fails if the night has another status."""
        self.connection.configure(as_of=self.box.control()["as_of"])
        file = str(self.connection.file)
        command = [str(BIN / "people-sync"), "run", file, "--output", "json"]
        ended = run(command, self.connection.folder)
        assert ended.summary["status"] == status, f"{status}: {ended.out} {ended.err}"
        kept = self._folder / f"{name or status}.duckdb"
        shutil.copyfile(self.connection.staging, kept)
        return name or status, kept

    def next_day(self, day: int, **what: int) -> None:
        self.box.night(vendor=self._hr, as_of=f"2026-03-{day:02}", **{**_STILL, **what})


def live(box: Sandbox, folder: Path) -> Iterator[tuple[str, Path]]:
    """Play a night of each status; yields its name and the file it published."""
    box.settings("lunchdrive", rate_limit=None, unique_scope="client", error_shape="object")
    nights = Nights(box, folder, "alveno", "source-alveno", "destination-lunchdrive")
    night, next_day = nights.night, nights.next_day
    yield night("preview")
    nights.connection.approve()
    yield night("needs_you")
    mend(box, nights.connection)
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
    spoil(nights.connection)
    yield night("failed")


def live_alleo(box: Sandbox, folder: Path) -> Iterator[tuple[str, Path]]:
    """Play the nights of Loket → Alleo that look different: several companies, budgets, access."""
    nights = Nights(box, folder, "loket", "source-loket", "destination-alleo")
    yield nights.night("preview", "alleo-preview")
    nights.connection.approve()
    yield nights.night("needs_you", "alleo-needs_you")
    nights.next_day(3, joiners=2, changes=3, leavers=6)
    yield nights.night("held", "alleo-held")


def live_many(box: Sandbox, folder: Path) -> Iterator[tuple[str, Path]]:
    """Plan the first import of a large firm."""
    nights = Nights(box, folder, "alveno", "source-alveno", "destination-lunchdrive")
    yield nights.night("preview", "many")


def spoil(connection: Connection) -> None:
    """Make a column of the working file such as no release had it: the next night is a fault."""
    with duckdb.connect(str(connection.store / "work" / "staging.work.duckdb")) as store:
        store.execute("alter table raw.alveno__employees alter last_name type integer using 1")


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
