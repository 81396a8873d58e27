"""The trend of the report: what the runs of each day sent, held and found.

Counted from what each run said of itself, which stays true when people are erased later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from people_transforms.publishing.report import CHANGING, JOINING, LEAVING, PastNight

if TYPE_CHECKING:
    import duckdb


def read_trend(connection: duckdb.DuckDBPyConnection, run_id: str) -> tuple[PastNight, ...]:
    """Give the last 60 nights up to a run, oldest first."""
    rows = connection.execute(
        f"""
        with nights as (
            select as_of, run_id, counts, max(run_id) over (partition by as_of) as last_run_id
            from sync.runs
            where run_id <= $run and as_of is not null and plan_hash is not null
        ),
        counted as (
            select run_id, each.key, each.value::bigint as number
            from nights, json_each(coalesce(nights.counts, '{{}}')) as each
        ),
        moved as (
            select
                nights.as_of,
                coalesce(sum(number) filter (where key in {_confirmed(JOINING)}), 0)::bigint as j,
                coalesce(sum(number) filter (where key in {_confirmed(CHANGING)}), 0)::bigint as c,
                coalesce(sum(number) filter (where key in {_confirmed(LEAVING)}), 0)::bigint as l,
                coalesce(sum(number) filter (
                    where starts_with(key, 'held ') and nights.run_id = last_run_id
                ), 0)::bigint as h,
            from nights left join counted on nights.run_id = counted.run_id
            group by nights.as_of
        ),
        mended as (
            select nights.as_of, count(*) as m
            from nights inner join sync.findings_history as findings
                on findings.valid_from_run <= nights.run_id
                and (findings.valid_to_run is null or findings.valid_to_run > nights.run_id)
            where nights.run_id = nights.last_run_id and findings.severity in ('warning', 'error')
            group by nights.as_of
        )
        select moved.as_of, j, c, l, h, coalesce(m, 0)
        from moved left join mended on moved.as_of = mended.as_of
        order by moved.as_of desc limit 60
        """,  # noqa: S608
        {"run": run_id},
    ).fetchall()
    return tuple(PastNight(*row) for row in reversed(rows))


def _confirmed(operations: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{operation} confirmed'" for operation in operations) + ")"
