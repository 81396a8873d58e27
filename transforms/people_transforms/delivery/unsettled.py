"""Changes that were sent without a known end: a run was killed, or no answer ever came.

Whether such a change happened, only the vendor knows. Its accounts are read before anything is
planned, and the ledger takes over what is true: also when HR has changed its mind since.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb


def unsettled_places(connection: duckdb.DuckDBPyConnection, vendor: str) -> list[str]:
    """Fill `temp.unsettled` and name the places to read: of a mover both, the old and the new."""
    connection.execute(
        """
        create or replace temp table unsettled as
        select delivery_id, any_value(person_id) as person_id,
            any_value(account_key) as account_key, any_value(operation) as operation,
        from sync.deliveries group by delivery_id
        having not bool_or(status in ('confirmed', 'rejected', 'looked_up'))
        """
    )
    rows = connection.execute(
        """
        select account_key from temp.unsettled
        union
        select account_key from sync.ledger
        where vendor = ? and person_id in (select person_id from temp.unsettled)
        order by 1
        """,
        [vendor],
    ).fetchall()
    return [row[0] for row in rows]


def take_over(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> None:
    """Correct the ledger of people with unsettled changes from `temp.vendor_accounts`."""
    connection.execute(
        """
        update sync.ledger as held set
            state = if(found.is_active, 'active', 'inactive'),
            fields = found.fields,
            -- Compared field by field again, until a run accepts it.
            payload_hash = null,
            ended_by = case
                when found.is_active then null
                when (held.person_id, held.account_key) in (
                    select (person_id, account_key) from temp.unsettled
                    where operation = 'deactivate'
                ) then 'us'
                else coalesce(held.ended_by, 'other')
            end,
            ended_on = case
                when not found.is_active
                    then coalesce(held.ended_on, try_cast(left(found.ended_on, 10) as date))
            end,
            updated_run_id = $run_id
        from temp.vendor_accounts as found
        where held.vendor = $vendor and held.account_key = found.account_key
        and held.account_id = found.account_id
        and held.person_id in (select person_id from temp.unsettled)
        """,
        {"vendor": vendor, "run_id": run_id},
    )
    _add_lost_creations(connection, vendor, run_id)


def _add_lost_creations(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> None:
    """Note accounts that were made or taken over for people whom HR has taken back since.

    Linking looks for the people that HR lists; without a row in the ledger theirs would stay for ever.
    """
    connection.execute(
        """
        insert into sync.ledger by name
        with made as (
            select planned.person_id, planned.account_key, planned.external_id,
                planned.employer_id, planned.spell_starts_on,
            from sync.plan as planned
            semi join temp.unsettled as unsettled
                on planned.person_id = unsettled.person_id
                and planned.account_key = unsettled.account_key
            anti join people.people as people on planned.person_id = people.person_id
            where planned.operation in ('create', 'adopt')
            qualify row_number() over (
                partition by planned.person_id, planned.account_key order by planned.run_id desc
            ) = 1
        )
        select $vendor as vendor, made.*, found.account_id, found.fields,
            if(found.is_active, 'active', 'inactive') as state,
            if(found.is_active, null, 'other') as ended_by,
            $run_id as updated_run_id,
        from made
        inner join temp.vendor_accounts as found
            on made.account_key = found.account_key and made.external_id = found.external_id
        anti join (select * from sync.ledger where vendor = $vendor) as held
            on made.person_id = held.person_id and made.account_key = held.account_key
        """,
        {"vendor": vendor, "run_id": run_id},
    )


def note_looked_up(connection: duckdb.DuckDBPyConnection, run_id: str, read: Sequence[str]) -> None:
    """Settle, in the log, the changes whose places were read."""
    connection.execute(
        """
        insert into sync.deliveries by name
        select delivery_id, $run_id as run_id, person_id, account_key, operation,
            'looked_up' as status, now() as logged_at,
        from temp.unsettled where account_key in (select unnest($read::varchar[]))
        """,
        {"run_id": run_id, "read": list(read)},
    )
