"""The rules R-01 … R-49 that the models carry out; README.md says where the others live."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.few(15)

OUT = [("*", "ended", "employment_ended")]
IN = [("11", "active", "entitled")]


def test_r01_everybody_of_a_chosen_employer_takes_part(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.person("P2", start="2026-03-02")
    alleo.build()
    assert alleo.states("P1") == IN
    assert alleo.states("P2") == IN


def test_r04_an_employer_without_a_company_is_refused_not_guessed(alleo: Any) -> None:
    alleo.add("employers", employer_id="E2", company_name="Tweede B.V.")
    alleo.person("P1", start="2020-01-01")
    alleo.person("P2", employer="E2", start="2020-01-01")
    alleo.person("P3", employer="E2", start="2020-01-01", end="2025-01-01")
    alleo.build()
    assert alleo.states("P1") == IN
    assert alleo.states("P2", employer="E2") == [("*", "untouched", "employer_not_mapped")]
    assert alleo.states("P3", employer="E2") == [("*", "untouched", "employer_not_mapped")]
    (finding,) = alleo.rows("mart.findings", "employer_id = 'E2'")
    assert (finding["person_id"], finding["code"]) == (None, "employer_not_mapped")
    assert finding["args"] == '{"people":2}'


def test_r04_two_companies_for_one_employer_are_no_mapping(world: Any) -> None:
    companies = [{"employer_id": "E1", "company_id": 11}, {"employer_id": "E1", "company_id": 12}]
    pair = world("loket", "alleo", companies=companies)
    pair.person(start="2020-01-01")
    pair.build()
    assert pair.states() == [("*", "untouched", "employer_not_mapped")]


def test_r04_a_company_that_the_vendor_does_not_know_gets_nobody(alleo: Any) -> None:
    alleo.known = ["12"]
    alleo.person(start="2020-01-01")
    alleo.build()
    assert alleo.states() == [("*", "untouched", "company_unknown")]
    assert alleo.codes(None) == ["company_unknown"]
    alleo.known = ["11", "12"]
    alleo.build()
    assert alleo.states() == IN


def test_r05_without_an_access_field_everybody_takes_part(alleo: Any) -> None:
    alleo.definition("Schoenmaat")
    alleo.person("P1", start="2020-01-01")
    alleo.field("Schoenmaat", "FALSE")
    alleo.build()
    assert alleo.states() == IN


def test_r05_a_definition_alone_switches_selection_on(alleo: Any) -> None:
    alleo.definition(" Alleo_Access ")
    alleo.person(start="2020-01-01")
    alleo.build()
    assert alleo.states() == [("*", "untouched", "access_not_said")]


def test_r05_a_value_at_one_employer_leaves_another_employer_alone(world: Any) -> None:
    companies = [{"employer_id": e, "company_id": c} for e, c in (("E1", "11"), ("E2", "12"))]
    pair = world("loket", "alleo", companies=companies)
    pair.add("employers", employer_id="E2")
    pair.person("P1", start="2020-01-01")
    pair.field("alleo_access", "TRUE")
    pair.person("P2", start="2020-01-01")
    pair.person("P3", employer="E2", start="2020-01-01")
    pair.build()
    assert pair.states("P1") == IN
    assert pair.states("P2") == [("*", "untouched", "access_not_said")]
    assert pair.states("P3", employer="E2") == [("12", "active", "entitled")]


@pytest.mark.parametrize(
    ("typed", "state"), [("TRUE", "active"), ("FALSE", "untouched")], ids=["true", "false"]
)
def test_r06_true_is_in_and_false_is_skipped(alleo: Any, typed: str, state: str) -> None:
    alleo.person(start="2020-01-01")
    alleo.field("alleo_access", typed)
    alleo.build()
    assert alleo.account()["desired_state"] == state


def test_r07_a_flag_on_the_employment_does_not_count_and_is_told(alleo: Any) -> None:
    alleo.definition("alleo_access")
    alleo.person("P1", start="2020-01-01")
    work = alleo.employment("P1")
    alleo.field("alleo_access", "TRUE", level="employment", employment=work)
    alleo.build()
    assert alleo.states() == [("*", "untouched", "access_not_said")]
    assert "field_on_employment" in alleo.codes()


@pytest.mark.parametrize("beside", ["", "  ", "\u00a0", None])
def test_r07_an_empty_field_beside_it_hides_no_flag_on_the_employment(
    alleo: Any, beside: str | None
) -> None:
    alleo.person("P1")
    work = alleo.employment("P1")
    alleo.field("alleo_access", beside)
    alleo.field("alleo_access", "TRUE", level="employment", employment=work)
    alleo.build()
    assert "field_on_employment" in alleo.codes()


def test_r07_another_name_of_the_field_counts_as_filled_in(world: Any) -> None:
    pair = world("loket", "alleo", selective_sync={"aliases": ["yourcampus_access"]})
    pair.person("P1")
    work = pair.employment("P1")
    pair.field("yourcampus_access", "TRUE")
    pair.field("alleo_access", "TRUE", level="employment", employment=work)
    pair.build()
    assert pair.states() == IN
    assert pair.codes() == []


def test_r07_a_copy_on_the_employment_is_no_news(alleo: Any) -> None:
    alleo.person("P1")
    work = alleo.employment("P1")
    alleo.field("alleo_access", "TRUE", employment=work)
    alleo.field("alleo_access", "FALSE", level="employment", employment=work)
    alleo.build()
    assert alleo.states() == IN
    assert alleo.codes() == []


YES = [
    "TRUE",
    "true",
    " True ",
    "yes",
    "YES",
    "ja",
    "Ja",
    "ano",
    "Ano",
    "waar",
    "1",
    "\u00a0TRUE\t",
]
NO = ["FALSE", "false", "no", "nee", "NEE", "ne", "onwaar", "0", " Nee\n"]
UNREADABLE = ["TREU", "TRUE!", "x", "j", "2", "ja nee", "waarschijnlijk", "-", "niet"]


def states_of(alleo: Any, field: str, values: list[str]) -> dict[str, tuple[str, str, str]]:
    """Build once with one person per value of a field; give each value's only row."""
    for number, typed in enumerate(values):
        if field == "alleo_access":
            alleo.person(f"P{number}", start="2020-01-01")
            alleo.field(field, typed, f"P{number}")
        else:
            alleo.person(f"P{number}", start="2020-01-01", **{field: typed})
    alleo.build()
    found = {}
    for number, typed in enumerate(values):
        (found[typed],) = alleo.states(f"P{number}")
    return found


