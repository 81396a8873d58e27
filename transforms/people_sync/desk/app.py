"""The desk as an ASGI app, onboarding included: which page is where, and who may open it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator

from people_transforms.errors import SyncError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from people_sync.desk.decisions import clerk
from people_sync.desk.doors import EVERYBODY, STAFF, page
from people_sync.desk.links import onboarding_of
from people_sync.desk.office import Office
from people_sync.desk.onboarding.steps import access, employers, link, result
from people_sync.desk.pages import css
from people_sync.desk.staff import Role
from people_sync.desk.views import (
    approvals,
    choices,
    people,
    signing,
    support,
    to_do,
    tonight,
)
from people_sync.desk.visit import Handler, Visit
from people_sync.desk.web.addresses import host_of
from people_sync.desk.web.headers import StrictHeaders

_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


def build_app(office: Office) -> Starlette:
    """Build the app of one desk."""
    style = css().encode()
    rounds = clerk(office)

    async def style_sheet(request: Request) -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": "max-age=300"})

    def not_found(visit: Visit) -> Response:
        return visit.show("not_found.html.j2", 404)

    def look(path: str, handler: Handler, roles: tuple[Role, ...] = STAFF) -> Route:
        return Route(path, page(office, handler, roles=roles), methods=["GET"])

    def form(path: str, handler: Handler, roles: tuple[Role, ...] = STAFF) -> Route:
        return Route(path, page(office, handler, roles=roles), methods=["GET", "POST"])

    def public(path: str, handler: Handler) -> Route:
        return Route(path, page(office, handler, is_public=True), methods=["GET", "POST"])

    def step(name: str, handler: Handler, *methods: str) -> Route:
        path = f"{onboarding_of('{connection}')}/{name}".removesuffix("/")
        endpoint = page(office, handler, roles=EVERYBODY, is_step=True)
        return Route(path, endpoint, methods=methods or ["GET", "POST"])

    def warm() -> None:
        with contextlib.suppress(SyncError):
            office.fleet.rows(office.connections)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        rounds.start()
        office.wake = rounds.wake
        # The first look at many files takes a while: the first visitor does not wait for it.
        threading.Thread(target=warm, name="fleet", daemon=True).start()
        yield
        office.stop()
        rounds.stop()

    at = "/c/{connection}"
    hosts = [*_LOOPBACK, host_of(office.base_url)]
    return Starlette(
        routes=[
            Route("/style.css", style_sheet),
            public("/sign-in", signing.sign_in),
            public("/sign-in/{token}", signing.link),
            public("/link/{token}", link.link),
            form("/sign-out", signing.sign_out, EVERYBODY),
            look("/", support.home, EVERYBODY),
            look(f"/{access.BACK}", access.consent_back, EVERYBODY),
            look("/connections", support.connections, ("support",)),
            look("/actions", support.actions, ("support",)),
            look(at, tonight.tonight),
            look(f"{at}/report", tonight.report),
            look(f"{at}/report/{{run}}", tonight.report),
            form(f"{at}/run", tonight.run_now),
            form(f"{at}/share", tonight.share),
            look(f"{at}/running", tonight.running),
            look(f"{at}/people", people.people),
            look(f"{at}/people.csv", people.export),
            look(f"{at}/people/{{person}}", people.person),
            form(f"{at}/approvals", approvals.approvals),
            look(f"{at}/held.csv", approvals.export),
            form(f"{at}/to-do", to_do.to_do),
            form(f"{at}/settings", choices.choices),
            look(f"{at}/actions", support.actions),
            step("", link.home, "GET"),
            step("reads", link.reads),
            step("source", access.source),
            step("destination", access.destination),
            step("congratulations", result.congratulations),
            step("test", result.test),
            step("test/progress", result.progress, "GET"),
            step("report", result.report, "GET"),
            step("employers", employers.employers),
            step("confirm", result.confirm),
            step("active", result.active, "GET"),
            Route(
                "/{path:path}",
                page(office, not_found, is_public=True),
                methods=["GET"],
            ),
        ],
        middleware=[
            Middleware(StrictHeaders, is_https=office.base_url.startswith("https://")),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        ],
        lifespan=lifespan,
    )
