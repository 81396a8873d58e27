"""The page of a night: what a hurried reader sees first, and that nothing of it is untrue or missing."""

from __future__ import annotations

import csv
import datetime as dt
import html
import json
import os
import re
import sys
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.lines import SHOWN
from people_transforms.publishing.page import render_page
from people_transforms.publishing.publish import publish_report
from people_transforms.publishing.report import Report
from people_transforms.publishing.schedule import next_run
from people_transforms.publishing.words import LANGUAGES, load_words
from people_transforms.status import STATUSES

from .conftest import DAY, RUN, StoreBuilder

pytestmark = pytest.mark.few(16)

FAILED = ("hr_unreachable", "hr_incomplete", "platform_unreachable", "misconfigured", "failed")


def report_of(store: StoreBuilder) -> Report:
    return build_report(store.connection, RUN)


def page_of(store: StoreBuilder, language: str = "en", desk: str | None = None) -> str:
    return render_page(
        report_of(store), load_words(language), staging_path=store.paths.staging, desk=desk
    )


def text_of(page: str) -> str:
    """What a reader sees, in its order; without scripts, styles and what is folded at the end."""
    body = page.split("<body>")[1].split("<script")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body.split('id="facts"')[0]).split())


def nights(store: StoreBuilder, count: int) -> None:
    """Earlier nights: each brings somebody."""
    for number in range(count, 0, -1):
        day = DAY - dt.timedelta(days=number)
        run_id = f"{day:%Y%m%d}T003000Z-a"
        store.run(run_id, as_of=day, started_at=dt.datetime.combine(day, dt.time(0, 30), dt.UTC))
        store.plan(f"loket:e1:9{number:03}", "create", run_id=run_id)


def held_night(store: StoreBuilder, hold: str = "removals") -> None:
    store.run(status="held", outcome="held")
    for number in range(3):
        store.plan(
            store.person(number, "Anna"),
            "deactivate",
            hold=hold,
            leaving_kind="ended",
            ends_on=dt.date(2026, 2, 28),
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", STATUSES)
def test_the_first_screen_says_how_it_stands_when_it_ran_and_runs_next_and_what_happened(
    store: StoreBuilder, status: str, language: str
) -> None:
    nights(store, 5)
    store.run(status=status)
    store.plan(store.person(1), "create")
    page, words = page_of(store, language), load_words(language)
    seen = text_of(page)
    told = words.status(status, 0, words.systems("loket", "alleo")).partition(". ")[0]
    is_preview = status == "preview"
    order = [
        "Loket → Alleo",
        told if status not in ("held", "needs_you", "partly") else ".",
        words.say(
            "ran_at", day=DAY, time=words.time(dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC))
        ),
        words.say(
            "next_at", day=DAY + dt.timedelta(days=1), time="1.30" if language == "nl" else "1:30"
        ),
        words["tile_would_join" if is_preview else "tile_joined"],
        words["tile_to_do"],
        words["needs_you"],
        words["who_would" if is_preview else "who"],
        words["upcoming"],
        words["skipped"],
    ]
    places = [seen.find(part.replace("\u00a0", " ")) for part in order]
    assert -1 not in places and places == sorted(places), list(zip(order, places, strict=True))
    assert ('data-card="trouble"' in page) == (status in FAILED)


def test_held_changes_stand_with_their_names_last_day_reason_and_what_a_yes_does(
    store: StoreBuilder,
) -> None:
    held_night(store)
    page = page_of(store)
    seen = text_of(page)
    for said in (
        "More people would leave than usual",
        "Anna de Vries",
        "last day 28 February 2026",
    ):
        assert said in seen
    assert "After your approval: 3 accounts end and Alleo cancels their budgets" in seen
    command = page.index("people-sync approve")
    assert command > page.index('id="facts"'), "a command is for the engineer"
    with_desk = page_of(store, desk="https://desk.example.com/runs/1")
    assert (
        '<a class="button" href="https://desk.example.com/runs/1">Look and decide</a>' in with_desk
    )


def test_what_no_approval_releases_says_what_ends_it(store: StoreBuilder) -> None:
    held_night(store, "not_read")
    page = page_of(store, desk="https://desk.example.com")
    assert "cannot be approved" in page and "button" not in text_of(page)
    assert "Look and decide" not in page and "people-sync approve" not in page


