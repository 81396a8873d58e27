"""Desired against delivered: which account of which person needs which operation.

The mart says what each person should have, the ledger what the vendor last accepted. The result is
`temp.compared`: one row per person and account, with operation, changed fields and reason.

Most accounts need nothing on most nights. So every row is drafted without its vendor fields, in one
pass; only the rows that need a call are taken out, compared field by field and put back.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.planning.claims import settle_claims
from people_transforms.planning.fields import (
    as_changes,
    changed_fields,
    fields_at_end,
    fields_read_at_end,
)
from people_transforms.settings import Settings

_WANTED = (
    "person_id, account_key, employer_id, external_id, desired_state, leaving_kind, reason, "
    "starts_on, ends_on, spell_starts_on, unbroken_since_on, payload_hash"
)
_HELD = (
    "account_id, state as held_state, ends_on as held_ends_on, payload_hash as held_payload_hash, "
    "external_id as held_external_id, ends_known_on, ended_by, ended_on"
)
_NOT_HELD = (
    "null::varchar as account_id, null::varchar as held_state, null::date as held_ends_on, "
    "null::varchar as held_payload_hash, null::varchar as held_external_id, "
    "null::date as ends_known_on, null::varchar as ended_by, null::date as ended_on"
)


def compare(
    connection: duckdb.DuckDBPyConnection,
    traits: Traits,
    settings: Settings,
    *,
    as_of: dt.date,
) -> None:
    """Fill `temp.compared` from the mart, the ledger and the accounts found at the vendor."""
    known_by = as_of - dt.timedelta(days=settings.announced_after_days)
    _draft(connection, traits, settings.vendor, known_by)
    _spread_over_accounts(connection, traits, known_by)
    _match(connection, traits, settings.vendor)
    _add_absent(connection, traits, settings, as_of=as_of)
    settle_claims(connection, traits, settings.vendor)
    _decide(connection, traits, as_of)
    connection.execute("alter table temp.compared drop column mart_account_key")
    connection.execute("drop table temp.unnamed")


def _draft(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str, known_by: dt.date
) -> None:
    """Pair the accounts that the mart names with the ledger; the ledger's others are `unnamed`."""
    connection.execute(
        f"""
        create or replace temp table compared as
        with
        explicit as (
            select {_WANTED}, account_key as mart_account_key from {traits.mart}
            where account_key <> '*'
        ),
        held as (
            select person_id as held_person_id, account_key as held_account_key, {_HELD}
            from sync.ledger where vendor = $vendor
        ),
        paired as (
            select explicit.* replace (
                    coalesce(person_id, held_person_id) as person_id,
                    coalesce(account_key, held_account_key) as account_key
                ),
                held.* exclude (held_person_id, held_account_key),
            from explicit
            full outer join held
                on explicit.person_id = held.held_person_id
                and explicit.account_key = held.held_account_key
        )
        {_planned("paired")}
        """,
        {"vendor": vendor, "known_by": known_by},
    )
    connection.execute(
        f"""
        create or replace temp table unnamed as
        select person_id, account_key, {_HELD} from sync.ledger
        where vendor = $vendor and (person_id, account_key) in (
            select (person_id, account_key) from temp.compared where desired_state is null
        )
        """,
        {"vendor": vendor},
    )
    connection.execute("delete from temp.compared where desired_state is null")


def _planned(desired: str) -> str:
    """Compose the SELECT that gives pairs of desired and held their first verdict."""
    return f"""
        select
            person_id, account_key, mart_account_key, employer_id, external_id, account_id,
            case
                when account_key = '*' or desired_state = 'untouched' then 'none'
                when desired_state = 'active' and account_id is null then 'create'
                when desired_state = 'active' and held_state = 'inactive' then
                    -- An account that we ended comes back; one that somebody else ended only for
                    -- a newer employment.
                    if(ended_by = 'us' or unbroken_since_on > ended_on, 'reactivate', 'none')
                when desired_state in ('active', 'update_only') and held_state = 'active'
                    and held_payload_hash is distinct from payload_hash then 'update'
                when desired_state = 'ended' and held_state = 'active' then 'deactivate'
                else 'none'
            end as operation,
            leaving_kind,
            if(
                desired_state = 'active' and held_state = 'inactive' and operation = 'none',
                'ended_by_other', reason
            ) as reason,
            '{{}}' as changes,
            leaving_kind = 'ended' and ends_on is not distinct from held_ends_on
                and held_ends_on is not null
                -- An end that was not known, and shown, for some days is no announced one.
                and coalesce(ends_known_on <= $known_by::date, false) as is_announced,
            starts_on, ends_on, spell_starts_on, unbroken_since_on, desired_state, held_state,
            held_external_id,
            payload_hash,
            null::varchar as hold,
        from {desired}
    """


