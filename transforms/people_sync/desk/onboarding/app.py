"""The onboarding as an ASGI app: which page is where."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.onboarding.dryrun import DryRun
from people_sync.desk.onboarding.pages import Pages
from people_sync.desk.onboarding.steps import access, employers, link, result
from people_sync.desk.onboarding.support import teller
from people_sync.desk.onboarding.visit import Handler, Site, Visit, page
from people_sync.desk.pages import css
from people_sync.desk.web.addresses import host_of
from people_sync.desk.web.cookies import Cookies
from people_sync.desk.web.headers import StrictHeaders

_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


def build_app(onboarding: Onboarding) -> Starlette:
    """Build the app of one connection's onboarding."""
    site = Site(onboarding, Pages(), Cookies(onboarding.base_url), teller(onboarding))
    dry_run = DryRun(onboarding)
    style = css().encode()

    async def style_sheet(request: Request) -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": "max-age=300"})

    def not_found(visit: Visit) -> Response:
        return visit.show("not_found.html.j2", 404)

    def route(path: str, handler: Handler, *, is_public: bool = False, forms: bool = True) -> Route:
        methods = ["GET", "POST"] if forms else ["GET"]
        return Route(path, page(site, handler, is_public=is_public), methods=methods)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        site.teller.start()
        yield
        dry_run.stop()
        site.teller.stop()

    is_https = onboarding.base_url.startswith("https://")
    origin = onboarding.source.origin(onboarding.config(onboarding.file.source))
    hosts = [*_LOOPBACK, host_of(onboarding.base_url)]
    return Starlette(
        routes=[
            Route("/style.css", style_sheet),
            route("/link/{token}", link.link, is_public=True),
            route("/sign-out", link.sign_out),
            route("/", link.home, forms=False),
            route("/reads", link.reads),
            route("/source", access.source),
            route(f"/{access.BACK}", access.consent_back, forms=False),
            route("/destination", access.destination),
            route("/congratulations", result.congratulations),
            route("/test", result.test(dry_run)),
            route("/test/progress", result.progress(dry_run), forms=False),
            route("/report", result.report, forms=False),
            route("/employers", employers.employers),
            route("/confirm", result.confirm),
            route("/active", result.active, forms=False),
            route("/{path:path}", not_found, is_public=True, forms=False),
        ],
        middleware=[
            Middleware(StrictHeaders, may_lead_to=origin, is_https=is_https),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        ],
        lifespan=lifespan,
    )
