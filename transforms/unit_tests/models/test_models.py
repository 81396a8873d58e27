"""The models as files: contracts, order, comments, words, pictures, audits, identity and history."""

from __future__ import annotations

import random
import re
from importlib.resources import files
from typing import Any

import duckdb
import pytest
from people_transforms.errors import AuditError, ConfigError
from people_transforms.models import lineage, runner
from people_transforms.models.contracts import raw_streams, source_systems
from people_transforms.models.vendors import vendors
from people_transforms.publishing.words import load_words

from .inputs import show_inputs

pytestmark = pytest.mark.few(26)

PAIRS = [(source, vendor) for source in source_systems() for vendor in vendors()]
FOLDER = files("people_transforms.models")
LANGUAGES = ("nl", "cs", "en")


def messages(language: str) -> Any:
    return load_words(language).messages


def all_sql() -> dict[str, str]:
    found = {}
    for source, vendor in PAIRS:
        for model in (*runner.models(source, vendor), *runner.audits(vendor)):
            found[model.name] = model.sql
    return found


def test_an_unknown_source_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match=" ".join(source_systems())):
        raw_streams("afas")


@pytest.mark.parametrize("source", source_systems())
def test_every_stored_value_says_what_it_is_and_what_for(source: str) -> None:
    for stream in raw_streams(source).values():
        assert stream.description
        for column in stream.columns:
            assert column.comment, (stream.name, column.name)
            assert column.purpose, (stream.name, column.name)


@pytest.mark.parametrize("source", source_systems())
def test_nothing_is_stored_that_the_articles_do_not_list(source: str) -> None:
    paths = {column.path for stream in raw_streams(source).values() for column in stream.columns}
    forbidden = re.compile(
        r"address|phone|nationality|gender|civil|photo|identity|placeOfBirth|partner", re.I
    )
    allowed = {"contactInformation.emailAddress", "contactInformation.businessEmailAddress"}
    assert [path for path in paths if forbidden.search(path) and path not in allowed] == []


def test_a_private_address_is_stored_only_if_a_setting_asks_for_it() -> None:
    (column,) = [c for c in raw_streams("loket")["employees"].columns if c.name == "private_email"]
    assert column.only_if == ("email=private", "send_private_email=true")


@pytest.mark.parametrize(("source", "vendor"), PAIRS)
def test_every_table_and_column_has_a_comment(world: Any, source: str, vendor: str) -> None:
    pair = world(source, vendor)
    pair.build()
    runner.comment(pair.connection, source_system=source, vendor=vendor)
    without = pair.connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where schema_name in ('staging', 'people', 'mart') and coalesce(comment, '') = '' "
        "union all select schema_name, table_name, null from duckdb_tables() "
        "where schema_name in ('people', 'mart') and coalesce(comment, '') = '' "
        "union all select schema_name, view_name, null from duckdb_views() "
        "where schema_name in ('staging', 'people', 'mart') and coalesce(comment, '') = ''"
    ).fetchall()
    assert without == []


def test_a_column_of_a_mart_says_in_its_comment_what_it_is_for(alleo: Any) -> None:
    alleo.build()
    runner.comment(alleo.connection, source_system="loket", vendor="alleo")
    comments = alleo.connection.execute(
        "select comment from duckdb_columns() "
        "where table_name = 'alleo_employees' and column_name = 'birthday'"
    ).fetchall()
    assert comments == [
        (
            "Date of birth as the vendor takes it; empty for the deceased. "
            "Purpose: birthday greeting",
        )
    ]


def test_every_model_says_its_grain_and_purpose_and_stays_short() -> None:
    steps = {step.name: step.sql for step in (*runner.plan_steps(), *runner.plan_audits())}
    assert "plan.held" in steps, "control: they are found"
    for name, sql in (all_sql() | steps).items():
        model = runner.parse_model(name, sql)
        assert sql.startswith("-- grain: "), name
        assert model.purpose, name
        assert len(sql.splitlines()) <= 90, name


@pytest.mark.parametrize(("source", "vendor"), PAIRS)
def test_models_read_only_the_layers_below(source: str, vendor: str) -> None:
    below = {
        "staging": {"raw", "staging"},
        "people": {"staging", "people", "sync"},
        "mart": {"people", "mart", "staging", "sync"},
    }
    for model in runner.models(source, vendor):
        schemas = {read.split(".")[0] for read in model.reads}
        assert schemas <= below[model.name.split(".")[0]], model.name


def test_the_people_layer_names_no_source_and_no_vendor() -> None:
    for name, sql in all_sql().items():
        if name.startswith("people."):
            assert not re.search("|".join({*source_systems(), *vendors()}), sql, re.I), name


