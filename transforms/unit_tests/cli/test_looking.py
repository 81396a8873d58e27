"""plan, approve, report, lint and explain: what they show, and what they keep to themselves."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import duckdb
import pytest
from people_transforms.errors import ConfigError
from people_transforms.folders import at_home
from people_transforms.publishing.publish import publish_staging
from people_transforms.publishing.words import load_words

from ..publishing.conftest import RUN, StoreBuilder, built_store
from .conftest import PeopleSync

pytestmark = pytest.mark.few(15)

HASH = "c0ffee" * 5


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A published store: one joiner, one change, one who is skipped for a typed word."""
    folder = tmp_path / "store"
    with built_store(folder) as store:
        store.run(outcome="held", status="preview")
        store.plan(store.person(1, "Anna"), "create", hold="activation")
        changed = store.person(2, "Bram", last="Canary")
        store.plan(changed, "update", changes={"last_name": ["Old", "Canary"]}, hold="activation")
        skipped = store.person(3, "Cees")
        store.plan(skipped, "none", reason="access_not_understood", account_key="*")
        store.finding("access_not_understood", person_id=skipped, typed_value="Treu")
        _raw_rows(store)
        publish_staging(store.connection, store.paths.staging)
    return folder


def _raw_rows(store: StoreBuilder) -> None:
    store.connection.execute(
        "create table raw.loket__employees as select 'e1' as employer_id, '3' as employee_id, "
        "'Cees' as first_name, 'hash' as _record_hash, $early as _valid_from_run, "
        "null::varchar as _valid_to_run",
        {"early": "20260301T003000Z-a"},
    )
    store.connection.execute(
        "create table raw.loket__employee_custom_fields as "
        "select 'e1' as employer_id, '3' as employee_id, null::varchar as employment_id, "
        "'alleo_access' as name, value, '' as _record_hash, since as _valid_from_run, "
        "until as _valid_to_run from (values "
        "('TRUE', '20260301T003000Z-a', $run), ('Treu', $run, null)) as v(value, since, until)",
        {"run": RUN},
    )
    store.run("20260301T003000Z-a", as_of=dt.date(2026, 3, 1), outcome="done")


def test_the_plan_shows_ids_and_field_names_but_no_personal_data(
    people_sync: PeopleSync, folder: Path
) -> None:
    for output in ("text", "json"):
        shown = people_sync("plan", "--store", str(folder), "--output", output).stdout
        assert "loket:e1:1" in shown
        assert "last_name" in shown
        assert "Canary" not in shown
        assert "Anna" not in shown
    named = people_sync("plan", "--store", str(folder), "--names").stdout
    assert "Anna de Vries" in named
    assert "Old → Canary" in named


def test_the_plan_as_json_has_hash_counts_and_reasons(
    people_sync: PeopleSync, folder: Path
) -> None:
    plan = json.loads(people_sync("plan", "--store", str(folder), "--output", "json").stdout)
    assert plan["plan_hash"] == HASH
    assert plan["counts"] == {"create": 1, "update": 1}
    assert {row["hold"] for row in plan["rows"]} == {"activation"}


def test_the_plan_groups_by_what_happens_and_fits_80_columns(
    people_sync: PeopleSync, folder: Path
) -> None:
    shown = people_sync("plan", "--store", str(folder)).stdout
    assert "Create, held (activation): 1\n  + loket:e1:1 at c1\n" in shown
    assert "Update, held (activation): 1\n  ~ loket:e1:2 at c1\n" in shown
    assert (
        f"2 of them are held. To release what an approval can release:\n  people-sync approve {HASH}"
        in shown
    )
    assert f"people-sync plan --names --store {folder}" in shown.replace("\n    ", " ")
    assert max(len(line) for line in shown.splitlines() if str(folder) not in line) <= 80
    assert "Nothing is done: 1" in people_sync("plan", "--store", str(folder), "--all").stdout


