"""What a person's yes means: which connection goes live, which rows it releases, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from people_transforms.errors import ConfigError, RetryableError
from people_transforms.planning.approvals import approve

from .conftest import NOW, Engine, person
from .test_gate import leaver

pytestmark = pytest.mark.few(1)

LATER = NOW + dt.timedelta(days=9)


def staff(people: int, leaving: int = 0) -> list[dict[str, object]]:
    """So many people, of whom the first leave."""
    return [
        *(leaver(n, ends_on=dt.date(2026, 2, 28)) for n in range(1, leaving + 1)),
        *(person(n) for n in range(leaving + 1, people + 1)),
    ]


def held_kinds(engine: Engine) -> list[str]:
    return [hold.kind for hold in engine.holds]


def configure(engine: Engine, value: str) -> None:
    engine.settings = engine.settings.model_copy(update={"approved_plan": value})


@pytest.mark.parametrize("by_configuration", [False, True])
def test_an_approval_is_used_up_when_the_vendor_has_confirmed_its_rows(
    engine: Engine, by_configuration: bool
) -> None:
    def say_yes() -> None:
        if by_configuration:
            configure(engine, engine.plan_hash)
        else:
            engine.approve()

    engine.first_night(*staff(40))
    asked = []
    for leaving in (12, 0, 12):
        engine.mart(*staff(40, leaving))
        engine.next_night()
        assert len(engine.held()) == 12, "the same change on a later night is a new question"
        assert engine.vendor.calls == []
        asked.append(engine.plan_hash)
        say_yes()
        engine.night()
        assert len(engine.vendor.calls) == 12
        engine.vendor.calls.clear()
    assert len(set(asked)) == 3, "a value that stands in the settings answers one question"


@pytest.mark.drawn(2)
@pytest.mark.parametrize("by_configuration", [False, True])
@pytest.mark.parametrize("is_taken_back", [True, False])
def test_what_was_approved_and_taken_back_is_a_new_question(
    engine: Engine, by_configuration: bool, is_taken_back: bool
) -> None:
    engine.first_night(*staff(40))
    engine.mart(*staff(40, 12))
    engine.next_night()
    first = engine.plan_hash
    if by_configuration:
        configure(engine, first)
    else:
        engine.approve()
    if is_taken_back:
        engine.mart(*staff(40))
        engine.next_night()
        engine.mart(*staff(40, 12))
    engine.next_night()
    if not is_taken_back:
        assert len(engine.vendor.calls) == 12, "the control"
        return
    assert (len(engine.held()), engine.vendor.calls) == (12, [])
    assert engine.plan_hash != first
    engine.approve()
    engine.next_night()
    assert len(engine.vendor.calls) == 12


def test_an_approval_lasts_until_the_vendor_has_confirmed(engine: Engine) -> None:
    engine.first_night(*staff(40))
    engine.mart(*staff(40, 12))
    engine.night()
    engine.approve()
    engine.vendor.failures = {
        ("deactivate", f"x-p{n:04}"): [RetryableError("Busy.")] * 99 for n in range(1, 13)
    }
    engine.night()
    engine.vendor.failures = {}
    engine.night()
    assert engine.holds == []
    assert sum(account.is_active for account in engine.vendor.held.values()) == 28


@pytest.mark.parametrize("value", ["yes", "0" * 32, "b0ebda2c13c7c070cd6205f8fa2cdf83"])
def test_a_text_that_is_no_plan_of_this_connection_activates_nothing(
    make_engine: Callable[..., Engine], value: str
) -> None:
    engine = make_engine(approved_plan=value)
    engine.mart(person(1))
    engine.night()
    assert (engine.vendor.calls, held_kinds(engine)) == ([], ["activation"])
    configure(engine, engine.plan_hash)
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0001")], "the control"


@pytest.mark.drawn(3)
@pytest.mark.parametrize("pasted", ["{}", " {}\n", "\t{}\u00a0"])
@pytest.mark.parametrize("is_shouted", [False, True])
def test_a_value_is_read_with_the_blanks_and_in_the_case_in_which_it_was_pasted(
    make_engine: Callable[..., Engine], pasted: str, is_shouted: bool
) -> None:
    engine = make_engine()
    engine.mart(person(1))
    engine.night()
    value = engine.plan_hash.upper() if is_shouted else engine.plan_hash
    engine.settings = make_engine(approved_plan=pasted.format(value)).settings
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0001")]
    assert make_engine(approved_plan=" ").settings.approved_plan is None


OTHERS = [
    {"vendor": "alleo"},
    {"source_system": "loket"},
    {"configuration": {"client_id": 202}},
    {"configuration": {"client_id": 101, "api_url": "https://acceptance.example.cz"}},
    {"warehouse": {"connection_id": "another"}},
]


@pytest.mark.drawn(4)
@pytest.mark.parametrize("other", OTHERS, ids=str)
@pytest.mark.parametrize("night", ["same plan", "another plan"])
def test_a_value_given_to_another_connection_activates_nothing_and_its_own_does_without_a_store(
    make_engine: Callable[..., Engine], other: dict[str, object], night: str
) -> None:
    own = {
        "vendor": "lunchdrive",
        "source_system": "alveno",
        "configuration": {"client_id": 101},
    }
    engine = make_engine(**own)
    engine.mart(person(1))
    engine.plan()
    value = engine.plan_hash
    for table in ("runs", "plan", "approvals"):
        engine.connection.execute(f"delete from sync.{table}")
    if night == "another plan":
        engine.mart(person(2), person(3))
    engine.settings = make_engine(**{**own, **other, "approved_plan": value}).settings
    engine.night()
    assert (engine.vendor.calls, held_kinds(engine)) == ([], ["activation"])
    engine.settings = make_engine(**own, approved_plan=value).settings
    engine.night()
    assert len(engine.vendor.calls) == (1 if night == "same plan" else 2), "the control"


def test_another_platform_in_the_same_tables_is_not_active(
    make_engine: Callable[..., Engine],
) -> None:
    """In a lake two connections may be given one name."""
    engine = make_engine(vendor="lunchdrive", source_system="alveno")
    engine.first_night(person(1))
    engine.settings = make_engine(vendor="alleo", source_system="loket").settings
    engine.mart(person(2), person(3), person(4))
    engine.night()
    assert (engine.vendor.calls, held_kinds(engine)) == ([], ["activation"])


def test_a_newcomer_who_is_not_held_leaves_the_value_to_paste_as_it_is(engine: Engine) -> None:
    engine.first_night(*staff(40))
    engine.mart(*staff(40, 12))
    engine.plan()
    shown = engine.plan_hash
    engine.mart(*staff(41, 12))
    engine.plan()
    assert engine.plan_hash == shown
    engine.mart(*staff(41, 13))
    engine.plan()
    assert engine.plan_hash != shown, "the control"


def test_a_configured_value_that_equals_tonights_is_an_approval_whenever_it_was_configured(
    engine: Engine,
) -> None:
    engine.first_night(*staff(40))
    engine.mart(*staff(40, 12))
    engine.plan()
    approve(
        engine.connection,
        engine.plan_hash,
        "configuration",
        NOW - dt.timedelta(days=9),
        source="configuration",
    )
    engine.night()
    assert engine.vendor.calls == [], "it expired"
    configure(engine, "0" * 32)
    engine.night()
    assert engine.vendor.calls == [], "the control"
    configure(engine, engine.plan_hash)
    engine.night()
    assert len(engine.vendor.calls) == 12


def test_a_store_that_is_lost_each_night_reaches_the_value_that_was_configured(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(brakes={"updates": {"at_least": 2, "share": 0}})
    engine.first_night(*staff(10))

    def lose() -> None:
        for table in ("runs", "plan", "approvals", "deliveries", "ledger"):
            engine.connection.execute(f"delete from sync.{table}")

    lose()
    configure(engine, "")
    engine.mart(person(1, first_name="Eva"), *(person(n) for n in range(2, 15)))
    engine.night()
    assert set(held_kinds(engine)) == {"activation"}
    configure(engine, engine.plan_hash)
    lose()
    engine.night()
    assert (len(engine.vendor.calls), engine.holds) == (5, []), "additions would be held"


def test_approving_an_unrelated_plan_says_nothing_of_the_sources_filters(engine: Engine) -> None:
    engine.first_night(*staff(20))
    engine.mart(*staff(20, 1))
    engine.connection.execute(
        "insert into sync.runs (run_id, started_at) values ('run-0020', ?)", [NOW]
    )
    engine.runs = 21
    engine.connection.execute("update people.source_scope set changed_in_run = 'run-0020'")
    engine.mart(*staff(30))
    engine.night()
    assert held_kinds(engine) == ["additions"]
    approve(engine.connection, engine.plan_hash, "t", NOW + dt.timedelta(hours=2))
    engine.night()
    engine.vendor.calls.clear()
    engine.mart(*staff(30, 1))
    engine.night()
    assert (engine.vendor.calls, held_kinds(engine)) == ([], ["scope_changed"])
    engine.approve()
    engine.night()
    assert len(engine.vendor.calls) == 1
    engine.mart(*staff(30, 2))
    engine.night()
    assert len(engine.vendor.calls) == 2, "who has seen it once is not asked again"


def test_a_column_that_hr_dropped_on_purpose_is_asked_about_once(engine: Engine) -> None:
    def hr(*, with_email: bool, people: int = 20) -> None:
        engine.people(
            *(
                {"person_id": f"p{n}", "business_email": f"{n}@example.cz" if with_email else None}
                for n in range(people)
            )
        )

    hr(with_email=True)
    engine.first_night(*staff(20))
    hr(with_email=False)
    engine.mart(*staff(21))
    engine.next_night()
    assert held_kinds(engine) == ["fill_rate"]
    engine.next_night()
    assert held_kinds(engine) == ["fill_rate"], "nobody has said yes"
    engine.approve()
    engine.next_night()
    assert engine.vendor.calls == [("create", "x-p0021")]
    for people in (22, 23):
        engine.mart(*staff(people))
        engine.next_night()
        assert engine.holds == []
    hr(with_email=True)
    engine.next_night()
    hr(with_email=False)
    engine.mart(*staff(24))
    engine.next_night()
    assert held_kinds(engine) == ["fill_rate"], "filled and emptied again is a new question"


def test_a_connection_in_which_all_accounts_match_goes_live_by_an_approval(engine: Engine) -> None:
    engine.first_night(*staff(3))
    engine.connection.execute("delete from sync.approvals")
    engine.night()
    assert [(hold.kind, hold.count) for hold in engine.holds] == [("activation", 0)]
    engine.mart(*staff(4))
    engine.night()
    assert engine.vendor.calls == [], "the control"
    engine.mart(*staff(3))
    engine.night()
    engine.approve()
    engine.mart(*staff(4))
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0004")]


def test_an_empty_plan_after_a_bad_read_is_nothing_to_approve(engine: Engine) -> None:
    engine.first_night(*staff(3))
    engine.connection.execute("delete from sync.approvals")
    engine.night(complete=False)
    assert engine.holds == []
    with pytest.raises(ConfigError):
        engine.approve()


def test_a_wrong_hash_is_answered_with_the_latest_plan_that_waits(engine: Engine) -> None:
    engine.first_night(*staff(40))
    engine.mart(*staff(40, 12))
    engine.night()
    waiting = engine.plan_hash
    engine.mart(*staff(40))
    engine.night()
    assert engine.plan_hash != waiting
    with pytest.raises(ConfigError, match=waiting):
        approve(engine.connection, "feed", "t", NOW)
    with pytest.raises(ConfigError, match=waiting):
        engine.approve()


def test_where_no_plan_waits_a_wrong_hash_is_answered_with_none(engine: Engine) -> None:
    engine.first_night(*staff(3))
    engine.connection.execute("update sync.runs set plan_hash = null where awaits_approval")
    engine.night()
    with pytest.raises(ConfigError) as refused:
        approve(engine.connection, "feed", "t", NOW)
    assert engine.plan_hash not in str(refused.value)


def test_an_approval_of_one_day_ends_an_absent_diner_on_the_next(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(when_absent="end")
    engine.first_night(*staff(20))
    engine.mart(*(person(n) for n in range(4, 21)))
    for _ in range(2):
        engine.next_night()
    assert held_kinds(engine) == ["removals"]
    shown = engine.plan_hash
    engine.approve()
    engine.as_of += dt.timedelta(days=1)
    engine.plan()
    assert engine.held() == {}
    engine.deliver()
    assert engine.vendor.held["1"].fields["valid_to"] == engine.as_of - dt.timedelta(days=1)
    assert len(engine.vendor.calls) == 3
    assert shown


@pytest.mark.parametrize("other", ["another person", "another kind"])
def test_another_person_or_another_kind_of_end_is_a_new_question(
    make_engine: Callable[..., Engine], other: str
) -> None:
    engine = make_engine(when_absent="end")
    engine.first_night(*staff(20))
    engine.mart(*(person(n) for n in range(4, 21)))
    for _ in range(2):
        engine.next_night()
    engine.approve()
    if other == "another kind":
        engine.mart(*staff(20, 3))
        expected = {f"p{n:04}" for n in range(1, 4)}
    else:
        for number in range(4, 7):
            engine.connection.execute(
                "update people.person_history set known_to_run = 'run-000' where person_id = ?",
                [f"p{number:04}"],
            )
        engine.mart(*(person(n) for n in range(7, 21)))
        expected = {f"p{n:04}" for n in range(4, 7)}
        engine.next_night()
    engine.next_night()
    assert set(engine.held()) == expected