def test_what_stands_in_the_way_everywhere_is_said_by_the_people_layer_alone() -> None:
    said = set(re.findall(r"then '(\w+)'", all_sql()["people.candidates"]))
    assert {"record_set_aside", "access_off", "name_missing"} <= said
    twice = {
        (name, code)
        for name, sql in all_sql().items()
        if name.startswith("mart.")
        for code in re.findall(r"then '(\w+)'", sql)
        if code in said
    }
    assert not twice


def test_every_source_offers_the_same_inputs() -> None:
    offered = {
        source: {m.name for m in runner.models(source, "alleo") if ".people_input_" in m.name}
        for source in source_systems()
    }
    assert len(offered["loket"]) > 10
    assert all(names == offered["loket"] for names in offered.values()), offered


def test_the_inputs_of_all_sources_have_the_same_columns(world: Any) -> None:
    shapes = []
    for source in source_systems():
        pair = world(source, "alleo")
        pair.build()
        show_inputs(pair.connection, source, "alleo")
        shapes.append(
            pair.connection.execute(
                "select table_name, column_name, data_type from duckdb_columns() "
                "where table_name like 'people_input_%' order by table_name, column_index"
            ).fetchall()
        )
    assert all(shape == shapes[0] for shape in shapes)


def test_every_code_has_words_in_every_language() -> None:
    reasons, findings = set(), set()
    for name, sql in all_sql().items():
        if "findings" in name:
            findings |= set(re.findall(r"'([a-z_]+)' as code", sql))
    accounts = [vendor["accounts"] for vendor in vendors().values()]
    for name in (*accounts, "people.candidates", "mart.lunchdrive_routing", "mart.alleo_decisions"):
        reasons |= set(re.findall(r"(?:then|else) '([a-z_]+)'", all_sql()[name]))
    states = {
        "active",
        "update_only",
        "untouched",
        "ended",
        "flag_off",
        "opted_out",
        "assigned_in_part",
        "access_",
    }
    assert len(findings) > 10
    for language in LANGUAGES:
        words = messages(language)
        assert findings - set(words["findings"]) == set(), language
        assert reasons - states - set(words["reasons"]) == set(), language


def asked(message: dict[str, str]) -> set[str]:
    """The values of a finding that a text names; the systems and the count go into any text."""
    free = {"source", "in_source", "vendor", "in_vendor", "n"}
    return set(re.findall(r"{(\w+)", message["says"] + message["type"])) - free


def test_all_languages_have_the_same_codes_with_the_same_values() -> None:
    files_ = {language: messages(language) for language in LANGUAGES}
    english = files_["en"]
    for language, words in files_.items():
        assert set(words["reasons"]) == set(english["reasons"]), language
        assert set(words["findings"]) == set(english["findings"]), language
        for code, message in words["findings"].items():
            assert set(message) == {"says", "group", "type"}, (language, code)
            assert asked(message) == asked(english["findings"][code]), (language, code)


def test_the_pictures_in_the_readme_are_current() -> None:
    readme = FOLDER.joinpath("README.md").read_text("utf-8")
    assert "mart_alleo_employees" in readme
    assert lineage.replace_pictures(readme) == readme, (
        "run python -m people_transforms.models.lineage"
    )


def test_a_failing_build_leaves_yesterdays_tables(alleo: Any) -> None:
    alleo.person(start="2020-01-01")
    alleo.build()
    alleo.connection.execute("alter table raw.loket__leave_types rename to gone")
    alleo.connection.execute("alter table raw.loket__employments rename column ends_on to gone")
    alleo.connection.execute("update raw.loket__employees set last_name = 'Anders'")
    with pytest.raises(duckdb.Error):
        alleo.build()
    assert alleo.account()["last_name"] == "Jansen"