@pytest.mark.parametrize("language", ["nl", "cs", "en"])
def test_the_plan_says_what_a_yes_costs_people_and_where_their_names_are(
    people_sync: PeopleSync, folder: Path, language: str
) -> None:
    words = load_words(language)
    shown = people_sync("plan", "--store", str(folder), "--language", language).stdout
    flat = " ".join(shown.split())
    for kind in ("create", "update"):
        assert words.say("after_yes", what=words.cost(kind, "alleo", 1)) in flat
    assert f"{words['who']}: {folder / 'report.html'}" in flat
    assert "Anna" not in shown


def test_the_status_says_how_the_night_was_and_ends_as_it_did(
    people_sync: PeopleSync, folder: Path, tmp_path: Path
) -> None:
    ended = people_sync("status", "--store", str(folder))
    assert ended.returncode == 3, ended.stderr
    assert f"approve: people-sync approve {HASH}" in ended.stdout
    told = json.loads(people_sync("status", "--store", str(folder), "--output", "json").stdout)
    assert (told["status"], told["counts"]["held"]) == ("preview", 2)
    empty = people_sync("status", "--store", str(tmp_path / "none"))
    assert (empty.returncode, "people-sync run" in empty.stdout) == (0, True)


def test_undo_shows_its_list_and_asks(
    people_sync: PeopleSync, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(folder / "work" / "staging.work.duckdb")) as store:
        store.execute("update sync.plan set outcome = 'confirmed' where operation = 'create'")

    def asked() -> int:
        with duckdb.connect(str(folder / "work" / "staging.work.duckdb"), read_only=True) as store:
            (count,) = store.execute("select count(*) from sync.reversals").fetchall()[0]
        return int(count)

    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ended = people_sync("undo", RUN, "--store", str(folder))
    assert "loket:e1:1 at c1: create, is ended" in ended.stderr
    assert (ended.returncode, asked()) == (1, 0)
    ended = people_sync("undo", RUN, "--store", str(folder), "--yes")
    assert (ended.returncode, asked()) == (0, 1)
    assert "1 create" in ended.stdout


