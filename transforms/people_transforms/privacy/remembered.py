"""What the gate must still know when rows of the plan and the log go: numbers, and that a question was answered.

A week's removals stay as a count per run and account, the confirmed changes of an account as a count per
operation. Whose they were is said by the ledger's id, or by the pseudonym once the ledger has it.
"""

from __future__ import annotations

import duckdb


def count_removals(connection: duckdb.DuckDBPyConnection, people: str) -> None:
    """Keep the number of the removals of a table's people whose rows go, out of tonight's list of them."""
    gone = f"person_id in (select person_id from {people})"
    connection.execute(
        "insert into sync.removed by name "
        "select run_id, account_key, count(*) as accounts from temp.plan_unasked_removals "
        f"where {gone} group by all"
    )
    # Each counts once, whichever of its rows goes first.
    connection.execute(f"delete from temp.plan_unasked_removals where {gone}")


def count_answers(connection: duckdb.DuckDBPyConnection, condition: str, run_id: str) -> None:
    """Keep how often the platform confirmed the changes of the log's rows that meet a condition."""
    connection.execute(
        "insert into sync.answered by name "
        "select person_id, account_key, operation, count(*) as times, max(run_id) as last_run_id "
        f"from sync.deliveries where status = 'confirmed' and {condition} group by all",
        {"run": run_id} if "$run" in condition else {},
    )
