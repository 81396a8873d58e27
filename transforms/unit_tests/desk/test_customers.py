"""The customer of an integration link at the one app: its own onboarding, and nothing else of the desk."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from people_sync.desk.app import build_app
from people_sync.desk.serve import link_for_customer
from people_sync.desk.web.peers import PeerNoted
from starlette.routing import Route

from .conftest import HR, OTHER_HR, RUN, SUPPORT, URL, Desk, Visitor, open_desk, write_connection

pytestmark = pytest.mark.few(8)

WEEK = dt.timedelta(days=7)
BEGIN = "/c/bakkerij/onboarding"


def customer_of(desk: Desk, name: str = "bakkerij", who: str = "Joke de Vries") -> Visitor:
    visitor = desk.visitor()
    link = link_for_customer(desk.office, name, who, WEEK).removeprefix(URL)
    visitor.open(f"{link}?lang=en")
    visitor.send(link)
    assert visitor.page.status_code == 200, visitor.page.text
    return visitor


def addresses(desk: Desk, connection: str = "bakkerij") -> list[tuple[Route, str]]:
    routes = [one for one in build_app(desk.office).routes if isinstance(one, Route)]
    values = {"{connection}": connection, "{person}": "loket:e1:1", "{run}": RUN}
    found = []
    for route in routes:
        address = route.path
        for name, value in values.items():
            address = address.replace(name, value)
        if "{" not in address:
            found.append((route, address))
    return found


def test_a_customer_reaches_its_onboarding_and_no_page_of_the_desk(desk: Desk) -> None:
    desk.night()(lambda night: night.plans(1, "deactivate"))
    visitor = customer_of(desk)
    assert visitor.open("/").url.path.startswith(BEGIN)
    opened = set()
    for route, address in addresses(desk):
        if address in ("/", "/style.css", "/sign-in", "/sign-out", "/consent/back"):
            continue
        status = visitor.open(address).status_code
        assert status == (200 if address.startswith(BEGIN) else 404), address
        opened.add(status)
        if "POST" in (route.methods or ()) and not address.startswith(BEGIN):
            assert visitor.send(address).status_code == 404, address
    assert opened == {200, 404}
    assert "Joke" not in visitor.open("/c/bakkerij").text.partition("<footer")[0]
    assert "Approvals" not in visitor.page.text


def test_a_customer_of_one_connection_sees_nothing_of_another(desk: Desk) -> None:
    visitor = customer_of(desk)
    for route, address in addresses(desk, "menza"):
        if "/menza" in address:
            assert visitor.open(address).status_code == 404, address
            if "POST" in (route.methods or ()):
                assert visitor.send(address).status_code == 404, address
    assert customer_of(desk, "menza").open("/c/menza/onboarding/reads").status_code == 200


def test_hr_walks_its_own_onboarding_and_no_other_and_support_each(desk: Desk) -> None:
    hr, other, support = (desk.signed_in(one) for one in (HR, OTHER_HR, SUPPORT))
    assert (
        hr.open(f"{BEGIN}/reads").status_code == support.open(f"{BEGIN}/reads").status_code == 200
    )
    assert "not active yet" in hr.open("/c/bakkerij").text and f'href="{BEGIN}"' in hr.page.text
    for path in ("", "/reads", "/source", "/destination", "/report", "/confirm"):
        assert other.open(f"{BEGIN}{path}").status_code == 404
    hr.open(f"{BEGIN}/reads")
    hr.send(f"{BEGIN}/reads")
    assert other.send(f"{BEGIN}/reads").status_code == 404
    journey = desk.office.onboarding(desk.office.connections.find("bakkerij"))  # type: ignore[arg-type]
    assert journey is not None and list(journey.journey.read().done) == ["reads"]


def test_a_link_of_one_kind_is_none_of_the_other(desk: Desk) -> None:
    token = link_for_customer(desk.office, "bakkerij", HR, WEEK).rpartition("/")[2]
    own = desk.link_for(desk.visitor(), HR).rpartition("/")[2]
    visitor = desk.visitor()
    for wrong in (f"/sign-in/{token}", f"/link/{own}"):
        assert visitor.open(wrong).status_code == 404
        visitor.open("/sign-in?lang=en")
        assert visitor.send(wrong).status_code == 404
    assert visitor.open("/c/bakkerij").status_code == 401
    assert visitor.open(f"/link/{token}").status_code == 200, "and none of them was used up"
    assert visitor.open(f"/sign-in/{own}").status_code == 200


def test_a_customer_with_the_address_of_hr_is_no_hr(desk: Desk) -> None:
    desk.night()(lambda night: None)
    visitor = customer_of(desk, who=HR)
    assert visitor.open("/c/bakkerij").status_code == 404
    assert visitor.open("/c/bakkerij/people.csv").status_code == 404


def test_a_newer_integration_link_ends_customers_and_not_the_session_of_hr(desk: Desk) -> None:
    desk.night()(lambda night: None)
    hr, first, other = desk.signed_in(), customer_of(desk), customer_of(desk, "menza")
    customer_of(desk)
    assert first.open(f"{BEGIN}/reads").status_code == 401
    assert hr.open("/c/bakkerij").status_code == 200
    assert other.open("/c/menza/onboarding/reads").status_code == 200


def test_hr_that_signs_out_everywhere_ends_no_customer_and_a_customer_no_hr(desk: Desk) -> None:
    desk.night()(lambda night: None)
    hr, customer = desk.signed_in(), customer_of(desk)
    customer.open(f"{BEGIN}/reads")
    customer.send("/sign-out", everywhere="1")
    assert customer.open(f"{BEGIN}/reads").status_code == 401
    assert hr.open("/c/bakkerij").status_code == 200
    customer = customer_of(desk)
    hr.send("/sign-out", everywhere="1")
    assert hr.open("/c/bakkerij").status_code == 401
    assert customer.open(f"{BEGIN}/reads").status_code == 200


def test_a_sign_in_gives_the_browser_a_token_that_nobody_knew_before(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.client.cookies.set("desk", "a-token-of-an-attacker", domain="127.0.0.1")
    link = link_for_customer(desk.office, "bakkerij", "Joke", WEEK).removeprefix(URL)
    visitor.open(f"{link}?lang=en")
    visitor.send(link)
    attacker = desk.visitor()
    attacker.client.cookies.set("desk", "a-token-of-an-attacker", domain="127.0.0.1")
    assert attacker.open(f"{BEGIN}/reads").status_code == 401


def test_what_a_customer_does_is_in_the_table_of_actions(desk: Desk) -> None:
    visitor = customer_of(desk)
    visitor.open(f"{BEGIN}/reads")
    visitor.send("/sign-out")
    assert desk.actions() == ["signed_out", "signed_in", "link_made"]
    support = desk.signed_in(SUPPORT)
    assert "Joke de Vries" in support.open("/c/bakkerij/actions").text


@pytest.mark.parametrize("path", ["/c/bakkerij/onboarding", "/c/nobody/onboarding/reads"])
def test_without_a_session_nothing_says_which_connections_there_are(desk: Desk, path: str) -> None:
    page = desk.visitor().open(path)
    assert page.status_code == 401
    assert "Loket" not in page.text and "bakkerij" not in page.text.replace(path, "")


def test_behind_a_sign_on_proxy_a_customer_still_comes_by_link_and_hr_only_by_the_proxy(
    desk: Desk,
) -> None:
    desk.night()(lambda night: None)
    hr = desk.signed_in()
    options = {"trust_header": "X-Forwarded-User", "proxies": ["10.1.0.0/16"]}
    with open_desk(desk.folder, **options) as behind:
        customer = customer_of(behind)
        assert customer.open(f"{BEGIN}/reads").status_code == 200
        hr.client._app = PeerNoted(build_app(behind.office))
        assert hr.open("/c/bakkerij").status_code == 401
        header = {"X-Forwarded-User": HR}
        assert customer.open("/c/bakkerij", headers=header).status_code == 404, "not by the proxy"


def test_a_session_of_a_connection_of_the_same_name_elsewhere_opens_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    """Two desks may share their records, and then the name alone does not tell two companies apart."""
    customer = customer_of(desk)
    link = link_for_customer(desk.office, "menza", "Jana", WEEK).removeprefix(URL)
    elsewhere = tmp_path / "elsewhere"
    for name in ("bakkerij", "menza"):
        write_connection(elsewhere / name)
    with open_desk(elsewhere) as other:
        other.office.records = desk.office.records
        customer.client._app = PeerNoted(build_app(other.office))
        assert customer.open(f"{BEGIN}/reads").status_code == 404
        assert customer.open("/consent/back?state=x&code=y").status_code in (400, 404)
        assert other.visitor().open(link).status_code == 404
        assert customer_of(other).open(f"{BEGIN}/reads").status_code == 200
