"""A list that lacks most of the accounts we know is no evidence that they, or others, are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from people_transforms.delivery.vendor import Account

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)

MakeEngine = Callable[..., Engine]


def lists_only(engine: Engine, count: int) -> None:
    """Let the vendor's lists hold so many accounts; each is there all the same."""

    def short(account_key: str) -> Iterator[Account]:
        engine.vendor.lists_read += 1
        here = [a for a in engine.vendor.held.values() if a.account_key == account_key]
        yield from here[:count]

    engine.vendor.accounts = short  # type: ignore[method-assign]


def lists_all(engine: Engine) -> None:
    del engine.vendor.accounts


@pytest.mark.parametrize("crew", [4, 12, 50])
@pytest.mark.parametrize("listed", [0, 1])
@pytest.mark.drawn(3)
def test_accounts_that_a_list_lacks_are_not_made_again(
    make_engine: MakeEngine, crew: int, listed: int
) -> None:
    engine = make_engine(reconcile={"every_days": 1, "repair": ["state"]})
    everybody = [person(n) for n in range(1, crew + 1)]
    engine.first_night(*everybody)
    engine.next_night()
    lists_only(engine, listed)
    for _ in range(2):
        engine.next_night()
        assert engine.vendor.calls == []
    lists_all(engine)
    engine.next_night()
    assert (engine.vendor.calls, engine.holds) == ([], [])
    assert len(engine.vendor.held) == crew


def test_nobody_is_added_where_the_list_is_doubted(engine: Engine) -> None:
    everybody = [person(n) for n in range(1, 11)]
    engine.first_night(*everybody)
    # Somebody made this account by hand: an honest list would show it.
    values = {"first_name": "Jana", "email": "p20@example.cz"}
    engine.vendor.held["s1"] = Account("A", "s1", True, None, fields=values)
    lists_only(engine, 0)
    engine.mart(*everybody, person(20), person(21, account_key="B"))
    for _ in range(2):
        engine.next_night()
        # The control: at another place somebody is added.
        assert engine.vendor.calls == [("create", "x-p0021")]
        assert engine.held() == {"p0020": "list_doubted"}
    lists_all(engine)
    engine.next_night()
    assert engine.held() == {}
    assert engine.vendor.held["s1"].external_id == "x-p0020"


def test_a_person_can_say_that_the_list_is_right(engine: Engine) -> None:
    everybody = [person(n) for n in range(1, 11)]
    engine.first_night(*everybody)
    engine.vendor.held.clear()
    engine.mart(*everybody, person(20))
    engine.next_night()
    assert engine.vendor.calls == []
    engine.approve()
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0020")]


@pytest.mark.parametrize("gone", [1, 5])
def test_some_accounts_that_were_deleted_by_hand_hold_nobody(engine: Engine, gone: int) -> None:
    everybody = [person(n) for n in range(1, 11)]
    engine.first_night(*everybody)
    for number in range(1, gone + 1):
        engine.vendor.held.pop(str(number))
    engine.mart(*everybody, person(20))
    engine.next_night()
    assert engine.vendor.calls == [("create", "x-p0020")]


def test_whom_the_list_lacks_nobody_invites(make_engine: MakeEngine) -> None:
    engine = make_engine(invitations="all_not_yet_invited")
    engine.settings = engine.settings.model_copy(update={"invitations": "off"})
    everybody = [person(n) for n in range(1, 4)]
    engine.first_night(*everybody)
    engine.vendor.invite("A", "1")
    engine.vendor.calls.clear()
    engine.settings = engine.settings.model_copy(update={"invitations": "all_not_yet_invited"})
    lists_only(engine, 0)
    engine.next_night()
    assert engine.vendor.calls == []
    lists_all(engine)
    engine.next_night()
    assert sorted(engine.vendor.calls) == [("invite", "x-p0002"), ("invite", "x-p0003")]
