"""Desired against delivered: which account of which person needs which operation.

The mart says what each person should have, the ledger what the vendor last accepted. The result is
`temp.planned`: one row per person and account, with operation, changed fields and reason.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.settings import Settings


def compare(
    connection: duckdb.DuckDBPyConnection,
    traits: Traits,
    settings: Settings,
    *,
    run_id: str,
    as_of: dt.date,
) -> None:
    """Fill `temp.planned` from the mart, the ledger and the accounts found at the vendor."""
    _spread_over_accounts(connection, traits, settings.vendor)
    _match(connection, traits, settings.vendor)
    _settle_claims(connection, traits, settings.vendor)
    _decide(connection, traits, as_of)
    _add_absent(connection, settings, run_id)


def _spread_over_accounts(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str
) -> None:
    """Give each mart row the account it is about: `*` rows meet the accounts that exist."""
    connection.execute(
        f"""
        create or replace temp table desired as
        with
        wanted as (select * from {traits.mart}),
        held as (select * from sync.ledger where vendor = $vendor),
        explicit as (select * from wanted where account_key <> '*'),
        unnamed as (
            -- Accounts that a person has beside the ones the mart names.
            select held.person_id, held.account_key
            from held
            anti join explicit
                on held.person_id = explicit.person_id and held.account_key = explicit.account_key
        ),
        everywhere as (
            select wanted.* replace (unnamed.account_key as account_key)
            from wanted
            inner join unnamed on wanted.person_id = unnamed.person_id
            where wanted.account_key = '*'
        ),
        elsewhere as (
            -- The mart names other accounts only: this one is not meant any more.
            select
                explicit.* replace (
                    unnamed.account_key as account_key,
                    'ended' as desired_state,
                    'routed_away' as leaving_kind,
                    'routed_away' as reason
                )
            from unnamed
            inner join explicit on unnamed.person_id = explicit.person_id
            anti join (select person_id from wanted where account_key = '*') as everyone
                on unnamed.person_id = everyone.person_id
            qualify row_number() over (
                partition by unnamed.person_id, unnamed.account_key order by explicit.account_key
            ) = 1
        ),
        nowhere as (
            select * from wanted
            where account_key = '*' and person_id not in (select person_id from held)
        )
        select * from explicit
        union all by name select * from everywhere
        union all by name select * from elsewhere
        union all by name select * from nowhere
        """,
        {"vendor": vendor},
    )


def _match(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Put beside each desired row what the ledger holds, and a first verdict on the operation."""
    before = ", ".join(f"held.fields ->> '$.{name}' as before_{name}" for name in traits.fields)
    connection.execute(
        f"""
        create or replace temp table matched as
        select
            desired.*,
            held.account_id,
            held.state as held_state,
            held.ends_on as held_ends_on,
            {before},
            case
                when desired.account_key = '*' or desired.desired_state = 'untouched' then 'none'
                when desired.desired_state = 'active' and held.account_id is null then 'create'
                when desired.desired_state = 'active' and held.state = 'inactive' then
                    -- An account that we ended comes back; one that somebody else ended only for
                    -- a newer spell of employment.
                    if(
                        held.ended_by = 'us' or desired.spell_starts_on > held.ended_on,
                        'reactivate', 'none'
                    )
                when desired.desired_state in ('active', 'update_only') and held.state = 'active'
                    and held.payload_hash is distinct from desired.payload_hash then 'update'
                when desired.desired_state = 'ended' and held.state = 'active' then 'deactivate'
                else 'none'
            end as operation
        from desired
        left join sync.ledger as held
            on held.vendor = $vendor
            and desired.person_id = held.person_id
            and desired.account_key = held.account_key
        """,
        {"vendor": vendor},
    )
    connection.execute("drop table temp.desired")


