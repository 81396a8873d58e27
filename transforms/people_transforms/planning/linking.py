"""Accounts the vendor already has: our own after a lost store, and strangers' to take over.

An account with our external id, and with one more thing that tells the person, is ours: it is written to
the ledger without any call. Where name, address, number and chip all are another's, ids of two HR accounts
have met, and nobody touches it. An account without an id that matches on the vendor's match fields is
adopted by a planned, visible change (`models/plan/adoptions.sql`), unless name and all else say that it is
somebody else's. An account with another id is never taken over.
"""

from __future__ import annotations

import duckdb

from people_transforms.delivery.states import note_states
from people_transforms.models import plan_models


def link(connection: duckdb.DuckDBPyConnection, run_id: str, *, invites: bool) -> bool:
    """Write accounts that carry our external id, and that the ledger lacks, to the ledger.

    Tells whether there were any; `temp.plan_foreign_accounts` are ours by the id or the ledger, and
    somebody else's by everything that tells people apart.
    """
    plan_models.build(
        connection, "claimants", "claimed_accounts", "linked", "handed_over", "foreign_accounts"
    )
    if not connection.execute("select 1 from temp.plan_linked limit 1").fetchone():
        return False
    if invites:
        plan_models.build(connection, "known_invitations")
        connection.execute(
            "insert into sync.invitations by name "
            "select *, $run_id as run_id, now() as decided_at from temp.plan_known_invitations",
            {"run_id": run_id},
        )
    # Known announced ends and hashes come back with the next accepted run.
    connection.execute(
        """
        insert into sync.ledger by name
        select getvariable('vendor') as vendor, person_id, account_key, account_id, external_id,
            employer_id, fields, spell_starts_on, $run_id as updated_run_id,
        from temp.plan_linked
        """,
        {"run_id": run_id},
    )
    seen = """
        select getvariable('vendor') as vendor, person_id, account_key, is_active, ended_by, ended_on
        from temp.plan_linked
    """
    note_states(connection, run_id, seen, {})
    return True
