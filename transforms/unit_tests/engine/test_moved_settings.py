"""A setting that was changed moves people of whom HR says nothing new: held, and the setting is named."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from people_transforms.planning import history

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)

MakeEngine = Callable[..., Engine]
OLD = {"companies": [{"employer_id": "E1", "company_id": 1}], "num_workers": 2}
NEW = {"companies": [{"employer_id": "E1", "company_id": 2}], "num_workers": 2}
CREW = range(1, 41)


def configure(engine: Engine, configuration: Mapping[str, Any]) -> None:
    engine.settings = engine.settings.model_copy(update={"configuration": dict(configuration)})


def live(make_engine: MakeEngine, crew: range = CREW) -> Engine:
    engine = make_engine(configuration=OLD)
    hr(engine, *(person(n) for n in crew))
    engine.plan()
    engine.approve()
    engine.next_night()
    engine.next_night()
    engine.vendor.calls.clear()
    return engine


def hr(engine: Engine, *rows: dict[str, Any]) -> None:
    engine.people(
        *(
            {
                "person_id": row["person_id"],
                "business_email": row["email"],
                "employment_status": "employment_ended"
                if row.get("leaving_kind") == "ended"
                else "employed",
            }
            for row in rows
        )
    )
    engine.mart(*rows)


def moved(n: int) -> dict[str, Any]:
    return person(n, account_key="B")


def kinds(engine: Engine) -> list[str]:
    return [hold.kind for hold in engine.holds]


CHANGED: dict[str, Callable[[int], dict[str, Any]]] = {
    "another place": moved,
    "another external id": lambda n: person(n, external_id=f"y-{n}"),
    "another rule of a number": lambda n: person(n, chip_number=f"0{n}"),
    "taken out": lambda n: person(
        n, account_key="*", desired_state="ended", leaving_kind="flag_off", reason="access_off"
    ),
}


@pytest.mark.drawn(4)
@pytest.mark.parametrize("how", sorted(CHANGED))
def test_what_a_changed_setting_moves_waits_and_names_it(make_engine: MakeEngine, how: str) -> None:
    engine = live(make_engine)
    configure(engine, NEW)
    rest = [person(n) for n in CREW if n > 3]
    hr(engine, *(CHANGED[how](n) for n in (1, 2, 3)), *rest, person(99))
    for _ in range(2):
        engine.next_night()
        assert "settings_moved" in kinds(engine)
        # The control: somebody new is HR's word.
        assert [call for call in engine.vendor.calls if call[1] != "x-p0099"] == []
    reason = next(hold.reason for hold in engine.holds if hold.kind == "settings_moved")
    assert "`companies`" in reason
    assert "num_workers" not in reason
    assert ("create", "x-p0099") in engine.vendor.calls
    engine.vendor.calls.clear()
    engine.approve()
    engine.night()
    assert engine.vendor.calls
    engine.vendor.calls.clear()
    engine.next_night()
    assert (engine.vendor.calls, engine.holds) == ([], [])


def test_a_setting_that_is_put_back_moves_nobody(make_engine: MakeEngine) -> None:
    engine = live(make_engine)
    configure(engine, NEW)
    hr(engine, *(moved(n) for n in CREW))
    engine.next_night()
    assert (engine.vendor.calls, kinds(engine)) == ([], ["settings_moved"])
    configure(engine, OLD)
    hr(engine, *(person(n) for n in CREW))
    engine.next_night()
    assert (engine.vendor.calls, engine.holds) == ([], [])


def test_both_of_two_people_are_several(make_engine: MakeEngine) -> None:
    engine = live(make_engine, range(1, 3))
    configure(engine, NEW)
    hr(engine, moved(1), moved(2))
    engine.next_night()
    assert (engine.vendor.calls, kinds(engine)) == ([], ["settings_moved"])


def test_people_who_were_known_and_left_out_do_not_all_join_at_once(
    make_engine: MakeEngine,
) -> None:
    engine = live(make_engine)
    out = [
        person(n, account_key="*", desired_state="untouched", reason="access_not_said")
        for n in range(50, 54)
    ]
    hr(engine, *(person(n) for n in CREW), *out)
    engine.next_night()
    history.remember(engine.connection, f"run-{engine.runs:03}")
    configure(engine, NEW)
    hr(engine, *(person(n) for n in CREW), *(person(n) for n in range(50, 54)))
    engine.next_night()
    assert (engine.vendor.calls, kinds(engine)) == ([], ["settings_moved"])


def test_of_people_who_are_forgotten_every_night_nothing_counts_as_told(
    make_engine: MakeEngine,
) -> None:
    """Who takes no part is kept as a pseudonym only: each night's record of theirs is the first."""
    engine = live(make_engine)
    forgotten = range(50, 54)
    out = [
        person(n, account_key="*", desired_state="untouched", reason="access_not_said")
        for n in forgotten
    ]
    hr(engine, *(person(n) for n in CREW), *out)
    engine.next_night()
    history.remember(engine.connection, f"run-{engine.runs:03}")
    configure(engine, NEW)
    hr(engine, *(person(n) for n in CREW), *(person(n) for n in forgotten), person(99))
    engine.connection.execute("delete from people.person_history")
    for n in CREW:
        tell(engine, person(n)["person_id"], "run-000", **SAID)
    for n in (*forgotten, 99):
        tell(engine, person(n)["person_id"], "run-999", **SAID)
    engine.next_night()
    assert kinds(engine) == ["settings_moved"]
    assert engine.vendor.calls == [("create", "x-p0099")], "the control: somebody new"


