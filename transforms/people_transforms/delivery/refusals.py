"""What is still refused at the end of a night: findings that say what to do, and who holds the value.

Two people who exchange a value that no account may be without (an address that is the login), or a ring
of them, can't be served in one night: each waits for another. Who gets the value to be free is known
from the ledger, so the rest of the exchange goes on by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import orjson

from people_transforms.delivery.rows import as_lines, rows_of
from people_transforms.delivery.vendor import Traits
from people_transforms.same_value import folded

# An end that was refused on so many days is the first thing to read.
DAYS_OF_AN_END = 3


def let_go(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Forget refusals of what tonight's plan no longer wants, or what may be possible by now.

    The latter are changes whose value an account of ours held, and holds no longer.
    """
    connection.execute(
        """
        update sync.dead_letters as letters set settled = true
        where not settled and not exists (
            select 1 from temp.plan_changes as planned
            where planned.person_id = letters.person_id
            and planned.account_key = letters.account_key
            and case
                when letters.operation = 'deactivate' then planned.operation = 'deactivate'
                when letters.value_hash is null then planned.row_hash = letters.row_hash
                else letters.value_hash = md5(coalesce(
                    json_extract_string(planned.changes, '$.' || letters.field || '[1]'), ''
                )) and json_exists(planned.changes, '$.' || letters.field)
            end
        )
        """
    )
    for name in traits.unique_fields:
        connection.execute(
            f"""
            update sync.dead_letters as letters set settled = true
            where waits_for is not null and not settled and coalesce(field, '{name}') = '{name}'
            and not exists (
                {_holders(traits, name)}
                and letters.person_id = wanted.person_id
                and letters.account_key = wanted.account_key
                and held.person_id = letters.waits_for
                and held.account_key = coalesce(letters.waits_at, letters.account_key)
            )
            """,
            {"vendor": vendor},
        )


def note_refusals(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str, run_id: str
) -> None:
    """Add to the night's findings what is to be done about what the vendor refuses."""
    if not connection.execute("select 1 from sync.dead_letters where not settled").fetchone():
        return
    _note_holders(connection, traits, vendor)
    rings = _rings(connection)
    lines = [
        {
            "person_id": ring[0],
            "field": field,
            "code": "values_swapped",
            "severity": "error",
            "args": orjson.dumps({"account": account, "owners": owners}).decode(),
        }
        for account, field, ring, owners in rings
    ]
    in_rings = [
        {"person_id": person, "account_key": account, "field": field}
        for account, field, ring, _ in rings
        for person in ring
    ]
    connection.execute(
        f"""
        insert into sync.findings by name
        with
        ringed as (
            select * from {rows_of("person_id", "account_key", "field")}
        ),
        said as (
            select person_id, field, code, severity, args::json as args from (
                select * from {
            rows_of("person_id", "field", "code", "severity", "args").replace("$lines", "$rings")
        }
            )
            union all
            select holders.person_id, holders.field,
                case
                    when not holders.is_active then 'value_on_ended_account'
                    when holders.holder <> holders.person_id then 'value_taken'
                    when holders.is_required then 'login_own_elsewhere'
                    else 'value_own_elsewhere'
                end as code,
                case
                    when holders.is_required then 'error'
                    when holders.is_active and holders.holder = holders.person_id then 'info'
                    else 'warning'
                end as severity,
                json_object(
                    'account', if(holders.is_active, holders.account_key, holders.holder_key),
                    'owner', holders.owner, 'elsewhere', holders.holder_key
                ) as args,
            from temp.holders as holders
            anti join ringed
                on holders.person_id = ringed.person_id and holders.field = ringed.field
                and holders.account_key = ringed.account_key
            where holders.holder is not null
            union all
            select person_id, field, 'value_held_there' as code, 'warning' as severity,
                json_object('account', account_key) as args,
            from temp.holders where holder is null
            union all
            select letters.person_id, null as field, 'end_refused' as code, 'error' as severity,
                json_object('account', letters.account_key, 'on', min(runs.as_of)) as args,
            from sync.dead_letters as letters
            inner join sync.deliveries as tried
                on tried.person_id = letters.person_id
                and tried.account_key = letters.account_key
                and tried.operation = 'deactivate' and tried.status = 'rejected'
                and tried.run_id >= letters.first_run_id
            inner join sync.runs as runs on tried.run_id = runs.run_id
            where letters.operation = 'deactivate' and not letters.settled
            group by letters.person_id, letters.account_key
            having count(distinct runs.as_of) >= {DAYS_OF_AN_END}
        )
        select $run_id as run_id, said.*,
            (
                select min(held.employer_id) from sync.ledger as held
                where held.person_id = said.person_id
            ) as employer_id,
        from said
        """,
        {"run_id": run_id, "lines": as_lines(in_rings), "rings": as_lines(lines)},
    )


