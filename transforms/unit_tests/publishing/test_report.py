"""The report: what needs the reader first, everything escaped, in three languages."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from people_sync.mail.letter import write_letter
from people_transforms.planning import gate
from people_transforms.planning.holds import KINDS, RELEASABLE, WAITS_FOR_A_READ
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.headline import headline
from people_transforms.publishing.page import render_page
from people_transforms.publishing.words import LANGUAGES, load_words
from people_transforms.settings import Brakes
from people_transforms.status import STATUSES

from .conftest import DAY as RUN_DAY
from .conftest import RUN, StoreBuilder

pytestmark = pytest.mark.few(16)


def page_of(store: StoreBuilder, language: str = "en", **options: bool) -> str:
    report = build_report(store.connection, RUN, is_masked=options.get("is_masked", False))
    return render_page(report, load_words(language), staging_path=store.paths.staging)


def night(store: StoreBuilder) -> None:
    store.run()
    store.plan(store.person(1, "Anna"), "create", starts_on=dt.date(2026, 3, 1))
    store.plan(store.person(2, "Bram"), "update", changes={"last_name": ["Vries", "Vries-Bakker"]})
    store.plan(store.person(3, "Cees"), "deactivate", leaving_kind="ended")
    store.plan(store.person(4, "Dirk"), "none", reason="access_off", account_key="*")
    leaver = store.person(5, "Els")
    store.account(leaver, ends_on=dt.date(2026, 3, 31))
    store.plan(leaver, "none")
    store.account(store.person(6, "Fred"), ends_on=dt.date(2026, 4, 2))


def test_the_headline_says_in_one_sentence_who_joins_changes_and_leaves(
    store: StoreBuilder,
) -> None:
    night(store)
    report = build_report(store.connection, RUN)
    sentences = {code: headline(report, load_words(code)) for code in LANGUAGES}
    assert sentences == {
        "en": "Everything is in order. 1 joined, 1 changed, 1 left.",
        "nl": "Alles is in orde. 1\u00a0persoon toegevoegd, 1\u00a0persoon bijgewerkt, "
        "1\u00a0persoon gestopt.",
        "cs": "Vše je v pořádku. 1\u00a0osoba přibyla, 1\u00a0osoba má změněné údaje, "
        "1\u00a0osoba odešla.",
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", STATUSES)
def test_no_headline_states_a_plan_as_a_fact(
    store: StoreBuilder, status: str, language: str
) -> None:
    store.run(status=status)
    for number in range(9):
        store.plan(store.person(number), "deactivate", hold="removals")
    said = headline(build_report(store.connection, RUN), load_words(language))
    planned = load_words(language).count("left", 9)
    assert planned not in said.lower()
    assert said.endswith(".") and "{" not in said
    counted = status in ("held", "preview")
    assert ("9" in said) == counted, said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "a setting for tests let it act as on 9\u00a0March 2026"),
        ("nl", "een instelling voor tests liet rekenen met 9\u00a0maart 2026"),
        ("cs", "testovací nastavení způsobilo, že se počítalo se dnem 9.\u00a0března 2026"),
    ],
)
def test_a_day_that_stands_still_is_said(store: StoreBuilder, language: str, said: str) -> None:
    store.run(as_of=dt.date(2026, 3, 9))
    words = load_words(language)
    report = build_report(store.connection, RUN)
    assert said in render_page(report, words, staging_path=store.paths.staging)
    assert said[:1].upper() + said[1:] in write_letter(report, words)


def test_a_day_that_is_today_is_not_said(store: StoreBuilder) -> None:
    night(store)
    assert "a setting for tests" not in page_of(store)


def test_a_second_run_of_a_day_adds_to_what_the_first_one_sent(store: StoreBuilder) -> None:
    first = "20260302T003000Z-0"
    store.run(first)
    store.plan(store.person(1), "create", run_id=first)
    store.run("20260301T003000Z-0", as_of=RUN_DAY - dt.timedelta(days=1))
    store.plan(store.person(2), "create", run_id="20260301T003000Z-0")
    store.run(status="hr_unreachable", outcome="failed")
    said = headline(build_report(store.connection, RUN), load_words("en"))
    assert said == "Loket could not be read. Nothing was changed because of it. 1 joined."


def test_the_first_preview_says_that_nothing_was_sent_and_how_to_approve(
    store: StoreBuilder,
) -> None:
    store.run(outcome="held", status="preview")
    for number in range(3):
        store.plan(store.person(number), "create", hold="activation")
    page = page_of(store)
    assert "This is a preview. Nothing was sent. 3 would join." in page
    assert f"people-sync approve {'c0ffee' * 5}" in page


def test_a_hold_that_no_approval_releases_offers_none(store: StoreBuilder) -> None:
    store.run()
    store.plan(store.person(1), "deactivate", hold="not_read")
    page = page_of(store)
    assert "people-sync approve" not in page
    assert "cannot be approved" in page


def test_an_update_is_shown_from_before_to_after(store: StoreBuilder) -> None:
    night(store)
    page = page_of(store)
    assert re.search(r"last name </i><s><bdi>Vries</bdi></s> → <em><bdi>Vries-Bakker", page)


def test_a_field_that_was_refused_is_not_said_to_be_sent(store: StoreBuilder) -> None:
    store.run()
    changes = {"email": ["a@example.nl", "b@example.nl"], "last_name": ["Vries", "Bakker"]}
    store.plan(
        store.person(1), "update", changes=changes, outcome="partly", refused_fields=["email"]
    )
    page = page_of(store)
    assert "b@example.nl</bdi></em> (refused)" in page
    assert "Bakker</bdi></em> (refused)" not in page


def test_an_end_that_is_refused_for_days_is_the_first_line(store: StoreBuilder) -> None:
    night(store)
    who = store.person(9)
    for code, severity in (
        ("kept_access_off", "warning"),
        ("account_conflict", "error"),
        ("end_refused", "error"),
    ):
        store.finding(code, person_id=who, severity=severity)
    report = build_report(store.connection, RUN, is_masked=False)
    assert report.findings[0].code == "end_refused"


def test_only_last_days_of_the_next_30_days_are_announced(store: StoreBuilder) -> None:
    night(store)
    report = build_report(store.connection, RUN)
    assert [leaver.name for leaver in report.upcoming] == ["Els de Vries"]


def test_people_without_an_account_are_listed_with_the_reason(store: StoreBuilder) -> None:
    night(store)
    report = build_report(store.connection, RUN)
    assert report.skipped_reasons == (("access_off", 1),)
    assert [row.name for row in report.skipped.rows] == ["Dirk de Vries"]


def test_refusals_are_grouped_by_cause_and_settled_ones_are_gone(store: StoreBuilder) -> None:
    store.run(outcome="partly")
    for number in range(3):
        store.dead_letter(store.person(number), "422 email", field="email")
    store.dead_letter(store.person(9), "422 birthday", settled=True)
    (refusal,) = build_report(store.connection, RUN).refusals
    assert (refusal.cause, refusal.total) == ("422 email", 3)


def test_a_masked_report_names_nobody_and_shows_no_value(store: StoreBuilder) -> None:
    night(store)
    store.finding("email_invalid", person_id="loket:e1:2", typed_value="bram@@x", field="email")
    masked, open_page = page_of(store, is_masked=True), page_of(store)
    for secret in ("Anna", "Bram", "Vries-Bakker", "bram@@x"):
        assert secret in open_page, "control"
        assert secret not in masked
    assert "loket:e1:2" in masked


@pytest.mark.parametrize("field", ["chip_number", "email", "note", "a field of HR's own"])
def test_a_masked_report_shows_no_value_that_is_not_known_to_be_harmless(
    store: StoreBuilder, field: str
) -> None:
    night(store)
    changes = {field: ["04A1CANARY", "04B2CANARY"], "company_group_id": ["g1-before", "g2-after"]}
    store.plan(store.person(7, "Gé"), "update", changes=changes)
    # What HR typed is hidden whatever the field is called; `language` alone would be harmless.
    store.finding("value_taken", person_id="loket:e1:7", typed_value="04C3CANARY", field="language")
    masked, open_page = page_of(store, is_masked=True), page_of(store)
    assert open_page.count("CANARY") >= 3, "control"
    assert "CANARY" not in masked
    assert "g2-after" in masked, "control: who knows no person may see it"


def test_the_letter_names_nobody(store: StoreBuilder) -> None:
    night(store)
    store.finding("email_invalid", person_id="loket:e1:2", typed_value="bram@@x", field="email")
    for code in LANGUAGES:
        letter = write_letter(build_report(store.connection, RUN), load_words(code))
        assert "Bram" not in letter
        assert "bram@@x" not in letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_says_of_what_is_held_what_a_yes_costs_and_where_the_names_are(
    store: StoreBuilder, language: str
) -> None:
    store.run(status="held", outcome="held", plan_hash="h")
    for number in range(1, 6):
        reason = "in A" if number < 3 else "in B"
        store.plan(store.person(number), "deactivate", hold="removals", hold_reason=reason)
    words = load_words(language)
    letter = write_letter(build_report(store.connection, RUN), words)
    assert words.say("after_yes", what=words.cost("deactivate", "alleo", 5)) in letter
    assert words["mail_names"] in letter


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=y>\u202eevil"


def test_hostile_values_stay_text(store: StoreBuilder) -> None:
    store.run(message=HOSTILE, outcome="failed")
    person = store.person(1, HOSTILE, HOSTILE)
    store.plan(person, "update", changes={HOSTILE: [HOSTILE, HOSTILE]}, account_key=HOSTILE)
    store.plan(person, "create", hold=HOSTILE, hold_reason=HOSTILE, reason=HOSTILE)
    store.finding(
        HOSTILE, person_id=person, typed_value=HOSTILE, field=HOSTILE, args={"a": HOSTILE}
    )
    store.dead_letter(person, HOSTILE, message=HOSTILE, field=HOSTILE)
    # More than stand in the page itself: the rest is data of its script.
    for number in range(40):
        store.plan(f"loket:e1:{HOSTILE}{number}", "create", account_key=HOSTILE)
    page = page_of(store)
    assert page.count("<script") == 2, "its own data and its own script"
    assert page.count("</script>") == 2
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_the_page_asks_nothing_of_the_network(store: StoreBuilder) -> None:
    night(store)
    parser = _Links()
    page = page_of(store)
    parser.feed(page)
    assert all(link.startswith(("#", "data:")) for link in parser.links), parser.links
    assert parser.links
    assert "default-src &#39;none&#39;" in page and "connect-src" not in page
    assert not any(word in page for word in ("fetch(", "XMLHttpRequest", "import(", "innerHTML"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language: str) -> None:
    english, other = load_words("en").words, load_words(language).words
    assert _keys(english) == _keys(other)


def test_every_hold_of_the_gate_has_words_and_the_right_advice() -> None:
    assert set(Brakes.model_fields) <= RELEASABLE, "a person can release what a brake holds"
    assert set(KINDS) >= RELEASABLE | WAITS_FOR_A_READ
    assert set(KINDS) <= set(load_words("en").words["holds"])


def test_every_kind_that_a_model_or_the_gate_holds_has_its_turn() -> None:
    plan = files("people_transforms.models").joinpath("plan")
    texts = [file.read_text("utf-8") for file in plan.iterdir() if "_holds" in file.name]
    said = set(re.findall(r"(?:then|if\(free.is_stranger,) '(\w+)'\n", "\n".join(texts)))
    said |= set(re.findall(r"'(\w+)' as kind", "\n".join(texts)))
    said |= set(re.findall(r'note_all\(\w+, "(\w+)"', Path(gate.__file__).read_text()))
    assert {"employer_gone", "scope_changed", "activation"} <= said, "control: they are found"
    assert said <= set(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_in_every_language(store: StoreBuilder, language: str) -> None:
    night(store)
    page = page_of(store, language)
    assert f'<html lang="{language}">' in page
    assert page.rstrip().endswith("</html>")
    assert page.count("<h1>") == 1


def test_a_large_night_lists_a_part_and_points_to_the_staging_file(store: StoreBuilder) -> None:
    store.run()
    store.connection.execute(
        "insert into sync.plan by name select $run as run_id, 'loket:e1:' || i as person_id, "
        "'c1' as account_key, 'e1' as employer_id, 'create' as operation, "
        "'confirmed' as outcome from range(100000) as numbers(i)",
        {"run": RUN},
    )
    page = page_of(store)
    assert "Everything is in order. 100,000 joined." in page
    assert "99,800 more not listed here." in page
    assert len(page.encode()) < 100_000


def test_the_trend_adds_up_what_the_runs_of_a_day_sent(store: StoreBuilder) -> None:
    day = dt.date(2026, 3, 1)
    for run_id in ("20260301T003000Z-a", "20260301T090000Z-b"):
        store.run(run_id, as_of=day)
        store.plan(store.person(1), "create", run_id=run_id)
    store.run()
    store.plan(store.person(2), "create", hold="additions")
    nights = build_report(store.connection, RUN).trend
    assert [(night.as_of, night.joining) for night in nights] == [(day, 2), (RUN_DAY, 0)]
    assert page_of(store) == page_of(store), "the same report is the same page"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action")]


def _keys(words: object, prefix: str = "") -> set[str]:
    if not isinstance(words, dict):
        return {prefix}
    return {key for name, value in words.items() for key in _keys(value, f"{prefix}.{name}")}


def test_a_silence_that_is_improbable_needs_the_reader(store: StoreBuilder) -> None:
    first = RUN_DAY - dt.timedelta(days=39)
    for number in range(39):
        day = first + dt.timedelta(days=number)
        run_id = f"{day:%Y%m%d}T003000Z-a"
        store.run(run_id, as_of=day)
        if number < 30:
            store.plan(f"loket:e1:{number}", "update", run_id=run_id)
    store.run()
    report = build_report(store.connection, RUN)
    assert report.quiet is not None and report.counts.to_do == 1
    assert "No change for 10\u00a0nights, since 21\u00a0February 2026." in page_of(store)
    assert "Už 10\u00a0nocí bez jediné změny" in page_of(store, "cs")
    control = build_report(store.connection, f"{first + dt.timedelta(days=20):%Y%m%d}T003000Z-a")
    assert control.quiet is None and control.counts.to_do == 0


def test_the_page_allows_its_own_style_and_script_by_hash_and_nothing_else(
    store: StoreBuilder,
) -> None:
    night(store)
    page = page_of(store)
    assert page.count("style-src &#39;sha256-") == page.count("script-src &#39;sha256-") == 1
    assert "unsafe" not in page and " style=" not in page and " onclick=" not in page


def test_the_lists_that_were_read_are_among_the_facts(store: StoreBuilder) -> None:
    store.run(reads='{"employees": {"records": 1234, "complete": false}}')
    page = page_of(store)
    assert "<dt><code>employees</code></dt><dd>1,234 · not complete</dd>" in page
