"""An e-mail address that is the login goes from one person to another in one night."""

from __future__ import annotations

from dataclasses import replace

from people_transforms.delivery.call import Change
from people_transforms.delivery.vendor import Traits
from people_transforms.delivery.waves import in_waves

TRAITS = Traits(
    mart="mart.accounts",
    fields=("email", "chip"),
    unique_fields=("email", "chip"),
    required_fields=("email",),
)


def update(person: str, before: str | None, after: str, account_key: str = "A") -> Change:
    return Change(
        "", person, account_key, "update", person, person, {"email": after}, {"email": before}
    )


def order(*changes: Change) -> list[list[str]]:
    return [[change.person_id for change in wave] for wave in in_waves(changes, TRAITS)]


def test_whoever_gives_an_address_up_goes_first() -> None:
    assert order(update("a", "1@x", "2@x"), update("b", "2@X", "3@x")) == [["b"], ["a"]]
    chain = order(update("a", "1@x", "2@x"), update("b", "2@x", "3@x"), update("c", "3@x", "4@x"))
    assert chain == [["c"], ["b"], ["a"]]


def test_updates_that_do_not_touch_each_other_go_side_by_side() -> None:
    assert order(update("a", "1@x", "2@x"), update("b", "3@x", "4@x")) == [["a", "b"]]


def test_a_value_at_another_place_is_given_up_first_too() -> None:
    assert order(update("a", "1@x", "2@x"), update("b", "2@x", "3@x", "B")) == [["b"], ["a"]]
    giver = [update("b", "2@x", "3@x", place) for place in ("A", "B")]
    assert order(update("a", "1@x", "2@x"), *giver) == [["b", "b"], ["a"]]
    chips = [replace(one, fields={"chip": "2"}, before={"chip": "1"}) for one in giver]
    taker = replace(giver[0], person_id="a", fields={"chip": "1"}, before={})
    assert order(taker, chips[0]) == [["a", "b"]], "at one place it is released beforehand"
    assert order(taker, chips[1]) == [["b"], ["a"]]


def test_a_ring_of_people_who_swap_comes_last_and_ends() -> None:
    ring = (update("a", "1@x", "2@x"), update("b", "2@x", "1@x"))
    assert order(*ring, update("c", "5@x", "6@x")) == [["c"], ["a", "b"]]
