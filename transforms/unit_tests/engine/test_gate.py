"""What is held, what goes on, and what an approval releases. Each hold has its control."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from people_transforms.errors import ConfigError
from people_transforms.planning.approvals import approve
from people_transforms.settings import Brake, Brakes

from .conftest import NOW, Engine, person

pytestmark = pytest.mark.few(1)


def leaver(number: int, **fields: Any) -> dict[str, Any]:
    return person(
        number,
        account_key="*",
        desired_state="ended",
        leaving_kind="ended",
        reason="ended",
        **fields,
    )


def test_removals_are_held_from_the_limit_and_delivered_below_it(engine: Engine) -> None:
    engine.first_night(*(person(n) for n in range(1, 41)))
    engine.mart(*(leaver(n) for n in range(1, 5)), *(person(n) for n in range(5, 41)))
    engine.night()
    assert engine.vendor.calls == []
    assert [(h.kind, h.count) for h in engine.holds] == [("removals", 4)]
    # The control: three of forty is below max(3, 10 %).
    engine.mart(*(leaver(n) for n in range(1, 4)), *(person(n) for n in range(4, 41)))
    engine.night()
    assert [operation for operation, _ in engine.vendor.calls] == ["deactivate"] * 3


def test_a_held_kind_does_not_hold_the_others(engine: Engine) -> None:
    engine.first_night(*(person(n) for n in range(1, 21)))
    engine.mart(
        *(leaver(n) for n in range(1, 11)),
        person(11, first_name="Eva"),
        *(person(n) for n in range(12, 22)),
    )
    engine.night()
    assert sorted(operation for operation, _ in engine.vendor.calls) == ["create", "update"]


def test_an_approval_releases_its_rows_and_new_rows_pass_the_brakes_alone(engine: Engine) -> None:
    engine.first_night(*(person(n) for n in range(1, 21)))
    engine.mart(*(leaver(n) for n in range(1, 6)), *(person(n) for n in range(6, 21)))
    engine.plan()
    engine.approve()
    # One more leaver since the approval: an ordinary change, below the limit.
    engine.mart(*(leaver(n) for n in range(1, 7)), *(person(n) for n in range(7, 21)))
    engine.night()
    assert len(engine.vendor.calls) == 6
    # A different plan is not covered: five others are held.
    engine.mart(*(leaver(n) for n in range(1, 13)), *(person(n) for n in range(13, 21)))
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []
    assert [h.kind for h in engine.holds] == ["removals"]


@pytest.mark.parametrize("is_on", [True, False])
def test_what_was_approved_waits_while_the_import_is_off(engine: Engine, is_on: bool) -> None:
    engine.first_night(*(person(n) for n in range(1, 21)))
    engine.mart(*(leaver(n) for n in range(1, 6)), *(person(n) for n in range(6, 21)))
    engine.plan()
    engine.approve()
    engine.settings = engine.settings.model_copy(update={"import_employees": is_on})
    engine.night()
    assert len(engine.vendor.calls) == (5 if is_on else 0)
    assert [h.kind for h in engine.holds] == ([] if is_on else ["import_off"])


def test_an_expired_approval_releases_nothing(engine: Engine) -> None:
    engine.mart(person(1))
    engine.plan()
    approve(engine.connection, engine.plan_hash, "t", NOW - dt.timedelta(days=9))
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0001")], "an approved connection is active"
    engine.mart(*(person(n) for n in range(1, 12)))
    engine.plan()
    approve(engine.connection, engine.plan_hash, "t", NOW - dt.timedelta(days=9))
    engine.night()
    assert [h.kind for h in engine.holds] == ["additions"]


def test_an_unknown_hash_is_refused_and_the_latest_named(engine: Engine) -> None:
    engine.mart(person(1))
    engine.plan()
    with pytest.raises(ConfigError, match=engine.plan_hash):
        approve(engine.connection, "feed", "t", NOW)


def test_a_brake_set_to_null_holds_nothing(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(brakes={"removals": None})
    engine.first_night(*(person(n) for n in range(1, 11)))
    engine.mart(*(leaver(n) for n in range(1, 10)), person(10))
    engine.night()
    assert len(engine.vendor.calls) == 9


def test_who_switches_removals_off_may_still_say_what_seven_days_hold() -> None:
    assert Brakes(removals=None).removals_7_days is None
    kept = Brake(at_least=5, share=0.25)
    assert Brakes(removals=None, removals_7_days=kept).removals_7_days == kept
    assert Brakes().removals_7_days == kept


def test_announced_leavers_have_a_wider_limit(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(announced_after_days=0)
    last_day = dt.date(2026, 2, 28)
    engine.first_night(*(person(n, ends_on=last_day) for n in range(1, 21)))
    engine.mart(
        *(leaver(n, ends_on=last_day) for n in range(1, 9)),
        *(person(n, ends_on=last_day) for n in range(9, 21)),
    )
    engine.night()
    assert len(engine.vendor.calls) == 8
    # The control: the same number with a date nobody knew is held.
    engine.mart(
        *(leaver(n, ends_on=last_day) for n in range(1, 9)),
        *(leaver(n, ends_on=dt.date(2026, 2, 27)) for n in range(9, 17)),
        *(person(n, ends_on=last_day) for n in range(17, 21)),
    )
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []


def test_an_incomplete_read_removes_nobody_and_a_complete_one_does(engine: Engine) -> None:
    engine.first_night(person(1), person(2), person(3))
    engine.mart(leaver(1), person(2), person(3))
    engine.night(complete=False)
    assert engine.vendor.calls == []
    assert engine.held() == {"p0001": "not_read"}
    with pytest.raises(ConfigError):
        engine.approve()
    engine.night(complete=False)
    assert engine.vendor.calls == [], "an approval can't release a bad read"
    engine.night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]


def test_absence_ends_after_two_days_with_whole_lists_since_the_person_was_listed(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(when_absent="end")
    engine.first_night(person(1), person(2), person(3))
    engine.mart(person(2), person(3))
    engine.next_night()
    engine.next_night(complete=False)
    assert engine.vendor.calls == []
    untouched = person(1, account_key="*", desired_state="untouched", reason="access_not_said")
    engine.mart(untouched, person(2), person(3))
    engine.next_night()
    engine.mart(person(2), person(3))
    engine.next_night()
    assert engine.vendor.calls == [], "the person was listed in between"
    engine.next_night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]


def test_attempts_of_one_day_are_one_absence(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(when_absent="end", absence_reads=3)
    engine.first_night(person(1), person(2), person(3))
    engine.mart(person(2), person(3))
    for _ in range(2):
        engine.next_night()
        for _ in range(3):
            engine.night()
    assert engine.vendor.calls == []
    # A retry past midnight.
    engine.night_on = engine.as_of
    engine.next_night()
    assert engine.vendor.calls == []
    engine.night_on = None
    engine.night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]


def test_an_end_that_rests_on_a_record_that_is_gone_waits_for_a_person(engine: Engine) -> None:
    engine.first_night(*(person(n) for n in range(1, 5)))
    engine.connection.execute("insert into people.vanished_employments values ('p0001'), ('p0003')")
    deceased = leaver(3) | {"reason": "deceased"}
    engine.mart(leaver(1), leaver(2), deceased, person(4))
    engine.settings = engine.settings.model_copy(update={"brakes": Brakes(removals=None)})
    engine.night()
    assert engine.held() == {"p0001": "employment_gone"}
    # The control: another's end, and a death, are sent.
    assert sorted(engine.vendor.calls) == [("deactivate", "x-p0002"), ("deactivate", "x-p0003")]
    engine.approve()
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]


@pytest.mark.parametrize("days", [-1, -400, 11, 400])
@pytest.mark.long
def test_a_calendar_that_jumps_holds_everything_until_somebody_approves(
    engine: Engine, days: int
) -> None:
    engine.first_night(person(1), person(2), person(3))
    _accept(engine)
    engine.as_of += dt.timedelta(days=days)
    engine.mart(leaver(1), person(2), person(3), person(4))
    engine.night()
    assert engine.vendor.calls == []
    assert set(engine.held().values()) == {"calendar"}
    engine.approve()
    engine.night()
    assert sorted(engine.vendor.calls) == [("create", "x-p0004"), ("deactivate", "x-p0001")]


@pytest.mark.parametrize("days", [0, 1, 10])
def test_a_calendar_that_goes_on_holds_nothing(engine: Engine, days: int) -> None:
    engine.first_night(person(1), person(2), person(3))
    _accept(engine)
    engine.as_of += dt.timedelta(days=days)
    engine.mart(leaver(1), person(2), person(3))
    engine.night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]


@pytest.mark.parametrize(
    ("jump", "is_ended"), [(20, False), (-5, False), (0, False), (1, True)], ids=str
)
def test_a_day_that_was_no_business_day_is_no_absence(
    make_engine: Callable[..., Engine], jump: int, is_ended: bool
) -> None:
    engine = make_engine(when_absent="end")
    engine.first_night(person(1), person(2), person(3))
    engine.mart(person(2), person(3))
    engine.next_night()
    engine.as_of += dt.timedelta(days=jump)
    engine.night()
    if not is_ended:
        assert engine.vendor.calls == []
        # The clock is right again, on the day of the one absence.
        engine.as_of -= dt.timedelta(days=jump)
        engine.night()
        assert engine.vendor.calls == []
        engine.next_night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]


def test_a_jump_with_nothing_to_change_accepts_no_day(engine: Engine) -> None:
    engine.first_night(person(1), person(2), person(3))
    engine.as_of += dt.timedelta(days=400)
    engine.night()
    assert engine.holds == []
    # The clock is right again: the day before was no day to go back from.
    engine.as_of -= dt.timedelta(days=399)
    engine.mart(person(1, first_name="Eva"), person(2), person(3))
    engine.night()
    assert engine.vendor.calls == [("update", "x-p0001")]


def _accept(engine: Engine) -> None:
    engine.connection.execute("update sync.runs set accepted_on = as_of")


@pytest.mark.drawn(4)
@pytest.mark.parametrize(
    ("fact", "held"),
    [
        ("listed", {"p0001": "not_read", "p0004": "not_read"}),
        ("employment", {"p0001": "not_read", "p0004": "not_read"}),
        ("access", {"p0004": "not_read"}),
        ("note", {"p0004": "not_read", "p0002": "not_read"}),
        ("chip", {"p0003": "not_read"}),
        ("birth", {}),
    ],
)
@pytest.mark.parametrize("verdict", ["partial", "not_read", "not_asked", "no_column"])
@pytest.mark.some(1)
def test_what_rests_on_a_fact_that_was_not_read_waits_and_the_rest_goes_on(
    engine: Engine, fact: str, held: dict[str, str], verdict: str
) -> None:
    engine.first_night(person(1), person(2), person(3, chip_number="C3"), person(5))
    engine.mart(
        leaver(1),
        person(2, desired_state="ended", leaving_kind="routed_away", account_key="*"),
        person(3),
        person(4),
        person(5, chip_number="C5"),
    )
    engine.unread = {fact: verdict}
    engine.plan()
    assert engine.held() == held
    with pytest.raises(ConfigError):
        engine.approve()
    engine.night()
    assert engine.held() == held, "no approval releases what was not read"
    engine.unread = {}
    engine.night()
    assert engine.held() == {}
    assert not engine.vendor.held["1"].is_active
    assert engine.vendor.held["3"].fields["chip_number"] is None


def test_absence_is_only_reported_by_default(engine: Engine) -> None:
    engine.first_night(person(1), person(2), person(3))
    engine.mart(person(2), person(3))
    for _ in range(4):
        engine.next_night()
    assert engine.vendor.calls == []


def test_an_employer_that_is_gone_removes_nobody(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(when_absent="end")
    engine.first_night(person(1), person(2), person(3))
    engine.connection.execute("delete from people.employers")
    engine.mart()
    for _ in range(3):
        engine.next_night()
    assert engine.vendor.calls == []


def test_a_move_waits_while_its_new_account_is_held(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(brakes={"additions": {"at_least": 2, "share": 0.0}})
    engine.first_night(*(person(n) for n in range(1, 11)))
    engine.mart(
        person(1, account_key="B"), person(2, account_key="B"), *(person(n) for n in range(3, 11))
    )
    engine.night()
    assert engine.vendor.calls == []
    assert sorted(h.kind for h in engine.holds) == ["additions", "move_waits"]


def test_the_same_input_gives_the_same_plan_hash_in_any_order(engine: Engine) -> None:
    people = [person(n) for n in range(1, 9)]
    engine.mart(*people)
    engine.plan()
    first = engine.plan_hash
    engine.mart(*reversed(people))
    engine.plan()
    assert engine.plan_hash == first
    engine.mart(*people[:-1])
    engine.plan()
    assert engine.plan_hash != first


def test_changed_filters_at_the_source_remove_nobody_until_somebody_approves(
    engine: Engine,
) -> None:
    engine.first_night(*(person(n) for n in range(1, 11)))
    engine.mart(leaver(1), *(person(n) for n in range(2, 11)))
    engine.connection.execute(
        "insert into sync.runs (run_id, started_at) values ('changing', ?)",
        [NOW + dt.timedelta(hours=1)],
    )
    engine.connection.execute("update people.source_scope set changed_in_run = 'changing'")
    engine.night()
    assert engine.vendor.calls == []
    assert [h.kind for h in engine.holds] == ["scope_changed"]
    approve(engine.connection, engine.plan_hash, "t", NOW + dt.timedelta(hours=2))
    engine.night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]


def test_a_column_that_is_suddenly_empty_holds_everything_and_an_ordinary_gap_nothing(
    engine: Engine,
) -> None:
    def people(with_email: int, leaving: int = 0) -> None:
        engine.connection.execute("delete from people.people")
        engine.connection.execute(
            "insert into people.people by name select 'p' || i as person_id, "
            "if(i < ?, 'x', null) as business_email, if(i < ?, current_date, null) as ends_on "
            "from range(20) as t(i)",
            [with_email, leaving],
        )

    people(20)
    engine.first_night(*(person(n) for n in range(1, 11)))
    engine.mart(person(1, first_name="Eva"), *(person(n) for n in range(2, 11)))
    people(10)
    engine.next_night()
    assert engine.vendor.calls == []
    assert [hold.kind for hold in engine.holds] == ["fill_rate"]
    assert "business_email" in engine.holds[0].reason
    people(18, leaving=20)
    engine.night()
    assert engine.vendor.calls == [("update", "x-p0001")]


def test_an_employer_that_is_gone_empties_no_column(engine: Engine) -> None:
    def hr(**small: Any) -> None:
        here = [{"person_id": f"p{n:04}", "access": "yes"} for n in range(10)]
        there = {"employer_id": "E2", "access": "yes", **small}
        engine.people(*here, *({"person_id": f"s{n}", **there} for n in range(10)))

    engine.connection.execute("insert into people.employers values ('E2')")
    hr()
    engine.first_night(*(person(n) for n in range(1, 5)))
    engine.mart(person(1, first_name="Eva"), *(person(n) for n in range(2, 5)))
    hr(access="not_said")
    engine.next_night()
    assert [hold.kind for hold in engine.holds] == ["fill_rate"], "the control"
    hr(access="not_said", employment_status="employer_gone")
    engine.next_night()
    assert (engine.holds, engine.vendor.calls) == ([], [("update", "x-p0001")])


def test_a_record_of_somebody_who_has_an_account_at_another_employer_waits(engine: Engine) -> None:
    def hr(*more: dict[str, Any]) -> None:
        engine.people({"person_id": "p0001", "employee_id": "1"}, *more)

    engine.connection.execute("insert into people.employers values ('E2')")
    engine.connection.execute(
        "insert into people.evidence by name select * replace ('E2' as employer_id) from people.evidence"
    )
    hr()
    engine.first_night(person(1))
    twice = {"person_id": "p0002", "employee_id": "1", "employer_id": "E2"}
    other = {"person_id": "p0003", "employee_id": "3", "employer_id": "E2"}
    hr(twice, other)
    both = [person(n, account_key="B", employer_id="E2") for n in (2, 3)]
    engine.mart(person(1), *both)
    engine.next_night()
    assert engine.held() == {"p0002": "rekeyed"}
    assert engine.vendor.calls == [("create", "x-p0003")], "the control"
    engine.approve()
    engine.next_night()
    assert engine.vendor.calls[-1] == ("create", "x-p0002")


# What HR says of all of a small employer tonight, and whether that is held.
OF_A_SMALL_EMPLOYER: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "as before": ([{}] * 3, False),
    "empty": ([{"business_email": None}] * 3, True),
    "one of three empty": ([{"business_email": None}, {}, {}], False),
    "the same for all": ([{"last_name": "Nová"}] * 3, True),
    "the same for two": ([{"last_name": "Nová"}] * 2 + [{}], False),
    "all began on one day": ([{"starts_on": dt.date(2026, 1, 1)}] * 3, False),
    "all left today": ([{"ends_on": NOW.date()}] * 3, True),
    "all leave one day": ([{"ends_on": dt.date(2026, 12, 31)}] * 3, False),
    "fewer people": ([{"last_name": "Nová"}] * 2, False),
}


@pytest.mark.drawn(3)
@pytest.mark.parametrize("case", OF_A_SMALL_EMPLOYER)
def test_a_column_that_is_suddenly_empty_or_alike_at_one_employer_holds_that_employer(
    engine: Engine, case: str
) -> None:
    said, is_held = OF_A_SMALL_EMPLOYER[case]
    engine.connection.execute("insert into people.employers values ('E2')")

    def hr(*small: dict[str, Any]) -> None:
        large = [{"person_id": f"p{n:04}"} for n in range(60)]
        engine.people(
            *large,
            *({"person_id": f"s{n}", "employer_id": "E2", **one} for n, one in enumerate(small)),
        )

    hr({}, {}, {})
    engine.connection.execute(
        "insert into people.evidence by name select * replace ('E2' as employer_id) from people.evidence"
    )
    engine.first_night(*(person(n) for n in range(1, 41)), person(90, employer_id="E2"))
    hr(*said)
    engine.mart(
        person(1, first_name="Eva"),
        *(person(n) for n in range(2, 41)),
        person(90, employer_id="E2", first_name="Eva"),
    )
    engine.next_night()
    kinds = {"p0090": "fill_rate"} if is_held else {}
    assert engine.held() == kinds
    assert ("update", "x-p0001") in engine.vendor.calls, "the other employer goes on"
    assert (("update", "x-p0090") in engine.vendor.calls) is not is_held
    if is_held:
        assert "E2" in engine.holds[0].reason
        engine.approve()
        engine.next_night()
        assert ("update", "x-p0090") in engine.vendor.calls
        engine.mart(*(person(n) for n in range(1, 41)), person(90, employer_id="E2"))
        engine.next_night()
        assert engine.holds == [], "what was approved is the employer's new measure"


def chips(numbers: range, lost: int = 0, **fields: Any) -> list[dict[str, Any]]:
    """People with a chip each; the first `lost` have none any more."""
    return [
        person(n, chip_number=None if n <= lost else f"C{n}", valid_to=None, **fields)
        for n in numbers
    ]


@pytest.mark.parametrize(
    ("people", "lost", "held"), [(10, 2, False), (10, 3, True), (40, 7, False), (40, 8, True)]
)
@pytest.mark.long
def test_a_field_that_many_accounts_would_lose_is_held(
    engine: Engine, people: int, lost: int, held: bool
) -> None:
    engine.first_night(*chips(range(1, people + 1)))
    engine.mart(*chips(range(1, people + 1), lost))
    engine.night()
    assert [(h.kind, h.count) for h in engine.holds] == ([("wipes", lost)] if held else [])
    assert len(engine.vendor.calls) == (0 if held else lost)
    if held:
        engine.approve()
        engine.night()
        assert len(engine.vendor.calls) == lost, "an approval releases it"


def test_what_empties_nothing_goes_on_beside_a_held_wipe(engine: Engine) -> None:
    engine.first_night(*chips(range(1, 11)))
    engine.mart(*chips(range(1, 8), 4), *chips(range(8, 11), first_name="Eva"))
    engine.night()
    assert set(engine.held().values()) == {"wipes"}
    assert engine.vendor.calls == [("update", f"x-p{n:04}") for n in (8, 9, 10)]


def test_no_last_day_and_a_released_chip_are_no_wipe(engine: Engine) -> None:
    last_day = dt.date(2026, 2, 28)
    engine.first_night(*(person(n, valid_to=last_day, chip_number=f"C{n}") for n in range(1, 31)))
    engine.mart(
        *(leaver(n) for n in range(1, 3)),
        *(person(n, chip_number=f"C{n}") for n in range(3, 16)),
        *(person(n, valid_to=last_day, chip_number=f"C{n}") for n in range(16, 31)),
    )
    engine.night()
    assert engine.holds == []


def test_wipes_can_be_switched_off(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(brakes={"wipes": None})
    engine.first_night(*chips(range(1, 11)))
    engine.mart(*chips(range(1, 11), 10))
    engine.night()
    assert engine.holds == []
