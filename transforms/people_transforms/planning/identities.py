"""Who is meant by each id: what tells one person from another, as it was when last accepted.

An id that HR gives to somebody else would make of one person's account the other's. So whoever has an
account is remembered by number, name, birth date, addresses and chips, folded (NFC, lower case, no
blanks at the ends), and compared every night (`models/plan/met.sql`). What is no longer said is kept: a
column that doesn't arrive changes nobody.
"""

from __future__ import annotations

import duckdb

from people_transforms.models import plan_models


def accept(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Remember everybody with an account as they are now (`models/plan/accepted.sql`)."""
    plan_models.build(connection, "accepted")
    if not connection.execute("select 1 from temp.plan_accepted limit 1").fetchone():
        return
    connection.execute("begin transaction")
    connection.execute(
        "delete from sync.identities "
        "where person_id in (select person_id from temp.plan_accepted) "
        "or person_id not in (select person_id from sync.ledger)"
    )
    connection.execute(
        "insert into sync.identities by name select *, ? as run_id from temp.plan_accepted",
        [run_id],
    )
    connection.execute("commit")
