"""Imported before DuckDB is used: keeps pandas out of the process, and changes nothing else.

With the first bound value DuckDB imports pandas (0.8 s where it is installed) to see whether the
value is one of pandas' own, which none of ours is.
"""

from __future__ import annotations

import sys


def keep_pandas_out() -> None:
    """Make `import pandas` fail from here on, unless somebody imported it already."""
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
