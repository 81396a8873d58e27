"""The brakes: what a night may change of a kind before a person looks at it; see `models/plan/braked.sql`.

What counts for which brake is a model, the limits are settings. Only the kind that is too many is held.
"""

from __future__ import annotations

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.models import plan_models
from people_transforms.planning import held
from people_transforms.settings import Brake, Settings

# The brakes on changes, first in turn first, each with what it counts; {} is the field it counts.
_LABELS = {
    "wipes": "accounts would lose their {},",
    "identity_changes": "accounts would get another {} at once,",
    "removals": "removals",
    "announced_removals": "announced removals",
    "removals_7_days": "removals within seven days",
    "additions": "additions",
    "invitations": "invitations",
    "updates": "updates",
}


def hold(connection: duckdb.DuckDBPyConnection, settings: Settings, traits: Traits) -> None:
    """Hold the changes that are too many, and say of each why."""
    _store_limits(connection, settings)
    _store_fields(connection, traits)
    plan_models.build(connection, "unasked_removals", "removed_lately", "counted", "brake_totals")
    held.note(connection, "braked")


def _store_limits(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    connection.execute(
        "create or replace temp table plan_brakes (kind varchar, turn integer, label varchar, "
        "at_least double, share double, at_most bigint, remembers boolean)"
    )
    for turn, (kind, label) in enumerate(_LABELS.items()):
        brake: Brake | None = getattr(settings.brakes, kind)
        if brake is None:
            continue
        # More than these are not mailed in one night.
        at_most = settings.max_invitations_per_run if kind == "invitations" else None
        remembers = kind == "removals_7_days"
        connection.execute(
            "insert into temp.plan_brakes values (?, ?, ?, ?, ?, ?, ?)",
            [kind, turn, label, brake.at_least, brake.share, at_most, remembers],
        )


def _store_fields(connection: duckdb.DuckDBPyConnection, traits: Traits) -> None:
    """Name the fields of which many may not be emptied, or replaced, in one night.

    Who has another name with another e-mail address, number or birth date may be somebody else; so may
    who has another chip.
    """
    connection.execute(
        "create or replace temp table plan_counted_fields (kind varchar, subject varchar, "
        "part varchar, parts integer, field varchar, is_replaced boolean)"
    )
    # No last day is an answer, an open end; the others are never emptied.
    kept = {
        *traits.required_fields,
        *traits.kept_when_empty,
        *traits.create_only,
        traits.last_day_field,
    }
    fields: list[tuple[str, str, str, int, str, bool]] = [
        ("wipes", name, name, 1, name, False) for name in traits.fields if name not in kept
    ]
    fields += [
        ("identity_changes", "identity", str(part), 2, name, True)
        for part, group in enumerate(traits.telling_fields)
        for name in group
    ]
    fields += [("identity_changes", name, name, 1, name, True) for name in traits.released_fields]
    for row in fields:
        connection.execute("insert into temp.plan_counted_fields values (?, ?, ?, ?, ?, ?)", row)
