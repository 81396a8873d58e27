"""Our id on an account is no proof alone: whose it is must be seen by one more thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.findings import store_findings
from people_transforms.models import plan_models

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)


def there(engine: Engine, number: int, external_id: str, **fields: Any) -> None:
    """An account that is at the vendor, whoever made it."""
    account_id = f"a{number}"
    is_active = fields.pop("is_active", True)
    values = {"first_name": "Jana", "email": f"p{number}@example.cz"} | fields
    engine.vendor.held[account_id] = Account("A", account_id, is_active, external_id, fields=values)


def codes(engine: Engine) -> set[tuple[str, str]]:
    store_findings(engine.connection, f"run-{engine.runs:03}")
    return set(
        engine.connection.execute(
            "select person_id, code from sync.findings where code like 'account_%'"
        ).fetchall()
    )


def linked(engine: Engine) -> dict[str, str]:
    return dict(
        engine.connection.execute("select person_id, account_id from sync.ledger").fetchall()
    )


@pytest.mark.parametrize(
    "agreeing",
    [
        {},
        {"email": "another@example.cz"},
        {"first_name": "JANA ", "email": None},
        {"first_name": "Zuzana", "email": "P1@Example.cz"},
        {"first_name": "Zuzana", "email": None, "chip_number": "7"},
    ],
)
def test_a_lost_store_finds_an_account_by_id_and_one_more_thing(
    engine: Engine, agreeing: dict[str, Any]
) -> None:
    there(engine, 1, "x-p0001", **agreeing)
    engine.mart(person(1, chip_number="7"))
    engine.plan()
    assert linked(engine) == {"p0001": "a1"}
    assert codes(engine) == set()


@pytest.mark.parametrize(
    "foreign",
    [
        {"first_name": "Zuzana", "email": "z@example.cz"},
        {"first_name": "Zuzana", "email": None},
        {"first_name": None, "email": None},
        {"first_name": "Zuzana", "email": "z@example.cz", "is_active": False},
    ],
)
@pytest.mark.some(1)
def test_an_account_of_somebody_else_with_our_id_is_left_alone(
    engine: Engine, foreign: dict[str, Any]
) -> None:
    there(engine, 1, "x-p0001", **foreign)
    there(engine, 2, "x-p0002")
    before = dict(engine.vendor.held)
    engine.mart(person(1), person(2), person(3))
    engine.plan()
    engine.approve()
    for _ in range(2):
        engine.next_night()
        assert engine.held() == {"p0001": "foreign_account"}
        assert codes(engine) == {("p0001", "account_of_other")}
    # The control: the others have theirs, one found and one made.
    assert linked(engine)["p0002"] == "a2"
    assert engine.vendor.calls == [("create", "x-p0003")]
    assert before.items() <= engine.vendor.held.items()
    # Somebody corrects the id there.
    engine.vendor.held["a1"] = replace(engine.vendor.held["a1"], external_id="y-p0001")
    engine.next_night()
    assert engine.held() == {}
    assert "p0001" in linked(engine)


def test_a_create_whose_answer_is_lost_takes_nobody_elses_account(engine: Engine) -> None:
    from people_transforms.errors import ConflictError

    engine.first_night(person(9))
    engine.mart(person(1), person(9))

    def appears(key: str, external_id: str, fields: Any) -> Account:
        # Another connection of the same place is quicker.
        there(engine, 1, external_id, first_name="Zuzana", email="z@example.cz")
        raise ConflictError("Taken.", cause="409 external_id")

    engine.vendor.create = appears  # type: ignore[method-assign]
    engine.night()
    assert "p0001" not in linked(engine)


@pytest.mark.parametrize(("active", "used"), [((True, False), "a1"), ((False, True), "a2")])
def test_two_accounts_with_one_id_are_told(
    engine: Engine, active: tuple[bool, bool], used: str
) -> None:
    for number, is_active in enumerate(active, start=1):
        there(engine, number, "x-p0001", email="p1@example.cz", is_active=is_active)
    there(engine, 3, "x-p0003")
    engine.mart(person(1), person(3))
    engine.plan()
    assert linked(engine) == {"p0001": used, "p0003": "a3"}
    assert codes(engine) == {("p0001", "account_doubled")}


def test_of_two_accounts_with_one_id_a_strangers_is_not_taken(engine: Engine) -> None:
    there(engine, 1, "x-p0001", first_name="Zuzana", email="z@example.cz")
    there(engine, 2, "x-p0001", email="p1@example.cz", is_active=False)
    engine.mart(person(1))
    engine.plan()
    assert linked(engine) == {"p0001": "a2"}
    assert ("p0001", "account_doubled") in codes(engine)


def test_what_is_left_empty_has_the_columns_of_its_model(engine: Engine) -> None:
    engine.first_night(person(1))
    connection = engine.connection
    plan_models.build(
        connection, "former_people", "newcomers", "telling_values", "lookalike_pairs", "known_pairs",
        "taken_over", "lookalikes",
    )  # fmt: skip

    def columns(name: str) -> set[tuple[str, str]]:
        return set(
            connection.execute(
                "select column_name, data_type from duckdb_columns() where table_name = ?",
                [f"plan_{name}"],
            ).fetchall()
        )

    computed = {name: columns(name) for name in plan_models.LEFT_EMPTY}
    plan_models.leave_empty(connection, *plan_models.LEFT_EMPTY)
    assert {name: columns(name) for name in plan_models.LEFT_EMPTY} == computed


GIVEN_AWAY = {"first_name": "Piet", "email": "piet@example.cz", "chip_number": "9"}


def given_away(engine: Engine, **fields: Any) -> None:
    """Somebody edits an account of ours at the platform."""
    one = engine.vendor.held["1"]
    engine.vendor.held["1"] = replace(one, fields={**one.fields, **fields})


def let_go(engine: Engine, *numbers: int) -> None:
    ended = {"account_key": "*", "desired_state": "ended", "leaving_kind": "ended"}
    engine.mart(*(person(n, **(ended if n in numbers else {})) for n in range(1, 7)))


@pytest.mark.parametrize("is_back", [False, True])
def test_an_account_that_was_given_to_somebody_else_does_not_end(
    engine: Engine, is_back: bool
) -> None:
    engine.first_night(*(person(n) for n in range(1, 7)))
    given_away(engine, **GIVEN_AWAY)
    let_go(engine, 1, 2)
    for _ in range(2):
        engine.next_night()
        assert engine.held() == {"p0001": "foreign_account"}
        assert ("p0001", "account_of_other") in codes(engine)
    assert engine.vendor.calls == [("deactivate", "x-p0002")], "the control"
    # It ends when it is the leaver's again, and is nobody's question when HR takes the end back.
    if is_back:
        given_away(engine, first_name="Jana")
        engine.next_night()
        assert ("deactivate", "x-p0001") in engine.vendor.calls
    else:
        engine.mart(*(person(n) for n in range(1, 7)))
        engine.next_night()
        assert engine.held() == {}


def test_an_ended_account_that_was_given_to_somebody_else_does_not_come_back(
    engine: Engine,
) -> None:
    engine.first_night(*(person(n) for n in range(1, 7)))
    let_go(engine, 1)
    engine.next_night()
    given_away(engine, **GIVEN_AWAY)
    engine.mart(*(person(n) for n in range(1, 7)))
    engine.vendor.calls.clear()
    engine.next_night()
    assert (engine.vendor.calls, engine.held()) == ([], {"p0001": "foreign_account"})


@pytest.mark.parametrize(
    "edited",
    [
        {"first_name": "Jana Nová", "email": "n@example.cz", "chip_number": "9"},
        {"first_name": "Petra"},
        {"first_name": None, "email": None},
        {"email": "n@example.cz", "chip_number": "9"},
    ],
    ids=["a word of the name", "the address", "nothing is listed", "the name"],
)
def test_an_account_that_is_only_changed_there_ends(engine: Engine, edited: dict[str, Any]) -> None:
    engine.first_night(*(person(n) for n in range(1, 7)))
    given_away(engine, **edited)
    let_go(engine, 1)
    engine.next_night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]
