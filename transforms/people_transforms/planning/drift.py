"""Drift: accounts that are not as we left them, because somebody changed them at the vendor.

Whenever the vendor's lists are read, what is there (`actual`) is held against the ledger (delivered)
and the mart (desired), see `models/plan/drift.sql`. What drifted is a finding; what else happens is a
setting per field:

    ignore   nothing; the field stays as it is until HR changes it (the default)
    adopt    the vendor's value counts as delivered; told once, and sent again when HR changes it
    repair   planned as an update, so that it is seen in the preview and passes the brakes

A value that is what HR wants by now is taken over without a word. `state` is a field like the others:
an account that is missing, or ended or revived by somebody else.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.delivery.states import note_states
from people_transforms.delivery.vendor import Traits
from people_transforms.errors import ConfigError
from people_transforms.settings import Settings


def check_fields(traits: Traits, settings: Settings) -> None:
    """Refuse names in the settings that no account has.

    Raises ConfigError with the names that there are.
    """
    known = ("state", *(name for name in traits.fields if name not in traits.create_only))
    asked = (*settings.reconcile.adopt, *settings.reconcile.repair)
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise ConfigError(
            f"`reconcile` names fields that no account has: {', '.join(unknown)}.",
            fields=" ".join(known),
        )


def take_over(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> bool:
    """Write what drifted, `temp.plan_drift`, to the ledger; tell whether it was changed."""
    changed = [
        _take_over_fields(connection, vendor, run_id),
        _take_over_states(connection, vendor, run_id),
        _forget_missing(connection, vendor),
    ]
    return any(changed)


def is_due(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: dt.date) -> bool:
    """Tell whether so many days have passed since all lists were read."""
    if settings.reconcile.every_days is None:
        return False
    row = connection.execute(
        "select max(as_of) from sync.runs where read_accounts and vendor = ?", [settings.vendor]
    ).fetchone()
    return not row or row[0] is None or (as_of - row[0]).days >= settings.reconcile.every_days


def note_read(connection: duckdb.DuckDBPyConnection, run_id: str, *, is_whole: bool) -> None:
    """Remember whether this run held all the vendor's accounts against the ledger."""
    connection.execute(
        "update sync.runs set read_accounts = ? where run_id = ?", [is_whole, run_id]
    )


def _take_over_fields(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> bool:
    """Write the vendor's values to the ledger; those to repair are compared again at once."""
    return _changes(
        connection,
        """
        update sync.ledger as held set
            fields = json_merge_patch(held.fields, drifted.actual),
            adopted = json_merge_patch(coalesce(held.adopted, '{}'), drifted.adopted),
            payload_hash = if(drifted.is_repaired, null, held.payload_hash),
            updated_run_id = $run_id
        from (
            select person_id, account_key,
                json_group_object(field, actual) as actual,
                json_group_object(field, if(policy = 'adopt', json_array(wanted), null)) as adopted,
                bool_or(policy = 'repair') as is_repaired,
            from temp.plan_drift where field <> 'state' and policy <> 'ignore'
            group by all
        ) as drifted
        where held.vendor = $vendor and held.person_id = drifted.person_id
        and held.account_key = drifted.account_key
        """,
        {"vendor": vendor, "run_id": run_id},
    )


def _take_over_states(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> bool:
    """An account that somebody ended is ended; whether it may come back is the rule of a rehire.

    To repair means: as if we had ended it, so that it comes back; and one that somebody revived is
    ended again. One that HR wants again is active; else an account that somebody revived is left alone.
    """
    seen = """
        select $vendor as vendor, person_id, account_key, actual = 'active' as is_active,
            if(policy = 'repair', 'us', 'other') as ended_by, ended_on,
        from temp.plan_drift
        where field = 'state'
        and (actual = 'inactive' or (actual = 'active' and policy in ('repair', 'agreed')))
    """
    return note_states(connection, run_id, seen, {"vendor": vendor})


def _forget_missing(connection: duckdb.DuckDBPyConnection, vendor: str) -> bool:
    """Forget an account that is to be made again."""
    return _changes(
        connection,
        """
        delete from sync.ledger where vendor = $vendor and (person_id, account_key) in (
            select (person_id, account_key) from temp.plan_drift
            where field = 'state' and actual = 'missing' and policy = 'repair'
        )
        """,
        {"vendor": vendor},
    )


def _changes(connection: duckdb.DuckDBPyConnection, statement: str, values: dict[str, str]) -> bool:
    row = connection.execute(statement, values).fetchone()
    return bool(row and row[0])