def _spread_over_accounts(
    connection: duckdb.DuckDBPyConnection, traits: Traits, known_by: dt.date
) -> None:
    """Give the mart's `*` rows the accounts that exist, and people's unnamed accounts an end."""
    held = ", ".join(f"unnamed.{name}" for name in (
        "account_id", "held_state", "held_ends_on", "held_payload_hash", "held_external_id",
        "ends_known_on", "ended_by", "ended_on",
    ))  # fmt: skip
    connection.execute(
        f"""
        insert into temp.compared by name
        with
        wanted as (select {_WANTED}, account_key as mart_account_key from {traits.mart}),
        everyone as (select * from wanted where account_key = '*'),
        everywhere as (
            select everyone.* replace (unnamed.account_key as account_key), {held}
            from everyone
            inner join temp.unnamed as unnamed on everyone.person_id = unnamed.person_id
        ),
        elsewhere as (
            -- The mart names other accounts only: this one is not meant any more.
            select
                wanted.* replace (
                    unnamed.account_key as account_key,
                    'ended' as desired_state,
                    'routed_away' as leaving_kind,
                    'routed_away' as reason
                ), {held}
            from temp.unnamed as unnamed
            inner join wanted
                on unnamed.person_id = wanted.person_id and wanted.account_key <> '*'
            anti join everyone on unnamed.person_id = everyone.person_id
            qualify row_number() over (
                partition by unnamed.person_id, unnamed.account_key order by wanted.account_key
            ) = 1
        ),
        nowhere as (
            -- Somebody with other accounts has no row for none.
            select everyone.*, {_NOT_HELD} from everyone
            anti join temp.unnamed as unnamed on everyone.person_id = unnamed.person_id
            anti join (select person_id from temp.compared where held_state is not null) as named
                on everyone.person_id = named.person_id
        ),
        desired as (
            select * from everywhere
            union all by name select * from elsewhere
            union all by name select * from nowhere
        )
        {_planned("desired")}
        """,
        {"known_by": known_by},
    )


