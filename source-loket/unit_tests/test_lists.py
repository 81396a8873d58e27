"""The proof that a list was read whole, on pages made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from source_loket import lists
from source_loket.lists import read_list
from source_loket.records import Rendered


def made(*ids: str, total: int, number: int | None = None, pages: int | None = None) -> Rendered:
    return Rendered(total, number, pages, list(ids), b"".join(b"%b\n" % i.encode() for i in ids))


def told(*answers: Rendered) -> Any:
    waiting: Iterator[Rendered] = iter(answers)
    return lambda number: next(waiting)


def ids_of(*answers: Rendered) -> list[str]:
    return [i for page in read_list("The list", told(*answers)) for i in page.ids]


def test_pages_are_read_until_the_last() -> None:
    pages = [made("a", "b", total=3, number=1, pages=2), made("c", total=3, number=2, pages=2)]
    assert ids_of(*pages) == ["a", "b", "c"]


@pytest.mark.parametrize("pages", [0, 1, None])
def test_an_empty_list_is_one_call_whatever_its_page_count(pages: int | None) -> None:
    assert ids_of(made(total=0, number=1, pages=pages)) == []


def test_without_a_page_count_the_total_decides() -> None:
    assert ids_of(made("a", "b", total=3), made("c", total=3)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "wrong",
    [
        [made("a", total=2, pages=1)],  # short
        [made("a", "a", total=2, pages=1)],  # the same record twice
        [made("b", "a", "b", total=3, pages=1)],
        [made("a", "b", total=4, pages=2), made("a", "b", total=4, pages=2)],  # repeated page
        [made("a", "b", total=4, pages=2), made("c", total=3, pages=2)],  # shrank
        [made("a", "b", total=4, number=1, pages=2), made("c", "d", total=4, number=1, pages=2)],
        [made("a", "b", total=4, pages=2), made(total=0, pages=0)],  # suddenly empty
        [made("a", "b", "c", total=2, pages=1)],  # too many
        [made(total=2, pages=1)],  # says two, gives none
    ],
)
def test_a_list_that_does_not_add_up_is_read_again(wrong: list[Rendered]) -> None:
    right = [made("x", total=2, pages=2), made("y", total=2, pages=2)]
    assert ids_of(*wrong, *right) == ["x", "y"]


def test_a_list_that_never_adds_up_is_transient_and_gives_nothing() -> None:
    short = made("a", total=2, pages=1)
    with pytest.raises(AirbyteTracedException) as caught:
        ids_of(short, short)
    assert caught.value.failure_type is not None
    assert caught.value.failure_type.value == "transient_error"
    assert "1 distinct records came of 2" in str(caught.value.message)


def test_the_proof_does_not_depend_on_the_order_of_ids(monkeypatch: Any) -> None:
    # In small passes, as for millions.
    monkeypatch.setattr(lists, "_IDS_AT_ONCE", 3)
    ids = [str(UUID(int=n * 7919 % 1009)) for n in range(1009)]
    assert len(ids_of(made(*ids, total=1009, pages=1))) == 1009
    with pytest.raises(AirbyteTracedException):
        ids_of(*[made(*ids, ids[4], total=1010, pages=1)] * 2)


def test_a_long_list_is_passed_on_before_its_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(lists, "_KEPT_BACK_BYTES", 3)
    pages = [made(f"{n:03}", total=9, number=n, pages=9) for n in range(1, 10)]
    given = read_list("The list", told(*pages))
    assert next(given).ids == ["001"]
    assert [page.ids[0] for page in given] == [f"{n:03}" for n in range(2, 10)]
