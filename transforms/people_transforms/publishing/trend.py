"""The trend of the report: what the runs of each day sent, held and found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from people_transforms.publishing.report import JOINING, Night

if TYPE_CHECKING:
    import duckdb


def read_trend(connection: duckdb.DuckDBPyConnection, run_id: str) -> tuple[Night, ...]:
    """Give the last 60 nights up to a run, oldest first."""
    rows = connection.execute(
        f"""
        with nights as (
            select as_of, run_id, max(run_id) over (partition by as_of) as last_run_id
            from sync.runs
            where run_id <= $run and as_of is not null and plan_hash is not null
        ),
        moved as (
            select
                nights.as_of,
                count(*) filter (where operation in {JOINING} and outcome = 'confirmed') as j,
                count(*) filter (where operation = 'update' and outcome = 'confirmed') as c,
                count(*) filter (where operation = 'deactivate' and outcome = 'confirmed') as l,
                count(*) filter (
                    where hold is not null and operation <> 'none'
                    and nights.run_id = last_run_id
                ) as h
            from nights left join sync.plan as plan on plan.run_id = nights.run_id
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
    return tuple(Night(*row) for row in reversed(rows))
