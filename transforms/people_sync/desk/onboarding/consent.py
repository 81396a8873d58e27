"""OAuth 2: ask for consent with a state and PKCE, remember it, and exchange the code for tokens."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from people_transforms.errors import ConfigError, RetryableError

from people_sync.desk.records import Records
from people_sync.desk.web.sessions import hashed

ANSWER_WITHIN = dt.timedelta(minutes=15)
_LARGEST_ANSWER = 1 << 20
_LIFETIME_IF_NOT_SAID = 3599
_LONGEST_LIFETIME = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Server:
    """An authorization server and the client that is registered there."""

    authorize_url: str
    token_url: str
    scope: str
    client_id: str
    client_secret: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Where to send the browser, and what must be remembered until it comes back."""

    url: str
    state: str
    verifier: str


def ask(server: Server, redirect_uri: str) -> Asked:
    """Make the address of the consent page."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "client_id": server.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": server.scope,
        "state": state,
        # A server that does not know PKCE leaves these aside (RFC 6749, section 3.1).
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    joiner = "&" if "?" in server.authorize_url else "?"
    return Asked(server.authorize_url + joiner + urlencode(query), state, verifier)


def begin_consent(
    records: Records, session: str, connection: str, asked: Asked, now: dt.datetime
) -> None:
    """Remember what was asked at the authorization server, for this session and a few minutes."""
    with records.open() as database:
        database.execute("delete from consents where expires_at < ?", [now.isoformat()])
        database.execute(
            "insert into consents values (?, ?, ?, ?, ?)",
            [
                hashed(asked.state),
                session,
                connection,
                asked.verifier,
                (now + ANSWER_WITHIN).isoformat(),
            ],
        )


def end_consent(
    records: Records, session: str, state: str, now: dt.datetime
) -> tuple[str, str] | None:
    """Give connection and code verifier that belong to an answer, once; None if it is not ours."""
    with records.open() as database:
        asked = database.execute(
            "delete from consents where hash = ? returning *", [hashed(state)]
        ).fetchone()
    if asked is None or asked["session"] != session:
        return None
    is_ahead = dt.datetime.fromisoformat(asked["expires_at"]) > now
    return (asked["connection"], asked["verifier"]) if is_ahead else None


def exchange(
    server: Server, code: str, verifier: str, redirect_uri: str, now: dt.datetime
) -> dict[str, str]:
    """Exchange a code for tokens: what belongs into the source's credentials.

    Raises ConfigError when the server refuses, RetryableError when it cannot be reached.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": server.client_id,
        "client_secret": server.client_secret or "",
        "code_verifier": verifier,
    }
    body = urlencode({name: value for name, value in form.items() if value}).encode()
    answer = _post(server.token_url, body)
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str):
        raise ConfigError("The authorization server sent no refresh token.")
    try:
        lifetime = float(answer.get("expires_in") or _LIFETIME_IF_NOT_SAID)
    except (TypeError, ValueError, OverflowError):
        lifetime = _LIFETIME_IF_NOT_SAID
    if not 0 < lifetime <= _LONGEST_LIFETIME:
        lifetime = _LIFETIME_IF_NOT_SAID
    expiry = now + dt.timedelta(seconds=lifetime)
    return {
        "refresh_token": refresh,
        "access_token": access,
        "token_expiry_date": f"{expiry:%Y-%m-%dT%H:%M:%SZ}",
    }


def _post(url: str, body: bytes) -> dict[str, Any]:
    if not url.startswith(("https://", "http://")):
        raise ConfigError("The address of the authorization server is not a web address.")
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "people-sync",
    }
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            if response.url != url:
                # The form was not sent along, but tokens of another address are not ours.
                raise ConfigError("The authorization server sends us to another address.")
            answer = json.loads(response.read(_LARGEST_ANSWER))
    except urllib.error.HTTPError as error:
        with error:
            said = _reason(error.read(_LARGEST_ANSWER))
        if error.code >= 500:
            raise RetryableError(
                "The authorization server has a problem.", status=error.code
            ) from None
        raise ConfigError(
            "The authorization server refused the consent's code.", status=error.code, said=said
        ) from None
    except (OSError, ValueError, RecursionError):
        raise RetryableError("The authorization server did not answer.") from None
    return answer if isinstance(answer, dict) else {}


def _reason(body: bytes) -> str | None:
    """Take the error's code, and nothing else, out of a refusal."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = (said.get("error") or said.get("Error")) if isinstance(said, dict) else None
    return code if isinstance(code, str) and code.replace("_", "").isalnum() else None
