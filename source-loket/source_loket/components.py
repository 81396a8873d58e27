"""The retrievers that manifest.yaml names: how the list of one employer is read, per kind of list.

Each yields pages of rendered records. The manifest says where a list is and what may leave the
process; nothing here knows a stream by name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from source_loket.account import EMPLOYERS, Account, Query
from source_loket.errors import Refusal, missing_right
from source_loket.lists import read_list
from source_loket.messages import Page
from source_loket.records import RecordFormat, Rendered

_log = logging.getLogger("airbyte.source-loket")


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """A stream as the manifest describes it. The names are those of the retriever's keys."""

    name: str
    account: Account
    path: str
    activity: str
    version: str = "2018-01-01"
    order_by: str | None = "id"
    minimal: tuple[str, ...] | None = None
    dates: tuple[str, ...] = ()
    hidden_by_filters: bool = False
    level: str = ""
    probe: str = ""

    @classmethod
    def settings(cls) -> set[str]:
        return {field.name for field in fields(cls)} - {"name", "account", "dates"}

    def format(self, *, is_own_employer: bool = False) -> RecordFormat:
        return RecordFormat(
            self.name,
            fields=self.minimal if self.account.settings.is_minimal else None,
            dates=self.dates,
            is_own_employer=is_own_employer,
        )

    def query(self, **places: str) -> Query:
        return Query(self.path.format(**places), self.activity, self.version, self.order_by)


class VersionWatch:
    """Says once when Loket will stop to serve the version that a stream asks for."""

    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._has_said = False

    def look_at(self, page: Rendered) -> None:
        if page.obsolete_on and not self._has_said:
            self._has_said = True
            _log.warning(
                "Loket stops to serve version %s of %s on %s: update source-loket before.",
                self._plan.version,
                self._plan.name,
                page.obsolete_on[:10],
            )


class AccountList:
    """A list above the employers: the employers themselves, and their version numbers."""

    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._format = plan.format(is_own_employer=True)
        self._watch = VersionWatch(plan)

    def read(self, employer_id: str | None) -> Iterator[Page]:
        plan, account = self._plan, self._plan.account
        selected = set(account.employer_ids())
        fixed = {"total_size": len(selected)} if account.settings.employer_ids else {}
        query = plan.query()

        def fetch(number: int) -> Rendered:
            return account.fetch_page(query, lambda body: self._format.render(body, fixed), number)

        with naming_the_right(plan.name, plan.activity, None):
            for page in read_list(f"The list of {plan.name}", fetch):
                self._watch.look_at(page)
                lines = page.lines.splitlines(keepends=True)
                kept = [line for e, line in zip(page.ids, lines, strict=True) if e in selected]
                yield Page(plan.name, b"".join(kept), len(kept))


class EmployerList:
    """A list below an employer, for example its employees."""

    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._format = plan.format()
        self._watch = VersionWatch(plan)

    def read(self, employer_id: str) -> Iterator[Page]:
        plan = self._plan
        if plan.hidden_by_filters:
            self._look_at_filters(employer_id)
        with naming_the_right(plan.name, plan.activity, employer_id):
            yield from self._read_query(plan.query(employer_id=employer_id), employer_id, {})

    def _read_query(
        self, query: Query, employer_id: str, fixed: Mapping[str, Any]
    ) -> Iterator[Page]:
        account = self._plan.account
        said = {"employer_id": employer_id, **fixed}

        def fetch(number: int) -> Rendered:
            return account.fetch_page(query, lambda body: self._format.render(body, said), number)

        for page in read_list(f"The list of {self._plan.name} of employer {employer_id}", fetch):
            self._watch.look_at(page)
            if page.ids:
                yield Page(self._plan.name, page.lines, len(page.ids))

    def _look_at_filters(self, employer_id: str) -> None:
        try:
            self._plan.account.filter_settings(employer_id)
        except Refusal as refusal:
            _log.info(
                "The user's filters of employer %s are not readable: %s", employer_id, refusal
            )


class LeaveBalances(EmployerList):
    """Without the parameter leaveType Loket gives type 16 only, so every type is asked for."""

    def read(self, employer_id: str) -> Iterator[Page]:
        plan, account = self._plan, self._plan.account
        types = Query(f"{EMPLOYERS}/{employer_id}/leavetypes", "GetLeaveTypesByEmployerId")
        with naming_the_right(plan.name, types.activity, employer_id):
            rows = account.read_rows(f"The leave types of employer {employer_id}", types)
        keys = sorted({key for row in rows if isinstance(key := _leave_type_key(row), int)})
        query = plan.query(employer_id=employer_id)
        asked = Query(
            query.path, query.activity, query.version, query.order_by, {"leaveType": keys}
        )
        with naming_the_right(plan.name, plan.activity, employer_id):
            yield from self._read_query(asked, employer_id, {})


class PayrollRuns(EmployerList):
    """The runs of each payroll administration of the employer."""

    def read(self, employer_id: str) -> Iterator[Page]:
        plan, account = self._plan, self._plan.account
        administrations = Query(
            f"{EMPLOYERS}/{employer_id}/payrolladministrations",
            "GetPayrollAdministrationsByEmployerId",
        )
        with naming_the_right(plan.name, administrations.activity, employer_id):
            rows = account.read_rows(
                f"The payroll administrations of employer {employer_id}", administrations
            )
        for row in rows:
            administration_id = str(row["id"])
            fixed = {"payrollAdministrationId": administration_id}
            query = plan.query(payroll_administration_id=administration_id)
            with naming_the_right(plan.name, plan.activity, employer_id):
                yield from self._read_query(query, employer_id, fixed)


class FilterSettings:
    """The filters stored for this user at an employer: one object, not a list."""

    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._format = plan.format()

    def read(self, employer_id: str) -> Iterator[Page]:
        plan = self._plan
        with naming_the_right(plan.name, plan.activity, employer_id):
            content = plan.account.filter_settings(employer_id)
        record = {**content, "employer_id": employer_id, "total_size": 1}
        yield Page(plan.name, self._format.frame([record]), 1)


class naming_the_right:  # noqa: N801 - reads as the sentence it is
    """Turn a refusal inside the block into the error that names the right to ask for."""

    def __init__(self, stream: str, activity: str, employer_id: str | None) -> None:
        self._names = (stream, activity, employer_id)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, Refusal):
            raise missing_right(*self._names, error) from error


def _leave_type_key(row: Mapping[str, Any]) -> Any:
    kind = row.get("leaveType")
    return kind.get("key") if isinstance(kind, dict) else None
