"""What was not read is no answer: what the rules conclude, and what they refuse to conclude."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import World
from .inputs import show_inputs

pytestmark = pytest.mark.few(5)

UNREAD = [
    ("not_read", None),
    ("partial", None),
    ("not_asked", None),
    ("whole", ["value"]),
    ("whole", ["name"]),
]


def selective(**settings: object) -> World:
    alleo = World("loket", "alleo", **settings)
    alleo.definition("alleo_access")
    alleo.person("P1", start="2020-01-01")
    alleo.person("P2", start="2020-01-01")
    alleo.field("alleo_access", "TRUE", "P1")
    return alleo


@pytest.mark.parametrize(("verdict", "columns"), UNREAD)
@pytest.mark.parametrize("when_not_said", ["include", "exclude"])
@pytest.mark.some(4)
def test_nobody_is_said_to_have_said_nothing_where_the_values_were_not_read(
    verdict: str, columns: list[str] | None, when_not_said: str
) -> None:
    alleo = selective(selective_sync={"field": "alleo_access", "when_not_said": when_not_said})
    alleo.unread("employee_custom_fields", verdict, columns=columns)
    alleo.build()
    assert alleo.states("P1") == [("11", "active", "entitled")]
    assert alleo.states("P2") == [("*", "untouched", "access_not_read")]
    assert "access_not_said" not in alleo.codes("P2")


def test_who_said_nothing_is_known_where_the_values_were_read() -> None:
    alleo = selective()
    alleo.build()
    assert alleo.states("P2") == [("*", "untouched", "access_not_said")]


def test_a_field_that_was_renamed_in_hr_lets_nobody_in() -> None:
    alleo = World("loket", "alleo", selective_sync={"when_not_said": "include"})
    alleo.add(
        "custom_field_definitions", employer_id="E1", custom_field_id="1", name="alleo_access",
        valid_to="run-2",
    )  # fmt: skip
    alleo.definition("toegang")
    alleo.person("P1", start="2020-01-01")
    alleo.field("toegang", "FALSE", "P1")
    alleo.build()
    assert alleo.states("P1") == [("*", "untouched", "access_not_read")]
    assert alleo.codes(None) == ["access_field_gone"]


def test_a_setting_says_that_no_field_is_asked() -> None:
    alleo = selective(selective_sync={"field": ""})
    alleo.unread("custom_field_definitions")
    alleo.build()
    assert alleo.states("P2") == [("11", "active", "entitled")]
    assert not alleo.rows("people.evidence", "fact = 'access'")


@pytest.mark.parametrize(
    ("stream", "verdict", "columns", "code", "field"),
    [
        ("employees", "partial", None, "list_read_in_part", "employees"),
        ("employments", "not_read", None, "list_not_read", "employments"),
        ("employee_custom_fields", "not_asked", None, "list_not_asked", "employee_custom_fields"),
        ("employments", "whole", ["ends_on"], "column_not_read", "employments.ends_on"),
    ],
)
def test_what_was_not_read_is_told_once_with_the_right_it_needs(
    alleo: World, stream: str, verdict: str, columns: list[str] | None, code: str, field: str
) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.unread(stream, verdict, columns=columns)
    alleo.build()
    [found] = alleo.rows("people.findings")
    assert (found["code"], found["field"], found["employer_id"]) == (code, field, "E1")
    assert "ByEmployerId" in found["args"]


def test_each_fact_has_the_worst_verdict_of_what_it_rests_on(alleo: World) -> None:
    alleo.add("employers", employer_id="E2")
    alleo.unread("employments", "partial")
    alleo.unread("custom_field_definitions", "not_read")
    alleo.unread("employee_custom_fields", "partial")
    alleo.build()
    found = {
        (row["employer_id"], row["fact"]): row["verdict"] for row in alleo.rows("people.evidence")
    }
    assert found["E1", "employment"] == "partial"
    assert found["E1", "access"] == "not_read"
    assert found["E1", "note"] == "partial"
    assert found["E1", "listed"] == "whole"
    assert {verdict for (employer, _), verdict in found.items() if employer == "E2"} == {"whole"}


@pytest.mark.parametrize("source_system", ["loket", "alveno"])
@pytest.mark.parametrize("vendor", ["alleo", "lunchdrive"])
def test_every_fact_names_a_column_of_the_contract_and_every_change_a_known_fact(
    world: Callable[..., World], source_system: str, vendor: str
) -> None:
    pair = world(source_system, vendor)
    known = {
        (stream.name, column.name) for stream in pair.streams.values() for column in stream.columns
    }
    facts = _facts(pair)
    assert {(fact["stream"], fact["column_name"]) for fact in facts} <= known
    both = {
        fact["fact"] for source in ("loket", "alveno") for fact in _facts(world(source, vendor))
    }
    assert {row["fact"] for row in pair.rows("mart.inputs")} <= both


def _facts(world: World) -> list[dict[str, object]]:
    world.build()
    show_inputs(world.connection, world.source_system, world.vendor)
    return world.rows("staging.people_input_facts")
