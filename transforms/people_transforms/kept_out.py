"""Imported before DuckDB and httpx: keeps out of the process what they import and no run needs.

With the first bound value DuckDB imports pandas (0.8 s where it is installed) to see whether the
value is one of pandas' own, which none of ours is. httpx imports its own command line, and with it click
and rich, where they are installed. Nothing else changes.
"""

from __future__ import annotations

import sys

# Who imported one of them before keeps it.
for _name in ("pandas", "httpx._main"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]
