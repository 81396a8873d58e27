"""The report of one run as a value: what happened, what needs a person, and why.

A report is built from the store's tables alone and rendered by others (page, letter, JSON).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from people_transforms.publishing.quiet import Quiet

JOINING = ("create", "adopt", "reactivate")
CHANGING = ("update",)
LEAVING = ("deactivate",)
MOVING = (*JOINING, *CHANGING, *LEAVING)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs; None is an empty field."""

    field: str
    before: str | None
    after: str | None
    # The rest of the change was accepted.
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the plan. `name` is None where names must not be shown.

    `place` is what the platform calls the company or client of `account_key`, if it has a name.
    """

    person_id: str
    name: str | None
    employer: str | None
    account_key: str
    operation: str
    reason: str | None
    leaving_kind: str | None
    changes: tuple[FieldChange, ...]
    hold: str | None
    outcome: str | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    moves_from: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind; `total` may be larger than the rows that are listed."""

    rows: tuple[Row, ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Held:
    """Changes of one kind that wait for a person; `mails` are the invitations among or with them."""

    hold: str
    operation: str
    reason: str | None
    rows: int
    people: int
    mails: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something HR should know or mend. `args` fill the words of its code.

    Beside what its query gave, `args` have the codes `source` and `vendor`, `account` by name, and
    where an employer is not linked, its id and the companies that exist (`known`).
    """

    code: str
    severity: str
    person_id: str | None
    name: str | None
    employer: str | None
    field: str | None
    typed_value: str | None
    args: dict[str, Any] = dataclasses.field(default_factory=dict)
    employer_id: str | None = None
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Changes that the vendor refused for the same cause. `names` are empty where masked."""

    cause: str
    field: str | None
    message: str | None
    people: tuple[str, ...]
    total: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountCount:
    """One company or client of the vendor: how many are in, and what changes tonight."""

    account_key: str
    active: int
    joining: int
    changing: int
    leaving: int
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody whose last day is near."""

    person_id: str
    name: str | None
    employer: str | None
    account_key: str
    ends_on: dt.date
    place: str | None = None


@dataclass(frozen=True, slots=True)
class PastNight:
    """What was sent on one business day, all its runs together, and what waited after the last."""

    as_of: dt.date
    joining: int
    changing: int
    leaving: int
    held: int = 0
    to_mend: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """The end of one business day at one place."""

    on: dt.date
    people: int
    joined: int
    left: int


@dataclass(frozen=True, slots=True)
class Headcount:
    """One place (company or client), oldest day first; its first import is not among the days."""

    account_key: str
    days: tuple[Day, ...]
    place: str | None = None


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How often one problem was found."""

    code: str
    severity: str
    total: int


@dataclass(frozen=True, slots=True)
class Step:
    """How long one step of the run took, and its facts in words."""

    step: str
    seconds: float | None
    facts: str


@dataclass(frozen=True, slots=True)
class Run:
    """The facts of a run."""

    run_id: str
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    as_of: dt.date | None
    source_system: str | None
    vendor: str | None
    outcome: str
    plan_hash: str | None
    message: str | None
    steps: tuple[Step, ...]
    reads: Any
    status: str = "failed"
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """People per kind of change: planned by this run, and sent on its business day; and what waits.

    `waiting` are the changes that an approval would release, `refused` those the platform refused,
    `points` the problems HR can mend: one per cause and employer. `to_do` are all of these as points.
    """

    joining: int = 0
    changing: int = 0
    leaving: int = 0
    held: int = 0
    parked: int = 0
    joined: int = 0
    changed: int = 0
    left: int = 0
    invited: int = 0
    waiting: int = 0
    refused: int = 0
    points: int = 0
    to_do: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the report of one run says.

    `joined`, `changed` and `left` are what was sent on its business day; in a preview, what would be.
    """

    run: Run
    counts: Counts
    held: tuple[Held, ...]
    findings: tuple[Finding, ...]
    findings_total: int
    finding_counts: tuple[FindingCount, ...]
    refusals: tuple[Refusal, ...]
    joined: Section
    changed: Section
    left: Section
    waiting: Section
    skipped: Section
    skipped_reasons: tuple[tuple[str, int], ...]
    accounts: tuple[AccountCount, ...]
    upcoming: tuple[Leaver, ...]
    upcoming_total: int
    trend: tuple[PastNight, ...]
    headcount: tuple[Headcount, ...]
    # Since when nights have had this status, and when the next run is expected.
    status_since: dt.date | None
    next_at: dt.datetime | None
    is_masked: bool
    quiet: Quiet | None = None
