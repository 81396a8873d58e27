"""Who may open which page of the desk, and what its forms and headers refuse."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.routing import Route

from .conftest import HR, OTHER_HR, RUN, SUPPORT, Desk, Night

pytestmark = pytest.mark.few(5)

PUBLIC = ("/style.css", "/sign-in", "/sign-in/{token}", "/link/{token}", "/{path:path}")
# What answers only to who asked for it.
ASKED_FOR = ("/sign-out", "/consent/back")
HOSTILE = [
    "..",
    "%2e%2e%2fetc",
    "<script>alert(1)</script>",
    "a'b\"c",
    "x" * 300,
    "\N{SNOWMAN}",
    ".hidden",
    "%00",
]


def two_kinds(night: Night) -> None:
    night.plans(1, "deactivate")
    night.plans(2, "create", "additions")
    night.finds(3)


@pytest.fixture(autouse=True)
def nights(desk: Desk) -> None:
    for name in ("bakkerij", "menza"):
        desk.night(name)(two_kinds)


def routes(desk: Desk) -> list[Route]:
    app: Any = desk.app
    return [route for route in app._app.routes if route.path not in PUBLIC]


def address(route: Route, connection: str = "bakkerij") -> str:
    values = {"connection": connection, "person": "loket:e1:1", "run": RUN}
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], route.path)


def test_every_page_but_signing_in_needs_a_session(desk: Desk) -> None:
    listed = routes(desk)
    assert len(listed) > 15
    for route in listed:
        visitor = desk.visitor()
        assert visitor.open(address(route)).status_code == 401, route.path
        if "POST" in (route.methods or ()):
            assert visitor.send(address(route)).status_code == 401, route.path


def test_with_the_right_role_every_page_opens(desk: Desk) -> None:
    visitor = desk.signed_in(SUPPORT)
    for route in routes(desk):
        if route.path not in ASKED_FOR:
            assert visitor.open(address(route)).status_code == 200, route.path


@pytest.mark.parametrize("language", ["nl", "cs"])
def test_every_page_opens_in_every_language(desk: Desk, language: str) -> None:
    visitor = desk.signed_in(SUPPORT, language)
    for route in routes(desk):
        if route.path not in ASKED_FOR:
            page = visitor.open(address(route))
            assert page.status_code == 200, route.path
            if "text/html" in page.headers["content-type"] and "/report" not in route.path:
                assert f'<html lang="{language}">' in page.text


def test_hr_sees_its_own_connection_and_of_others_not_even_that_they_are_there(desk: Desk) -> None:
    visitor = desk.signed_in(HR)
    for route in routes(desk):
        if route.path in ("/", *ASKED_FOR):
            continue
        is_for_support = "{connection}" not in route.path
        assert visitor.open(address(route)).status_code == (404 if is_for_support else 200)
        theirs = visitor.open(address(route, "menza"))
        missing = visitor.open(address(route, "nobody"))
        assert theirs.status_code == missing.status_code == 404, route.path
        if "POST" in (route.methods or ()):
            assert visitor.send(address(route, "menza")).status_code == 404, route.path
    assert "menza" not in visitor.open("/").text


def test_each_hr_comes_to_its_own_connection_and_support_to_all(desk: Desk) -> None:
    assert desk.signed_in(OTHER_HR).open("/").url.path == "/c/menza"
    assert desk.signed_in(SUPPORT).open("/").url.path == "/connections"


def test_a_form_needs_the_token_of_its_own_browser(desk: Desk) -> None:
    visitor, other = desk.signed_in(), desk.signed_in()
    other.open("/c/bakkerij/approvals")
    foreign = re.search(r'name="csrf" value="(\w+)"', other.page.text)
    assert foreign is not None
    for route in routes(desk):
        if "POST" not in (route.methods or ()):
            continue
        for csrf in ("", foreign[1], "\N{SNOWMAN}"):
            visitor.open("/c/bakkerij/approvals")
            assert visitor.send(address(route), csrf=csrf).status_code == 403, route.path
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = visitor.client.request("POST", "/c/bakkerij/run", data={"csrf": "x"}, headers=headers)
    assert answer.status_code == 403
    assert "run_started" not in desk.actions()


def test_headers_allow_no_script_no_frame_no_referrer_and_no_cache(desk: Desk) -> None:
    visitor = desk.signed_in(SUPPORT)
    for path in ("/connections", "/c/bakkerij", "/c/bakkerij/report", "/c/bakkerij/people.csv"):
        headers = visitor.open(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        # The report has one small script of its own, allowed by its hash.
        assert "unsafe" not in policy and ("script-src" in policy) <= path.endswith("report")
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("odd", HOSTILE)
def test_hostile_names_open_nothing_and_break_nothing(desk: Desk, odd: str) -> None:
    visitor = desk.signed_in(SUPPORT)
    for path in (f"/c/{odd}", f"/c/bakkerij/people/{odd}", f"/c/bakkerij/report/{odd}", f"/{odd}"):
        answer = visitor.open(path)
        assert answer.status_code in (200, 404), path
        assert "<script>" not in answer.text
    for name in ("q", "place", "then", "masked"):
        answer = visitor.open("/c/bakkerij/people", params={name: odd})
        assert answer.status_code == 200 and "<script>" not in answer.text


def test_hostile_values_of_forms_are_refused_without_an_error_page(desk: Desk) -> None:
    visitor = desk.signed_in()
    fields = ("group", "run", "digest", "what", "row", "note", "count", "cause", "until", "reason")
    for path in ("/c/bakkerij/approvals", "/c/bakkerij/to-do", "/c/bakkerij/settings"):
        for odd in (*HOSTILE, "approve_all", "-1", "9" * 400):
            visitor.open(path)
            answer = visitor.send(path, **dict.fromkeys(fields, odd))
            assert answer.status_code in (200, 409, 422), (path, odd)
            assert "<script>" not in answer.text
    assert desk.approvals() == []


def test_a_hostile_name_in_the_data_is_text_on_every_page(desk: Desk) -> None:
    name = "<img src=x onerror=alert(1)>\x07"

    def hostile(night: Night) -> None:
        night.plans(1, "deactivate", reason="ended")
        night.plans(2, "update", "updates", changes='{"email": ["<b>", "=cmd()"]}')
        night.finds(1, typed_value="<script>")
        night.connection.execute("update people.people set last_name = ? where true", [name])

    desk.night(run_id="20260304T003000Z-cccccc")(hostile)
    visitor = desk.signed_in(SUPPORT)
    for route in routes(desk):
        if route.path in ASKED_FOR:
            continue
        text = visitor.open(address(route)).text
        if not route.path.endswith(".csv"):
            assert "<img src=x" not in text and "\x07" not in text
            # The report has one script of its own.
            assert text.count("<script>") == (1 if "/report" in route.path else 0)


def test_no_page_shows_a_secret(desk: Desk) -> None:
    visitor = desk.signed_in(SUPPORT)
    for route in routes(desk):
        if route.path not in ASKED_FOR:
            text = visitor.open(address(route)).text
            assert "a-very-secret-key" not in text and "the-access-key" not in text
