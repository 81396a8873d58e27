"""What an approval costs people, in words: accounts that end, mails that go out, budgets that lapse."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.words import Words

MAILS = "mails"
_KINDS = ("deactivate", MAILS, "create", "reactivate", "adopt", "update")


def read_consequences(connection: duckdb.DuckDBPyConnection, plan_hash: str) -> dict[str, int]:
    """Count what an approval of a plan does: accounts per operation, and invitations that are mailed.

    Of the latest run that made the plan.
    """
    rows = connection.execute(
        """
        with held as (
            select operation, invites from sync.plan
            where run_id = (select max(run_id) from sync.plan where plan_hash = $plan_hash)
            and operation <> 'none' and list_contains($releasable::varchar[], hold)
        )
        select operation, count(*) from held where operation <> 'invite' group by all
        union all
        select $mails, count(*) from held where invites having count(*) > 0
        order by all
        """,
        {"plan_hash": plan_hash, "releasable": sorted(RELEASABLE), "mails": MAILS},
    ).fetchall()
    return dict(rows)


def say_consequences(counts: Mapping[str, int], vendor: str | None, words: Words) -> list[str]:
    """Say each in a sentence without a full stop, what can't be taken back first."""
    return [words.cost(kind, vendor, counts[kind]) for kind in _KINDS if counts.get(kind)]
