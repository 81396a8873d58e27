"""The proof that a list was read whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from source_loket import components, pages
from source_loket.pages import ListChanged, Page, Proof


def made(*ids: str, total: int, number: int | None = None) -> Page:
    return Page([{"id": one} for one in ids], list(ids), total, number)


def prove(*answers: Page) -> None:
    proof = Proof()
    for page in answers:
        proof.add(page)
    proof.finish()


@pytest.mark.parametrize(
    "right",
    [
        [made(total=0, number=1)],
        [made("a", "b", total=3, number=1), made("c", total=3, number=2)],
        [made("b", "a", total=3), made("c", total=3)],
    ],
)
def test_pages_that_add_up_are_a_list(right: list[Page]) -> None:
    prove(*right)


@pytest.mark.parametrize(
    "wrong",
    [
        [made("a", total=2)],  # short
        [made("a", "a", total=2)],  # the same record twice
        [made("b", "a", "b", total=3)],
        [made("a", "b", total=4), made("a", "b", total=4)],  # repeated page
        [made("a", "b", total=4), made("c", total=3)],  # shrank
        [made("a", "b", total=4, number=1), made("c", "d", total=4, number=1)],
        [made("a", "b", total=4), made(total=0)],  # suddenly empty
        [made("a", "b", "c", total=2)],  # too many
        [made(total=2)],  # says two, gives none
    ],
)
def test_pages_that_do_not_add_up_are_none(wrong: list[Page]) -> None:
    with pytest.raises(ListChanged):
        prove(*wrong)


def test_a_page_that_is_repeated_for_ever_is_noticed_at_once() -> None:
    """Also where the total is as wrong: nobody would wait for its end."""
    proof = Proof()
    proof.add(made("a", "b", total=10**9))
    proof.add(made("c", "d", total=10**9))  # the control
    with pytest.raises(ListChanged, match="once more"):
        proof.add(made("c", "d", total=10**9))


def test_the_proof_does_not_depend_on_the_order_of_ids(monkeypatch: Any) -> None:
    # In small passes, as for millions.
    monkeypatch.setattr(pages, "IDS_AT_ONCE", 3)
    ids = [str(UUID(int=n * 7919 % 1009)) for n in range(1009)]
    prove(made(*ids, total=1009))
    with pytest.raises(ListChanged):
        prove(made(*ids, ids[4], total=1010))


def test_a_list_is_held_back_until_its_proof(box: Any, config: Any, read: Any) -> None:
    box.fault("loket", "page_short", times=None, match="GET /providers/employers/*/employees")
    outcome = read(config, ["employees"])
    assert outcome.records == {}
    assert "distinct records came of" in outcome.errors[0]["message"]


def test_a_long_list_is_passed_on_before_its_end(
    big_box: Any, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(components, "HELD_BACK", 300)
    big_box.fault(
        "loket", "half_body", times=None, after=2, match="GET /providers/employers/*/employees"
    )
    outcome = read(big_box.config("source-loket"), ["employees"])
    assert outcome.status("employees") == "INCOMPLETE"
    assert len(outcome.records["employees"]) == 500
