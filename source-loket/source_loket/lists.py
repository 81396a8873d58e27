"""A list read whole, or not at all: pages until the end, then the proof.

Whole means: as many distinct ids as Loket says the list has. Pages are kept back until the proof
is done (up to a limit, so that memory stays flat), so a list that changed while it was read leaves
no trace. It is read again once.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Iterator
from itertools import pairwise

from source_loket.errors import ListChanged, transient_error
from source_loket.records import Rendered

PAGE_SIZE = 250
_KEPT_BACK_BYTES = 4 * 1024 * 1024
_IDS_AT_ONCE = 200_000
_log = logging.getLogger("airbyte.source-loket")

FetchPage = Callable[[int], Rendered]


class Proof:
    """Counts the distinct ids of a list in 8 bytes each."""

    def __init__(self) -> None:
        self.total: int | None = None
        self._hashes = array("q")
        self._last_id = ""
        self._is_sorted = True

    def add(self, number: int, page: Rendered) -> None:
        if page.number is not None and page.number != number:
            raise ListChanged(f"page {page.number} came instead of page {number}")
        if self.total is not None and page.total != self.total:
            raise ListChanged(f"the list had {self.total} records and now has {page.total}")
        self.total = page.total
        if page.ids:
            self._is_sorted = self._is_sorted and _is_rising([self._last_id, *page.ids])
            self._last_id = page.ids[-1]
            self._hashes.extend(map(hash, page.ids))
        if len(self._hashes) > page.total:
            raise ListChanged(f"more than the {page.total} records of the list came")

    @property
    def count(self) -> int:
        return len(self._hashes)

    def finish(self) -> None:
        distinct = self.count if self._is_sorted else _count_distinct(self._hashes)
        if distinct != self.total:
            raise ListChanged(f"{distinct} distinct records came of {self.total}")


def read_list(what: str, fetch_page: FetchPage) -> Iterator[Rendered]:
    """Yield the pages of a list that was proved whole; `transient_error` when it never is."""
    try:
        yield from _read_once(fetch_page)
    except ListChanged as change:
        _log.warning("%s changed while it was read (%s). Reading it again.", what, change)
    else:
        return
    try:
        yield from _read_once(fetch_page)
    except ListChanged as change:
        raise transient_error(
            f"{what} cannot be read whole: twice it changed while it was read ({change}). "
            "Run again; if it stays, ask Loket about the paging of this list."
        ) from change


def _read_once(fetch_page: FetchPage) -> Iterator[Rendered]:
    proof = Proof()
    kept_back: list[Rendered] = []
    size = 0
    for page in _pages(fetch_page, proof):
        if size <= _KEPT_BACK_BYTES:
            kept_back.append(page)
            size += len(page.lines)
        else:
            yield from kept_back
            kept_back.clear()
            yield page
    proof.finish()
    yield from kept_back


def _pages(fetch_page: FetchPage, proof: Proof) -> Iterator[Rendered]:
    number = 1
    while True:
        page = fetch_page(number)
        proof.add(number, page)
        yield page
        # The number of pages decides, not the length of one: a short page must not end the read.
        is_last = number >= page.pages if page.pages is not None else proof.count >= page.total
        if is_last or not page.ids:
            return
        number += 1


def _is_rising(ids: list[str]) -> bool:
    return all(before < after for before, after in pairwise(ids))


def _count_distinct(hashes: array[int]) -> int:
    """Count in as many passes as keep the set small."""
    passes = 1 + len(hashes) // _IDS_AT_ONCE
    return sum(len({h for h in hashes if h % passes == turn}) for turn in range(passes))
