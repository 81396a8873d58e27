"""Decisions about held rows: kept here first, then written to the store where the next run finds them.

A run may be using the store when somebody decides. The decision is durable by then, and the clerk
brings it to the store when it is free, also after the desk was killed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType

from people_transforms.errors import BusyError, ConfigError, in_our_words
from people_transforms.planning.approvals import VALID_FOR, approve
from people_transforms.store.warehouse import open_store

from people_sync.desk.held import Held
from people_sync.desk.news import tell_news
from people_sync.desk.office import Office
from people_sync.desk.records import Decision, add_action, add_decision, add_news, is_decided
from people_sync.desk.served import Served
from people_sync.desk.staff import Person
from people_sync.desk.web.rounds import Rounds

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 20.0


def decide(
    office: Office,
    served: Served,
    who: Person,
    kind: str,
    held: Held,
    rows: tuple[str, ...],
    note: str = "",
    facts: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Keep an approval or a rejection of exactly these rows; it is on disk when this returns.

    Nothing is decided twice: of two forms that come at once the later one changes nothing.
    """
    now = office.clock()
    with office.records.open() as database:
        if is_decided(database, served.name, held.run_id, rows):
            return
        add_decision(
            database,
            connection=served.name,
            kind=kind,
            run_id=held.run_id,
            plan_hash=held.plan_hash,
            rows=rows,
            note=note,
            who=who.address,
            at=now,
        )
        action = {"approve": "approved", "reject": "rejected"}[kind]
        add_action(
            database,
            now,
            who.address,
            who.role,
            action,
            served.name,
            rows=len(rows),
            plan=held.plan_hash,
            counts=dict(facts),
        )
        add_news(database, now, served.name, action, plan_hash=held.plan_hash, counts=dict(facts))


def settle(office: Office) -> None:
    """Bring the pending approvals to their stores; those whose store is in use stay pending."""
    for decision in office.records.pending():
        try:
            _settle_one(office, decision)
        except BusyError:
            pass
        except Exception as error:
            # It is kept: whoever decided is not to be told that nothing was.
            logger.warning("An approval could not be written yet: %s", in_our_words(error))


def _settle_one(office: Office, decision: Decision) -> None:
    served = office.connections.find(decision.connection)
    if served is None:
        return
    try:
        release(served, decision)
    except ConfigError as error:
        # The store knows no such plan any more: there is nothing to release.
        office.records.set_state(decision, "void")
        office.records.note(
            office.clock(), decision.who, "", "approval_void", decision.connection, why=str(error)
        )
        return
    office.records.set_state(decision, "kept")


def release(served: Served, decision: Decision) -> None:
    """Write one approval into the store, unless it is there already from before a kill."""
    with open_store(served.store.paths) as connection:
        known = connection.execute(
            "select 1 from sync.approvals where approved_at = ? and approved_by = ?",
            [decision.at, decision.who],
        ).fetchone()
        if known is None:
            approve(
                connection,
                decision.plan_hash,
                decision.who,
                decision.at,
                decision.at + VALID_FOR,
                source="desk",
                rows=decision.rows or None,
            )


def clerk(office: Office) -> Rounds:
    """Make who brings pending approvals to their stores and tells the news."""

    def work() -> None:
        settle(office)
        tell_news(office)

    return Rounds("clerk", work, _RETRY_SECONDS, has_last=True)
