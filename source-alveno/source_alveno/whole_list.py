"""One list of the API, read whole and proven before a record of it is let out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from airbyte_cdk.sources.declarative.requesters.requester import Requester

from source_alveno.answer import Answer, Row
from source_alveno.dates import parse_day
from source_alveno.errors import ConfigError, TransientError
from source_alveno.field_names import KeyNames, nearest
from source_alveno.judgement import answer_of
from source_alveno.records import Record, RecordMapper, read_text
from source_alveno.settings import Settings

PAGE_SIZE: Final = 100
MOST_WARNINGS: Final = 20

logger = logging.getLogger("airbyte.source-alveno")


class WholeList:
    """Fetch a list, check it, map it."""

    def __init__(self, requester: Requester, path: str, kind: str, settings: Settings) -> None:
        self._requester = requester
        self._path = path
        self._kind = kind
        self._settings = settings

    def fetch(self) -> Iterator[Record]:
        """Yield the records. Whatever can stop the read is raised before the first one."""
        rows, length = self._rows()
        employer_id = self._settings.employer_id
        if self._kind == "employer":
            yield {"employer_id": employer_id, "name": _account_name(employer_id), "total_size": 1}
            return
        keys = self._settings.field_names.of(self._kind)
        if not rows and self._kind == "employee" and not self._settings.allow_empty:
            raise ConfigError(
                f"Alveno lists no employee at all ({self._path}). A token without rights looks "
                "like this too, so nobody is treated as gone. If the account is really empty, "
                "set allow_empty."
            )
        if rows:
            require_keys(keys, rows)
        chips = self._chips() if self._kind == "employee" else {}
        if self._settings.is_hr and self._kind == "employment":
            # The HR API has no employments. A person it calls active has one, open at its end.
            rows = [row for row in rows if _is_employed(row)]
            length = len(rows)
        mapper = RecordMapper(keys, self._settings.timezone)
        key = f"{self._kind}_id"
        warnings = _Warnings(self._kind)
        for record in mapper.records(rows, employer_id=employer_id, total_size=length):
            if chips:
                record["chip_numbers"] = chips.get(record[key], [])
            warnings.count(record.get(key), mapper.unreadable(record))
            yield record
        warnings.summarise()

    def _rows(self) -> tuple[list[Row], int]:
        first = self._page({})
        if first.total_count is None and not self._settings.is_hr:
            return first.rows, first.length
        for attempt in (1, 2):
            rows, total = self._pages()
            ids = {row.get("id") for row in rows}
            if len(ids) == len(rows) == total:
                return rows, total
            logger.warning(
                f"{self._path}: {len(ids)} different ids for totalCount {total} (attempt {attempt})"
            )
        raise TransientError(
            f"{self._path}: the pages of the HR API do not add up to its totalCount, twice. "
            "The list changed while it was read; run it again later."
        )

    def _pages(self) -> tuple[list[Row], int]:
        rows: list[Row] = []
        total = 0
        while True:
            page = self._page({"offset": str(len(rows)), "limit": str(PAGE_SIZE)})
            rows += page.rows
            total = page.length if page.total_count is None else page.total_count
            if not page.rows or page.total_count is None or len(rows) >= total:
                return rows, total

    def _page(self, parameters: dict[str, Any], path: str | None = None) -> Answer:
        response = self._requester.send_request(path=path or self._path, request_params=parameters)
        assert response is not None  # only an ignored answer is None, and we ignore none
        return answer_of(response)

    def _chips(self) -> dict[object, list[str]]:
        """The chips per employee, where they are a list of their own, ended ones left out."""
        names = self._settings.chip_list
        if names is None:
            return {}
        answer = self._page({}, names.endpoint)
        keys = {"employee_id": names.employee_id, "number": names.number}
        if names.valid_to:
            keys["valid_to"] = names.valid_to
        if answer.rows:
            require_keys(KeyNames("chip", keys, frozenset(keys)), answer.rows)
        today = datetime.now(self._settings.timezone).date()
        chips: dict[object, list[str]] = {None: []}
        for row in answer.rows:
            number = read_text(row.get(names.number))
            try:
                end = (
                    parse_day(row.get(names.valid_to), self._settings.timezone)
                    if names.valid_to
                    else None
                )
            except ValueError:
                end = None
            if number and (end is None or end >= today):
                chips.setdefault(read_text(row.get(names.employee_id)), []).append(number)
        return chips


def require_keys(keys: KeyNames, rows: list[Row]) -> None:
    """Stop the read if a configured key is in no row at all. Names only, never values."""
    missing = keys.missing(rows)
    stopping = [ours for ours in missing if ours in keys.required]
    for ours in missing:
        if ours not in keys.required:
            logger.warning(
                f"No {keys.kind} has the key {keys.names[ours]}: {ours} stays empty. "
                f"Rename it in field_names.{keys.kind}.{ours}, or set it to null."
            )
    if not stopping:
        return
    present = sorted({key for row in rows for key in row})
    sentences = [
        f"No {keys.kind} has the key {keys.names[ours]} (for {ours})."
        f"{nearest(str(keys.names[ours]), present)}"
        for ours in stopping
    ]
    settings = ", ".join(f"field_names.{keys.kind}.{ours}" for ours in stopping)
    raise ConfigError(
        f"{' '.join(sentences)} The keys that are there: {', '.join(present)}. "
        f"Set {settings} to the right name, or to null to read without it."
    )


def _is_employed(row: Row) -> bool:
    return row.get("isActive") is not False and row.get("isDisabled") is not True


def _account_name(employer_id: str) -> str:
    return "Alveno" if employer_id == "alveno" else f"Alveno {employer_id}"


class _Warnings:
    """Name the records with an unreadable date, but not ten thousand of them."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._count = 0

    def count(self, record_id: object, fields: list[str]) -> None:
        for field in fields:
            self._count += 1
            if self._count <= MOST_WARNINGS:
                logger.warning(
                    f"Unreadable date: {self._kind} {record_id}, field {field}. "
                    "The record is sent on marked as unreadable; the person is held."
                )

    def summarise(self) -> None:
        if self._count > MOST_WARNINGS:
            logger.warning(f"Unreadable dates in {self._count} {self._kind} fields.")