def test_r08_words_for_yes_and_no_count_in_any_case_and_trimmed(alleo: Any) -> None:
    states = states_of(alleo, "alleo_access", [*YES, *NO])
    assert {typed for typed, state in states.items() if state == IN[0]} == set(YES)
    off = ("*", "untouched", "access_off")
    assert {typed for typed, state in states.items() if state == off} == set(NO)


@pytest.mark.parametrize("typed", ["", "   ", None])
def test_r09_an_empty_value_adds_nobody_and_ends_nobody(alleo: Any, typed: str | None) -> None:
    alleo.definition("alleo_access")
    alleo.person(start="2020-01-01")
    alleo.field("alleo_access", typed)
    alleo.build()
    assert alleo.states() == [("*", "untouched", "access_not_said")]
    assert alleo.codes() == ["access_not_said"]


def test_r09_not_said_can_be_set_to_include(world: Any) -> None:
    pair = world("loket", "alleo", selective_sync={"when_not_said": "include"})
    pair.person("P1", start="2020-01-01")
    pair.person("P2", start="2020-01-01")
    pair.field("alleo_access", "FALSE", "P2")
    pair.build()
    assert pair.states("P1") == IN
    assert pair.states("P2") == [("*", "untouched", "access_off")]


def test_r09_a_configured_selection_is_on_even_where_no_field_exists(world: Any) -> None:
    pair = world("loket", "alleo", selective_sync={"field": "alleo_access"})
    pair.person(start="2020-01-01")
    pair.build()
    assert pair.states() == [("*", "untouched", "access_not_said")]


