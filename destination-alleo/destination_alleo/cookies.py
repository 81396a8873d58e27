"""No cookies: the SDK's requests never send any, so none is looked for."""

from __future__ import annotations

from http.client import HTTPResponse
from http.cookiejar import CookieJar
from urllib.request import Request


class NoCookies(CookieJar):
    """Keeps nothing; to look through the head of every answer costs a twentieth of a call."""

    def extract_cookies(self, response: HTTPResponse, request: Request) -> None:
        """Leave the cookies of an answer where they are."""