def _match(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Take the rows that may need a call out of the draft, with all fields, wanted and held."""
    # What HR's records say nothing of stays as the account has it; so does what was adopted until HR
    # changes theirs.
    fields = ", ".join(
        f"if((list_contains(wanted.kept_fields, '{name}') and held.person_id is not null) or json_exists(held.adopted, '$.{name}') "
        f"and wanted.{name}::varchar is not distinct from (held.adopted -> '$.{name}' ->> 0), "
        f"held.fields ->> '$.{name}', wanted.{name}::varchar) as {name}"
        for name in traits.fields
    )
    before = ", ".join(f"held.fields ->> '$.{name}' as before_{name}" for name in traits.fields)
    connection.execute(
        f"""
        create or replace temp table matched as
        select planned.*, {fields}, {before}
        from temp.compared as planned
        inner join {traits.mart} as wanted
            on planned.person_id = wanted.person_id
            and planned.mart_account_key = wanted.account_key
        left join sync.ledger as held
            on held.vendor = $vendor
            and planned.person_id = held.person_id
            and planned.account_key = held.account_key
        where planned.operation <> 'none'
        """,
        {"vendor": vendor},
    )
    connection.execute("delete from temp.compared where operation <> 'none'")


def _decide(connection: duckdb.DuckDBPyConnection, traits: Traits, as_of: dt.date) -> None:
    """Compute the changed fields, turn a change of nothing into none, and put the rows back."""
    optional = tuple(set(traits.unique_fields) - set(traits.required_fields))
    for name in optional:
        connection.execute(
            f"""
            update temp.matched set {name} = before_{name}
            from temp.refused_claims as refused
            where matched.person_id = refused.person_id
            and matched.account_key = refused.account_key and refused.field = '{name}'
            """
        )
    fields = ", ".join(name for field in traits.fields for name in (field, f"before_{field}"))
    connection.execute(
        f"""
        insert into temp.compared by name
        with candidates as (
            select matched.*,
                {changed_fields(traits)} as changed,
                operation in ('update', 'reactivate')
                and coalesce(external_id <> held_external_id, false) as is_rekeyed,
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
        select * exclude (changed, is_rekeyed, is_refused, lacks_value, {fields}) replace (
            -- The vendor learns another external id too: a lost store finds the account by it.
            if(
                operation = 'update' and len(changed) = 0 and not is_rekeyed, 'none', operation
            ) as operation,
            if(is_rekeyed, 'rekeyed', reason) as reason,
            {as_changes("changed")} as changes,
            -- Without the hash the row is compared again when the value may have become free.
            if(lacks_value, null, payload_hash) as payload_hash,
            if(is_refused, 'conflict', null) as hold
        )
        from candidates
        """,
        {"yesterday": as_of - dt.timedelta(days=1)},
    )
    connection.execute("drop table temp.matched")


def _add_absent(
    connection: duckdb.DuckDBPyConnection,
    traits: Traits,
    settings: Settings,
    *,
    as_of: dt.date,
) -> None:
    """Add the people of the ledger whom the source no longer has.

    An absence counts the accepted business days on which the employer's lists were whole without the person;
    an employer that is no longer listed is a loss of access and never a wave of leavers.
    """
    before = "".join(
        f", unlisted.fields ->> '$.{name}' as before_{name}" for name in fields_read_at_end(traits)
    )
    connection.execute(
        f"""
        insert into temp.compared by name
        with
        unlisted as (
            select held.* from sync.ledger as held
            semi join temp.unnamed as unnamed
                on held.person_id = unnamed.person_id and held.account_key = unnamed.account_key
            anti join {traits.mart} as present on held.person_id = present.person_id
            where held.vendor = $vendor
        ),
        closed as (
            -- The run that no longer had a person; nobody who is listed again, or was never read.
            select person_id, max(known_to_run) as closed_in_run from people.person_history
            where entity = 'person' and person_id in (select person_id from unlisted)
            group by all having count(*) = count(known_to_run)
        ),
        whole_reads as (
            select run_id, employer_id from sync.evidence
            where stream in ('employees', 'employments') and verdict = 'whole'
            and employer_id in (select employer_id from unlisted)
            group by all having count(*) = 2
        ),
        absences as (
            select closed.person_id, count(distinct runs.as_of) as absences
            from closed
            inner join unlisted on closed.person_id = unlisted.person_id
            inner join whole_reads
                on unlisted.employer_id = whole_reads.employer_id
                and whole_reads.run_id >= closed.closed_in_run
            inner join sync.runs as runs on whole_reads.run_id = runs.run_id
            -- A day that did not follow the last one was no day: a clock that ran ahead, or back.
            where runs.accepted_on is not null or runs.finished_at is null
            group by all
        ),
        gone as (
            select unlisted.*, coalesce(absences.absences, 0) as absences,
                employer.employer_id is null as employer_is_gone{before},
            from unlisted
            left join absences on unlisted.person_id = absences.person_id
            left join people.employers as employer
                on unlisted.employer_id = employer.employer_id
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
            if(operation = 'deactivate', {as_changes(fields_at_end(traits))}, '{{}}') as changes,
            false as is_announced, ends_on, spell_starts_on, payload_hash, 'ended' as desired_state, state as held_state,
        from gone
        """,
        {
            "vendor": settings.vendor,
            "when_absent": settings.when_absent,
            "absence_reads": settings.absence_reads,
            "yesterday": as_of - dt.timedelta(days=1),
        },
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "null"