def test_an_audit_stops_the_run_and_names_itself_and_its_rows(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.person("P2", start="2020-01-01")
    alleo.build()
    alleo.connection.execute(
        "update mart.alleo_employees set desired_state = 'ended', leaving_kind = 'ended', account_key = '*'"
    )
    with pytest.raises(AuditError) as caught:
        runner.audit(alleo.connection)
    assert caught.value.facts == {"audit": "alleo_keeps_the_entitled_in", "rows": 2}


BROKEN = {
    "people_are_listed_once": "insert into people.people select * from people.people",
    "accounts_are_listed_once": "insert into mart.alleo_employees select * from mart.alleo_employees",
    "accounts_decide_everybody": "delete from mart.alleo_employees",
    "accounts_make_sense": "update mart.alleo_employees set desired_state = 'invited'",
    "accounts_keep_leavers_out": "update people.people set employment_status = 'employment_ended'",
    "alleo_accounts_are_complete": "update mart.alleo_employees set email = null",
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_audit_finds_what_it_is_for(alleo: Any, name: str) -> None:
    alleo.person(start="2020-01-01")
    alleo.build()
    alleo.connection.execute(BROKEN[name])
    (audit,) = [audit for audit in runner.audits("alleo") if audit.name == f"audit.{name}"]
    assert alleo.connection.execute(audit.sql).fetchall() != []


BROKEN_DINERS = {
    "accounts_are_listed_once": "insert into mart.lunchdrive_diners select * from mart.lunchdrive_diners",
    "accounts_decide_everybody": "delete from mart.lunchdrive_diners",
    "accounts_make_sense": "update mart.lunchdrive_diners set account_key = '*'",
    "accounts_keep_leavers_out": "update people.people set employment_status = 'employment_ended'",
    "lunchdrive_keeps_the_routed_in": "update mart.lunchdrive_diners set desired_state = 'ended', leaving_kind = 'ended'",
    "lunchdrive_stays_in_its_clients": "update mart.lunchdrive_diners set account_key = '1'",
    "lunchdrive_accounts_are_complete": "update mart.lunchdrive_diners set valid_from = null",
}


@pytest.mark.parametrize("name", BROKEN_DINERS)
def test_each_audit_of_diners_finds_what_it_is_for(single: Any, name: str) -> None:
    single.person(start="2020-01-01")
    single.build()
    single.connection.execute(BROKEN_DINERS[name])
    (audit,) = [audit for audit in runner.audits("lunchdrive") if audit.name == f"audit.{name}"]
    assert single.connection.execute(audit.sql).fetchall() != []


def test_the_same_id_at_two_employers_is_two_people(world: Any) -> None:
    companies = [{"employer_id": e, "company_id": c} for e, c in (("E1", "11"), ("E2", "12"))]
    pair = world("loket", "alleo", companies=companies)
    pair.add("employers", employer_id="E2")
    pair.person("P1", start="2020-01-01")
    pair.person("P1", employer="E2", start="2020-01-01", end="2026-03-01")
    pair.build()
    assert pair.states("P1") == [("11", "active", "entitled")]
    assert pair.states("P1", employer="E2") == [("*", "ended", "employment_ended")]


def test_the_order_of_records_does_not_matter(world: Any) -> None:
    def result(seed: int) -> list[tuple[Any, ...]]:
        pair = world("alveno", "lunchdrive", mode="group", allowed_client_ids=["32567", "32568"])
        steps = [
            *[
                lambda n=n: pair.person(
                    f"P{n}", note=f"LDID: 3256{n % 10}, 32567", chip_numbers=[f"C{n % 7}"]
                )
                for n in range(20)
            ],
            *[
                lambda n=n: pair.employment(
                    f"P{n % 20}",
                    f"20{10 + n % 15}-01-01",
                    f"20{24 + n % 5}-06-30",
                    employment=f"W{n}",
                )
                for n in range(40)
            ],
        ]
        random.Random(seed).shuffle(steps)
        for step in steps:
            step()
        pair.build()
        return [
            sorted(map(str, pair.connection.execute(f"select * from {table}").fetchall()))
            for table in (
                "mart.lunchdrive_diners",
                "mart.findings",
                "people.findings",
                "mart.lunchdrive_conflicts",
            )
        ]

    assert result(1) == result(2)


def test_a_value_that_goes_back_makes_three_versions(alleo: Any) -> None:
    for number, name in enumerate(["Jansen", "Bakker", "Jansen"], start=1):
        alleo.person(
            "P1",
            last_name=name,
            valid_from=f"run-{number}",
            valid_to=None if number == 3 else f"run-{number + 1}",
        )
    alleo.employment("P1", "2020-01-01")
    alleo.build()
    versions = alleo.rows("people.person_history", "entity = 'person' order by known_from_run")
    assert [(v["known_from_run"], v["known_to_run"]) for v in versions] == [
        ("run-1", "run-2"),
        ("run-2", "run-3"),
        ("run-3", None),
    ]
    assert ["Bakker" in v["known_values"] for v in versions] == [False, True, False]
    assert alleo.account()["last_name"] == "Jansen"


def test_staging_trims_blanks_that_people_cannot_see(alleo: Any) -> None:
    alleo.person(
        start="2020-01-01", first_name="\u00a0Ann\u200b", prefix="\t", last_name=" de\u00a0Vries\n"
    )
    alleo.build()
    account = alleo.account()
    assert (account["first_name"], account["prefix"], account["last_name"]) == (
        "Ann",
        None,
        "de\u00a0Vries",
    )
