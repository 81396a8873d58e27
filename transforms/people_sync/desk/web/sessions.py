"""Sessions: who signed in with which browser and when, as records on the server.

A browser holds a random token, the record its hash. A session ends by the clock, when it was idle,
when somebody ends it, and with its record; nothing in the browser can prolong it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

LASTS = dt.timedelta(hours=12)
# A customer's, who is on no list that an operator could take an address off.
IDLE = dt.timedelta(hours=2)
FRESH = dt.timedelta(minutes=10)
# How exactly it is known when a session was used last: not every page writes the record.
SEEN_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that signed in. `who` is the identity that the sign-in was made for.

    `connection` is that of a customer's integration link, `place` where its files are, so that one
    of the same name at another desk is another one; empty for who is on the operator's list.
    """

    key: str
    who: str
    connection: str
    place: str
    began_at: dt.datetime
    seen_at: dt.datetime

    def is_fresh(self, now: dt.datetime) -> bool:
        """Tell whether the person signed in just now, as dangerous acts ask for."""
        return now - self.began_at < FRESH

    def is_open(self, now: dt.datetime) -> bool:
        is_idle = bool(self.connection) and now - self.seen_at >= IDLE
        return now - self.began_at < LASTS and not is_idle


def hashed(token: str) -> str:
    """Hash a token for keeping; tokens are 256 random bits, so one round is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
