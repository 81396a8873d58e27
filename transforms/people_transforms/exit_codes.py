"""How a process ends: the codes of `people-sync` and of the destinations, and where a night is told."""

from __future__ import annotations

DONE, FAILED, MISCONFIGURED, HELD, PARTLY = 0, 1, 2, 3, 4
# Of a night that came to its end, whatever waits or was refused.
CAME_TO_ITS_END = (DONE, HELD, PARTLY)

# The variable that names a file for how a night ended; see `publishing/end.py`.
ASKS_FOR_END = "PEOPLE_SYNC_END"
