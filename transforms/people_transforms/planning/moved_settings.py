"""Settings that move people: where one changed, and accounts would change of which HR says nothing new.

Another company for an employer, another client, another rule of numbers or of the external id makes many
accounts move, end or begin in one night, each for a good reason and none by HR. A person sees them first:
see `models/plan/settings_holds.sql`.
"""

from __future__ import annotations

import hashlib
import json

import duckdb

from people_transforms.models import plan_models
from people_transforms.planning import held
from people_transforms.settings import Settings
from people_transforms.store.warehouse import json_text

# Of the engine's own settings these decide who is to have which account; the others how it is sent.
_DECIDING = frozenset({"source_system", "when_absent", "absence_reads", "timezone"})


def hold(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Hold what settings would move that changed since a night on which they moved nobody.

    Released, they have moved whom they move; then they are the known ones.
    """
    marks, before = _marks(settings), _known_marks(connection, settings.vendor)
    names = {*marks, *before} if before else ()
    changed = [name for name in names if marks.get(name) != before.get(name)]
    if changed:
        connection.execute(
            "create or replace temp table plan_changed_settings as select unnest(?) as setting_name",
            [changed],
        )
        plan_models.build(connection, "told_since")
        held.note(connection, "settings_holds")
        if connection.execute("select 1 from temp.plan_settings_holds limit 1").fetchone():
            return
    connection.execute(
        "update sync.runs set settings_marks = ? "
        "where run_id = (select max(run_id) from sync.runs where vendor = ?)",
        [json_text(marks), settings.vendor],
    )


def _known_marks(connection: duckdb.DuckDBPyConnection, vendor: str) -> dict[str, str]:
    row = connection.execute(
        "select settings_marks from sync.runs "
        "where vendor = ? and settings_marks is not null order by run_id desc limit 1",
        [vendor],
    ).fetchone()
    marks: dict[str, str] = json.loads(row[0]) if row else {}
    return marks


def _marks(settings: Settings) -> dict[str, str]:
    """Give, per setting that decides about people, what tells whether it is another one."""
    return {
        name: hashlib.md5(json_text(value).encode(), usedforsecurity=False).hexdigest()[:8]
        for name, value in settings.configuration.items()
        if not name.startswith("__")
        and (name in _DECIDING or name not in Settings.model_fields)
        and value is not None
    }
