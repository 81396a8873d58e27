"""Places that the settings no longer name: nothing is written there, and nobody is ended there.

A client taken out of the list, an employer taken out of the mapping or mapped to another company: the
accounts there are not this connection's any more. Only the settings end such a hold.
"""

from __future__ import annotations

import duckdb


def hold_outside(connection: duckdb.DuckDBPyConnection) -> None:
    """Hold every change at a place outside the settings, before moves are tied to each other.

    An employer must be in the settings too, where they name employers.
    """
    connection.execute(
        """
        update temp.compared as planned set hold = 'outside_settings'
        where operation <> 'none'
        and not exists (select 1 from mart.allowed_places where account_key = '*')
        and (
            account_key not in (select account_key from mart.allowed_places)
            or employer_id not in (
                select employer_id from mart.allowed_places where employer_id is not null
            )
            and not exists (select 1 from mart.allowed_places where employer_id is null)
        )
        """
    )