def test_findings_are_grouped_by_cause_and_employer_and_new_ones_come_first(
    store: StoreBuilder,
) -> None:
    nights(store, 3)
    store.run(status="needs_you")
    old = f"{DAY - dt.timedelta(days=2):%Y%m%d}T003000Z-a"
    for number in (1, 2):
        store.finding("email_missing", person_id=store.person(number), employer_id="e1")
    store.connection.execute("update sync.findings_history set valid_from_run = ?", [old])
    store.finding("name_missing", person_id=store.person(3), employer_id="e1", severity="error")
    seen = text_of(page_of(store))
    new = load_words("en").finding("name_missing", {})[0]
    assert seen.index(new) < seen.index("since 28 February 2026")
    assert report_of(store).counts.points == 2
    assert seen.count("Joke de Vries") == 3


def test_a_finding_is_as_old_as_its_row_without_a_gap(store: StoreBuilder) -> None:
    nights(store, 4)
    store.run()
    person = store.person(1)
    runs = [f"{DAY - dt.timedelta(days=n):%Y%m%d}T003000Z-a" for n in (4, 3, 2, 1)]
    store.finding("leaves_soon", person_id=person, employer_id="e1", args={"days": 3})
    store.connection.execute("delete from sync.findings_history")
    # Found, gone for a night, found again, and then with other words each night.
    for begins, ends in ((runs[0], runs[1]), (runs[2], runs[3]), (runs[3], None)):
        store.connection.execute(
            "insert into sync.findings_history (person_id, employer_id, code, severity, "
            "valid_from_run, valid_to_run) values (?, 'e1', 'leaves_soon', 'info', ?, ?)",
            [person, begins, ends],
        )
    (finding,) = report_of(store).findings
    assert finding.since == DAY - dt.timedelta(days=2)


def test_what_hr_should_mend_stays_on_the_page_of_a_night_that_could_not_look(
    store: StoreBuilder,
) -> None:
    nights(store, 1)
    before = "20260301T003000Z-a"
    store.finding("email_missing", run_id=before, person_id=store.person(1), employer_id="e1")
    store.run(status="hr_unreachable", outcome="failed", plan_hash=None)
    report = report_of(store)
    assert (report.counts.to_do, len(report.findings)) == (1, 1)
    assert "Joke de Vries" in text_of(page_of(store))
    # Control: a night that looked and found nothing.
    store.connection.execute("update sync.runs set plan_hash = 'x' where run_id = ?", [RUN])
    assert report_of(store).counts.to_do == 0


def test_what_earlier_nights_sent_stays_on_the_page(store: StoreBuilder) -> None:
    nights(store, 2)
    store.run(status="hr_unreachable", outcome="failed", plan_hash=None)
    seen = text_of(page_of(store))
    assert "The nights before 1 March 2026 1 joined 28 February 2026 1 joined" in seen


def test_a_move_is_one_change_and_nobody_joins_or_leaves(store: StoreBuilder) -> None:
    store.run()
    mover, leaver = store.person(1), store.person(2, "Bram")
    store.plan(mover, "create", account_key="c2", moves_from="c1")
    store.plan(mover, "deactivate", leaving_kind="routed_away")
    store.plan(leaver, "deactivate", leaving_kind="routed_away")
    counts = report_of(store).counts
    assert (counts.joined, counts.changed, counts.left) == (0, 1, 1), "the leaver is the control"


def test_there_is_no_chart_before_seven_nights_and_none_that_the_import_flattens(
    store: StoreBuilder,
) -> None:
    nights(store, 5)
    store.run()
    assert "<figure" not in page_of(store)


def test_headcount_begins_after_the_import_and_shows_small_moves(store: StoreBuilder) -> None:
    first = DAY - dt.timedelta(days=9)
    import_run = f"{first:%Y%m%d}T003000Z-a"
    nights(store, 9)
    for number in range(50):
        store.plan(f"loket:e1:{number}", "create", run_id=import_run)
    for number in range(59):
        store.account(f"loket:e1:{number}")
    store.run()
    (place,) = report_of(store).headcount
    assert [day.people for day in place.days] == [51, 52, 53, 54, 55, 56, 57, 58, 59, 59]
    assert page_of(store).count("<figure") == 1


