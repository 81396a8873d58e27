"""One request as the pages see it: who asks, in which language, with which checked form."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from people_transforms.errors import SyncError
from people_transforms.onboarding.desk import Desk
from people_transforms.onboarding.journey import Journey
from people_transforms.onboarding.links import SESSION_LASTS, is_session
from people_transforms.onboarding.pages import LANGUAGES, Pages

COOKIE, LANGUAGE_COOKIE = "onboarding", "language"
_LARGEST_FORM = 1 << 18

Handler = Callable[["Visit"], Response]


@dataclass(slots=True)
class Visit:
    """A request that may be answered. `token` is the browser's; it is never put on a page."""

    desk: Desk
    pages: Pages
    request: Request
    token: str
    language: str
    journey: Journey
    form: list[tuple[str, str]]

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    def value(self, name: str) -> str:
        """Give one value of the form, trimmed."""
        return next((value.strip() for key, value in self.form if key == name), "")

    def values(self, name: str) -> list[str]:
        return [value.strip() for key, value in self.form if key == name]

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a page for this visitor."""
        response = self.pages.render(
            template,
            status,
            desk=self.desk,
            journey=self.journey,
            language=self.language,
            path=self.request.url.path,
            csrf=csrf_of(self.token),
            next_step=self.desk.next_step(self.journey),
            **values,
        )
        self._keep_cookies(response)
        return response

    def go(self, step: str) -> Response:
        """Send the browser to a step."""
        response = RedirectResponse(f"/{step}", 303)
        self._keep_cookies(response)
        return response

    def may(self, kind: str) -> bool:
        return self.desk.limits.may(kind, self.address)

    def too_often(self) -> Response:
        response = self.show("too_often.html.j2", 429)
        response.headers["Retry-After"] = "60"
        return response

    def _keep_cookies(self, response: Response) -> None:
        is_secure = self.desk.base_url.startswith("https://")
        lasts = int(SESSION_LASTS.total_seconds())
        for name, value in ((COOKIE, self.token), (LANGUAGE_COOKIE, self.language)):
            if self.request.cookies.get(name) != value:
                response.set_cookie(
                    name, value, lasts, httponly=True, secure=is_secure, samesite="lax"
                )


def csrf_of(token: str) -> str:
    """Derive the form token from the browser's token, which cannot be read back from it."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def page(desk: Desk, pages: Pages, handler: Handler, *, is_public: bool = False) -> Any:
    """Make an endpoint: session, form, form token and explained errors are taken care of here."""

    async def endpoint(request: Request) -> Response:
        form = await _read_form(request)
        return await run_in_threadpool(_answer, desk, pages, handler, request, form, is_public)

    return endpoint


def _answer(
    desk: Desk,
    pages: Pages,
    handler: Handler,
    request: Request,
    form: list[tuple[str, str]] | None,
    is_public: bool,
) -> Response:
    journey = desk.journey.read()
    token = request.cookies.get(COOKIE, "")
    has_session = bool(token) and is_session(journey, token, desk.clock())
    visit = Visit(
        desk=desk,
        pages=pages,
        request=request,
        token=token or secrets.token_urlsafe(32),
        language=_language(request, desk),
        journey=journey,
        form=form or [],
    )
    if not (has_session or is_public):
        return visit.show("no_session.html.j2", 401)
    if visit.is_post and (form is None or not _is_own_form(visit, token)):
        return visit.show("stale_form.html.j2", 403)
    try:
        return handler(visit)
    except SyncError as error:
        return visit.show("problem.html.j2", 500, sentence=error.sentence, facts=error.facts)


def _is_own_form(visit: Visit, token: str) -> bool:
    """Tell whether a form comes from a page that this browser was given here."""
    if visit.request.headers.get("sec-fetch-site") == "cross-site":
        return False
    # As bytes: texts are compared only where both are ASCII, and a form may hold anything.
    return bool(token) and hmac.compare_digest(
        csrf_of(token).encode(), visit.value("csrf").encode("utf-8", "replace")
    )


def _language(request: Request, desk: Desk) -> str:
    wanted = [request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)]
    if not wanted[0] and not wanted[1]:
        accepted = request.headers.get("accept-language", "").split(",")
        wanted += [part.split(";")[0].strip()[:2].lower() for part in accepted]
    return next((code for code in wanted if code in LANGUAGES), desk.source.language) or "en"


async def _read_form(request: Request) -> list[tuple[str, str]] | None:
    """Read a form that came as forms do; None for anything else."""
    if request.method != "POST":
        return []
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM:
            return None
    if kind != "application/x-www-form-urlencoded":
        return None
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=5000)
    except ValueError:
        return None
