"""Loket's OAuth server: a consent page, codes (PKCE S256 if asked), access and refresh tokens."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass, field
from html import escape
from secrets import token_urlsafe
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-client-secret"


@dataclass(slots=True)
class Tokens:
    """Everything that was issued; ``rotate`` makes a refresh token good for one use."""

    rotate: bool = False
    lifetime: int = 3599
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=set)
    access: dict[str, float] = field(default_factory=dict)

    def grant(self) -> str:
        """A new refresh token, as if somebody had just pressed 'Toestaan'."""
        token = token_urlsafe(24)
        self.refresh.add(token)
        return token

    def issue(self, refresh_token: str) -> dict[str, str | int]:
        access_token = token_urlsafe(32)
        self.access[access_token] = time.monotonic() + self.lifetime
        return {
            "access_token": access_token,
            "token_type": "bearer",
            "expires_in": self.lifetime,
            "refresh_token": refresh_token,
            "two_factor_state": "None",
        }

    def is_valid(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return (
            scheme.casefold() == "bearer" and self.access.get(token.strip(), 0.0) > time.monotonic()
        )

    def revoke(self, authorization: str) -> None:
        self.access.pop(authorization.partition(" ")[2].strip(), None)


class OAuth:
    """The two endpoints under ``/loket/oauth``."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def authorize(self, request: Request) -> Response:
        """Show who asks; on POST send the browser back with a code, or with the refusal."""
        asked = dict(request.query_params)
        if (
            asked.get("client_id") != CLIENT_ID
            or asked.get("response_type") != "code"
            or not asked.get("redirect_uri")
        ):
            return HTMLResponse(
                "<h1>Ongeldige aanvraag</h1><p>client_id, redirect_uri of response_type klopt niet.</p>",
                400,
            )
        if request.method == "GET":
            return HTMLResponse(_consent_page(asked))
        form = parse_qs((await request.body()).decode())
        if form.get("answer") != ["allow"]:
            return _back(asked, {"error": "access_denied"})
        code = token_urlsafe(24)
        self._tokens.codes[code] = asked
        return _back(asked, {"code": code})

    async def token(self, request: Request) -> Response:
        # Loket's clients send this body under several content types; what counts is the body.
        form = {
            name: values[0] for name, values in parse_qs((await request.body()).decode()).items()
        }
        form |= _basic_credentials(request.headers.get("authorization", ""))
        secret = form.get("client_secret")
        if form.get("client_id", form.get("client_Id")) != CLIENT_ID or secret not in (
            None,
            "",
            CLIENT_SECRET,
        ):
            return JSONResponse({"error": "invalid_client"}, 400)
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._exchange(form)
        if grant == "refresh_token":
            return self._refresh(form.get("refresh_token", ""))
        return JSONResponse({"error": "unsupported_grant_type"}, 400)

    def _exchange(self, form: dict[str, str]) -> Response:
        asked = self._tokens.codes.pop(form.get("code", ""), None)
        if (
            asked is None
            or asked["redirect_uri"] != form.get("redirect_uri")
            or not _proves(asked, form)
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(self._tokens.issue(self._tokens.grant()))

    def _refresh(self, token: str) -> Response:
        if token not in self._tokens.refresh:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self._tokens.rotate:
            self._tokens.refresh.discard(token)
            token = self._tokens.grant()
        return JSONResponse(self._tokens.issue(token))


def _consent_page(asked: dict[str, str]) -> str:
    return (
        "<!doctype html><html lang=nl><title>Loket</title><h1>Toegang tot Loket</h1>"
        f"<p>De applicatie <b>{escape(asked['client_id'])}</b> vraagt alleen-lezen toegang tot uw gegevens.</p>"
        "<form method=post><button name=answer value=allow>Toestaan</button> "
        "<button name=answer value=deny>Weigeren</button></form></html>"
    )


def _back(asked: dict[str, str], answer: dict[str, str]) -> Response:
    state = {"state": asked["state"]} if "state" in asked else {}
    joiner = "&" if "?" in asked["redirect_uri"] else "?"
    return RedirectResponse(asked["redirect_uri"] + joiner + urlencode(state | answer), 302)


def _proves(asked: dict[str, str], form: dict[str, str]) -> bool:
    challenge = asked.get("code_challenge")
    if not challenge:
        return True
    verifier = form.get("code_verifier", "")
    if asked.get("code_challenge_method", "plain") == "plain":
        return verifier == challenge
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge


def _basic_credentials(authorization: str) -> dict[str, str]:
    scheme, _, value = authorization.partition(" ")
    if scheme.casefold() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}
