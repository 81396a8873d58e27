"""A store belongs to one HR account: another one's people are refused before anything is stored.

With another token, tenant or environment, ids are others or, where they are small numbers, other people's.
What the store holds of its people is the fingerprint. Nothing else is kept for it, and whoever is erased
is gone from it too.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from people_transforms.errors import ConfigError
from people_transforms.models.contracts import RawStream

# So few people may all be replaced by others, one by one; the gate looks at each of them.
_FEW = 3
_ADVICE = (
    "This is probably the token, the tenant or the environment of another HR account. Nothing was "
    "stored and nothing was sent. Correct the source's settings; to read another HR account from now "
    "on, give the connection a store of its own (`warehouse.path`, in a lake `warehouse.connection_id`)."
)


def refuse_another_source(
    connection: duckdb.DuckDBPyConnection, streams: Mapping[str, RawStream], run_id: str
) -> None:
    """Compare the people who arrived with those the store knows, inside the landing's transaction.

    Needs `temp.seen_…` of the employees. Raises ConfigError for people of another HR system, of other
    employers only, or of ids that stand for others.
    """
    people = streams["employees"]
    _refuse_another_system(connection, people)
    arrived, changed = _counts(connection, people, run_id)
    # Whoever is as before is ours; half of them is proof enough, and nearly every night's end.
    if not changed or 2 * changed < arrived:
        return
    known, same, other, is_elsewhere = _compare(connection, people, run_id)
    unchanged = arrived - changed
    agreeing, met = unchanged + same, unchanged + same + other
    if not known:
        return
    if not agreeing and is_elsewhere:
        raise ConfigError(
            f"The source lists other employers and other people than this store knows. {_ADVICE}",
            known_people=known,
            arrived=arrived,
        )
    if min(known, arrived) >= _FEW and (not agreeing or 2 * agreeing < met):
        raise ConfigError(
            f"The source's ids stand for other people than this store knows. {_ADVICE}",
            known_people=known,
            arrived=arrived,
            with_the_same_name=agreeing,
        )


def _refuse_another_system(connection: duckdb.DuckDBPyConnection, people: RawStream) -> None:
    others = connection.execute(
        """
        select table_name from duckdb_tables()
        where database_name = current_database() and schema_name = 'raw'
        and ends_with(table_name, '__employees') and table_name <> ? order by 1
        """,
        [people.table],
    ).fetchall()
    for (table,) in others:
        if connection.execute(
            f"select 1 from raw.{table} where _valid_to_run is null limit 1"
        ).fetchone():
            raise ConfigError(
                "This store holds the people of another HR system. Check `source_system`, or give "
                "this connection a store of its own (`warehouse.path`, in a lake "
                "`warehouse.connection_id`).",
                store=table.split("__", 1)[0],
                source_system=people.table.split("__", 1)[0],
            )


def _counts(
    connection: duckdb.DuckDBPyConnection, people: RawStream, run_id: str
) -> tuple[int, int]:
    row = connection.execute(
        f"""
        select
            (
                select count(distinct _key_hash) from temp.seen_{people.table}
                where _record_hash is not null
            ),
            (
                select count(distinct hash({", ".join(people.key)})) from raw.{people.table}
                where _valid_from_run = ?
            )
        """,
        [run_id],
    ).fetchone()
    return row or (0, 0)


def _compare(
    connection: duckdb.DuckDBPyConnection, people: RawStream, run_id: str
) -> tuple[int, int, int, bool]:
    """Count known people; of those with a new version, who kept a name and who has another.

    The last value tells whether they are of other employers only.
    """
    agrees = " or ".join(
        f"lower(trim(nfc_normalize(new.{name}))) = lower(trim(nfc_normalize(before.{name})))"
        for name in ("first_name", "last_name")
    )
    row = connection.execute(
        f"""
        with
        before as (
            select * from raw.{people.table}
            where _valid_to_run is null and _valid_from_run <> $run
        ),
        new as (select * from raw.{people.table} where _valid_from_run = $run),
        met as (
            -- Of whom no name is told there is nothing to compare.
            select new.employer_id, new.employee_id, bool_or({agrees}) as is_same,
            from new inner join before on new.employee_id = before.employee_id
            group by all
        )
        select (select count(*) from before), count(*) filter (is_same),
            count(*) filter (not is_same),
            not exists (
                select 1 from new
                where new.employer_id in (select employer_id from before)
            ),
        from met
        """,
        {"run": run_id},
    ).fetchone()
    return row or (0, 0, 0, False)