def test_r10_an_unknown_value_leaves_everything_as_it_is_and_is_told(alleo: Any) -> None:
    states = states_of(alleo, "alleo_access", UNREADABLE)
    assert set(states.values()) == {("*", "untouched", "access_not_understood")}
    told = {row["typed_value"] for row in alleo.rows("people.findings")}
    assert told == set(UNREADABLE)


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("TRUEE", "TRUE"),
        # Two letters of four are too far to tell HR what was meant.
        ("TREU", "TRUE / FALSE"),
        ("FALS", "FALSE"),
        ("neee", "FALSE"),
        ("j", "TRUE"),
        ("N", "FALSE"),
        ("x", "TRUE / FALSE"),
    ],
)
def test_r10_the_nearest_valid_value_is_advised(alleo: Any, typed: str, nearest: str) -> None:
    alleo.person(start="2020-01-01")
    alleo.field("alleo_access", typed)
    alleo.build()
    (finding,) = alleo.rows("people.findings")
    assert finding["typed_value"] == typed
    assert finding["args"] == f'{{"suggestion":"{nearest}"}}'


@pytest.mark.parametrize("typed", [("falsee", "trues"), ("trues", "falsee")])
def test_r10_the_advice_for_two_values_is_the_same_in_any_order(alleo: Any, typed: Any) -> None:
    alleo.person("P1")
    for value in typed:
        # Each is one letter away from a word.
        alleo.field("alleo_access", value, employment=alleo.employment("P1"))
    alleo.build()
    (finding,) = alleo.rows("people.findings")
    assert finding["args"] == '{"suggestion":"TRUE / FALSE"}'


def test_r10_two_values_that_disagree_decide_nothing(alleo: Any) -> None:
    alleo.person("P1")
    alleo.field("alleo_access", "TRUE", employment=alleo.employment("P1"))
    alleo.field("Alleo_Access ", "nee", employment=alleo.employment("P1"))
    alleo.build()
    assert alleo.states() == [("*", "untouched", "access_contradictory")]
    assert alleo.codes() == ["access_contradictory"]


def test_r10_the_same_value_for_two_employments_is_one_answer(alleo: Any) -> None:
    alleo.person("P1")
    alleo.field("alleo_access", "TRUE", employment=alleo.employment("P1"))
    alleo.field("alleo_access", "ja", employment=alleo.employment("P1"))
    alleo.build()
    assert alleo.states() == IN


def test_r11_turned_off_is_left_alone_unless_the_setting_says_deactivate(world: Any) -> None:
    for setting, expected in (
        ("leave", ("untouched", None)),
        ("deactivate", ("ended", "flag_off")),
    ):
        pair = world("loket", "alleo", access_turned_off=setting)
        pair.person(start="2020-01-01")
        pair.field("alleo_access", "FALSE")
        pair.build()
        account = pair.account()
        assert (account["desired_state"], account["leaving_kind"]) == expected


def test_r12_a_future_starter_waits_for_the_first_day(alleo: Any) -> None:
    alleo.person(start="2026-03-02")
    alleo.build("2026-03-01")
    assert alleo.states() == [("*", "update_only", "starts_later")]
    assert alleo.codes() == ["starts_later"]
    alleo.build("2026-03-02")
    assert alleo.states() == IN


def test_r13_the_last_day_is_a_day_of_work(alleo: Any) -> None:
    alleo.person(start="2020-01-01", end="2026-03-02")
    alleo.build("2026-03-02")
    assert alleo.states() == IN
    alleo.build("2026-03-03")
    assert alleo.states() == OUT


def test_r14_a_leaver_is_ended_whatever_the_access_field_says(alleo: Any) -> None:
    for person, typed in (("P1", "TRUE"), ("P2", "FALSE"), ("P3", "x"), ("P4", None)):
        alleo.person(person, start="2020-01-01", end="2026-03-01")
        alleo.field("alleo_access", typed, person)
    alleo.build()
    for person in ("P1", "P2", "P3", "P4"):
        assert alleo.states(person) == OUT
        assert alleo.account(person)["leaving_kind"] == "ended"