def _note_holders(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Fill `temp.holders`: of each refused value the account of ours that has it, or none.

    One of the same place is meant first; a platform may want a value once in all of them.
    """
    names = [name for name in ("first_name", "prefix", "last_name") if name in traits.fields]
    owner = ", ".join(f"held.fields ->> '$.{name}'" for name in names)
    connection.execute(
        "create or replace temp table holders (person_id varchar, account_key varchar, "
        "field varchar, is_required boolean, holder varchar, holder_key varchar, is_active boolean, "
        "owner varchar)"
    )
    for name in traits.unique_fields:
        is_required = name in traits.required_fields
        connection.execute(
            f"""
            insert into temp.holders
            with holding as (
                {_holders(traits, name, f"concat_ws(' ', {owner}) as owner")}
            )
            select letters.person_id, letters.account_key, '{name}', {is_required},
                holding.holder, holding.holder_key, holding.is_active, holding.owner,
            from sync.dead_letters as letters
            left join holding
                on letters.person_id = holding.person_id
                and letters.account_key = holding.account_key
            where not letters.settled and letters.is_conflict
            and coalesce(letters.field, '{name}') = '{name}'
            -- Where no field was named, only who is known to hold one; what is free by now is tried.
            and (
                holding.holder is not null
                or (letters.field is not null and letters.waits_for is null)
            )
            qualify row_number() over (
                partition by letters.person_id, letters.account_key, letters.field, letters.row_hash
                order by holding.holder_key is distinct from letters.account_key,
                    not holding.is_active, holding.holder
            ) = 1
            """,
            {"vendor": vendor},
        )
    connection.execute(
        """
        update sync.dead_letters as letters
        set waits_for = holders.holder, waits_at = holders.holder_key,
            is_own = holders.is_active and not holders.is_required
                and holders.holder = holders.person_id
        from temp.holders as holders
        where not letters.settled and letters.is_conflict and holders.holder is not null
        and letters.person_id = holders.person_id and letters.account_key = holders.account_key
        and coalesce(letters.field, holders.field) = holders.field
        """
    )


def _holders(traits: Traits, name: str, more: str = "1 as one") -> str:
    """Compose who is wanted to have a value, and whose account has it, there or elsewhere.

    Elsewhere it may be the person's own.
    """
    return f"""
        select wanted.person_id, wanted.account_key, held.person_id as holder,
            held.account_key as holder_key, held.state = 'active' as is_active, {more},
        from {traits.mart} as wanted
        inner join sync.ledger as held
            on held.vendor = $vendor
            and (held.person_id <> wanted.person_id or held.account_key <> wanted.account_key)
        where {folded(f"held.fields ->> '$.{name}'")} = {folded(f"wanted.{name}::varchar")}
    """


def _rings(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, list[str], str]]:
    """Find who waits for each other in a ring: (place, field, people, their names)."""
    rows = connection.execute(
        "select account_key, field, person_id, holder, owner from temp.holders "
        "where is_active and holder <> person_id order by all"
    ).fetchall()
    waits: dict[tuple[str, str], dict[str, str]] = {}
    names: dict[str, str] = {}
    for account, field, person, holder, owner in rows:
        waits.setdefault((account, field), {})[person] = holder
        names[holder] = owner
    return [
        (account, field, ring, ", ".join(names[person] or person for person in ring))
        for (account, field), holders in waits.items()
        for ring in _cycles(holders)
    ]


def _cycles(waits_for: Mapping[str, str]) -> list[list[str]]:
    """List the cycles of a graph in which everybody waits for one other at most."""
    done: set[str] = set()
    cycles: list[list[str]] = []
    for start in sorted(waits_for):
        path: list[str] = []
        person: Any = start
        while person in waits_for and person not in done:
            done.add(person)
            path.append(person)
            person = waits_for[person]
        if person in path:
            cycles.append(path[path.index(person) :])
    return cycles
