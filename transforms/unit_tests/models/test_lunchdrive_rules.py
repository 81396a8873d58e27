"""The rules R1 … R25 that the models carry out; README.md says where the others live."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.few(12)

HELD = "update_only"


def test_r1_the_note_names_the_client(group: Any) -> None:
    group.person("P1", start="2020-01-01", note="LDID: 32567")
    group.person("P2", start="2020-01-01", note="Kuchař\nLDID: 32568")
    group.build()
    assert group.states("P1") == [("32567", "active", "assigned")]
    assert group.states("P2") == [("32568", "active", "assigned")]


def test_r2_zero_leaves_the_person_alone_also_after_the_end(world: Any) -> None:
    for settings in ({"mode": "single"}, {"mode": "group", "allowed_client_ids": ["32567"]}):
        pair = world("alveno", "lunchdrive", **settings)
        pair.person("P1", start="2020-01-01", note="LDID: 0")
        pair.person("P2", start="2020-01-01", end="2025-12-31", note="LDID: 0")
        pair.person("P3", start="2020-01-01", end="2025-12-31", note="LDID: 32567")
        pair.build()
        assert pair.states("P1") == [("*", "untouched", "ldid_zero")]
        assert pair.states("P2") == [("*", "untouched", "ldid_zero")]
        assert pair.codes("P1") == ["ldid_zero"]
        assert pair.states("P3") == [("*", "ended", "employment_ended")]


def test_r2_zero_can_be_set_to_deactivate(world: Any) -> None:
    pair = world("alveno", "lunchdrive", on_ldid_zero="deactivate")
    pair.person(start="2020-01-01", note="LDID: 0")
    pair.build()
    account = pair.account()
    assert (account["desired_state"], account["leaving_kind"]) == ("ended", "opted_out")


def test_r3_each_client_of_a_list_has_its_own_diner(group: Any) -> None:
    group.person(start="2020-01-01", note="LDID: 32567, 32568")
    group.build()
    assert group.states() == [("32567", "active", "assigned"), ("32568", "active", "assigned")]
    hashes = {row["payload_hash"] for row in group.accounts()}
    assert len(hashes) == 1


def test_r4_spellings_are_read_as_the_corpus_says(group: Any) -> None:
    group.person(start="2020-01-01", note="ldid = 0032567 (hlavní budova)")
    group.build()
    assert group.states() == [("32567", "active", "assigned")]


@pytest.mark.parametrize("mode", ["single", "group"])
def test_r5_what_cannot_be_read_creates_and_ends_nothing(world: Any, mode: str) -> None:
    pair = world("alveno", "lunchdrive", mode=mode, allowed_client_ids=["32567"])
    for number, note in enumerate(["LDID:", "LDID: abc", "LDID: -5", "LDID 3256O"]):
        pair.person(f"P{number}", start="2020-01-01", note=note)
    pair.person("P9", start="2020-01-01", end="2026-03-01", note="LDID: abc")
    pair.build()
    for number in range(4):
        assert pair.states(f"P{number}") == [("*", HELD, "ldid_malformed")]
        assert "ldid_malformed" in pair.codes(f"P{number}")
    assert pair.states("P9") == [("*", "ended", "employment_ended")]


def test_r5_the_advice_says_what_to_type(group: Any) -> None:
    group.person("P1", start="2020-01-01", note="LDID 3256O, pan Novák")
    group.person("P2", start="2020-01-01", note="LDID: pan Novák")
    group.build()
    findings = {row["person_id"]: row for row in group.rows("mart.findings")}
    one, two = findings["alveno:E1:P1"], findings["alveno:E1:P2"]
    assert one["typed_value"] == "3256O"
    # 32560 is no client of ours; two are one digit away from it.
    assert '"suggestion":"LDID: 32567 / LDID: 32568"' in one["args"]
    assert two["typed_value"] is None
    assert '"suggestion":"LDID: 32567 / LDID: 32568"' in two["args"]


def test_r6_a_zero_first_skips_and_a_zero_later_is_ignored(group: Any) -> None:
    group.person("P1", start="2020-01-01", note="LDID: 0, 32567")
    group.person("P2", start="2020-01-01", note="LDID: 0\nLDID: 32567")
    group.person("P3", start="2020-01-01", note="LDID: 32567, 0")
    group.build()
    assert group.states("P1") == [("*", "untouched", "ldid_zero")]
    assert group.states("P2") == [("*", "untouched", "ldid_zero")]
    assert group.codes("P1") == ["ldid_zero_first"]
    assert group.states("P3") == [("32567", "active", "assigned")]
    assert group.codes("P3") == ["ldid_zero_ignored"]


@pytest.mark.parametrize("note", [None, "", "Bez masa", "Gerald Idol 12"])
def test_r7_one_client_needs_no_ldid(single: Any, note: str | None) -> None:
    single.person(start="2020-01-01", note=note)
    single.build()
    assert single.states() == [("32567", "active", "only_client")]


def test_r8_without_an_ldid_nobody_is_in_a_group(group: Any) -> None:
    group.person(start="2020-01-01", note="Bez masa")
    group.build()
    account = group.account()
    assert group.states() == [("*", "ended", "ldid_missing")]
    assert account["leaving_kind"] == "routed_away"
    assert group.codes() == ["ldid_missing"]


def test_r8_a_default_client_takes_those_without_an_ldid(world: Any) -> None:
    pair = world(
        "alveno",
        "lunchdrive",
        mode="group",
        allowed_client_ids=["32567"],
        default_client_id="32567",
    )
    pair.person("P1", start="2020-01-01")
    pair.person("P2", start="2020-01-01", note="LDIDs 32568")
    pair.build()
    assert pair.states("P1") == [("32567", "active", "default_client")]
    assert pair.states("P2") == [("*", HELD, "ldid_near_miss")]


def test_r9_another_client_is_skipped_with_one_client(single: Any) -> None:
    single.person("P1", start="2020-01-01", note="LDID: 32567")
    single.person("P2", start="2020-01-01", note="LDID: 32568")
    single.person("P3", start="2020-01-01", note="LDID: 32568, 32567")
    single.build()
    assert single.states("P1") == [("32567", "active", "assigned")]
    assert single.states("P2") == [("*", "untouched", "ldid_other_client")]
    assert single.codes("P2") == ["ldid_other_client"]
    assert single.states("P3") == [("32567", "active", "assigned")]


def test_r10_an_unknown_client_is_never_written_to(group: Any) -> None:
    group.person("P1", start="2020-01-01", note="LDID: 32569")
    group.person("P2", start="2020-01-01", note="LDID: 32567, 32569")
    group.build()
    assert group.states("P1") == [("*", HELD, "ldid_unknown_client")]
    assert group.states("P2") == [
        ("*", HELD, "ldid_unknown_client"),
        ("32567", "active", "assigned"),
    ]
    for person in ("P1", "P2"):
        (finding,) = group.rows("mart.findings", "person_id = ?", f"alveno:E1:{person}")
        assert (finding["code"], finding["typed_value"]) == ("ldid_unknown_client", "32569")


@pytest.mark.parametrize("known", [["32568", "32567"], ["40001", "32568", "32567"]])
def test_r10_no_client_is_advised_that_nobody_wrote(group: Any, known: list[str]) -> None:
    group.known = known
    group.person(start="2020-01-01", note="LDID: 999")
    group.build()
    (finding,) = group.rows("mart.findings")
    assert json.loads(finding["args"]) == {"suggestion": "LDID: 32567 / LDID: 32568"}


def test_r10_an_allowed_client_that_the_key_does_not_see_is_unknown(group: Any) -> None:
    group.known = ["32567"]
    group.person("P1", start="2020-01-01", note="LDID: 32567")
    group.person("P2", start="2020-01-01", note="LDID: 32568")
    group.build()
    assert group.states("P1") == [("32567", "active", "assigned")]
    assert group.states("P2") == [("*", HELD, "ldid_unknown_client")]


def test_r10_without_a_list_every_client_of_the_key_is_allowed(world: Any) -> None:
    pair = world("alveno", "lunchdrive", mode="group")
    pair.known = ["40001"]
    pair.person("P1", start="2020-01-01", note="LDID: 40001")
    pair.person("P2", start="2020-01-01", note="LDID: 32567")
    pair.build()
    assert pair.states("P1") == [("40001", "active", "assigned")]
    assert pair.states("P2") == [("*", HELD, "ldid_unknown_client")]


def test_r10_a_number_as_long_as_a_phone_number_is_not_quoted(group: Any) -> None:
    group.person(start="2020-01-01", note="LDID: 32567, 777123456")
    group.build()
    (finding,) = group.rows("mart.findings")
    assert (finding["code"], finding["typed_value"]) == ("ldid_unknown_client", None)


def test_r11_a_move_names_the_new_client_only(group: Any) -> None:
    group.person(start="2020-01-01", note="LDID: 32567")
    group.build()
    assert group.states() == [("32567", "active", "assigned")]
    group.connection.execute("update raw.alveno__employees set note = 'LDID: 32568'")
    group.build()
    assert group.states() == [("32568", "active", "assigned")]
    group.connection.execute("update raw.alveno__employees set note = 'LDID: 32569'")
    group.build()
    assert group.states() == [("*", HELD, "ldid_unknown_client")]


def test_r12_the_last_day_is_valid_and_known_beforehand(group: Any) -> None:
    group.person(start="2020-01-01", end="2026-03-02", note="LDID: 32567")
    group.build("2026-03-01")
    assert group.account()["valid_to"].isoformat() == "2026-03-02"
    group.build("2026-03-02")
    assert group.states() == [("32567", "active", "assigned")]
    group.build("2026-03-03")
    assert group.states() == [("*", "ended", "employment_ended")]
    assert group.account()["leaving_kind"] == "ended"


def test_r13_nobody_is_created_before_the_first_day(group: Any) -> None:
    group.person(start="2026-03-02", note="LDID: 32567")
    group.build("2026-03-01")
    assert group.states() == [("*", HELD, "starts_later")]
    (finding,) = group.rows("mart.findings")
    assert json.loads(finding["args"])["on"] == "2026-03-02", "the words name the day"
    group.build("2026-03-02")
    assert group.states() == [("32567", "active", "assigned")]


def test_r13_days_before_the_start_can_be_set(world: Any) -> None:
    pair = world("alveno", "lunchdrive", days_before_start=2, days_after_end=1)
    pair.person(start="2026-03-04", end="2026-03-31")
    for day, state in (
        ("2026-03-01", HELD),
        ("2026-03-02", "active"),
        ("2026-04-01", "active"),
        ("2026-04-02", "ended"),
    ):
        pair.build(day)
        assert pair.account()["desired_state"] == state, day
    assert pair.account()["valid_to"].isoformat() == "2026-03-31"


def test_r14_overlapping_contracts_are_one_diner_from_the_first_to_the_last_day(
    single: Any,
) -> None:
    single.person("P1")
    single.employment("P1", "2024-01-01", "2026-06-30", contract_type="HPP")
    single.employment("P1", "2026-02-01", "2026-12-31", contract_type="DPP")
    single.employment("P1", "2027-02-01", "2027-12-31", contract_type="DPP")
    single.employment("P1", "2019-01-01", "2019-12-31", contract_type="DPČ")
    single.person("P2")
    single.employment("P2", "2024-01-01", None, contract_type="HPP")
    single.employment("P2", "2026-02-01", "2026-12-31", contract_type="DPP")
    single.build()
    one, two = single.account("P1"), single.account("P2")
    assert (one["valid_from"].isoformat(), one["valid_to"].isoformat()) == (
        "2024-01-01",
        "2026-12-31",
    )
    assert (two["valid_from"].isoformat(), two["valid_to"]) == ("2024-01-01", None)


def test_r15_a_rehire_begins_a_new_spell_after_a_gap(single: Any) -> None:
    single.person("P1")
    single.employment("P1", "2024-01-01", "2025-06-30")
    single.employment("P1", "2026-03-02", None)
    single.build("2026-03-01")
    assert single.states() == [("*", "ended", "between_employments")]
    single.build("2026-03-02")
    assert single.states() == [("32567", "active", "only_client")]
    assert single.account()["spell_starts_on"].isoformat() == "2026-03-02"
    assert single.account()["valid_to"] is None


def test_r16_a_diner_without_an_address_is_made_unless_the_setting_says_skip(world: Any) -> None:
    for setting, state, code in (
        ("create_without", "active", "email_absent"),
        ("skip", HELD, "email_missing"),
    ):
        pair = world("alveno", "lunchdrive", missing_email=setting)
        pair.person(start="2020-01-01", email=None)
        pair.build()
        assert pair.account()["desired_state"] == state
        assert pair.account()["email"] is None
        assert pair.codes() == [code]


def test_r16_an_address_that_cannot_be_right_is_left_out_and_told(single: Any) -> None:
    single.person(start="2020-01-01", email="novak@")
    single.build()
    assert single.account()["desired_state"] == "active"
    assert single.account()["email"] is None
    assert single.codes() == ["email_absent", "email_invalid"]


def test_r18_a_new_address_is_a_change_and_other_letters_are_none(single: Any) -> None:
    single.person(start="2020-01-01", email="jan@example.com")
    single.build()
    first = single.account()["payload_hash"]
    single.connection.execute("update raw.alveno__employees set email = 'Jan@example.com'")
    single.build()
    assert single.account()["payload_hash"] == first
    single.connection.execute("update raw.alveno__employees set email = 'jiri@example.com'")
    single.build()
    assert single.account()["payload_hash"] != first


def test_r22_a_chip_of_two_people_is_told_of_both(single: Any) -> None:
    single.person("P1", start="2020-01-01", chip_numbers=["00A1"])
    single.person("P2", start="2020-01-01", chip_numbers=["00A1"])
    single.person("P3", start="2020-01-01", end="2026-03-01", chip_numbers=["00B2"])
    single.person("P4", start="2026-03-02", chip_numbers=["00B2"])
    single.build()
    assert single.codes("P1") == single.codes("P2") == ["chip_shared"]
    assert single.codes("P3") == single.codes("P4") == []
    claims = single.rows("mart.lunchdrive_conflicts")
    assert {(row["person_id"][-2:], row["claim_number"]) for row in claims} == {
        ("P1", 1),
        ("P2", 2),
    }


def test_r22_one_person_at_two_clients_shares_nothing(group: Any) -> None:
    group.person(start="2020-01-01", note="LDID: 32567, 32568", chip_numbers=["00A1"])
    group.build()
    assert group.codes() == []


def test_r22_the_first_chip_counts_and_the_rest_is_told(single: Any) -> None:
    single.person("P1", start="2020-01-01", chip_numbers=["", " 00A1 ", "00B2"])
    single.person("P2", start="2020-01-01", chip_numbers=["00C3", "00C3"])
    single.build()
    assert single.account("P1")["chip_number"] == "00A1"
    assert single.codes("P1") == ["chip_several"]
    assert single.account("P2")["chip_number"] == "00C3"
    assert single.codes("P2") == []


CHIPS = [
    ("none", "00A1B2C3", "00A1B2C3"),
    ("strip_leading_zeros", "0012", "12"),
    ("strip_leading_zeros", "000", "0"),
    ("hex_to_dec", "00A1B2C3", "10597059"),
    ("hex_to_dec", "ffffffffffffffffffff", "1208925819614629174706175"),
    ("hex_to_dec", "12-34", None),
    ("dec_to_hex", "10597059", "A1B2C3"),
    ("dec_to_hex", "A1", None),
    ("reverse_bytes", "A1B2C3D4", "D4C3B2A1"),
    ("reverse_bytes", "1B2C3D4", "D4C3B201"),
]


@pytest.mark.parametrize(("transform", "typed", "sent"), CHIPS)
@pytest.mark.some(5)
def test_a_chip_is_written_as_the_readers_need_it(
    world: Any, transform: str, typed: str, sent: str | None
) -> None:
    pair = world("alveno", "lunchdrive", chip_transform=transform)
    pair.person(start="2020-01-01", chip_numbers=[typed])
    pair.build()
    assert pair.account()["chip_number"] == sent
    assert pair.codes() == ([] if sent else ["chip_unreadable"])


def test_personal_numbers_keep_their_zeros_and_12_and_0012_are_two_people(world: Any) -> None:
    pair = world("alveno", "lunchdrive", personal_number_prefix="A")
    pair.person("P1", start="2020-01-01", personal_number="12")
    pair.person("P2", start="2020-01-01", personal_number="0012")
    pair.person("P3", start="2020-01-01", personal_number="Z13")
    pair.build()
    assert pair.account("P1")["personal_number"] == "A12"
    assert pair.account("P2")["personal_number"] == "A0012"
    assert pair.codes("P1") == pair.codes("P2") == ["personal_number_zeros"]
    assert pair.codes("P3") == []


def test_one_personal_number_of_two_people_is_told(single: Any) -> None:
    single.person("P1", start="2020-01-01", personal_number="7")
    single.person("P2", start="2020-01-01", personal_number="7")
    single.build()
    assert single.codes("P1") == single.codes("P2") == ["personal_number_shared"]


def test_one_number_at_two_employers_is_two_people_and_no_finding_of_zeros(single: Any) -> None:
    single.add("employers", employer_id="E2")
    single.person("P1", start="2020-01-01", personal_number="12")
    single.person(
        "P1", employer="E2", start="2020-01-01", personal_number="0012", email="p2@example.com"
    )
    single.build()
    assert single.account("P1")["external_id"] == "alveno:E1:P1"
    assert single.account("P1", employer="E2")["external_id"] == "alveno:E2:P1"
    assert single.codes("P1") == single.codes("P1", employer="E2") == []


def test_names_keep_their_letters_whatever_way_they_were_typed(single: Any) -> None:
    single.person(
        "P1", start="2020-01-01", first_name="Jir\u030ci\u0301 ", last_name="Dvor\u030ca\u0301k"
    )
    single.build()
    assert single.account()["first_name"] == "Ji\u0159\u00ed"
    assert single.account()["last_name"] == "Dvo\u0159\u00e1k"


def test_an_ldid_on_the_employment_does_not_count_and_is_told(group: Any) -> None:
    group.person("P1")
    group.employment("P1", note="LDID: 32567")
    group.build()
    assert group.states() == [("*", "ended", "ldid_missing")]
    assert group.codes() == ["ldid_missing", "ldid_on_employment"]


@pytest.mark.parametrize(
    ("note", "told"),
    [
        (None, True),
        ("", True),
        ("LDID:", True),
        ("LDIDs 32567", True),
        ("LDID: 32567", False),
        ("LDID: 0", False),
    ],
)
def test_an_ldid_on_the_employment_is_told_unless_the_employee_has_one(
    group: Any, note: str | None, told: bool
) -> None:
    group.person("P1", note=note)
    group.employment("P1", note="LDID: 32568")
    group.build()
    assert ("ldid_on_employment" in group.codes()) == told


@pytest.mark.parametrize(("typed", "told"), [("", True), (" ", True), ("32567", False)])
def test_an_ldid_field_on_the_employment_is_told_beside_an_empty_one(
    world: Any, typed: str, told: bool
) -> None:
    pair = world("loket", "lunchdrive", mode="group", allowed_client_ids=["32567", "32568"])
    pair.person("P1")
    work = pair.employment("P1")
    pair.field("LDID", typed)
    pair.field("LDID", "32568", level="employment", employment=work)
    pair.build()
    assert ("ldid_on_employment" in pair.codes()) == told


@pytest.mark.parametrize(
    ("chips", "is_kept"),
    [
        ([{"number": "00A1"}], True),
        ([["00A1"]], True),
        ({"number": "00A1"}, True),
        ("77\u200b1", True),
        (771.5, True),
        (False, True),
        (771, False),
        ("771", False),
        (["771"], False),
        ([], False),
        (None, False),
    ],
    ids=str,
)
def test_a_chip_that_cannot_be_read_takes_no_chip_away(
    single: Any, chips: Any, is_kept: bool
) -> None:
    typed = chips if chips is None or isinstance(chips, (list, dict)) else json.dumps(chips)
    single.person(start="2020-01-01", chip_numbers=typed)
    single.build()
    account = single.account()
    assert account["kept_fields"] == (["chip_number"] if is_kept else [])
    assert ("chip_unreadable" in single.codes()) is is_kept
    if is_kept:
        assert account["chip_number"] is None


def test_a_source_without_chips_takes_no_chip_away(world: Any) -> None:
    loket = world("loket", "lunchdrive")
    loket.person(start="2020-01-01")
    loket.build()
    assert (loket.account()["chip_number"], loket.account()["kept_fields"]) == (
        None,
        ["chip_number"],
    )
    assert "chip_unreadable" not in loket.codes()


def test_a_missing_start_holds_the_person(single: Any) -> None:
    single.person("P1", start=None)
    single.person("P2", start=None, end="2026-03-01")
    single.person("P3", start=None)
    single.employment("P3", "2020-01-01")
    single.build()
    assert single.states("P1") == [("*", HELD, "start_unknown")]
    assert single.codes("P1") == ["start_unknown"]
    assert single.states("P2") == [("*", "ended", "employment_ended")]
    assert single.states("P3") == [("32567", "active", "only_client")]


def test_an_end_in_year_9999_is_no_end(single: Any) -> None:
    single.person(start="2020-01-01", end="9999-12-31")
    single.build()
    assert single.account()["valid_to"] is None
    assert single.account()["ends_on"] is None


def test_an_employment_that_ends_before_it_starts_adds_and_ends_nobody(single: Any) -> None:
    single.person("P1", start="2026-03-01", end="2026-02-28")
    single.person("P2", start="2026-05-01", end="2026-04-01")
    single.build()
    for person in ("P1", "P2"):
        assert single.states(person) == [("*", HELD, "ends_before_start")]
        assert single.codes(person) == ["ends_before_start"]


def test_loket_names_the_client_in_an_extra_field(world: Any) -> None:
    pair = world("loket", "lunchdrive", mode="group", allowed_client_ids=["32567", "32568"])
    pair.person("P1", start="2020-01-01", employee_number="0042")
    pair.field("ldid ", "32567, 32568", "P1")
    pair.person("P2", start="2020-01-01")
    pair.field("LDID", "LDID: 0", "P2")
    pair.person("P3", start="2020-01-01")
    pair.field("alleo_access", "FALSE", "P3")
    pair.field("LDID", "32567", "P3")
    pair.build()
    assert pair.states("P1") == [("32567", "active", "assigned"), ("32568", "active", "assigned")]
    assert pair.accounts("P1")[0]["personal_number"] == "0042"
    assert pair.states("P2") == [("*", "untouched", "ldid_zero")]
    # Alleo's access field is no business of Lunchdrive, unless it is configured.
    assert pair.states("P3") == [("32567", "active", "assigned")]


def test_an_external_id_fits_into_64_characters(world: Any) -> None:
    employer, employee = (
        "b14acd0d-75d7-4fc8-8b22-4a3924585cab",
        "636a52a1-20b6-46e8-afce-6d59fedbe7c4",
    )
    pair = world("loket", "lunchdrive")
    pair.add("employers", employer_id=employer)
    pair.person(employee, employer=employer, start="2020-01-01")
    pair.build()
    assert pair.account(employee, employer=employer)["external_id"] == f"loket:{employee}"


def test_alveno_people_can_go_to_alleo(world: Any) -> None:
    pair = world("alveno", "alleo")
    pair.person("P1", start="2020-01-01", note="LDID: 0")
    pair.build()
    assert pair.states() == [("11", "active", "entitled")]
    assert pair.account()["birthday"] is None


def test_excluded_people_are_left_alone(world: Any) -> None:
    pair = world("alveno", "lunchdrive", excluded_people=["P1", "alveno:E1:P2"])
    pair.person("P1", start="2020-01-01")
    pair.person("P2", start="2020-01-01", end="2026-03-01")
    pair.person("P3", start="2020-01-01")
    pair.build()
    for person in ("P1", "P2"):
        assert pair.states(person) == [("*", "untouched", "excluded_by_setting")]
    assert pair.states("P3") == [("32567", "active", "only_client")]
