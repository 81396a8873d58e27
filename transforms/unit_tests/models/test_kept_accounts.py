"""Accounts that stay although HR or a setting asks for them no more: HR hears of each, and first."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.few(5)


def mapped(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"employer_id": employer, "company_id": company} for employer, company in pairs]


@pytest.mark.parametrize(
    ("typed", "kept", "otherwise"),
    [
        ("FALSE", ["kept_access_off"], []),
        ("", ["kept_access_not_said"], ["access_not_said"]),
        ("TRUE", [], []),
    ],
)
def test_access_that_was_taken_back_is_told_of_whoever_has_an_account(
    alleo: Any, typed: str, kept: list[str], otherwise: list[str]
) -> None:
    for person in ("P1", "P2", "P3"):
        alleo.person(person, start="2020-01-01")
        alleo.field("alleo_access", typed, person)
    alleo.delivered("P1")
    alleo.delivered("P3", state="inactive")
    alleo.build()
    assert alleo.codes("P1") == kept
    assert alleo.codes("P2") == alleo.codes("P3") == otherwise
    assert {row["severity"] for row in alleo.rows("mart.findings", "code like 'kept%'")} == (
        {"warning"} if kept else set()
    )


def test_access_that_ends_the_account_keeps_nothing(world: Any) -> None:
    pair = world("loket", "alleo", access_turned_off="deactivate")
    pair.person("P1", start="2020-01-01")
    pair.field("alleo_access", "FALSE")
    pair.delivered("P1")
    pair.build()
    assert pair.codes() == []


@pytest.mark.parametrize("end", [None, "2026-03-01"])
def test_whoever_a_setting_excludes_is_kept_also_after_the_last_day(
    world: Any, end: str | None
) -> None:
    pair = world("loket", "alleo", excluded_people=["P1"])
    pair.person("P1", start="2020-01-01", end=end)
    pair.delivered("P1")
    pair.build()
    assert pair.codes() == ["kept_excluded"]


@pytest.mark.parametrize(
    ("end", "setting", "code"),
    [
        (None, "leave", "kept_ldid_zero"),
        ("2026-03-01", "leave", "kept_ldid_zero_left"),
        (None, "deactivate", "ldid_zero"),
    ],
)
def test_a_diner_that_ldid_zero_keeps_is_told_and_a_leaver_in_other_words(
    world: Any, end: str | None, setting: str, code: str
) -> None:
    pair = world("alveno", "lunchdrive", on_ldid_zero=setting)
    pair.person("P1", start="2020-01-01", end=end, note="LDID: 0")
    pair.person("P2", start="2020-01-01", end=end, note="LDID: 0")
    pair.delivered("P1", "32567")
    pair.build()
    assert pair.codes("P1") == [code]
    # The control: without an account there is nothing to end.
    assert pair.codes("P2") == ([] if end else ["ldid_zero"])


@pytest.mark.parametrize(("source", "vendor"), [("loket", "alleo"), ("alveno", "lunchdrive")])
def test_a_start_moved_to_later_is_told_of_whoever_has_an_account(
    world: Any, source: str, vendor: str
) -> None:
    pair = world(source, vendor)
    for person in ("P1", "P2"):
        pair.person(person, start="2026-05-01")
    pair.delivered("P1", "11")
    pair.build()
    assert "kept_starts_later" in pair.codes("P1")
    assert "starts_later" not in pair.codes("P1")
    assert "starts_later" in pair.codes("P2")


def places(pair: Any) -> list[tuple[str, int]]:
    return sorted(
        (args["account"], args["people"])
        for row in pair.rows("mart.findings", "code = 'accounts_outside'")
        for args in [json.loads(row["args"])]
    )


@pytest.mark.parametrize(
    ("companies", "outside"),
    [
        (mapped(("E1", "11"), ("E2", "12")), []),
        # Taken out, mapped to another company, and taken out beside another employer of the company.
        (mapped(("E1", "11")), [("12", 2)]),
        (mapped(("E1", "11"), ("E2", "13")), [("12", 2)]),
        (mapped(("E1", "12")), [("11", 1), ("12", 2)]),
    ],
)
def test_accounts_at_a_company_outside_the_settings_are_counted(
    world: Any, companies: list[dict[str, str]], outside: list[tuple[str, int]]
) -> None:
    pair = world("loket", "alleo", companies=companies)
    pair.add("employers", employer_id="E2")
    pair.delivered("P1", "11")
    for person in ("P1", "P2"):
        pair.delivered(person, "12", employer="E2")
    pair.delivered("P3", "14", employer="E2", state="inactive")
    pair.build()
    assert places(pair) == outside


@pytest.mark.parametrize(
    ("settings", "outside"),
    [
        ({"mode": "group", "allowed_client_ids": ["32567", "32568"]}, []),
        ({"mode": "group", "allowed_client_ids": ["32567"]}, [("32568", 1)]),
        (
            {
                "mode": "group",
                "allowed_client_ids": ["32567"],
                "default_client_id": "32568",
            },
            [],
        ),
        ({"mode": "group", "allowed_client_ids": []}, []),
        ({"mode": "single", "client_id": "32568"}, [("32567", 2)]),
    ],
)
def test_accounts_at_a_client_outside_the_settings_are_counted(
    world: Any, settings: dict[str, Any], outside: list[tuple[str, int]]
) -> None:
    pair = world("alveno", "lunchdrive", **settings)
    for person, client in (("P1", "32567"), ("P2", "32567"), ("P3", "32568")):
        pair.delivered(person, client)
    pair.build()
    assert places(pair) == outside
