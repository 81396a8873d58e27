"""Sessions: who signed in with which browser and when, as records on the server.

A browser holds a random token, the record its hash. A session ends by the clock, when it was idle,
when somebody ends it, and with its record; nothing in the browser can prolong it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

LASTS = dt.timedelta(hours=12)
IDLE = dt.timedelta(hours=2)
FRESH = dt.timedelta(minutes=10)
# How exactly it is known when a session was used last: not every page writes the record.
_SEEN_EVERY = dt.timedelta(minutes=1)

Records = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that signed in. `who` is the identity that the sign-in was made for."""

    key: str
    who: str
    began_at: dt.datetime
    seen_at: dt.datetime

    def is_fresh(self, now: dt.datetime) -> bool:
        """Tell whether the person signed in just now, as dangerous acts ask for."""
        return now - self.began_at < FRESH

    def is_open(self, now: dt.datetime) -> bool:
        return now - self.began_at < LASTS and now - self.seen_at < IDLE


def hashed(token: str) -> str:
    """Hash a token for keeping; tokens are 256 random bits, so one round is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_session(records: Records, who: str, now: dt.datetime) -> str:
    """Open a session and give its token; records of sessions that ended are dropped."""
    token = secrets.token_urlsafe(32)
    at = now.isoformat()
    records[:] = [one for one in records if (known := _read(one)) and known.is_open(now)]
    records.append({"hash": hashed(token), "who": who, "began_at": at, "seen_at": at})
    return token


def find_session(records: Records, token: str, now: dt.datetime) -> Session | None:
    """Find the session of a browser's token, if it has not ended."""
    key = hashed(token)
    for record in records:
        session = _read(record)
        if session and hmac.compare_digest(session.key, key) and session.is_open(now):
            return session
    return None


def is_to_be_noted(session: Session, now: dt.datetime) -> bool:
    """Tell whether it is time to note that a session is in use."""
    return now - session.seen_at >= _SEEN_EVERY


def note_seen(records: Records, session: Session, now: dt.datetime) -> None:
    """Note that a session is in use; one that was ended meanwhile stays ended."""
    for record in records:
        if record["hash"] == session.key:
            record["seen_at"] = now.isoformat()


def end_session(records: Records, session: Session) -> None:
    """End one session; to end all of them, clear the records."""
    records[:] = [one for one in records if one["hash"] != session.key]


def _read(record: dict[str, Any]) -> Session | None:
    """Read a record; one of an older version, which named nobody, is no session any more."""
    if not record.get("who"):
        return None
    began_at, seen_at = (dt.datetime.fromisoformat(record[key]) for key in ("began_at", "seen_at"))
    return Session(record["hash"], record["who"], began_at, seen_at)
