"""People whose names and fields are attacks: each gets an account under that name, as text.

One night per pair of systems, with everybody in it; each test looks at one kind of text.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from people_sandbox.client import Sandbox
from people_transforms.settings import Brakes

from .conftest import at_the_start
from .connections import Connection, Ended, Launcher
from .hostile_people import FORMULA_EMAIL, REFUSED, TEXTS, add_to_alveno, add_to_loket
from .names import personal_values, told

pytestmark = pytest.mark.long
OFF = dict.fromkeys(Brakes.model_fields)
HIDDEN = {"Cc", "Cf", "Zl", "Zp"}
UNSEEN = "".join(c for c in map(chr, range(0x2070)) if unicodedata.category(c) in HIDDEN)
# What can't be seen is left out around a name, and kept inside it.
KEPT = {kind: text.strip(UNSEEN) for kind, text in TEXTS.items()}
FILES = {
    "catalog.json", "connection.yaml", "destination.json", "lines.jsonl", "source.json",
    ".people-sync", "staging.duckdb", "report.html", "to-do.csv", "to-do.xlsx", "work", "lock", "staging.work.duckdb",
    "alleo", "lunchdrive", "budget_upload.csv", "alleo_budget.csv",
}  # fmt: skip


@dataclass
class Night:
    """What one night with hostile people left behind."""

    said: list[str]
    accounts: dict[str, dict[str, Any]]
    people: dict[str, str]
    missing: set[str]
    page: str
    shown: dict[str, Ended]
    files: set[str]
    refused: list[Any]
    tables: int
    values: set[str]
    uploads: dict[str, str]
    answers: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def pass_night(
    connection: Connection, people: dict[str, str], person: Callable[[str], str]
) -> Night:
    lines = connection.read()
    preview = connection.write(lines)
    assert preview.code == 3, preview.out + preview.err
    assert connection.writes() == [], "a preview sends nothing"
    connection.approve()
    ended = connection.write(lines)
    assert ended.code == 0, ended.out + ended.err
    uploads = {path.name: path.read_text("utf-8") for path in connection.store.glob("*.csv")}
    assert '"rejectedRecordCount":1' in ended.out.replace(" ", ""), "one is refused, and told"
    at = ("--connection", str(connection.file))
    shown = {
        "plan": connection.command("plan", "--names", *at),
        "plan as JSON": connection.command("plan", "--names", *at, "--output", "json"),
        "explain": connection.command("explain", person("terminal escape"), "--names", *at),
        "lint": connection.command("lint", "--names", *at),
        "report": connection.command("report", *at),
        "sql": connection.command("sql", "to-mend", *at),
    }
    return Night(
        said=[preview.out, preview.err, ended.out, ended.err],
        accounts={one["external_id"]: one for one in connection.accounts()},
        people=people,
        missing={who for _, who in connection.desired() - connection.active()},
        page=(connection.store / "report.html").read_text("utf-8"),
        shown=shown,
        files={path.name for path in connection.folder.rglob("*")},
        refused=connection.ask("select person_id, field from sync.dead_letters where not settled"),
        tables=connection.ask("select count(*) from duckdb_tables() where schema_name = 'raw'")[0][
            0
        ],
        values=personal_values(connection.box) | set(TEXTS.values()),
        uploads=uploads,
    )


@pytest.fixture(scope="module")
def make(
    shared_box: tuple[Sandbox, dict[str, Any]],
    programs: dict[str, Launcher],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str, str], Connection]]:
    def connect(source: str, destination: str) -> Connection:
        box = at_the_start(*shared_box)
        folder = tmp_path_factory.mktemp("hostile") / source
        return Connection(box, folder, source, destination, programs, {}, {}, {"brakes": OFF})

    yield connect
    at_the_start(*shared_box)


@pytest.fixture(scope="module")
def loket_night(make: Callable[[str, str], Connection]) -> Night:
    """Loket → Alleo: the texts as names, and as answers to `alleo_access`."""
    connection = make("source-loket", "destination-alleo")
    people = add_to_loket(connection.box)
    external = {kind: person.split(":")[2] for kind, person in people["name"].items()}
    night = pass_night(connection, external, lambda kind: people["name"][kind])
    night.answers = people["answer"]
    night.typed = dict(
        connection.ask(
            "select person_id, typed_value from sync.findings where code = 'access_not_understood'"
        )
    )
    return night


@pytest.fixture(scope="module")
def alveno_night(make: Callable[[str, str], Connection]) -> Night:
    """Alveno → Lunchdrive: the texts as names."""
    connection = make("source-alveno", "destination-lunchdrive")
    people = add_to_alveno(connection.box)
    return pass_night(connection, people, lambda kind: people[kind])


PAIRS = ["loket_night", "alveno_night"]


@pytest.fixture(params=PAIRS)
def night(request: pytest.FixtureRequest) -> Night:
    found: Night = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("kind", TEXTS)
def test_a_hostile_name_is_an_account_under_that_name(night: Night, kind: str) -> None:
    assert night.accounts[night.people[kind]]["last_name"] == KEPT[kind]


@pytest.mark.parametrize("kind", TEXTS)
def test_a_hostile_name_is_text_on_the_page(night: Night, kind: str) -> None:
    assert TEXTS[kind] not in night.page or not re.search(r"[<>&\x00-\x1f]", TEXTS[kind])
    # What is left of it without signs stands in the page: the control.
    word = max(re.findall(r"\w+", TEXTS[kind]), key=len)
    assert word in night.page


def test_the_page_has_no_markup_of_a_name_and_no_control_character(night: Night) -> None:
    assert night.page.count("<script") <= 2, "the page's own: its data and what searches in it"
    page = re.sub(r'<script( type="application/json" id="data")?>[^<]*</script>', "", night.page)
    assert not re.search(r'<(script|img)|<a [^>]*href="[^#]', page)
    assert "&lt;script&gt;" in night.page
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", night.page)
    assert "{{ 7*7 }}" in night.page, "no template is computed"
    assert "<bdi>" in night.page and "\u202e" in night.page, "a mark turns its own name only"
    assert len(night.page) < 200_000, "a megabyte does not bury the others"


def test_no_terminal_escape_and_no_direction_mark_is_printed(night: Night) -> None:
    for name, ended in night.shown.items():
        assert (ended.code, ended.err) == (0, ""), name
        hidden = {c for c in ended.out if c != "\n" and unicodedata.category(c) in HIDDEN}
        assert hidden == set(), name
    assert "alert(1)" in night.shown["plan as JSON"].out, "the control: names are shown"


def test_nothing_hostile_is_said_by_a_run(night: Night) -> None:
    assert told(night.said, night.values) == []
    assert not any("BBBBBBBB" in text for text in night.said)
    assert night.accounts, "the control: everybody was read and delivered"


def test_a_megabyte_of_name_stops_its_own_account_only(night: Night) -> None:
    (kind,) = REFUSED
    assert night.missing == {night.people[kind]}
    ((person, refused_field),) = night.refused
    assert person.endswith(night.people[kind])
    assert refused_field == "last_name"


def test_no_name_becomes_a_file_or_drops_a_table(night: Night) -> None:
    assert night.files <= FILES
    assert night.tables > 3


@pytest.mark.parametrize("kind", TEXTS)
def test_a_hostile_answer_is_quoted_and_does_nothing(loket_night: Night, kind: str) -> None:
    person = loket_night.answers[kind]
    assert person.split(":")[2] not in loket_night.accounts
    assert loket_night.typed[person] == KEPT[kind]
    assert loket_night.people[kind] in loket_night.accounts, "the control: TRUE is understood"


def test_no_cell_of_an_upload_is_a_formula(loket_night: Night) -> None:
    rows = list(csv.DictReader(io.StringIO(loket_night.uploads["alleo_budget.csv"])))
    assert f"'{FORMULA_EMAIL}" in {row["email"] for row in rows}
    assert "h1@example.nl" in {row["email"] for row in rows}, "the control: others are as typed"
    cells = [cell for row in rows for cell in row.values()]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert {row["category"] for row in rows} >= {"'=1+1", "all"}
