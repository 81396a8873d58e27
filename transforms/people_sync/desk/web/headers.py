"""The headers of every answer: no script, no frame, nothing kept, nothing told to other sites."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class StrictHeaders:
    """Adds the headers that an answer does not have itself."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:
        self._app = app
        self._headers = {
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
            "X-Robots-Tag": "noindex",
        }
        if is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", policy())
            await send(message)

        await self._app(scope, receive, send_with_headers)


def policy(may_lead_to: str | None = None) -> str:
    """Make the policy of a page; a form on it may redirect to this origin besides our own."""
    form_action = f"'self' {may_lead_to}" if may_lead_to else "'self'"
    return (
        "default-src 'none'; style-src 'self'; img-src data:; "
        f"form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    )