def test_r15_an_end_date_that_was_withdrawn_in_time_changes_nothing(alleo: Any) -> None:
    alleo.person("P1")
    work = alleo.employment("P1", "2020-01-01", "2026-04-01", employment="W")
    alleo.build()
    assert alleo.states() == IN
    alleo.connection.execute(
        "update raw.loket__employments set ends_on = null where employment_id = ?", [work]
    )
    alleo.build("2026-05-01")
    assert alleo.states() == IN


@pytest.mark.parametrize(
    ("end", "told"), [("2026-04-01", True), ("2026-04-02", False), ("2026-03-02", True)]
)
def test_r16_an_end_within_thirty_days_is_told(alleo: Any, end: str, told: bool) -> None:
    alleo.person(start="2020-01-01", end=end)
    alleo.build()
    assert alleo.states() == IN
    assert alleo.codes() == (["leaves_soon"] if told else [])
    assert alleo.account()["ends_on"].isoformat() == end


def test_r17_a_rehire_begins_a_new_spell(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01", end="2025-06-30")
    alleo.employment("P1", "2026-02-01")
    alleo.build()
    assert alleo.states() == IN
    assert alleo.account()["spell_starts_on"].isoformat() == "2026-02-01"


def test_r18_contracts_that_follow_each_other_are_one_spell(alleo: Any) -> None:
    alleo.person("P1", start="2024-01-01", end="2025-12-31")
    alleo.employment("P1", "2026-01-01", "2026-03-01")
    alleo.employment("P1", "2026-03-02", "2026-08-31")
    alleo.build()
    account = alleo.account()
    assert alleo.states() == IN
    assert account["spell_starts_on"].isoformat() == "2024-01-01"
    assert account["ends_on"].isoformat() == "2026-08-31"


def test_r18_the_last_day_is_the_latest_end_and_an_open_end_wins(alleo: Any) -> None:
    alleo.person("P1", start="2024-01-01", end="2026-03-31")
    alleo.employment("P1", "2025-01-01", "2026-12-31")
    alleo.person("P2", start="2024-01-01", end="2026-03-31")
    alleo.employment("P2", "2025-01-01", None)
    alleo.build()
    assert alleo.account("P1")["ends_on"].isoformat() == "2026-12-31"
    assert alleo.account("P2")["ends_on"] is None


def test_r18_a_free_day_between_contracts_ends_the_account_if_gaps_are_not_bridged(
    world: Any,
) -> None:
    alleo = world("loket", "alleo", bridge_gap_days=0)
    alleo.person("P1", start="2024-01-01", end="2026-02-28")
    alleo.employment("P1", "2026-03-02")
    alleo.build("2026-03-01")
    assert alleo.states() == [("*", "ended", "between_employments")]
    assert alleo.account()["leaving_kind"] == "ended"
    alleo.build("2026-03-02")
    assert alleo.states() == IN
    assert alleo.account()["spell_starts_on"].isoformat() == "2026-03-02"


def test_r19_no_employment_at_all_never_ends_anybody(alleo: Any) -> None:
    alleo.person("P1")
    alleo.person("P2", start="2020-01-01", end="2026-03-01")
    alleo.build()
    assert alleo.states("P1") == [("*", "update_only", "no_employment")]
    assert alleo.codes("P1") == ["no_employment"]
    assert alleo.states("P2") == OUT


def test_r19_an_employer_that_is_no_longer_listed_ends_nobody(alleo: Any) -> None:
    alleo.add("employers", employer_id="E2")
    alleo.person("P1", start="2020-01-01", end="2026-03-01")
    alleo.connection.execute(
        "update raw.loket__employers set _valid_to_run = 'run-2' where employer_id = 'E1'"
    )
    alleo.build()
    assert alleo.states() == [("*", "untouched", "employer_gone")]


def test_r20_who_left_long_ago_is_never_active(alleo: Any) -> None:
    alleo.person(start="2010-01-01", end="2012-12-31")
    alleo.build()
    assert alleo.states() == OUT


def test_r22_the_business_address_is_the_login_unless_the_setting_says_private(world: Any) -> None:
    for choice, expected in (("business", "werk@example.nl"), ("private", "thuis@example.nl")):
        pair = world("loket", "alleo", email=choice)
        pair.person(
            start="2020-01-01", business_email="werk@example.nl", private_email="thuis@example.nl"
        )
        pair.build()
        assert pair.account()["email"] == expected


def test_r23_without_a_business_address_the_private_one_is_not_used(alleo: Any) -> None:
    alleo.person(start="2020-01-01", business_email=" ", private_email="thuis@example.nl")
    alleo.build()
    assert alleo.states() == [("*", "update_only", "email_missing")]
    assert alleo.account()["email"] is None
    assert alleo.codes() == ["email_missing"]


def test_r24_the_private_address_is_sent_only_if_switched_on(world: Any) -> None:
    for switched, expected in ((False, None), (True, "thuis@example.nl")):
        pair = world("loket", "alleo", send_private_email=switched)
        pair.person(start="2020-01-01", private_email="thuis@example.nl")
        pair.build()
        assert pair.account()["private_email"] == expected


BAD_EMAILS = [
    "jan",
    "jan@",
    "@example.com",
    "jan@example",
    "jan@@example.com",
    "jan jansen@example.com",
    "jan@exam ple.com",
    "jan@example.com, piet@example.com",
    "jan.@example.com",
    ".jan@example.com",
    "ja..n@example.com",
    "jan@example.test",
    "jan@bedrijf.local",
    "jan@bedrijf.INVALID",
    "Jan <jan@example.com>",
    "jan@-example.com",
]


def test_r25_an_invalid_address_makes_no_account(alleo: Any) -> None:
    states = states_of(alleo, "business_email", BAD_EMAILS)
    assert set(states.values()) == {("*", "update_only", "email_invalid")}
    told = {(row["code"], row["typed_value"]) for row in alleo.rows("mart.findings")}
    assert told == {("email_invalid", typed) for typed in BAD_EMAILS}
    assert alleo.rows("mart.alleo_employees", "email is not null") == []


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Jan.Jansen@Example.COM", "Jan.Jansen@example.com"),
        (" jan@example.com ", "jan@example.com"),
        ("jan+lunch@sub.example.co.uk", "jan+lunch@sub.example.co.uk"),
        ("jos\u00e9@example.nl", "jos\u00e9@example.nl"),
        ("jan@b\u00fccher.example", "jan@b\u00fccher.example"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("a" * 64 + "@" + "b" * 23 + ".example.com", "a" * 64 + "@" + "b" * 23 + ".example.com"),
    ],
)
def test_r25_a_valid_address_is_sent_as_typed_with_its_domain_in_lower_case(
    alleo: Any, typed: str, sent: str
) -> None:
    alleo.person(start="2020-01-01", business_email=typed)
    alleo.build()
    assert alleo.account()["email"] == sent


