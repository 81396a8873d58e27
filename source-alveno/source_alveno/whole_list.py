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
from source_alveno.records import Record, RecordMapper, read_flag, read_text
from source_alveno.settings import Settings

PAGE_SIZE: Final = 100
MUST_NOT_BE_EMPTY: Final = ("employee", "employment")
MOST_WARNINGS: Final = 20

logger = logging.getLogger("airbyte.source-alveno")


class WholeList:
    """Fetch a list, check it, map it."""

    def __init__(self, requester: Requester, path: str, kind: str, settings: Settings) -> None:
        self._requester = requester
        self._path = path
        self._kind = kind
        self._settings = settings

    def fetch(self) -> Iterator[list[Record]]:
        """Yield the records, many at a time. Whatever can stop the read is raised before the first."""
        rows, length = self._rows()
        employer_id = self._settings.employer_id
        if self._kind == "employer":
            name = "Alveno" if employer_id == "alveno" else f"Alveno {employer_id}"
            yield [{"employer_id": employer_id, "name": name, "total_size": 1}]
            return
        if not rows:
            self._require_some()
        else:
            require_keys(self._keys, rows)
        chips = self._chips() if self._kind == "employee" else None
        if self._settings.is_hr and self._kind == "employment":
            # The HR API has no employments. A person it calls active has one, open at its end.
            rows = [row for row in rows if self._is_employed(row)]
            length = len(rows)
        mapper = RecordMapper(self._keys, self._settings.timezone)
        unreadable = _Unreadable(self._kind, mapper)
        for chunk in mapper.chunks(rows, employer_id=employer_id, total_size=length):
            if chips is not None:
                for record in chunk:
                    record["chip_numbers"] = chips.get(record["employee_id"], [])
            unreadable.note(chunk)
            yield chunk
        unreadable.summarise()

    @property
    def _keys(self) -> KeyNames:
        kind = "operation" if self._kind == "employer" else self._kind
        return self._settings.field_names.of(kind)

    def _require_some(self) -> None:
        if self._kind in MUST_NOT_BE_EMPTY and not self._settings.allow_empty:
            raise ConfigError(
                f"Alveno lists no {self._kind} at all ({self._path}). A token without rights looks "
                "like this too, so nobody is treated as gone. If the account is really empty, "
                "set allow_empty."
            )

    def _rows(self) -> tuple[list[Row], int]:
        """The whole list and its length; one that does not prove whole is read a second time."""
        key = str(self._keys.names[f"{self._keys.kind}_id"])
        for attempt in (1, 2):
            rows, length = self._pages()
            different = count_different(rows, key)
            if different == length or not any(key in row for row in rows):
                return rows, length
            if attempt == 1:
                logger.warning(f"{self._path}: {different} different ids of {length}. Read again.")
        if self._settings.is_hr:
            raise TransientError(
                f"The list {self._path} has {different} different ids where its totalCount says "
                f"{length}, twice. It changed while it was read; run it again later."
            )
        # A plain array has no count of its own: total_size tells who lands it what is missing.
        logger.warning(
            f"{self._path} has {length} entries but {different} different ids: some are repeated, "
            "without an id, or no records. Nobody is treated as gone for not being in it."
        )
        return rows, length

    def _pages(self) -> tuple[list[Row], int]:
        if not self._settings.is_hr:
            answer = self._page({})
            return answer.rows, answer.length
        rows: list[Row] = []
        while True:
            page = self._page({"offset": str(len(rows)), "limit": str(PAGE_SIZE)})
            rows += page.rows
            if page.total_count is None:
                return rows, len(rows)
            if not page.rows or len(rows) >= page.total_count:
                return rows, page.total_count

    def _page(self, parameters: dict[str, Any], path: str | None = None) -> Answer:
        response = self._requester.send_request(path=path or self._path, request_params=parameters)
        assert response is not None  # only an ignored answer is None, and we ignore none
        return answer_of(response)

    def _is_employed(self, row: Row) -> bool:
        names = self._settings.field_names.employee.names
        is_active = read_flag(row.get(names["is_active"] or ""))
        is_disabled = read_flag(row.get(names["is_disabled"] or ""))
        return is_active is not False and is_disabled is not True

    def _chips(self) -> dict[object, list[str]] | None:
        """The chips per employee, where they are a list of their own, ended ones left out."""
        names = self._settings.chip_list
        if names is None:
            return None
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


def count_different(rows: list[Row], key: str) -> int:
    """How many different ids the rows have; a row without one adds none."""
    try:
        ids: set[object] = {row.get(key) for row in rows}
    except TypeError:  # an id that is a list or an object
        ids = {str(row.get(key)) for row in rows}
    return len(ids - {None})


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


class _Unreadable:
    """Name the records with an unreadable date, but not ten thousand of them."""

    def __init__(self, kind: str, mapper: RecordMapper) -> None:
        self._kind = kind
        self._mapper = mapper
        self._count = 0

    def note(self, records: list[Record]) -> None:
        if not self._mapper.has_unreadable:
            return
        for record in records:
            for field in self._mapper.unreadable(record):
                self._count += 1
                if self._count <= MOST_WARNINGS:
                    logger.warning(
                        f"Unreadable date: {self._kind} {record[f'{self._kind}_id']}, field "
                        f"{field}. The record is sent on marked as unreadable, so that the "
                        "person is held, not ended."
                    )

    def summarise(self) -> None:
        if self._count > MOST_WARNINGS:
            logger.warning(f"{self._count} unreadable dates in the {self._kind} list.")
