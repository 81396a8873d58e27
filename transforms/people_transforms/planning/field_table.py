"""What each field of an account is to the platform, as a table that the models of the plan read."""

from __future__ import annotations

import duckdb

from people_transforms.delivery.vendor import Traits


def store(connection: duckdb.DuckDBPyConnection, traits: Traits) -> None:
    """Fill `temp.plan_fields` with one row per field of an account."""
    connection.execute(
        """
        create or replace temp table plan_fields as
        select unnest($fields::varchar[]) as field,
            generate_subscripts($fields::varchar[], 1) as turn,
            list_contains($unique::varchar[], field) as is_unique,
            coalesce(field = $last_day, false) as is_last_day,
        """,
        {
            "fields": list(traits.fields),
            "unique": list(traits.unique_fields),
            "last_day": traits.last_day_field,
        },
    )
