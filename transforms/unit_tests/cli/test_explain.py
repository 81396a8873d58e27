"""`people-sync explain` for people: one sentence, what to do, the days, and whom a question means."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from people_sync.explaining.persons import find_persons, nearest_names
from people_transforms.publishing.publish import publish_staging

from ..publishing.conftest import RUN, StoreBuilder, built_store
from .conftest import PeopleSync

pytestmark = pytest.mark.few(10)

EARLIER = "20260301T003000Z-a"
PLAIN = str.maketrans({"\u00a0": " "})


def tell(store: StoreBuilder) -> None:
    """Two nights: Oscar without an address, Jana in, two named Vries, one held, one refused."""
    store.connection.execute("insert into sync.places values ('alleo', 'c1', 'Jansen B.V.')")
    store.run(EARLIER, as_of=dt.date(2026, 3, 1))
    store.run()
    oscar = store.person(1, "Oscar", "Rousselet", prefix=None)
    store.plan(oscar, "none", EARLIER, reason="email_missing", account_key="*")
    store.finding("email_missing", person_id=oscar, field="email", run_id=EARLIER)
    jana = store.person(2, "Jana", "Nováková", prefix=None, business_email="jana@example.cz")
    store.plan(jana, "create", EARLIER)
    store.connection.execute(
        "insert into sync.deliveries by name select $run as run_id, $person as person_id, "
        "'c1' as account_key, 'create' as operation, 'confirmed' as status",
        {"run": EARLIER, "person": jana},
    )
    store.account(jana, ends_on=dt.date(2026, 3, 31))
    store.plan(jana, "none")
    store.plan(store.person(3, "Anna"), "deactivate", hold="removals", hold_reason="English")
    refused = store.person(4, "Anne")
    store.dead_letter(refused, "409 email", field="email", message="English words")
    store.plan(refused, "create", hold="dead_letter", outcome=None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    with built_store(folder) as store:
        tell(store)
        publish_staging(store.connection, store.paths.staging)
    return folder


def ask(people_sync: PeopleSync, folder: Path, *words: str) -> str:
    said = people_sync("explain", *words, "--store", str(folder))
    assert said.returncode == 0, said.stderr
    return said.stdout.translate(PLAIN)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "Oscar Rousselet has no account because there is no e-mail address in Loket. "
            "That has been so since 1 March 2026. "
            "Fill in the e-mail address; the account is made the night after.",
        ),
        (
            "nl",
            "Oscar Rousselet heeft geen account, want in Loket staat geen e-mailadres. "
            "Dat is zo sinds 1 maart 2026. "
            "Vul het e-mailadres in; de nacht erna wordt het account aangemaakt.",
        ),
        (
            "cs",
            "Oscar Rousselet nemá účet, protože v Loketu chybí e-mail. Platí to od 1. března 2026. "
            "Doplňte e-mail; účet vznikne následující noc.",
        ),
    ],
)
def test_the_first_line_says_why_and_what_to_do(
    people_sync: PeopleSync, folder: Path, language: str, sentence: str
) -> None:
    shown = ask(people_sync, folder, "oscar ROUSSELET", "--lang", language)
    assert shown.splitlines()[0] == sentence


@pytest.mark.parametrize("words", ["P2", "2", "loket:e1:2", "Jana@Example.cz", "Jana Novakova"])
def test_somebody_is_found_by_number_id_address_and_name(
    people_sync: PeopleSync, folder: Path, words: str
) -> None:
    shown = ask(people_sync, folder, words)
    who = "Jana Nováková" if "ana" in words else "This person"
    assert shown.startswith(
        f"{who} has an account at Jansen B.V. because the person is employed and takes part. "
        "The last day is 31 March 2026."
    )
    assert "1 March 2026        Sent: new account (Jansen B.V.)." in shown
    assert ("Nováková" in shown) == ("ana" in words), "a name answers a name only"
    assert "Nováková" in ask(people_sync, folder, words, "--names"), "control"


def test_what_is_held_or_refused_is_said_in_the_words_of_the_language(
    people_sync: PeopleSync, folder: Path
) -> None:
    held = ask(people_sync, folder, "P3", "--lang", "nl")
    assert held.startswith(
        "Deze medewerker: er wacht een wijziging (account beëindigd). "
        "Er zouden meer medewerkers vertrekken dan gewoonlijk. Iemand moet dit goedkeuren."
    )
    refused = ask(people_sync, folder, "P4", "--lang", "cs").splitlines()
    assert refused[0].startswith("Tato osoba: Alleo odmítá 1 změnu: tento údaj (e-mail) už má")
    assert "English" not in held.partition("Hoe het is besloten")[0]


def test_several_that_fit_are_listed(people_sync: PeopleSync, folder: Path) -> None:
    shown = ask(people_sync, folder, "vries")
    assert shown.startswith("2 people fit; ask for one of them:")
    assert "Anna de Vries  P3  Bakkerij Jansen  loket:e1:3" in shown
    listed = ask(people_sync, folder, "vries", "--output", "json")
    assert [one["person_id"] for one in json.loads(listed)["people"]] == [
        "loket:e1:3",
        "loket:e1:4",
    ]


def odd_people(store: StoreBuilder) -> None:
    store.run()
    for number, first, prefix, last, personal in (
        (101, "José", None, "O'Brien-Novák", "0207"),
        (207, "Anna-Marie", "van der", "Berg", "101"),
        (3, "J.", "de", "Wit", "A-7"),
        (4, "", None, "", ""),
        *((500 + n, "Jan", None, "Jansen", f"J{n}") for n in range(30)),
    ):
        who = store.person(number, first, last, prefix=prefix, personal_number=personal)
        store.plan(who, "none")


ODD = {
    "101": ("loket:e1:101", "loket:e1:207"),
    "207": ("loket:e1:101", "loket:e1:207"),
    "0207": ("loket:e1:101",),
    "e1:207": ("loket:e1:207",),
    "loket:e1:3": ("loket:e1:3",),
    "A-7": ("loket:e1:3",),
    "Berg, Anna-Marie van der": ("loket:e1:207",),
    "anna marie berg": ("loket:e1:207",),
    "ANNA-MARIE VAN DER BERG": ("loket:e1:207",),
    "A. van der Berg": ("loket:e1:207",),
    "obrien novak": (),
    "o’brien novák": ("loket:e1:101",),
    "jose\u0301 o'brien": ("loket:e1:101",),
    "  de  wit ": ("loket:e1:3",),
    "j de wit": ("loket:e1:3",),
    "x de wit": (),
    "%": (),
    "'; drop table x --": (),
    "{who}": (),
    "*": (),
    "0": (),
    "loket": (),
    ":": (),
    "\u200b": (),
}


def test_odd_questions_mean_whom_they_say_and_nobody_else(tmp_path: Path) -> None:
    with built_store(tmp_path / "store") as store:
        odd_people(store)
        found = {
            asked: tuple(sorted(one.person_id for one in find_persons(store.connection, asked)))
            for asked in ODD
        }
        assert found == ODD
        assert len(find_persons(store.connection, "jansen")) == 30
        assert nearest_names(store.connection, "") == []


def test_more_than_a_screen_of_people_are_counted_and_not_all_listed(
    people_sync: PeopleSync, tmp_path: Path
) -> None:
    with built_store(tmp_path / "store") as store:
        odd_people(store)
        publish_staging(store.connection, store.paths.staging)
    shown = ask(people_sync, tmp_path / "store", "jansen")
    assert shown.startswith("30 people fit")
    assert (len(shown.splitlines()), "10" in shown.splitlines()[-1]) == (22, True)
    blank = people_sync("explain", "  ", "--store", str(tmp_path / "store"))
    assert (blank.returncode, "say whom" in blank.stderr) == (2, True)


def test_nobody_is_exit_1_with_the_nearest_names_for_a_name_and_none_for_a_number(
    people_sync: PeopleSync, folder: Path
) -> None:
    ended = people_sync("explain", "Oskar Roussellet", "--store", str(folder))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Oscar Rousselet" in ended.stderr and "Vries" not in ended.stderr
    ended = people_sync("explain", "P99", "--store", str(folder))
    assert ended.returncode == 1 and "Do you mean" not in ended.stderr


def test_the_story_of_an_earlier_day_ends_there(people_sync: PeopleSync, folder: Path) -> None:
    then = ask(people_sync, folder, "P3", "--on", "2026-03-01")
    assert then.startswith("This person has no account; nothing was decided yet.")
    assert RUN not in then
    told = json.loads(ask(people_sync, folder, "P2", "--on", "2026-03-01", "--output", "json"))
    assert [event["kind"] for event in told["events"]] == ["sent"]


def test_who_starts_later_or_whose_account_ended_is_told_the_day_and_nothing_twice(
    people_sync: PeopleSync, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    with built_store(folder) as store:
        store.connection.execute("alter table people.people add column starts_on date")
        store.run()
        later = store.person(1, starts_on=dt.date(2026, 3, 7))
        store.plan(later, "none", reason="starts_later", account_key="*")
        store.finding("starts_later", severity="info", person_id=later, args={"on": "2026-03-07"})
        left = store.person(2)
        store.plan(left, "deactivate", reason="employment_ended", leaving_kind="ended")
        store.account(left, state="inactive")
        store.connection.execute(
            "insert into sync.deliveries by name select $run as run_id, $person as person_id, "
            "'c1' as account_key, 'deactivate' as operation, 'confirmed' as status",
            {"run": RUN, "person": left},
        )
        publish_staging(store.connection, store.paths.staging)
    shown = ask(people_sync, folder, "P1")
    assert shown.splitlines()[0].endswith(
        "Nothing to do. The account is made on the first day of the employment, 7 March 2026."
    )
    assert shown.partition("How it was decided")[0].count("2 March 2026 ") == 1, shown
    assert "That has been so since 2 March 2026." in ask(people_sync, folder, "P2")


def test_nobody_is_an_answer_in_json_too(people_sync: PeopleSync, folder: Path) -> None:
    said = people_sync("explain", "Rouselet", "--store", str(folder), "--output", "json")
    assert said.returncode == 1
    assert json.loads(said.stdout) == {"people": [], "nearest": ["Oscar Rousselet"]}
