"""Integration links and the sessions they open: valid once, for a limited time, kept as hashes."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from typing import Literal

from people_transforms.onboarding.journey import Journey, hashed

SESSION_LASTS = dt.timedelta(days=30)
CONSENT_LASTS = dt.timedelta(minutes=15)
MOST_KEPT = 20

LinkState = Literal["open", "used", "expired", "unknown"]


def make_link(journey: Journey, now: dt.datetime, lasts: dt.timedelta) -> str:
    """Make the token of a new link. Links that were not used yet stop working."""
    token = secrets.token_urlsafe(32)
    for link in journey.links:
        if not link["used_at"]:
            link["expires_at"] = min(str(link["expires_at"]), now.isoformat())
    journey.links.append(
        {"hash": hashed(token), "expires_at": (now + lasts).isoformat(), "used_at": None}
    )
    del journey.links[:-MOST_KEPT]
    return token


def state_of_link(journey: Journey, token: str, now: dt.datetime) -> LinkState:
    """Tell whether a link may still be used."""
    for link in journey.links:
        if hmac.compare_digest(link["hash"], hashed(token)):
            if link["used_at"]:
                return "used"
            return "open" if _is_ahead(link["expires_at"], now) else "expired"
    return "unknown"


def use_link(journey: Journey, token: str, now: dt.datetime) -> tuple[LinkState, str]:
    """Use a link up and open a session; gives the session's token where the link was open."""
    state = state_of_link(journey, token, now)
    if state != "open":
        return state, ""
    for link in journey.links:
        if link["hash"] == hashed(token):
            link["used_at"] = now.isoformat()
    session = secrets.token_urlsafe(32)
    journey.sessions.append(
        {"hash": hashed(session), "expires_at": (now + SESSION_LASTS).isoformat()}
    )
    del journey.sessions[:-MOST_KEPT]
    return state, session


def is_session(journey: Journey, session: str, now: dt.datetime) -> bool:
    """Tell whether a browser's session is one of ours and has not ended."""
    return any(
        hmac.compare_digest(known["hash"], hashed(session)) and _is_ahead(known["expires_at"], now)
        for known in journey.sessions
    )


def begin_consent(
    journey: Journey, session: str, state: str, verifier: str, now: dt.datetime
) -> None:
    """Remember what was asked at the authorization server, for this session and a few minutes."""
    journey.consents.append(
        {
            "hash": hashed(state),
            "session": hashed(session),
            "verifier": verifier,
            "expires_at": (now + CONSENT_LASTS).isoformat(),
        }
    )
    del journey.consents[:-MOST_KEPT]


def end_consent(journey: Journey, session: str, state: str, now: dt.datetime) -> str | None:
    """Give the code verifier that belongs to an answer, once; None if it is not ours."""
    for asked in list(journey.consents):
        if hmac.compare_digest(asked["hash"], hashed(state)):
            journey.consents.remove(asked)
            mine = hmac.compare_digest(asked["session"], hashed(session))
            return asked["verifier"] if mine and _is_ahead(asked["expires_at"], now) else None
    return None


def _is_ahead(text: str, now: dt.datetime) -> bool:
    return dt.datetime.fromisoformat(text) > now
