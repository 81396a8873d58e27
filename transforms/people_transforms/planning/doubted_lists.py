"""Lists of accounts that lack most of those we know: no evidence that these, or others, are not there.

A platform that answers an empty or a short list in good order would have everybody made a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

# Fewer accounts than these tell nothing of a list.
_FEWEST = 3


def note(connection: duckdb.DuckDBPyConnection, vendor: str, read: Sequence[str]) -> None:
    """Fill `temp.doubted_places`: of the places that were read those whose list lacks most accounts.

    Nobody is added there, see `models/plan/doubted_holds.sql`, and nothing that is missing is repaired.
    """
    connection.execute(
        """
        create or replace temp table doubted_places as
        select held.account_key, count(*) as known, count(found.account_id) as there,
        from sync.ledger as held
        left join temp.vendor_accounts as found
            on held.account_key = found.account_key and held.account_id = found.account_id
        where held.vendor = $vendor and held.state = 'active'
        and held.account_key in (select unnest($read::varchar[]))
        group by held.account_key
        having count(*) >= $fewest and 2 * count(found.account_id) < count(*)
        """,
        {"vendor": vendor, "read": list(read), "fewest": _FEWEST},
    )
