"""Values that two accounts may not share: who keeps them tonight, and who waits."""

from __future__ import annotations

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.same_value import folded


def settle_claims(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Decide who may have a value that must be unique: whoever holds it, else the first by id."""
    connection.execute(
        "create or replace temp table refused_claims "
        "(person_id varchar, account_key varchar, field varchar, holder varchar)"
    )
    for name in traits.unique_fields:
        wanted, before = folded(f"{name}::varchar"), folded(f"before_{name}")
        held = folded(f"held.fields ->> '$.{name}'")
        connection.execute(
            f"""
            insert into temp.refused_claims
            with
            claims as (
                select person_id, account_key, {wanted} as claimed,
                from temp.matched
                where operation in ('create', 'update', 'reactivate') and {name} is not null
                and {wanted} is distinct from if(held_state = 'active', {before}, null)
            ),
            holders as (
                select held.person_id, held.account_key,
                    {held} as claimed,
                from sync.ledger as held
                where held.vendor = $vendor
                and {held} in (select claimed from claims)
                -- What an ended account may still have is tried: the vendor decides.
                and held.state = 'active'
            ),
            leaving as (
                -- Holders that give the value up tonight, before anybody takes it.
                select person_id, account_key from temp.matched
                where operation = 'deactivate'
                or (
                    operation in ('update', 'reactivate')
                    and {wanted} is distinct from {before}
                )
                union all
                -- What is decided already is the end of those who are no longer listed.
                select person_id, account_key from temp.compared
                where operation = 'deactivate'
            ),
            staying as (
                select holders.* from holders
                anti join leaving
                    on holders.person_id = leaving.person_id
                    and holders.account_key = leaving.account_key
            ),
            ranked as (
                select claims.*,
                    (
                        select min(staying.person_id) from staying
                        where staying.claimed = claims.claimed
                        and staying.account_key = claims.account_key
                        and staying.person_id <> claims.person_id
                    ) as holder,
                    first_value(claims.person_id) over (
                        partition by claims.account_key, claims.claimed order by claims.person_id
                    ) as first_claimant,
                from claims
            )
            select person_id, account_key, '{name}', coalesce(holder, first_claimant)
            from ranked
            where holder is not null or first_claimant <> person_id
            """,
            {"vendor": vendor},
        )
