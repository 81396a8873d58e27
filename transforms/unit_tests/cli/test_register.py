"""`people-sync register`: the record of processing, without a configuration or a store."""

from __future__ import annotations

import json

from .conftest import Connection, PeopleSync


def test_the_record_needs_neither_a_configuration_nor_a_store(people_sync: PeopleSync) -> None:
    said = people_sync("register", "--vendor", "lunchdrive")
    assert said.returncode == 0, said.stderr
    assert "alveno → lunchdrive" in said.stdout
    lines = {tuple(line.split(maxsplit=2)) for line in said.stdout.splitlines()}
    why = "name of the account [Loket article (Voornaam), Alveno article (jméno)]"
    assert ("first_name", "identity", why) in lines
    assert "to be filled in: the employer" in said.stdout
    assert "  Alveno article: Lunchdrive's help article" in said.stdout


def test_each_part_of_article_30_is_there(people_sync: PeopleSync) -> None:
    said = people_sync("register", "--controller", "Bakkerij Vlaming", "--output", "json")
    record = json.loads(said.stdout)
    assert record["controller"] == "Bakkerij Vlaming"
    empty = [part for part, content in record.items() if not content]
    assert empty == []
    assert {"raw", "mart", "sync"} == set(record["kept"])
    (alleo,) = record["recipients"]
    assert {"email", "birthday"} < set(alleo["fields"])
    assert "reason" not in alleo["fields"]
    assert "pay" in record["categories_of_data"]
    diners = json.loads(people_sync("register", "--source", "alveno", "--output", "json").stdout)
    assert "pay" not in diners["categories_of_data"], "no budget and no leave is stored"
    (birthday,) = [field for field in record["fields"] if field["column"] == "birthday"]
    assert birthday == {
        "table": "mart.alleo_employees",
        "column": "birthday",
        "data": "identity",
        "purpose": "birthday greeting",
        "asked_by": ["Loket article (Geboortedatum)", "Alleo R-33"],
    }


def test_the_pair_is_that_of_the_connection_here(
    connection: Connection, people_sync: PeopleSync
) -> None:
    connection.destination = {"source_system": "alveno"}
    connection.write()
    said = people_sync("register")
    assert said.returncode == 2, "control: the platform of this connection is not a known one"
    assert "vendor=fake" in said.stderr
    said = people_sync("register", "--source", "loket")
    assert "loket → alleo" in said.stdout


def test_an_unknown_source_is_named(people_sync: PeopleSync) -> None:
    said = people_sync("register", "--source", "afas")
    assert (said.returncode, "known=alveno loket" in said.stderr) == (2, True)