def test_a_failed_night_does_not_make_the_new_setting_a_known_one(make_engine: MakeEngine) -> None:
    engine = live(make_engine)
    configure(engine, NEW)
    hr(engine, *(moved(n) for n in CREW))
    engine.plan()
    engine.connection.execute(
        "update sync.runs set outcome = 'failed' where run_id = ?", [f"run-{engine.runs:03}"]
    )
    engine.connection.execute("delete from sync.plan where run_id = ?", [f"run-{engine.runs:03}"])
    engine.next_night()
    assert (engine.vendor.calls, kinds(engine)) == ([], ["settings_moved"])


def test_a_night_that_read_too_little_does_not_make_the_new_setting_a_known_one(
    make_engine: MakeEngine,
) -> None:
    engine = live(make_engine)
    configure(engine, NEW)
    hr(engine, *(moved(n) for n in CREW))
    engine.next_night(complete=False)
    assert (engine.vendor.calls, kinds(engine)) == ([], ["not_read"])
    engine.next_night()
    assert (engine.vendor.calls, kinds(engine)) == ([], ["settings_moved"])


def tell(engine: Engine, person_id: str, run_id: str, **values: Any) -> None:
    """What HR is known to have said of somebody from this run on."""
    engine.connection.execute(
        "update people.person_history set known_to_run = ? where person_id = ?",
        [run_id, person_id],
    )
    engine.connection.execute(
        "insert into people.person_history by name select $person as person_id, "
        "'person' as entity, $person as entity_id, $run as known_from_run, $said as known_values",
        {"person": person_id, "run": run_id, "said": json.dumps(values)},
    )


SAID = {"last_name": "Nová", "email": "a@example.cz", "private_email": None}


@pytest.mark.parametrize(
    ("before", "now", "moves"),
    [
        (SAID, {**SAID, "last_name": "Malá"}, True),
        (None, SAID, True),
        # A value that is stored since the setting changed, and one that is no longer.
        (SAID, {**SAID, "private_email": "b@example.cz"}, False),
        ({**SAID, "private_email": "b@example.cz"}, SAID, False),
        (SAID, {**SAID, "private_email": "b@example.cz", "email": "c@example.cz"}, True),
        # Something else of the record, which no account has.
        (SAID, SAID, False),
    ],
    ids=["changed", "new", "stored since", "stored no more", "both", "the same"],
)
@pytest.mark.drawn(3)
def test_whom_hr_moves_on_the_night_of_a_changed_setting_is_moved_by_hr(
    make_engine: MakeEngine,
    before: dict[str, Any] | None,
    now: dict[str, Any],
    moves: bool,
) -> None:
    engine = live(make_engine)
    configure(engine, NEW)
    hr(engine, *(moved(n) for n in CREW))
    tell(engine, "p0002", "run-000", **SAID)
    if before is not None:
        tell(engine, "p0001", "run-000", **before)
    tell(engine, "p0001", "run-999", **now)
    engine.next_night()
    assert kinds(engine) == ["settings_moved"]
    assert ("p0001" not in engine.held()) == moves
    assert "p0002" in engine.held()


def test_new_records_of_most_people_are_no_word_of_hr(make_engine: MakeEngine) -> None:
    """A column that was ticked, or a release of the source, makes everybody's record a new one."""
    crew = range(1, 61)
    engine = live(make_engine, crew)
    configure(engine, NEW)
    hr(engine, *(moved(n) for n in (1, 2, 3)), *(person(n) for n in crew if n > 3))
    for n in crew:
        tell(engine, person(n)["person_id"], "run-000", **SAID)
        tell(engine, person(n)["person_id"], "run-999", **SAID | {"last_name": f"Malá {n}"})
    engine.next_night()
    assert kinds(engine) == ["settings_moved"]
    assert engine.vendor.calls == []


def ended(n: int) -> dict[str, Any]:
    return person(n, account_key="*", desired_state="ended", leaving_kind="ended")


@pytest.mark.parametrize(
    ("setting", "rows"),
    [
        # The same people move by HR's word, and no setting changed.
        (OLD, [moved(1), moved(2), moved(3)]),
        # How it is sent moves nobody.
        ({**OLD, "num_workers": 8}, [moved(1), moved(2), moved(3)]),
        # A setting changed, and HR's own leavers and changes go on.
        (NEW, [ended(1), ended(2), ended(3)]),
        (NEW, [person(n, email=f"new{n}@example.cz") for n in (1, 2, 3)]),
        # One person's case.
        (NEW, [moved(1), moved(2)]),
    ],
    ids=["no setting", "how it is sent", "leavers", "changed in HR", "two of forty"],
)
@pytest.mark.drawn(3)
def test_an_ordinary_night_is_not_held_for_it(
    make_engine: MakeEngine, setting: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    engine = live(make_engine)
    configure(engine, setting)
    rest = [person(n) for n in CREW if n > len(rows)]
    hr(engine, *rows, *rest)
    for row in rows:
        tell(engine, row["person_id"], "run-000", email=f"{row['person_id']}@example.cz")
        if str(row["email"]).startswith("new"):
            tell(engine, row["person_id"], "run-999", email=row["email"])
    engine.as_of += dt.timedelta(days=1)
    engine.plan()
    assert "settings_moved" not in kinds(engine)
