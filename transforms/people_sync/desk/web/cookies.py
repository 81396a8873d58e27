"""The two cookies of a browser: its token, and its language. No script can read them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from people_sync.desk.web.sessions import LASTS

_TOKEN, _LANGUAGE = "desk", "language"


class Cookies:
    """Reads and sets the cookies. Over https they are `__Host-`: no other name may set them."""

    def __init__(self, base_url: str) -> None:
        self._is_https = base_url.startswith("https://")
        prefix = "__Host-" if self._is_https else ""
        self.token_name, self.language_name = prefix + _TOKEN, prefix + _LANGUAGE

    def token(self, request: Request) -> str:
        return request.cookies.get(self.token_name, "")

    def language(self, request: Request) -> str | None:
        return request.cookies.get(self.language_name)

    def keep(self, request: Request, response: Response, token: str, language: str) -> None:
        """Set what the browser does not have yet."""
        for name, value in ((self.token_name, token), (self.language_name, language)):
            if request.cookies.get(name) != value:
                response.set_cookie(
                    name,
                    value,
                    int(LASTS.total_seconds()),
                    httponly=True,
                    secure=self._is_https,
                    # Not strict: the link is opened from a mail, the consent ends at another site.
                    samesite="lax",
                )
