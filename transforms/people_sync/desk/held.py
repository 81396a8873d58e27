"""A held plan as people decide on it: groups of one kind with names, reasons and consequences."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from people_transforms.places import load_places
from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.consequences import MAILS

from people_sync.commands.store import Store, last_run, look_at
from people_sync.desk.queries import ask

if TYPE_CHECKING:
    import duckdb

# What an operation means to people, in the order of what a mistake would cost.
KINDS = {
    "deactivate": "leave",
    "create": "join",
    "adopt": "join",
    "reactivate": "join",
    "update": "change",
    "invite": "invite",
}
_ORDER = ("begin", "leave", "join", "invite", "change")


@dataclass(frozen=True, slots=True)
class Change:
    """One held row. `fields` are (field, before, after)."""

    row_hash: str
    person_id: str
    name: str | None
    number: str | None
    employer: str | None
    account: str
    operation: str
    reason: str | None
    fields: tuple[tuple[str, Any, Any], ...]
    invites: bool
    moves_from: str | None
    starts_on: dt.date | None
    ends_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Group:
    """Held rows of one kind, for one cause. `digest` names exactly these rows."""

    kind: str
    hold: str
    hold_reason: str | None
    rows: tuple[Change, ...]

    @property
    def key(self) -> str:
        return f"{self.kind}.{self.hold}"

    @property
    def can_be_approved(self) -> bool:
        """Tell whether a person's yes releases it; the others wait for something else."""
        return self.hold in RELEASABLE

    @property
    def digest(self) -> str:
        return digest_of(row.row_hash for row in self.rows)


@dataclass(frozen=True, slots=True)
class Held:
    """All that a run holds. `is_empty_start`: everything matches already, and may go live so."""

    run_id: str
    plan_hash: str
    source: str | None
    vendor: str | None
    is_empty_start: bool
    groups: tuple[Group, ...]

    def group(self, key: str) -> Group | None:
        return next((group for group in self.groups if group.key == key), None)

    @property
    def approvable(self) -> int:
        return sum(len(group.rows) for group in self.groups if group.can_be_approved)


def digest_of(hashes: Iterable[str]) -> str:
    """Name a set of rows, in whatever order they are listed."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()


def read_held(store: Store, run_id: str | None = None) -> Held:
    """Read what the latest run holds, or what an earlier one held.

    Raises the store's errors where nothing was planned yet.
    """
    with look_at(store) as database:
        return held_in(database, run_id or last_run(database))


def held_in(database: duckdb.DuckDBPyConnection, run_id: str) -> Held:
    runs = ask(database, "run", run=run_id)
    if not runs:
        return Held(run_id, "", None, None, False, ())
    (run,) = runs
    rows = ask(database, "held", run=run_id)
    places = load_places(database)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        # A connection's first plan is one question: with a yes to a part the rest would go unasked.
        kind = "begin" if row["hold"] == "activation" else KINDS.get(row["operation"], "change")
        row["place"] = places.get(row["account_key"]) or row["account_key"]
        groups.setdefault((kind, row["hold"]), []).append(row)
    listed = [
        Group(kind, hold, members[0]["hold_reason"], tuple(_change(row) for row in members))
        for (kind, hold), members in groups.items()
    ]
    listed.sort(key=lambda group: (not group.can_be_approved, _ORDER.index(group.kind), group.hold))
    return Held(
        run_id,
        run["plan_hash"] or "",
        run["source_system"],
        run["vendor"],
        bool(run["awaits_approval"]) and not rows,
        tuple(listed),
    )


def by_kind(held: Held) -> list[Group]:
    """Give the groups with a first plan, which is one question, shown as what it does to people."""
    found: list[Group] = []
    for group in held.groups:
        rows: dict[str, list[Change]] = {}
        for row in group.rows:
            rows.setdefault(KINDS.get(row.operation, "change"), []).append(row)
        found += [
            Group(kind, group.hold, group.hold_reason, tuple(rows[kind]))
            for kind in _ORDER
            if kind in rows
        ]
    return found


def counts_of(rows: Sequence[Change]) -> dict[str, int]:
    """Count what approving rows does: accounts per operation, and invitations that are mailed."""
    counts = Counter(row.operation for row in rows if row.operation != "invite")
    invitations = sum(row.invites for row in rows)
    return {**counts, MAILS: invitations} if invitations else dict(counts)


def _change(row: dict[str, Any]) -> Change:
    changes = json.loads(row["changes"] or "{}")
    is_update = row["operation"] in ("update", "adopt")
    fields = [
        (name, *(pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)))
        for name, pair in (changes.items() if is_update else ())
    ]
    return Change(
        row_hash=row["row_hash"],
        person_id=row["person_id"],
        name=row["person_name"],
        number=row["personal_number"],
        employer=row["employer_name"],
        account=row["place"],
        operation=row["operation"],
        reason=row["reason"],
        fields=tuple(fields),
        invites=row["invites"],
        moves_from=row["moves_from"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
    )
