"""People whom HR typed anew under another id: the account goes over from the old record to the new.

The old record is no longer listed, or has ended while the new one is employed. At least three of number,
name, birth date, e-mail and chip must agree and none contradict; then the new id takes over the ledger
row, before anything is compared, so that nobody is ended and nobody is made twice. With less it is a
question (`models/plan/lookalikes.sql`): the new account and the end of the old one wait.

Nobody is recognised by a chip that differs: people hold several, and hand them back. A number says
nothing against somebody who comes from another employer. Anything that fits two people fits nobody.
"""

from __future__ import annotations

import duckdb

from people_transforms.models import plan_models

_RECOGNISED = (
    "newcomers", "telling_values", "lookalike_pairs", "known_pairs", "taken_over", "lookalikes",
)  # fmt: skip


def take_over(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> None:
    """Give accounts of former ids to the ids that HR has for the same people now.

    What follows in a run must see the people of both.
    """
    plan_models.build(connection, "former_people")
    if not connection.execute("select 1 from temp.plan_former_people limit 1").fetchone():
        plan_models.leave_empty(connection, "taken_over", "lookalikes")
        return
    plan_models.build(connection, *_RECOGNISED)
    if connection.execute("select 1 from temp.plan_taken_over limit 1").fetchone():
        _rewrite(connection, vendor, run_id)


def _rewrite(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> None:
    """Put the new id where the old one stood; the vendor's copy of the id follows with an update."""
    values = {"vendor": vendor}
    connection.execute("begin transaction")
    # A spell of employment that goes on is the same spell, whatever first day was typed now.
    connection.execute(
        """
        update sync.invitations as known set
            person_id = taken.person_id,
            spell_starts_on = if(
                held.state = 'active'
                and held.spell_starts_on is not distinct from known.spell_starts_on,
                new.spell_starts_on, known.spell_starts_on
            )
        from temp.plan_taken_over as taken
        inner join temp.plan_newcomers as new on taken.person_id = new.person_id
        inner join sync.ledger as held
            on held.vendor = $vendor and taken.former_id = held.person_id
        where known.vendor = $vendor and known.person_id = taken.former_id
        and known.account_key = held.account_key
        """,
        values,
    )
    connection.execute(
        """
        update sync.ledger as held set
            person_id = taken.person_id, employer_id = taken.employer_id,
            -- Compared field by field, also where the new record says the same.
            payload_hash = null, updated_run_id = $run_id
        from temp.plan_taken_over as taken
        where held.vendor = $vendor and held.person_id = taken.former_id
        """,
        values | {"run_id": run_id},
    )
    # The change that was refused no longer exists; the new one is tried.
    connection.execute(
        "update sync.dead_letters set settled = true "
        "where person_id in (select former_id from temp.plan_taken_over)"
    )
    connection.execute(
        """
        update sync.identities as known set
            person_id = taken.person_id, employer_id = taken.employer_id, digest = null
        from temp.plan_taken_over as taken where known.person_id = taken.former_id
        """
    )
    connection.execute("commit")
