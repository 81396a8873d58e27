"""What the models of the plan read beside the tables: the mart, the platform's fields and the settings."""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.delivery.whose import NAMES, telling_alone
from people_transforms.settings import Settings


def store(
    connection: duckdb.DuckDBPyConnection, traits: Traits, settings: Settings, as_of: dt.date
) -> None:
    """Store them for this night: `temp.plan_wanted`, `temp.plan_fields` and `temp.plan_policy`."""
    connection.execute(f"create or replace temp view plan_wanted as select * from {traits.mart}")
    store_fields(connection, traits)
    connection.execute(
        """
        create or replace temp table plan_policy as
        select $as_of::date as as_of,
            $as_of::date - $announced_after as announced_before,
            $absence_reads as absence_reads,
            $when_absent = 'end' as ends_absent,
            $invites and $invitations <> 'off' as is_inviting,
            $invitations = 'all_not_yet_invited' as invites_everybody,
            $first_day::varchar as first_day_field,
        """,
        {
            "as_of": as_of,
            "announced_after": settings.announced_after_days,
            "absence_reads": settings.absence_reads,
            "when_absent": settings.when_absent,
            "invites": traits.invites,
            "invitations": settings.invitations,
            "first_day": traits.first_day_field,
        },
    )


def store_fields(connection: duckdb.DuckDBPyConnection, traits: Traits) -> None:
    """Fill `temp.plan_fields`: what each field of an account is to the platform."""
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
