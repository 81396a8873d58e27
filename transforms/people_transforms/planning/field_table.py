"""What each field of an account is to the platform, as a table that the models of the plan read."""

from __future__ import annotations

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.delivery.whose import NAMES, telling_alone


def store(connection: duckdb.DuckDBPyConnection, traits: Traits) -> None:
    """Fill `temp.plan_fields` with one row per field of an account."""
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
            list_contains($create_only::varchar[], field) as is_create_only,
            coalesce(field = $last_day, false) as is_last_day,
        """,
        {
            "fields": list(traits.fields),
            "match": list(traits.match_fields),
            "name": list(traits.name_fields),
            "of_name": list(NAMES),
            "telling": list(telling_alone(traits)),
            "unique": list(traits.unique_fields),
            "create_only": list(traits.create_only),
            "last_day": traits.last_day_field,
        },
    )