def test_an_approval_is_recorded_with_name_and_expiry(
    people_sync: PeopleSync, folder: Path
) -> None:
    ended = people_sync(
        "approve", HASH, "--store", str(folder), "--by", "Joke", "--expires-in", "2d",
        "--output", "json",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert answer["counts"] == {"create": 1, "update": 1}
    with duckdb.connect(str(folder / "work" / "staging.work.duckdb"), read_only=True) as store:
        (row,) = store.execute(
            "select plan_hash, approved_by, date_diff('hour', approved_at, expires_at) "
            "from sync.approvals"
        ).fetchall()
    assert row == (HASH, "Joke", 48)


@pytest.mark.parametrize("name", ["Jo\x1b[2Jke", "Joke\nroot", "Joke\u202e", " "])
def test_an_approval_in_a_name_that_is_not_one_plain_line_is_refused(
    people_sync: PeopleSync, folder: Path, name: str
) -> None:
    ended = people_sync("approve", HASH, "--store", str(folder), "--by", name)
    assert (ended.returncode, "one line" in ended.stderr) == (2, True)
    assert name not in ended.stderr or not name.strip()


def test_an_unknown_hash_is_refused_and_the_latest_named(
    people_sync: PeopleSync, folder: Path
) -> None:
    ended = people_sync("approve", "0" * 32, "--store", str(folder))
    assert ended.returncode == 2
    assert HASH in ended.stderr


@pytest.mark.parametrize("text", ["0d", "7", "soon", "-1d", "7y"])
def test_an_expiry_that_cannot_be_read_is_a_usage_error(
    people_sync: PeopleSync, folder: Path, text: str
) -> None:
    assert (
        people_sync("approve", HASH, "--store", str(folder), "--expires-in", text).returncode == 2
    )


def test_lint_says_what_was_typed_and_names_nobody(people_sync: PeopleSync, folder: Path) -> None:
    shown = people_sync("lint", "--store", str(folder), "--output", "json").stdout
    (finding,) = json.loads(shown)["findings"]
    assert finding["typed_value"] == "Treu"
    assert finding["person_id"] == "loket:e1:3"
    assert "Cees" not in shown
    assert "Cees" in people_sync("lint", "--store", str(folder), "--names").stdout


@pytest.mark.parametrize("language", ["nl", "cs", "en"])
def test_lint_is_in_one_language_and_without_a_code(
    people_sync: PeopleSync, folder: Path, language: str
) -> None:
    shown = people_sync("lint", "--store", str(folder), "--language", language).stdout
    words = load_words(language)
    assert shown.splitlines()[0] == f"loket:e1:3 · {words.name('severities', 'warning')}"
    for code in ("access_not_understood", *(["warning", "error"] if language != "en" else [])):
        assert code not in shown


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "cees.canary@bakery"),
        ("chip_number", "04A1CANARY"),
        ("personal_number", "0044CANARY"),
        ("work_address", "cees@canary..nl"),
    ],
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_lint_shows_a_mistyped_address_or_number_only_when_asked_for(
    people_sync: PeopleSync, tmp_path: Path, field: str, typed: str, output: str
) -> None:
    folder = tmp_path / "store"
    with built_store(folder) as store:
        store.run(outcome="held", status="preview")
        person = store.person(1, "Cees")
        store.plan(person, "create", hold="activation")
        store.finding("email_invalid", person_id=person, field=field, typed_value=typed)
        publish_staging(store.connection, store.paths.staging)
    asked = ("lint", "--store", str(folder), "--output", output)
    shown = people_sync(*asked)
    says = "email_invalid" if output == "json" else "cannot be right"
    assert (shown.returncode, says in shown.stdout) == (0, True)
    assert typed not in shown.stdout
    assert typed in people_sync(*asked, "--names").stdout


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("person_looks_known", {"former": "Cees Canary", "former_id": "loket:e1:9"}),
        ("person_replaced", {"owner": "Cees Canary"}),
        ("email_invalid", {"suggestion": "cees@canary.example.nl"}),
        ("a code of tomorrow", {"whoever": "Cees Canary"}),
    ],
)
def test_lint_and_explain_name_nobody_in_what_stands_beside_a_finding(
    people_sync: PeopleSync, tmp_path: Path, code: str, args: dict[str, str]
) -> None:
    folder = tmp_path / "store"
    with built_store(folder) as store:
        store.run(outcome="held", status="preview")
        person = store.person(1, "Cees")
        store.plan(person, "create", hold="activation")
        store.finding(code, person_id=person, args={"account": "c1", **args})
        publish_staging(store.connection, store.paths.staging)
    for command in (("lint", "--output", "json"), ("explain", person)):
        shown = people_sync(*command, "--store", str(folder))
        assert (shown.returncode, code in shown.stdout) == (0, True), shown.stderr
        assert "anary" not in shown.stdout
    assert "anary" not in people_sync("lint", "--store", str(folder)).stdout
    named = people_sync("explain", person, "--store", str(folder), "--names").stdout
    assert "anary" in named, "control"


