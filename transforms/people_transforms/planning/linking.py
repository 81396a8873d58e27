"""Accounts the vendor already has: our own after a lost store, and strangers' to take over.

An account with our external id, and with one more thing that tells the person, is ours: it is written to
the ledger without any call. Where name, address, number and chip all are another's, ids of two HR accounts
have met, and nobody touches it. An account without an id that matches on the vendor's match fields is
adopted by a planned, visible change (`models/plan/adoptions.sql`), unless name and all else say that it is
somebody else's. An account with another id is never taken over.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import orjson

from people_transforms.delivery.states import note_states
from people_transforms.delivery.vendor import Account, Traits
from people_transforms.same_value import folded

_ROWS_AT_ONCE = 5000


def forget_accounts(connection: duckdb.DuckDBPyConnection) -> None:
    """Start with empty `temp.vendor_accounts`, and with nothing said of them."""
    for table in ("foreign_accounts", "double_accounts"):
        connection.execute(
            f"create or replace temp table {table} (person_id varchar, employer_id varchar, "
            "account_key varchar, is_active boolean, copies bigint)"
        )
    connection.execute(
        """
        create or replace temp table vendor_accounts (
            account_key varchar, account_id varchar, external_id varchar, is_active boolean,
            ended_on varchar, invitation_state varchar, fields varchar
        )
        """
    )


def store_accounts(connection: duckdb.DuckDBPyConnection, accounts: Iterable[Account]) -> None:
    """Add what the vendor lists to `temp.vendor_accounts`."""
    chunk: list[bytes] = []
    for account in accounts:
        chunk.append(orjson.dumps(account))
        if len(chunk) == _ROWS_AT_ONCE:
            _insert(connection, chunk)
            chunk.clear()
    _insert(connection, chunk)


def _insert(connection: duckdb.DuckDBPyConnection, chunk: list[bytes]) -> None:
    if not chunk:
        return
    connection.execute(
        """
        insert into temp.vendor_accounts
        select a ->> '$.account_key', a ->> '$.account_id', a ->> '$.external_id',
            (a ->> '$.is_active')::boolean, a ->> '$.ended_on', a ->> '$.invitation_state',
            (a -> '$.fields')::varchar
        from (select unnest(?::json[]) as a)
        """,
        [[line.decode() for line in chunk]],
    )


def note_unlisted(
    connection: duckdb.DuckDBPyConnection, traits: Traits, *, is_rebuilt: bool
) -> None:
    """Start `temp.forgotten` (what a lost store leaves open) with the accounts HR no longer lists.

    Nobody knows whose they were, so they can't be counted as absent and are never ended.
    """
    connection.execute(
        f"""
        create or replace temp table forgotten as
        select distinct 'account_unlisted' as code, null::varchar as person_id,
            null::varchar as employer_id, account_key, external_id,
        from temp.vendor_accounts
        where $is_rebuilt and is_active and external_id <> ''
        and external_id not in (
            select external_id from {traits.mart} where external_id is not null
        )
        """,
        {"is_rebuilt": is_rebuilt},
    )


def link(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str, run_id: str) -> int:
    """Write accounts that carry our external id, and that the ledger lacks, to the ledger.

    Returns how many there were. Fills `temp.foreign_accounts`: ours by the id, and somebody else's by
    everything that tells people apart.
    """
    listed = ", ".join(f"{name}::varchar as {name}" for name in _telling(traits))
    planned = ", ".join(f"changes -> '$.{name}' ->> 1" for name in _telling(traits))
    connection.execute(
        f"""
        create or replace temp table claimed as
        with people as (
            select external_id, person_id, employer_id, spell_starts_on, {listed}
            from {traits.mart}
            where external_id in (select external_id from temp.vendor_accounts)
            union
            -- Whoever was being created when a run was cut off, also if HR has removed them since.
            select external_id, person_id, employer_id, spell_starts_on, {planned}
            from sync.plan
            where operation = 'create'
            and (person_id, account_key) in (select (person_id, account_key) from temp.unsettled)
            qualify row_number() over (
                partition by external_id order by person_id, spell_starts_on desc
            ) = 1
        ),
        moving as (
            -- Whose active account is where HR no longer has them comes back to an old one.
            select found.external_id from temp.vendor_accounts as found
            semi join (select * from {traits.mart} where account_key <> '*') as wanted
                on found.external_id = wanted.external_id
            anti join {traits.mart} as here
                on found.external_id = here.external_id
                and here.account_key in (found.account_key, '*')
            where found.is_active
        )
        select
            $vendor as vendor, people.person_id, found.account_key, found.account_id,
            found.external_id, people.employer_id,
            found.is_active, found.fields,
            -- Known announced ends and hashes come back with the next accepted run.
            null::varchar as payload_hash,
            people.spell_starts_on, null::date as ends_on,
            case
                when found.is_active then null
                when found.external_id in (select external_id from moving) then 'us'
                else 'other'
            end as ended_by,
            try_cast(left(found.ended_on, 10) as date) as ended_on,
            $run_id as updated_run_id,
            {_is_theirs(traits, "people")} as is_theirs,
        from temp.vendor_accounts as found
        inner join people on found.external_id = people.external_id
        anti join (select * from sync.ledger where vendor = $vendor) as held
            on held.account_key = found.account_key
            and (held.person_id = people.person_id or held.account_id = found.account_id)
        -- The vendor should have one; if it has more, the active one, then the oldest, is ours.
        qualify row_number() over (
            partition by people.person_id, found.account_key
            order by is_theirs desc, found.is_active desc, length(found.account_id),
                found.account_id
        ) = 1
        """,
        {"vendor": vendor, "run_id": run_id},
    )
    connection.execute(
        "insert into temp.foreign_accounts by name select person_id, employer_id, account_key, "
        "is_active from temp.claimed where not is_theirs"
    )
    connection.execute(
        "create or replace temp table linked as "
        "select * exclude (is_theirs) from temp.claimed where is_theirs"
    )
    if traits.invites:
        _note_known_invitations(connection, vendor, run_id)
    connection.execute(
        "insert into sync.ledger by name "
        "select * exclude (is_active, ended_by, ended_on) from temp.linked"
    )
    seen = "select vendor, person_id, account_key, is_active, ended_by, ended_on from temp.linked"
    note_states(connection, run_id, seen, {})
    row = connection.execute("select count(*) from temp.linked").fetchone()
    return int(row[0]) if row else 0


def _telling(traits: Traits) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in traits.telling_fields for name in group))


def _is_theirs(traits: Traits, wanted: str) -> str:
    """Compose whether an account `found` is, beside its external id, that of a wanted row."""
    groups = [
        " and ".join(f"{folded(_found(name))} = {folded(f'{wanted}.{name}')}" for name in group)
        for group in traits.telling_fields
    ]
    return f"coalesce({' or '.join(f'({group})' for group in groups)}, false)"


def note_doubles(connection: duckdb.DuckDBPyConnection, vendor: str) -> None:
    """Fill `temp.double_accounts`: of these people a place has several accounts with their id."""
    connection.execute(
        """
        insert into temp.double_accounts by name
        select held.person_id, any_value(held.employer_id) as employer_id, held.account_key,
            bool_and(found.is_active) as is_active, count(*) as copies,
        from sync.ledger as held
        inner join temp.vendor_accounts as found
            on held.account_key = found.account_key and held.external_id = found.external_id
        where held.vendor = $vendor
        group by held.person_id, held.account_key having count(*) > 1
        """,
        {"vendor": vendor},
    )


def _note_known_invitations(
    connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str
) -> None:
    """After a lost store: who was invited before is what the vendor says.

    Where it says nothing the person counts as invited: a second mail can't be unsent.
    """
    connection.execute(
        """
        insert into sync.invitations by name
        select linked.vendor, linked.person_id, linked.account_key, linked.spell_starts_on,
            if(found.invitation_state is null, 'unknown', 'sent') as status,
            $run_id as run_id, now() as decided_at,
        from temp.linked as linked
        inner join temp.vendor_accounts as found
            on linked.account_key = found.account_key and linked.account_id = found.account_id
        anti join (select * from sync.invitations where vendor = $vendor) as known
            on known.person_id = linked.person_id and known.account_key = linked.account_key
        where coalesce(found.invitation_state, 'unknown') <> 'none'
        """,
        {"vendor": vendor, "run_id": run_id},
    )


def _found(name: str) -> str:
    return f"found.fields ->> '$.{name}'"
