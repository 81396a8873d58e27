"""Changes that were sent without a known end: a run was killed, or no answer ever came.

Whether such a change happened, only the vendor knows. Its accounts are read before anything is
planned, and the ledger takes over what is true: also when HR has changed its mind since.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from people_transforms.delivery.states import note_states
from people_transforms.delivery.vendor import Traits
from people_transforms.same_value import folded


def unsettled_places(connection: duckdb.DuckDBPyConnection, vendor: str) -> list[str]:
    """Fill `temp.plan_unsettled` and name the places to read: of a mover both, the old and the new."""
    connection.execute(
        """
        create or replace temp table plan_unsettled as
        select delivery_id, any_value(person_id) as person_id,
            any_value(account_key) as account_key, any_value(operation) as operation,
            any_value(account_id) as account_id, max(state) filter (status = 'intent') as state,
        from sync.deliveries group by delivery_id
        having not bool_or(status in ('confirmed', 'rejected', 'looked_up', 'not_tried'))
        """
    )
    rows = connection.execute(
        """
        select account_key from temp.plan_unsettled
        union
        select account_key from sync.ledger
        where vendor = ? and person_id in (select person_id from temp.plan_unsettled)
        order by 1
        """,
        [vendor],
    ).fetchall()
    return [row[0] for row in rows]


def take_over(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str, run_id: str
) -> None:
    """Correct the ledger of people with unsettled changes from `temp.plan_vendor_accounts`."""
    seen = """
        select held.vendor, held.person_id, held.account_key, found.is_active,
            if(
                (held.person_id, held.account_key) in (
                    select (person_id, account_key) from temp.plan_unsettled
                    where operation = 'deactivate'
                ), 'us', 'other'
            ) as ended_by,
            try_cast(left(found.ended_on, 10) as date) as ended_on,
        from sync.ledger as held
        inner join temp.plan_vendor_accounts as found
            on held.account_key = found.account_key and held.account_id = found.account_id
        where held.vendor = $vendor and held.person_id in (select person_id from temp.plan_unsettled)
    """
    note_states(connection, run_id, seen, {"vendor": vendor})
    connection.execute(
        """
        update sync.ledger as held set
            fields = found.fields,
            -- Compared field by field again, until a run accepts it.
            payload_hash = null,
            updated_run_id = $run_id
        from temp.plan_vendor_accounts as found
        where held.vendor = $vendor and held.account_key = found.account_key
        and held.account_id = found.account_id
        and held.person_id in (select person_id from temp.plan_unsettled)
        """,
        {"vendor": vendor, "run_id": run_id},
    )
    _add_lost_creations(connection, traits, vendor, run_id)


def _add_lost_creations(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str, run_id: str
) -> None:
    """Note accounts that were made or taken over for people whom HR has taken back since.

    Linking looks for the people that HR lists; without a row in the ledger theirs would stay for ever.
    An ended account that was to be taken over, and is active now, was revived by us.
    """
    same = {
        name: folded(f"found.fields ->> '$.{name}'")
        + " = "
        + folded(f"made.changes -> '$.{name}' ->> 1")
        for name in (*traits.match_fields, *traits.name_fields)
    }
    matched = " or ".join(same[name] for name in traits.match_fields)
    named = " and ".join(same[name] for name in traits.name_fields)
    is_made = (
        "made.external_id = found.external_id"
        if traits.has_external_ids
        else f"made.operation = 'create' and ({matched}) and {named or 'true'}"
    )
    connection.execute(
        f"""
        create or replace temp table regained as
        with made as (
            select planned.person_id, planned.account_key, planned.external_id,
                planned.employer_id, planned.spell_starts_on, planned.operation, planned.changes,
                case
                    when unsettled.operation = 'adopt' and unsettled.state = 'inactive'
                        then unsettled.account_id
                end as revived_id,
            from sync.plan as planned
            inner join temp.plan_unsettled as unsettled
                on planned.person_id = unsettled.person_id
                and planned.account_key = unsettled.account_key
            left join people.people as people on planned.person_id = people.person_id
            where planned.operation in ('create', 'adopt')
            and (people.person_id is null or revived_id is not null)
            qualify row_number() over (
                partition by planned.person_id, planned.account_key
                order by planned.run_id desc, revived_id
            ) = 1
        )
        select $vendor as vendor, made.person_id, made.account_key,
            -- Revived, and perhaps not yet ours by its id.
            if({is_made}, made.external_id, '') as external_id,
            made.employer_id, made.spell_starts_on, found.account_id, found.fields,
            found.is_active, $run_id as updated_run_id,
        from made
        inner join temp.plan_vendor_accounts as found
            on made.account_key = found.account_key
            and (({is_made}) or (made.revived_id = found.account_id and found.is_active))
        anti join (select * from sync.ledger where vendor = $vendor) as held
            on made.account_key = held.account_key
            and (made.person_id = held.person_id or found.account_id = held.account_id)
        """,
        {"vendor": vendor, "run_id": run_id},
    )
    connection.execute(
        "insert into sync.ledger by name select * exclude (is_active) from temp.regained"
    )
    seen = (
        "select vendor, person_id, account_key, is_active, null::varchar as ended_by, "
        "null::date as ended_on from temp.regained"
    )
    note_states(connection, run_id, seen, {})


def note_looked_up(connection: duckdb.DuckDBPyConnection, run_id: str, read: Sequence[str]) -> None:
    """Settle, in the log, the changes whose places were read."""
    connection.execute(
        """
        insert into sync.deliveries by name
        select delivery_id, $run_id as run_id, person_id, account_key, operation,
            'looked_up' as status, now() as logged_at,
        from temp.plan_unsettled where account_key in (select unnest($read::varchar[]))
        """,
        {"run_id": run_id, "read": list(read)},
    )
