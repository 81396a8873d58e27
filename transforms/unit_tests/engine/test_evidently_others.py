"""An account found by one value alone, which by all else is somebody else's, is a question and no link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.errors import ConflictError

from .conftest import TRAITS, Engine, person

pytestmark = pytest.mark.few(1)

BIRTH = dt.date(1990, 5, 17)
# As at Alleo: the address finds an account, and names and birth date are free to differ.
BY_ADDRESS = replace(
    TRAITS,
    fields=("first_name", "last_name", "email", "chip_number"),
    name_fields=(),
    telling_fields=(("first_name", "last_name"), ("email",), ("chip_number",)),
    last_day_field=None,
    first_day_field=None,
)
JANA = {"first_name": "Jana", "last_name": "de Vries", "chip_number": "1990"}


@pytest.fixture
def engine(make_engine: Callable[..., Engine]) -> Engine:
    engine = make_engine()
    engine.vendor.traits = BY_ADDRESS
    engine.connection.execute("alter table mart.accounts add column last_name varchar")
    return engine


def there(engine: Engine, **fields: Any) -> None:
    values = JANA | {"email": "p1@example.cz"} | fields
    engine.vendor.held["s1"] = Account("A", "s1", True, None, fields=values)


ANOTHER = [
    {"first_name": "Piet", "last_name": "Bakker", "chip_number": "1971"},
    {"first_name": "Piet", "last_name": "Bakker", "chip_number": None},
    {"first_name": "J.", "last_name": "Bakker", "chip_number": None},
]
THE_SAME = [
    {},
    # A wedding, initials with the prefix in the name, another spelling, a new name and the birth date.
    {"last_name": "Bakker", "chip_number": None},
    {"first_name": "J.", "last_name": "Vries", "chip_number": None},
    {"first_name": "JANA", "last_name": "De Vries "},
    {"first_name": "Johanna", "last_name": "Bakker"},
    {"first_name": None, "last_name": None, "chip_number": None},
]


@pytest.mark.parametrize("shown", ANOTHER)
@pytest.mark.some(1)
def test_an_account_of_evidently_somebody_else_is_not_taken_over(
    engine: Engine, shown: dict[str, Any]
) -> None:
    there(engine, **shown)
    before = dict(engine.vendor.held)
    engine.first_night(person(1, **JANA), person(2, **JANA | {"chip_number": "2"}))
    engine.next_night()
    assert engine.held() == {"p0001": "conflict"}
    assert before.items() <= engine.vendor.held.items()
    assert len(engine.vendor.held) == 2


@pytest.mark.parametrize("shown", THE_SAME)
@pytest.mark.long
def test_an_account_that_may_be_theirs_is_taken_over(engine: Engine, shown: dict[str, Any]) -> None:
    there(engine, **shown)
    engine.first_night(person(1, **JANA))
    assert engine.vendor.held["s1"].external_id == "x-p0001"
    assert engine.held() == {}


@pytest.mark.parametrize(("shown", "is_taken"), [(ANOTHER[0], False), (THE_SAME[1], True)])
def test_nor_is_one_that_a_refused_create_meets(
    engine: Engine, shown: dict[str, Any], is_taken: bool
) -> None:
    engine.first_night(person(9, **JANA | {"chip_number": "9"}))

    def appears(*_: Any) -> Account:
        there(engine, **shown)
        raise ConflictError("Taken.", cause="409 email", field="email")

    engine.vendor.create = appears  # type: ignore[method-assign]
    engine.mart(person(1, **JANA), person(9, **JANA | {"chip_number": "9"}))
    engine.night()
    assert (engine.vendor.held["s1"].external_id == "x-p0001") is is_taken