def test_long_lists_are_data_until_somebody_asks_for_them(store: StoreBuilder) -> None:
    store.run()
    for number in range(SHOWN + 10):
        store.plan(store.person(number, f"Anna{number}"), "create")
    page = page_of(store)
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert len(data["lists"]["joined"]) == SHOWN + 10
    assert page.count("<li><b><bdi>Anna") == SHOWN


@pytest.mark.parametrize(
    ("language", "day"), [("nl", "4 maart 2026"), ("cs", "4. března 2026"), ("en", "4 March 2026")]
)
def test_of_two_amounts_each_is_told_with_its_field_and_a_day_as_a_day(
    store: StoreBuilder, language: str, day: str
) -> None:
    store.run(status="needs_you")
    who = store.person(7, "Greetje")
    fields = {"alleo_monthly_all_budget": "75", "alleo_oneoff_health_budget": "62.50"}
    for field, typed in fields.items():
        store.finding("budget_new", person_id=who, field=field, typed_value=typed)
    store.finding("email_shared", person_id=who, field="email", typed_value="a@example.nl")
    store.finding(
        "email_shared", person_id=store.person(8), field="email", typed_value="a@example.nl"
    )
    args = {"on": "2026-03-04", "days": 2}
    store.finding(
        "leaves_soon", person_id=who, field="ends_on", typed_value="2026-03-04", args=args
    )
    text = text_of(page_of(store, language)).translate({0xA0: " "})
    words = load_words(language)
    for field, typed in fields.items():
        assert f"{words.say('typed', value=typed)} · {field}" in text
    assert f"{words.say('typed', value='a@example.nl')} ·" not in text, "the sentence says it"
    assert words.say("typed", value=day) in text and "2026-03-04" not in text


