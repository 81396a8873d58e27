"""The record of processing names every stored column, with its purpose and who asked for it."""

from __future__ import annotations

import re

import pytest
from people_sync import register
from people_sync.register import (
    build_register,
    built_columns,
    retention_settings,
    usual_pair,
)
from people_transforms.errors import ConfigError
from people_transforms.models.contracts import source_systems
from people_transforms.models.purposes import (
    Purpose,
    column_purposes,
    purpose_of,
    register_frame,
)
from people_transforms.models.vendors import vendors
from people_transforms.publishing.words import load_words
from people_transforms.settings import Settings
from pydantic import BaseModel

PAIRS = [(source, vendor) for source in source_systems() for vendor in vendors()]


def without_purpose(source: str, vendor: str) -> list[str]:
    return [
        f"{table}.{column}"
        for table, columns in built_columns(source, vendor).items()
        for column in columns
        if purpose_of(table, column, source) is None
    ]


def without_column() -> list[str]:
    """What purposes.yaml speaks of although no pair's store has it."""
    built: dict[str, set[str]] = {"common": set(), "raw": set()}
    for pair in PAIRS:
        for table, columns in built_columns(*pair).items():
            own = set(column_purposes().get(table, {}))
            built.setdefault(table, set()).update(columns)
            built["raw" if table.startswith("raw.") else "common"] |= set(columns) - own
    return [
        f"{table}.{column}"
        for table, columns in column_purposes().items()
        for column in columns
        if table != "finding" and column not in built.get(table, set())
    ]


def test_everything_that_a_finding_says_has_a_purpose() -> None:
    """What nobody classed is hidden from who did not ask for names; HR's words would have holes."""
    fields = {"field", "value", "typed_value", "employer", "stream"}
    # Made of the others: names of both systems in a sentence, a count, amounts in euros.
    fields |= {"in_source", "in_vendor", "n", "before", "after", "whole", "part"}
    for language in ("en", "nl", "cs"):
        text = str(load_words(language).messages["findings"])
        said = set(re.findall(r"\{([a-z_]+)", text)) - fields
        assert len(said) > 8, "control"
        assert said <= set(column_purposes()["finding"]), language
    for why in column_purposes()["finding"].values():
        assert why.data in {*register_frame()["kinds"], "none"}
        assert why.asked_by and all(map(is_known, why.asked_by)), why


def is_known(reference: str) -> bool:
    for name, list_ in register_frame()["asked_by"].items():
        if reference.startswith(f"{name} "):
            said = reference.removeprefix(f"{name} ")
            if "items" in list_:
                return said in {f"({item})" for item in list_["items"]}
            return said in {list_["rules"] % n for n in range(1, list_["last"] + 1)}
    return False


@pytest.mark.parametrize(("source", "vendor"), PAIRS)
def test_every_column_of_raw_mart_and_sync_has_a_purpose_and_a_source(
    source: str, vendor: str
) -> None:
    schemas = {table.split(".")[0] for table in built_columns(source, vendor)}
    assert schemas == {"raw", "mart", "sync"}
    assert without_purpose(source, vendor) == []
    for field in build_register(source, vendor).fields:
        why = field.purpose
        assert why.purpose, field
        assert why.data in {*register_frame()["kinds"], "none"}, field
        assert why.asked_by and [r for r in why.asked_by if not is_known(r)] == [], field


@pytest.mark.parametrize(
    ("table", "column", "missed"),
    [
        ("common", "email", "mart.alleo_employees.email"),
        ("sync.ledger", "fields", "sync.ledger.fields"),
        ("raw", "_record_hash", "raw.loket__employees._record_hash"),
    ],
)
def test_a_column_that_the_register_forgets_is_named(
    monkeypatch: pytest.MonkeyPatch, table: str, column: str, missed: str
) -> None:
    monkeypatch.delitem(column_purposes()[table], column)
    assert missed in without_purpose("loket", "alleo")
    with pytest.raises(ValueError, match=column):
        build_register("loket", "alleo")


def test_the_register_names_no_column_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    assert without_column() == []
    gone = Purpose("nothing", "none", ("Design 1",))
    monkeypatch.setitem(column_purposes()["common"], "gone", gone)
    monkeypatch.setitem(column_purposes(), "mart.gone", {"email": gone})
    assert without_column() == ["common.gone", "mart.gone.email"], "control"


@pytest.mark.parametrize(
    "reference", ["Alleo R-50", "Lunchdrive R0", "Loket article (Burgerservicenummer)", "a guess"]
)
def test_a_source_that_nobody_wrote_is_noticed(reference: str) -> None:
    assert not is_known(reference)


def test_each_kind_of_data_is_used_and_what_is_kept_for_planning_exists() -> None:
    fields = [field for pair in PAIRS for field in build_register(*pair).fields]
    assert {field.purpose.data for field in fields} == {*register_frame()["kinds"], "none"}
    for vendor, about in vendors().items():
        columns = built_columns(about["usual_source"], vendor)
        assert set(register_frame()["not_sent"]) <= set(columns[about["accounts"]])
        uploads = [t for t in columns if t.startswith("mart.") and t.endswith("_upload")]
        assert about["by_hand"] == uploads


TELLING = {
    *("first_name", "initials", "prefix", "last_name", "birth_on", "birthday", "death_on"),
    *("employee_number", "personal_number", "prefixed_number", "chip_number", "chip_numbers"),
    *("email", "business_email", "private_email", "note", "plain_text", "marked_text"),
    *("typed_value", "typed_email", "typed_chip", "amount_cents", "balances"),
}


def test_what_tells_about_a_person_is_never_marked_as_nobodys() -> None:
    fields = [field for pair in PAIRS for field in build_register(*pair).fields]
    assert {field.column for field in fields} >= TELLING
    for field in fields:
        assert field.column not in TELLING or field.purpose.data != "none", field


@pytest.mark.parametrize(
    ("said", "pair"),
    [
        ((None, None), ("loket", "alleo")),
        (("alveno", None), ("alveno", "lunchdrive")),
        ((None, "lunchdrive"), ("alveno", "lunchdrive")),
        (("alveno", "alleo"), ("alveno", "alleo")),
    ],
)
def test_the_other_end_is_the_usual_one(
    said: tuple[str | None, str | None], pair: tuple[str, str]
) -> None:
    assert usual_pair(*said) == pair


def test_an_unknown_platform_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match=" ".join(vendors())):
        usual_pair(None, "edenred")


def test_how_long_follows_the_settings_that_this_release_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def names() -> list[str]:
        return ["warehouse.retention_days"]

    class Inner(BaseModel):
        retention_days: int = 1

    class Outer(BaseModel):
        warehouse: Inner = Inner()
        retention: int = 2

    assert retention_settings(Outer) == ["warehouse.retention_days", "retention"]
    there = retention_settings(Settings)
    said = build_register("loket", "alleo").kept["raw"]
    assert ("there is no setting" in said) == (not there)
    assert all(name in said for name in there)
    monkeypatch.setattr(register, "retention_settings", names)
    assert "`warehouse.retention_days`" in build_register("loket", "alleo").kept["sync"]
