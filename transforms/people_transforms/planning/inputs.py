"""What the models of the plan read beside the tables: the mart, the platform's fields, the settings and lists.

Reading the platform's lists of accounts is the only thing that a plan does between two builds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import duckdb
import orjson

from people_transforms.delivery.vendor import Account, Traits
from people_transforms.delivery.whose import NAMES, telling_alone
from people_transforms.settings import Settings

_ROWS_AT_ONCE = 5000


def store(
    connection: duckdb.DuckDBPyConnection,
    traits: Traits,
    settings: Settings,
    *,
    run_id: str,
    as_of: dt.date,
) -> None:
    """Store them for this night, in `temp.plan_wanted`, `plan_fields` and `plan_policy`.

    `temp.plan_vendor_accounts` is there, and empty.
    """
    connection.execute(f"create or replace temp view plan_wanted as select * from {traits.mart}")
    store_fields(connection, traits)
    connection.execute(
        """
        create or replace temp table plan_policy as
        select $run_id::varchar as run_id, $as_of::date as as_of,
            $vendor::varchar as vendor, $source_system::varchar as source_system,
            $as_of::date - $announced_after as announced_before,
            $absence_reads as absence_reads,
            $when_absent = 'end' as ends_absent,
            $invites as can_invite,
            $invites and $invitations <> 'off' as is_inviting,
            $invitations = 'all_not_yet_invited' as invites_everybody,
            $first_day::varchar as first_day_field,
            $name_fields::varchar[] as name_fields,
            -- Groups of fields: who agrees in all of one is told by it.
            $telling::varchar[][] as telling,
            $adopt::varchar[] as adopts,
            $repair::varchar[] as repairs,
        """,
        {
            "run_id": run_id,
            "as_of": as_of,
            "vendor": settings.vendor,
            "source_system": settings.source_system,
            "announced_after": settings.announced_after_days,
            "absence_reads": settings.absence_reads,
            "when_absent": settings.when_absent,
            "invites": traits.invites,
            "invitations": settings.invitations,
            "first_day": traits.first_day_field,
            "name_fields": [name for name in NAMES if name in traits.fields],
            "telling": [list(group) for group in traits.telling_fields],
            "adopt": list(settings.reconcile.adopt),
            "repair": list(settings.reconcile.repair),
        },
    )
    connection.execute(
        """
        create or replace temp table plan_vendor_accounts (
            account_key varchar, account_id varchar, external_id varchar, is_active boolean,
            ended_on varchar, invitation_state varchar, fields varchar
        )
        """
    )


def store_fields(connection: duckdb.DuckDBPyConnection, traits: Traits) -> None:
    """Fill `temp.plan_fields`: what each field of an account is to the platform, and `temp.plan_notes`:
    the people whose note says where to, if notes do.
    """
    notes = traits.routing_mart or "(select null::varchar as employer_id where false)"
    connection.execute(f"create or replace temp view plan_notes as select employer_id from {notes}")
    connection.execute(
        """
        create or replace temp table plan_fields as
        select unnest($fields::varchar[]) as field,
            generate_subscripts($fields::varchar[], 1) as turn,
            nullif(list_position($match::varchar[], field), 0) as match_turn,
            list_contains($name::varchar[], field) as is_name,
            list_contains($of_name::varchar[], field) as is_of_name,
            list_contains($telling::varchar[], field) as tells_alone,
            list_contains($unique::varchar[], field) as is_unique,
            list_contains($required::varchar[], field) as is_required,
            list_contains($released::varchar[], field) as is_released,
            list_contains($create_only::varchar[], field) as is_create_only,
            list_contains($never_emptied::varchar[], field) as is_never_emptied,
            coalesce(field = $last_day, false) as is_last_day,
        """,
        {
            "fields": list(traits.fields),
            "match": list(traits.match_fields),
            "name": list(traits.name_fields),
            "of_name": list(NAMES),
            "telling": list(telling_alone(traits)),
            "unique": list(traits.unique_fields),
            "required": list(traits.required_fields),
            "released": list(traits.released_fields),
            "create_only": list(traits.create_only),
            "never_emptied": [*traits.kept_when_empty, *traits.required_fields],
            "last_day": traits.last_day_field,
        },
    )


def store_accounts(connection: duckdb.DuckDBPyConnection, accounts: Iterable[Account]) -> None:
    """Add what the vendor lists to `temp.plan_vendor_accounts`."""
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
        insert into temp.plan_vendor_accounts
        select a ->> '$.account_key', a ->> '$.account_id', a ->> '$.external_id',
            (a ->> '$.is_active')::boolean, a ->> '$.ended_on', a ->> '$.invitation_state',
            (a -> '$.fields')::varchar
        from (select unnest(?::json[]) as a)
        """,
        [[line.decode() for line in chunk]],
    )


def store_places(connection: duckdb.DuckDBPyConnection, read: Sequence[str]) -> None:
    """Name the places whose lists were read in `temp.plan_read_places`."""
    connection.execute(
        "create or replace temp table plan_read_places as select unnest(?::varchar[]) as account_key",
        [list(read)],
    )