def test_explain_hides_an_address_and_a_number_that_were_mistyped(
    people_sync: PeopleSync, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    with built_store(folder) as store:
        store.run(outcome="held", status="preview")
        person = store.person(1, "Cees")
        store.plan(person, "create", hold="activation")
        for field, typed in (("email", "cees.canary"), ("chip_number", "04canary"), ("x", "Treu")):
            store.finding("email_invalid", person_id=person, field=field, typed_value=typed)
        publish_staging(store.connection, store.paths.staging)
    shown = people_sync("explain", person, "--store", str(folder)).stdout
    assert "canary" not in shown
    assert "typed_value=Treu" in shown, "control"
    assert "04canary" in people_sync("explain", person, "--store", str(folder), "--names").stdout


def test_the_report_comes_as_letter_page_and_json(
    people_sync: PeopleSync, folder: Path, tmp_path: Path
) -> None:
    letter = people_sync("report", "--store", str(folder), "--last", "--lang", "cs").stdout
    assert letter.startswith("Toto je náhled. Nic jsme neodeslali.")
    page = tmp_path / "masked.html"
    ended = people_sync("report", "--store", str(folder), "--masked", "--html", str(page))
    assert ended.returncode == 0, ended.stderr
    assert "Anna" not in page.read_text()
    report = json.loads(people_sync("report", "--store", str(folder), "--output", "json").stdout)
    assert report["joined"]["rows"][0]["name"] == "Anna de Vries"


def test_explain_goes_from_the_raw_value_to_the_decision(
    people_sync: PeopleSync, folder: Path
) -> None:
    shown = people_sync("explain", "loket:e1:3", "--store", str(folder), "--raw").stdout
    assert "value=Treu" in shown
    assert "value=TRUE" not in shown
    assert "reason=access_not_understood" in shown
    assert "Cees" not in shown
    named = people_sync("explain", "3", "--store", str(folder), "--raw", "--names").stdout
    assert "first_name=Cees" in named
    without = people_sync("explain", "loket:e1:3", "--store", str(folder)).stdout
    assert "raw.loket" not in without and "Cees" not in without


def test_explain_knows_what_was_so_on_an_earlier_day(people_sync: PeopleSync, folder: Path) -> None:
    on = ("--store", str(folder), "--raw", "--on", "2026-03-01")
    shown = people_sync("explain", "P3", *on).stdout
    assert "value=TRUE" in shown
    assert "value=Treu" not in shown
    before = people_sync("explain", "P3", "--store", str(folder), "--on", "2026-02-01")
    assert before.returncode == 2
    assert "No run up to that day." in before.stderr


def test_a_refused_change_is_released_for_the_next_run_by_person_or_cause(
    people_sync: PeopleSync, folder: Path
) -> None:
    with built_store_again(folder) as store:
        for number, cause in ((1, "422 email"), (2, "422 email"), (3, "422 birthday")):
            store.execute(
                "insert into sync.dead_letters by name "
                "select $person as person_id, $cause as cause, false as settled",
                {"person": f"loket:e1:{number}", "cause": cause},
            )

    def released(*options: str) -> int:
        ended = people_sync("retry", "--store", str(folder), "--output", "json", *options)
        return int(json.loads(ended.stdout)["released"])

    assert released("--person", "loket:e1:1") == 1
    assert released("--cause", "422 email") == 1
    assert released() == 1
    assert released() == 0


def test_somebody_nobody_knows_is_said_so(people_sync: PeopleSync, folder: Path) -> None:
    ended = people_sync("explain", "404", "--store", str(folder))
    assert ended.returncode == 1
    assert "Nobody of that name, number or address" in ended.stderr


def test_a_user_without_a_name_and_a_home_says_who_approves(
    people_sync: PeopleSync, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that runs under any number."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME", "HOME"):
        monkeypatch.delenv(variable, raising=False)

    def nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    ended = people_sync("approve", HASH, "--store", str(folder))
    assert (ended.returncode, "--by NAME" in ended.stderr) == (2, True), ended.stderr
    ended = people_sync("plan", "--connection", "~/connection.yaml")
    assert ended.returncode == 2 and "Stopped" not in ended.stderr
    with pytest.raises(ConfigError, match="has no home folder"):
        at_home("~/loket.json")
    ended = people_sync("approve", HASH, "--store", str(folder), "--by", "Joke")
    assert ended.returncode == 0, "control"


@pytest.mark.parametrize("name", ["plan", "lint", "report"])
def test_without_a_store_the_answer_is_to_run_first(people_sync: PeopleSync, name: str) -> None:
    ended = people_sync(name, "--store", "nowhere")
    assert ended.returncode == 2
    assert "people-sync run" in ended.stderr
    ended = people_sync(name)
    assert ended.returncode == 2
    assert "--connection FILE" in ended.stderr


def test_looking_does_not_stand_in_the_way_of_a_run(people_sync: PeopleSync, folder: Path) -> None:
    with built_store_again(folder):
        assert people_sync("plan", "--store", str(folder)).returncode == 0
        ended = people_sync("approve", HASH, "--store", str(folder))
    assert ended.returncode == 1
    assert "Another run is using this staging store" in ended.stderr


def built_store_again(folder: Path):  # type: ignore[no-untyped-def]
    from people_transforms.settings import WarehouseSettings
    from people_transforms.store.warehouse import open_store, store_paths

    return open_store(store_paths(WarehouseSettings(path=str(folder)), "alleo"))
