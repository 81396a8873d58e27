"""Signing in with a link: made for one person, valid once and for a limited time, kept as a hash."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from typing import Literal

from people_transforms.errors import ConfigError
from people_transforms.safe_text import printable

from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.web.sessions import hashed, open_session

MOST_KEPT = 20
_LONGEST_NAME = 100

LinkState = Literal["open", "used", "expired", "unknown"]


def make_link(journey: Journey, now: dt.datetime, lasts: dt.timedelta, who: str) -> str:
    """Make the token of a new link for `who`. It ends the links before it, and every session."""
    if not who or who != printable(who) or len(who) > _LONGEST_NAME:
        raise ConfigError(
            "Say for whom the link is: `--for` with a name or an address of one line, "
            f"up to {_LONGEST_NAME} characters."
        )
    token = secrets.token_urlsafe(32)
    end_links(journey, now)
    journey.sessions.clear()
    journey.links.append(
        {
            "hash": hashed(token),
            "who": who,
            "expires_at": (now + lasts).isoformat(),
            "used_at": None,
        }
    )
    del journey.links[:-MOST_KEPT]
    return token


def end_links(journey: Journey, now: dt.datetime) -> None:
    """End the links that were not used yet."""
    for link in journey.links:
        if not link["used_at"]:
            link["expires_at"] = min(str(link["expires_at"]), now.isoformat())


def state_of_link(journey: Journey, token: str, now: dt.datetime) -> LinkState:
    """Tell whether a link may still be used."""
    key = hashed(token)
    for link in journey.links:
        if hmac.compare_digest(link["hash"], key):
            if link["used_at"]:
                return "used"
            is_open = dt.datetime.fromisoformat(link["expires_at"]) > now
            # A link of an older version was made for nobody, and nobody can sign in with it.
            return "open" if is_open and link.get("who") else "expired"
    return "unknown"


def use_link(journey: Journey, token: str, now: dt.datetime) -> tuple[LinkState, str]:
    """Use a link up and open a session; gives the session's token where the link was open."""
    state = state_of_link(journey, token, now)
    if state != "open":
        return state, ""
    link = next(link for link in journey.links if link["hash"] == hashed(token))
    link["used_at"] = now.isoformat()
    return state, open_session(journey.sessions, link["who"], now)
