"""Who is erased is gone as approver as well, in both files; that somebody approved stays."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from people_sync.commands.erase import command
from people_sync.commands.store import store_of
from people_sync.connection.connection_file import read_connection_file
from people_sync.desk.links import make_integration_link, make_link, use_link
from people_sync.desk.onboarding.journey import JourneyFile, journey_path
from people_sync.desk.records import Records, records_file
from people_sync.desk.served import Served
from people_sync.desk.staff import Listed, Person, Staff
from people_transforms.privacy.approvers import Called
from people_transforms.privacy.erasure import erase, erase_approver
from people_transforms.publishing.publish import publish_staging
from people_transforms.settings import WarehouseSettings
from people_transforms.store.database_file import attach
from people_transforms.store.warehouse import StorePaths, open_store, store_paths

NOW = dt.datetime(2026, 3, 2, 0, 30, tzinfo=dt.UTC)
APPROVERS = ("Anna de Vries", "a.de.vries@bakery.example.nl", "Bram Vries", "HR")
ANNA = "loket:E1:e1"


@pytest.fixture
def paths(tmp_path: Path) -> StorePaths:
    """A store with four approvals; Anna has left, and had another last name before."""
    paths = store_paths(WarehouseSettings(path=str(tmp_path)), "alleo")
    with open_store(paths) as store:
        store.execute(
            "create table raw.loket__employees (employer_id varchar, employee_id varchar, "
            "first_name varchar, last_name varchar, business_email varchar)"
        )
        store.execute(
            "create table raw.loket__employments (employer_id varchar, employee_id varchar, "
            "employment_id varchar)"
        )
        store.execute(
            "insert into raw.loket__employees values ('E1', 'e1', 'Anna', 'Vries', null), "
            "('E1', 'e1', 'Anna', 'Jansen', 'A.de.Vries@bakery.example.nl')"
        )
        store.execute(
            "insert into sync.approvals by name select unnest($by) as approved_by, 'h' as plan_hash",
            {"by": [*APPROVERS, "Jansen, A.", "Annabel Vriesman"]},
        )
        publish_staging(store, paths.staging)
    return paths


def approvers(path: Path) -> list[str]:
    import duckdb

    with duckdb.connect() as connection:
        attach(connection, path, "looked_at", None, read_only=True)
        rows = connection.execute("select approved_by from looked_at.sync.approvals").fetchall()
    return [row[0] for row in rows]


def test_an_erased_person_is_no_approver_any_more(paths: StorePaths) -> None:
    assert erase(paths, ANNA, NOW) > 0
    for path in (paths.work, paths.staging):
        found = approvers(path)
        kept = {name for name in found if not name.startswith("pseudonym:")}
        assert kept == {"Bram Vries", "HR", "Annabel Vriesman"}, path
        assert len(found) == 6, "that somebody approved stays"
        # Annas three spellings are three names; nobody can say whose.
        assert len(set(found) - kept) == 3
        text = path.read_bytes()
        for name in ("Anna de Vries", "a.de.vries@bakery", "Jansen, A."):
            assert name.encode() not in text, path


def test_who_approved_and_is_no_person_of_the_store_is_erased_by_name(paths: StorePaths) -> None:
    assert erase_approver(paths, "hr ") == 2
    assert erase_approver(paths, "nobody") == 0
    for path in (paths.work, paths.staging):
        assert "HR" not in approvers(path)
        assert "Bram Vries" in approvers(path), "control"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("José Novák", True),
        ("NOVÁK Jose\u0301", True),
        ("j. novák", True),
        ("Jose Novak", True),
        ("Novák", False),
        ("Nováková José", False),
        ("Eva Novák", False),
        ("jose@example.cz (mail)", True),
        ("", False),
    ],
)
def test_a_name_is_known_by_words_and_not_by_letters(text: str, fits: bool) -> None:
    called = Called(frozenset({("jose", "novak")}), frozenset({"jose@example.cz"}))
    assert called.fits(text) is fits


def test_an_erased_person_is_not_in_the_records_of_the_desk_and_its_onboarding_either(
    paths: StorePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("people_sync.explaining.persons.find_person", lambda *_: ANNA)
    folder = tmp_path / "bakery"
    folder.mkdir()
    for name in ("loket.json", "alleo.json"):
        (folder / name).write_text(json.dumps({"warehouse": {"path": str(paths.folder)}}))
    connection = folder / "connection.yaml"
    connection.write_text(
        "source: {connector: source-loket, config: loket.json}\n"
        "destination: {connector: destination-alleo, config: alleo.json}\n"
        "state: state/state.json\n"
    )
    file = read_connection_file(connection)
    journey = JourneyFile(journey_path(file))
    journey.change(
        lambda journey: setattr(
            journey, "approved", {"by": "Jansen, A.", "at": NOW.isoformat(), "since": ""}
        )
    )
    records = Records(records_file(tmp_path / "desk"))
    served, address = Served("bakery", store_of(connection), file), "a.de.vries@bakery.example.nl"
    other = Served("elsewhere", store_of(connection), file)
    for whose, who in ((served, "Bram Vries"), (other, "Anna de Vries"), (served, "Anna de Vries")):
        make_integration_link(records, whose, who, NOW, dt.timedelta(days=5))
    signs_in = make_link(records, Person(address, "hr", ("bakery",)), NOW)
    use_link(
        records, Staff(None, [Listed(address=address, role="hr")]), signs_in, NOW, of_customer=False
    )
    records.note(NOW, address, "hr", "approved", "bakery", rows=1)

    def names() -> set[str]:
        return {one.who for one in records.actions(None, 100)}

    assert names() == {"Bram Vries", "Anna de Vries", address}, "control"
    options = ["--connection", str(connection), "--records", str(tmp_path / "desk"), "--yes"]
    erased = CliRunner().invoke(command, [ANNA, *options])
    assert erased.exit_code == 0, erased.exception
    text = next(folder.glob("state/*.onboarding.json")).read_text()
    assert "Jansen" not in text
    # A name that somebody else has at another connection is that person's.
    at = {(one.who, one.connection) for one in records.actions(None, 100)}
    assert ("Anna de Vries", "elsewhere") in at and ("Bram Vries", "bakery") in at
    assert ("Anna de Vries", "bakery") not in at and address not in names()
    with records.open() as database:
        assert database.execute("select count(*) from sessions").fetchone()[0] == 0
        left = [one["who"] for one in database.execute("select who from links order by who")]
    assert left == ["Anna de Vries", "Bram Vries"]
    # The same name is the same pseudonym in the store and here.
    found = journey.read()
    assert found.approved is not None
    assert found.approved["by"] in approvers(paths.work)
    for name, gone in (("Bram Vries", True), ("nobody", False)):
        said = CliRunner().invoke(command, [name, *options, "--approver"])
        assert ("is erased" in said.output) is gone, said.output
    assert "Bram Vries" not in names()