def _settle_claims(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Decide who may have a value that must be unique: whoever holds it, else the first by id."""
    connection.execute(
        "create or replace temp table refused_claims "
        "(person_id varchar, account_key varchar, field varchar, holder varchar)"
    )
    for name in traits.unique_fields:
        # A required value stays with an ended account; any other is released for a newcomer.
        released = name not in traits.required_fields
        connection.execute(
            f"""
            insert into temp.refused_claims
            with
            claims as (
                select person_id, account_key, lower(trim({name}::varchar)) as claimed,
                from temp.matched
                where operation in ('create', 'update', 'reactivate') and {name} is not null
                and lower(trim({name}::varchar)) is distinct from
                    if(held_state = 'active', lower(trim(before_{name})), null)
            ),
            holders as (
                select held.person_id, held.account_key,
                    lower(trim(held.fields ->> '$.{name}')) as claimed,
                from sync.ledger as held
                where held.vendor = $vendor
                and lower(trim(held.fields ->> '$.{name}')) in (select claimed from claims)
                and ({not released} or held.state = 'active')
            ),
            leaving as (
                -- Holders that give the value up tonight, before anybody takes it.
                select person_id, account_key from temp.matched
                where (operation = 'deactivate' and {released})
                or (
                    operation in ('update', 'reactivate')
                    and lower(trim({name}::varchar)) is distinct from lower(trim(before_{name}))
                )
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


def _decide(connection: duckdb.DuckDBPyConnection, traits: Traits, as_of: dt.date) -> None:
    """Compute the changed fields, and turn a change of nothing into no operation."""
    optional = tuple(set(traits.unique_fields) - set(traits.required_fields))
    refused = "".join(
        f"""
        update temp.matched set {name} = before_{name}
        from temp.refused_claims as refused
        where matched.person_id = refused.person_id
        and matched.account_key = refused.account_key and refused.field = '{name}';
        """
        for name in optional
    )
    if refused:
        connection.execute(refused)
    connection.execute(
        f"""
        create or replace temp table planned as
        with
        candidates as (
            select matched.*,
                {_changes(traits)} as changed,
                exists (
                    select 1 from temp.refused_claims as refused
                    where refused.person_id = matched.person_id
                    and refused.account_key = matched.account_key
                    and refused.field in ({_listed(traits.required_fields)})
                ) as is_refused,
                (matched.person_id, matched.account_key) in (
                    select (person_id, account_key) from temp.refused_claims
                ) as lacks_value,
            from temp.matched
        )
        select
            person_id, account_key, employer_id, external_id, account_id,
            if(operation = 'update' and len(changed) = 0, 'none', operation) as operation,
            leaving_kind,
            if(
                desired_state = 'active' and held_state = 'inactive' and operation = 'none',
                'ended_by_other', reason
            ) as reason,
            if(
                len(changed) = 0, '{{}}',
                to_json(map_from_entries(
                    list_transform(changed, lambda c : (c.field, [c.before, c.after]))
                ))::varchar
            ) as changes,
            leaving_kind = 'ended' and ends_on is not distinct from held_ends_on
                and held_ends_on is not null as is_announced,
            false as invites,
            null::varchar as moves_from,
            starts_on, ends_on, spell_starts_on, desired_state, held_state,
            -- Without the hash the row is compared again when the value may have become free.
            if(lacks_value, null, payload_hash) as payload_hash,
            if(is_refused, 'conflict', null) as hold,
        from candidates
        """,
        {"yesterday": as_of - dt.timedelta(days=1)},
    )
    connection.execute("drop table temp.matched")


def _changes(traits: Traits) -> str:
    """Compose the list of changed fields of a row, by operation."""
    if_changing = [_compared(name, traits) for name in traits.fields]
    if_ending = [
        f"{{field: '{name}', before: before_{name}, after: null::varchar, "
        f"differs: before_{name} is not null}}"
        for name in traits.released_fields
    ]
    if traits.last_day_field:
        name = traits.last_day_field
        last_day = "least(coalesce(ends_on, $yesterday::date), $yesterday::date)"
        if_ending.append(
            f"{{field: '{name}', before: before_{name}, after: ({last_day})::varchar, "
            f"differs: ({last_day})::varchar is distinct from before_{name}}}"
        )
    else:
        if_ending.append(
            "{field: '', before: null::varchar, after: null::varchar, "
            "differs: $yesterday::date is null}"
        )
    return f"""
        list_filter(
            case
                when operation in ('create', 'update', 'reactivate') then [{", ".join(if_changing)}]
                when operation = 'deactivate' then [{", ".join(if_ending)}]
                else []
            end,
            lambda c : c.differs
        )
    """


def _compared(name: str, traits: Traits) -> str:
    differs = f"{name}::varchar is distinct from before_{name}"
    if name in traits.unique_fields:
        # E-mail and chip are the same value in any case; vendors normalise them.
        differs = f"lower(trim({name}::varchar)) is distinct from lower(trim(before_{name}))"
    if name in traits.create_only:
        differs = f"operation = 'create' and {name} is not null"
    elif name in traits.kept_when_empty or name in traits.required_fields:
        differs = f"{name} is not null and {differs}"
    return f"{{field: '{name}', before: before_{name}, after: {name}::varchar, differs: {differs}}}"


def _add_absent(connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str) -> None:
    """Add the people of the ledger whom the source no longer has.

    An absence counts only in complete reads in a row; an employer that is no longer listed is a
    loss of access and never a wave of leavers.
    """
    connection.execute(
        """
        insert into temp.planned by name
        with
        gone as (
            select held.*, coalesce(held.absent_reads, 0) + coalesce(whole.is_complete, false)::int
                as absences, employer.employer_id is null as employer_is_gone,
            from sync.ledger as held
            anti join (select distinct person_id from temp.planned) as present
                on held.person_id = present.person_id
            left join (
                select employer_id, bool_and(is_complete) as is_complete
                from sync.reads where run_id = $run_id and stream in ('employees', 'employments')
                group by all
            ) as whole on held.employer_id = whole.employer_id
            left join people.employers as employer on held.employer_id = employer.employer_id
            where held.vendor = $vendor
        )
        select
            person_id, account_key, employer_id, external_id, account_id,
            if(
                state = 'active' and $when_absent = 'end' and absences >= $absence_reads
                and not employer_is_gone, 'deactivate', 'none'
            ) as operation,
            if(state = 'active', 'absent', null) as leaving_kind,
            case
                when state <> 'active' then 'ended_before'
                when employer_is_gone then 'employer_gone'
                when absences >= $absence_reads then 'absent'
                else 'absent_once'
            end as reason,
            '{}' as changes, false as is_announced, false as invites,
            ends_on, spell_starts_on, payload_hash, 'ended' as desired_state, state as held_state,
        from gone
        """,
        {
            "run_id": run_id,
            "vendor": settings.vendor,
            "when_absent": settings.when_absent,
            "absence_reads": settings.absence_reads,
        },
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "null"
