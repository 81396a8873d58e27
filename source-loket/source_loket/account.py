"""What one Loket user sees, read once per process and shared by all streams."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_loket.client import LoketClient
from source_loket.errors import BrokenBody, Refusal, config_error, missing_right
from source_loket.lists import PAGE_SIZE, read_list
from source_loket.records import RecordFormat, Rendered, read_envelope
from source_loket.settings import Settings

EMPLOYERS = "/providers/employers"
EMPLOYER_VERSIONS = "/providers/employers/lastmodifiedversionnumbers"
VERSION = "2018-01-01"
T = TypeVar("T")
_log = logging.getLogger("airbyte.source-loket")


@dataclass(frozen=True, slots=True)
class Query:
    """One list of Loket: where it is, in which version, in which order, under which right."""

    path: str
    activity: str
    version: str = VERSION
    order_by: str | None = "id"
    parameters: Mapping[str, str | int | Sequence[int]] | None = None


class Account:
    """The employers of the user, their filters and version numbers, and the lists below them."""

    def __init__(self, client: LoketClient, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self._employers = _Once(self._read_employer_ids)
        self._versions = _Once(self._read_versions)
        self._filters: dict[str, _Once[dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def fetch_page(
        self, query: Query, render: Callable[[bytes], T], number: int, size: int = PAGE_SIZE
    ) -> T:
        parameters: dict[str, str | int | Sequence[int]] = dict(query.parameters or {})
        if query.order_by:
            parameters["orderBy"] = query.order_by
        parameters |= {"pageNumber": number, "pageSize": size}
        return self.client.fetch(query.path, query.version, render, parameters)

    def read_rows(self, what: str, query: Query, id_key: str = "id") -> list[dict[str, Any]]:
        """Read a short list whole, as dictionaries."""
        rows: list[dict[str, Any]] = []

        def render(body: bytes) -> Rendered:
            envelope = read_envelope(body)
            ids = [
                str(row[id_key]) for row in envelope.rows if isinstance(row, dict) and id_key in row
            ]
            if len(ids) != len(envelope.rows):
                raise BrokenBody("a record has no id")
            return Rendered(
                envelope.total, envelope.number, envelope.pages, ids, orjson.dumps(envelope.rows)
            )

        for page in read_list(what, lambda number: self.fetch_page(query, render, number)):
            rows += orjson.loads(page.lines)
        return list({row[id_key]: row for row in rows}.values())

    def employer_ids(self) -> list[str]:
        """Give the selected employers that the user sees.

        `config_error` when there is none: an empty list is never taken for "everybody left".
        """
        return self._employers.get()[0]

    def unknown_employer_ids(self) -> list[str]:
        """Give the employers of the setting `employer_ids` that the user does not see."""
        return self._employers.get()[1]

    def version_of(self, employer_id: str) -> int | None:
        """Give the number that rises with each change, or None: then nothing can be skipped."""
        return self._versions.get().get(employer_id)

    def filter_settings(self, employer_id: str) -> dict[str, Any]:
        """Give the filters stored for this user, and warn once if they hide employments."""
        with self._lock:
            once = self._filters.setdefault(
                employer_id, _Once(lambda: self._read_filter_settings(employer_id))
            )
        return once.get()

    def _read_employer_ids(self) -> tuple[list[str], list[str]]:
        query = Query(EMPLOYERS, "GetEmployersByUserId")
        ids = _Identifiers("employers")
        try:
            seen = [
                employer_id
                for page in read_list(
                    "The list of employers",
                    lambda number: self.fetch_page(query, ids.render, number),
                )
                for employer_id in page.ids
            ]
        except Refusal as refusal:
            raise missing_right("employers", query.activity, None, refusal) from refusal
        if not seen:
            raise config_error(
                "This Loket user sees no employer. Give the user access to at least one employer "
                "in Loket, and check that environment fits the credentials."
            )
        return self._select(list(dict.fromkeys(seen)))

    def _select(self, seen: list[str]) -> tuple[list[str], list[str]]:
        wanted = self.settings.employer_ids
        if not wanted:
            return seen, []
        known = {employer_id.lower(): employer_id for employer_id in seen}
        unknown = [employer_id for employer_id in wanted if employer_id.lower() not in known]
        selected = [known[e.lower()] for e in wanted if e.lower() in known]
        if not selected:
            raise config_error(unknown_employers(unknown))
        return list(dict.fromkeys(selected)), unknown

    def _read_versions(self) -> dict[str, int]:
        query = Query(EMPLOYER_VERSIONS, "GetEmployerLastModifiedVersionNumbersByUser")
        try:
            rows = self.read_rows("The list of version numbers", query)
        except Refusal as refusal:
            error = missing_right("employer_versions", query.activity, None, refusal)
            _log.warning("Every employer is read, changed or not: %s", error.message)
            return {}
        return {
            str(row["id"]): row["lastModifiedVersionNumber"]
            for row in rows
            if isinstance(row.get("lastModifiedVersionNumber"), int)
        }

    def _read_filter_settings(self, employer_id: str) -> dict[str, Any]:
        content = self.client.fetch(f"/user/filtersettings/{employer_id}", VERSION, _content)
        said = describe_filters(content)
        if said:
            _log.warning(
                "The employments of employer %s are filtered for this Loket user (%s): hidden "
                "employments are not read. Set the filter to all employments in Loket.",
                employer_id,
                said,
            )
        return content


def unknown_employers(employer_ids: Sequence[str]) -> str:
    return (
        f"employer_ids names employers that this Loket user does not see: {', '.join(employer_ids)}. "
        "Correct the setting (it takes ids, not employer numbers), or give the user access in Loket."
    )


def describe_filters(content: Mapping[str, Any]) -> str:
    """Say which of the user's filters hide employments; empty when none does."""
    stored = content.get("employmentFilter")
    if not isinstance(stored, dict):
        return ""
    said = []
    status = stored.get("filterOnEmployedStatus")
    if status not in (None, "AllEmployments"):
        said.append(f"filterOnEmployedStatus is {status}")
    for name in (
        "filterOnAdministrations",
        "filterOnDepartments",
        "filterOnEmploymentCategoryType",
    ):
        if stored.get(name):
            said.append(f"{name} has {len(stored[name])} entries")
    if stored.get("filterOnOnCallEmployment") is not None:
        said.append("filterOnOnCallEmployment is set")
    return ", ".join(said)


def _content(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)["content"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BrokenBody("an answer is not whole JSON") from error
    if not isinstance(content, dict):
        raise BrokenBody("an answer has no content")
    return content


class _Identifiers:
    """Reads only the ids of a list."""

    def __init__(self, stream: str) -> None:
        self._format = RecordFormat(stream, fields=[])

    def render(self, body: bytes) -> Rendered:
        return self._format.render(body, {})


class _Once(Generic[T]):
    """A value that is read on first use; a failure is remembered too, so that it costs one wait."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._outcome: list[T] | None = None
        self._failure: Exception | None = None

    def get(self) -> T:
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._outcome is None:
                try:
                    self._outcome = [self._read()]
                except (AirbyteTracedException, Refusal) as failure:
                    self._failure = failure
                    raise
            return self._outcome[0]