def test_the_file_beside_the_report_has_everything_that_needs_a_person(
    store: StoreBuilder,
) -> None:
    held_night(store)
    person = store.person(7, "Greetje")
    store.finding(
        "access_not_understood", person_id=person, field="alleo_access", typed_value="=1+1"
    )
    folder = store.paths.folder
    publish_report(store.connection, RUN, folder, "nl", None)
    with (folder / "to-do.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][0] == "Medewerker"
    assert len({len(row) for row in rows}) == 1
    assert [row[0] for row in rows[1:]].count("Anna de Vries") == 3
    (mended,) = [row for row in rows if row[0] == "Greetje de Vries"]
    assert mended[3] == "'=1+1", "no text is a formula"
    cells = texts_of(folder / "to-do.xlsx")
    assert set(rows[0]) <= cells
    assert {"Anna de Vries", "=1+1"} <= cells, "as typed, and a text"
    assert (folder / "to-do.xlsx").stat().st_mode & 0o777 == 0o600
    store.connection.execute("delete from sync.plan; delete from sync.findings")
    publish_report(store.connection, RUN, folder, "nl", None)
    assert not [*folder.glob("to-do.*")], "an old list is no list"


def texts_of(workbook: Path) -> set[str]:
    """Every text of a workbook; fails where a cell is a formula, a link or a number."""
    with zipfile.ZipFile(workbook) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        shared = parts.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet and "hyperlink" not in sheet
    assert set(re.findall(r' t="(\w+)"', sheet)) == {"s"}
    return set(map(html.unescape, re.findall(r"<t[^>]*>([^<]*)</t>", shared)))


def test_a_workbook_is_written_anew_where_the_list_or_somebody_changed(store: StoreBuilder) -> None:
    held_night(store)
    folder = store.paths.folder
    sheet, list_ = folder / "to-do.xlsx", folder / "to-do.csv"

    def is_kept() -> bool:
        before = sheet.stat().st_ino if sheet.exists() else None
        publish_report(store.connection, RUN, folder, "nl", None)
        return before == sheet.stat().st_ino

    assert not is_kept() and is_kept()
    store.finding("access_not_understood", person_id=store.person(7), field="alleo_access")
    assert not is_kept() and is_kept()
    # Somebody wrote into it, or took it away; a run was killed between the two files.
    os.utime(sheet, ns=(0, list_.stat().st_mtime_ns + 1))
    assert not is_kept() and is_kept()
    sheet.unlink()
    assert not is_kept() and is_kept()
    list_.write_text("the list of the night before")
    assert not is_kept() and is_kept()


def test_without_the_library_there_is_a_list_and_no_workbook(
    store: StoreBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_night(store)
    publish_report(store.connection, RUN, store.paths.folder, "nl", None)
    assert (store.paths.folder / "to-do.xlsx").exists(), "control"
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    store.finding("access_not_understood", person_id=store.person(7), field="alleo_access")
    publish_report(store.connection, RUN, store.paths.folder, "nl", None)
    assert [path.name for path in store.paths.folder.glob("to-do.*")] == ["to-do.csv"]


def test_the_report_leads_to_the_desk_where_its_address_is_set_and_else_says_whom_to_ask(
    store: StoreBuilder,
) -> None:
    held_night(store)
    folder, at = store.paths.folder, "https://desk.example.com/c/bakkerij"
    for desk, leads in ((f"{at}/", True), (at, True), (None, False)):
        publish_report(store.connection, RUN, folder, "nl", None, desk)
        page = (folder / "report.html").read_text("utf-8")
        assert (f'href="{at}/approvals"' in page) is leads
        assert (load_words("nl")["ask_admin"] in page) is not leads


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [((0, 4, -3), "2026-03-03T01:30+01:00"), ((0, 200, 0), None), ((0, 0), None)],
    ids=["steady", "now and then", "too few"],
)
def test_the_next_run_is_expected_at_the_usual_time_or_not_at_all(
    store: StoreBuilder, minutes: tuple[int, ...], expected: str | None
) -> None:
    for number, late in enumerate(minutes):
        day = DAY - dt.timedelta(days=number)
        at = dt.datetime.combine(day, dt.time(0, 30), dt.UTC) + dt.timedelta(minutes=late)
        store.run(f"{day:%Y%m%d}T003000Z-a", as_of=day, started_at=at)
    found = next_run(store.connection, "z", ZoneInfo("Europe/Amsterdam"))
    assert (found.isoformat(timespec="minutes") if found else None) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_trouble_says_what_comes_next_and_since_when(store: StoreBuilder, language: str) -> None:
    before = DAY - dt.timedelta(days=1)
    store.run("20260228T003000Z-a", as_of=DAY - dt.timedelta(days=2))
    store.run("20260301T003000Z-a", as_of=before, status="hr_unreachable")
    store.run(status="hr_unreachable", outcome="failed", message="Max retries (kind=ReadError)")
    page, words = page_of(store, language), load_words(language)
    assert words.say("lasts_since", day=before) in page
    assert "Max retries" not in text_of(page), "what the engineer reads is folded at the end"


def test_five_thousand_newcomers_are_one_page_that_opens_at_once(store: StoreBuilder) -> None:
    store.run()
    store.connection.execute(
        "insert into people.people by name select 'loket:e1:' || i as person_id, 'e1' as "
        "employer_id, 'Margaretha' as first_name, 'van der' as prefix, 'Steenbergen' || i as "
        "last_name from range(5000) as numbers(i)"
    )
    store.connection.execute(
        "insert into sync.plan by name select $run as run_id, 'loket:e1:' || i as person_id, "
        "'c' || (i % 3) as account_key, 'e1' as employer_id, 'create' as operation, "
        "'confirmed' as outcome, date '2026-03-02' as starts_on from range(5000) as numbers(i)",
        {"run": RUN},
    )
    page = page_of(store)
    assert len(page.encode()) <= 400_000
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert len(data["lists"]["joined"]) == 5000, "everybody can be found in it"


def test_a_megabyte_of_name_buries_nobody_in_a_long_list_or_a_file(store: StoreBuilder) -> None:
    store.run()
    for number in range(SHOWN + 10):
        store.plan(store.person(number, "Anna"), "create")
    store.connection.execute(
        "update people.people set first_name = repeat('Ω', 1000000) where person_id like '%7'"
    )
    endless = store.person(99, "Ω" * 1_000_000)
    store.finding("access_not_understood", person_id=endless, typed_value="=" + "9" * 1_000_000)
    page = page_of(store)
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert len(data["lists"]["joined"]) == SHOWN + 10, "control: everybody is there"
    assert len(page) < 200_000
    publish_report(store.connection, RUN, store.paths.folder, "nl", None)
    assert (store.paths.folder / "to-do.csv").stat().st_size < 20_000