def test_r25_an_address_of_more_than_100_characters_is_not_cut(alleo: Any) -> None:
    alleo.person(start="2020-01-01", business_email="a" * 60 + "@" + "b" * 40 + ".example.com")
    alleo.build()
    assert alleo.states() == [("*", "update_only", "email_too_long")]


def test_r26_the_external_id_is_the_employee_id_with_the_prefix(world: Any) -> None:
    pair = world("loket", "alleo", external_id_prefix="loket-")
    pair.person("636a52a1", start="2020-01-01")
    pair.build()
    assert pair.account("636a52a1")["external_id"] == "loket-636a52a1"


def test_r29_a_new_address_keeps_the_person(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01", business_email="oud@example.com")
    alleo.build()
    before = alleo.account()
    alleo.connection.execute("update raw.loket__employees set business_email = 'nieuw@example.com'")
    alleo.build()
    after = alleo.account()
    assert (before["person_id"], before["external_id"]) == (
        after["person_id"],
        after["external_id"],
    )
    assert before["payload_hash"] != after["payload_hash"]


def test_r30_two_people_with_one_address_are_both_held_and_told(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01", business_email="info@example.com")
    alleo.person("P2", start="2020-01-01", business_email="INFO@example.com")
    alleo.person("P3", start="2020-01-01")
    alleo.build()
    for person in ("P1", "P2"):
        assert alleo.states(person) == [("*", "update_only", "email_shared")]
        assert alleo.codes(person) == ["email_shared"]
    assert alleo.states("P3") == IN


def test_r30_a_leaver_and_a_newcomer_may_have_the_same_address(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01", end="2026-03-01", business_email="balie@example.com")
    alleo.person("P2", start="2026-03-02", business_email="balie@example.com")
    alleo.build()
    assert alleo.states("P1") == OUT
    assert alleo.states("P2") == IN


@pytest.mark.parametrize(
    ("historical", "expected"), [("2011-09-01", "2011-09-01"), (None, "2020-01-01")]
)
def test_r32_the_anniversary_is_the_historical_start_else_the_start(
    alleo: Any, historical: str | None, expected: str
) -> None:
    alleo.person(start="2020-01-01", historical=historical)
    alleo.build()
    assert alleo.account()["work_anniversary"].isoformat() == expected


def test_r32_the_employment_that_decides_is_valid_today(alleo: Any) -> None:
    alleo.person("P1", start="2012-01-01", end="2014-12-31")
    alleo.employment("P1", "2025-01-01", historical="2024-06-01")
    alleo.employment("P1", "2027-01-01", historical="2001-01-01")
    alleo.build()
    assert alleo.account()["work_anniversary"].isoformat() == "2024-06-01"


def test_r33_a_missing_birth_date_is_empty(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01", birth_on=None)
    alleo.person("P2", start="2020-01-01")
    alleo.build()
    assert alleo.account("P1")["birthday"] is None
    assert alleo.account("P2")["birthday"].isoformat() == "1990-05-21"


def test_r34_initials_stand_in_for_a_missing_first_name(alleo: Any) -> None:
    alleo.person(
        start="2020-01-01", first_name=None, initials="S.L.", prefix="van", last_name="Bergen"
    )
    alleo.build()
    account = alleo.account()
    assert (account["first_name"], account["prefix"], account["last_name"]) == (
        "S.L.",
        "van",
        "Bergen",
    )


@pytest.mark.parametrize("missing", [{"last_name": None}, {"first_name": "", "initials": " "}])
def test_r34_without_a_name_no_account_is_made(alleo: Any, missing: dict[str, Any]) -> None:
    alleo.person(start="2020-01-01", **missing)
    alleo.build()
    assert alleo.states() == [("*", "update_only", "name_missing")]
    assert alleo.codes() == ["name_missing"]


def test_r35_the_language_comes_from_the_settings_and_changes_no_account(world: Any) -> None:
    hashes = set()
    for language in ("nl", "en"):
        pair = world("loket", "alleo", language=language)
        pair.person(start="2020-01-01")
        pair.build()
        assert pair.account()["language"] == language
        hashes.add(pair.account()["payload_hash"])
    assert len(hashes) == 1


@pytest.mark.parametrize("company_group", [7, None])
def test_r36_the_group_comes_from_the_mapping_only(world: Any, company_group: int | None) -> None:
    company = {"employer_id": "E1", "company_id": "11", "company_group_id": company_group}
    pair = world("loket", "alleo", companies=[company])
    pair.person(start="2020-01-01")
    pair.build()
    assert pair.account()["company_group_id"] == company_group


def test_r37_the_same_data_have_the_same_hash_and_any_change_another(alleo: Any) -> None:
    alleo.person(start="2020-01-01", prefix=None)
    alleo.build()
    first = alleo.account()["payload_hash"]
    alleo.build("2026-03-03")
    assert alleo.account()["payload_hash"] == first
    for change in (
        "first_name = 'Janna'",
        "prefix = 'de'",
        "birth_on = null",
        "business_email = 'x@example.com'",
    ):
        alleo.connection.execute("begin")
        alleo.connection.execute(f"update raw.loket__employees set {change}")
        alleo.connection.execute("commit")
        alleo.build()
        changed = alleo.account()["payload_hash"]
        assert changed != first, change
        first = changed


def test_r37_an_address_in_other_letters_is_no_change(alleo: Any) -> None:
    alleo.person(start="2020-01-01", business_email="jan@example.com")
    alleo.build()
    first = alleo.account()["payload_hash"]
    alleo.connection.execute("update raw.loket__employees set business_email = 'Jan@Example.com'")
    alleo.build()
    assert alleo.account()["payload_hash"] == first


def test_r38_empty_text_is_nothing_rather_than_an_empty_word(alleo: Any) -> None:
    alleo.person(start="2020-01-01", prefix="", private_email="")
    alleo.build()
    assert alleo.account()["prefix"] is None
    assert alleo.account()["private_email"] is None


def test_r45_the_day_is_an_input(alleo: Any) -> None:
    alleo.person(start="2026-03-29", end="2026-10-25")
    for day, state in (
        ("2026-03-28", "update_only"),
        ("2026-03-29", "active"),
        ("2026-10-25", "active"),
        ("2026-10-26", "ended"),
    ):
        alleo.build(day)
        assert alleo.account()["desired_state"] == state, day


def test_r46_a_record_that_cannot_be_read_holds_its_person_only(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01", end="2026-03-01")
    alleo.person("P2", start="2020-01-01")
    alleo.connection.execute(
        "insert into sync.rejected_records values (?, 'employments', 7, 'E1/P1/W9', 'E1', 'ends_on')",
        [alleo.run_id],
    )
    alleo.build()
    assert alleo.states("P1") == [("*", "untouched", "record_set_aside")]
    assert alleo.codes("P1") == ["record_set_aside"]
    assert alleo.states("P2") == IN


def test_r46_a_record_set_aside_in_an_earlier_run_holds_nobody(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.connection.execute(
        "insert into sync.rejected_records values ('run-0', 'employees', 7, 'E1/P1', 'E1', 'birth_on')"
    )
    alleo.build()
    assert alleo.states("P1") == IN


def test_r48_an_old_field_name_counts_only_if_configured(world: Any) -> None:
    plain = world("loket", "alleo")
    plain.person(start="2020-01-01")
    plain.field("yourcampus_access", "FALSE")
    plain.build()
    assert plain.states() == IN
    configured = world("loket", "alleo", selective_sync={"field": "yourcampus_access"})
    configured.person(start="2020-01-01")
    configured.field("yourcampus_access", "FALSE")
    configured.build()
    assert configured.states() == [("*", "untouched", "access_off")]


def test_r49_a_deceased_employee_leaves_at_once_and_is_not_greeted(alleo: Any) -> None:
    alleo.person(start="2020-01-01", death_on="2026-03-01")
    alleo.field("alleo_access", "TRUE")
    alleo.build()
    account = alleo.account()
    assert alleo.states() == [("*", "ended", "deceased")]
    assert (account["leaving_kind"], account["birthday"], account["work_anniversary"]) == (
        "ended",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("died", "state", "codes"),
    [
        ("2026-03-01", "ended", []),
        ("2026-03-02", "ended", []),
        ("2026-03-03", "active", ["death_in_future"]),
        ("2062-03-02", "active", ["death_in_future"]),
    ],
)
def test_r49_a_date_of_death_counts_from_that_day_on(
    alleo: Any, died: str, state: str, codes: list[str]
) -> None:
    alleo.person(start="2020-01-01", death_on=died)
    alleo.build()
    account = alleo.account()
    assert account["desired_state"] == state
    assert (account["birthday"] is None) == (state == "ended")
    assert alleo.codes() == codes
    alleo.build("2063-01-01")
    assert alleo.states() == [("*", "ended", "deceased")]


def test_r49_a_leaver_with_a_date_of_death_to_come_leaves_as_a_leaver(alleo: Any) -> None:
    alleo.person(start="2020-01-01", end="2026-03-01", death_on="2026-04-01")
    alleo.build()
    assert alleo.states() == OUT
