"""The exit codes of `people-sync` and of the destinations."""

from __future__ import annotations

DONE, FAILED, MISCONFIGURED, HELD, PARTLY = 0, 1, 2, 3, 4
