"""Signing in at the desk: a link by mail, once and for 15 minutes, for who is on the operator's list."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from people_sync.desk.links import end_sessions, our_path
from people_sync.desk.staff import Staff, parse_allowed
from people_transforms.errors import ConfigError

from .conftest import HR, SUPPORT, URL, Browser, Desk, open_desk

pytestmark = pytest.mark.few(12)

PAGE = "/c/bakkerij/people"


def opens(desk: Desk, visitor: object) -> int:
    return visitor.open(PAGE).status_code  # type: ignore[attr-defined,no-any-return]


@pytest.fixture(autouse=True)
def a_night(desk: Desk) -> None:
    desk.night()(lambda night: None)


def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(desk: Desk) -> None:
    first, second = desk.visitor(), desk.visitor()
    link = desk.link_for(first, HR)
    assert second.open(link).status_code == 200
    assert first.open(link).status_code == 200
    first.send(link)
    assert opens(desk, first) == 200
    assert second.send(link).status_code == 410
    assert opens(desk, second) == 401
    assert second.open(link).status_code == 410


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (15, 410)])
def test_a_link_works_for_a_quarter_of_an_hour(desk: Desk, minutes: int, status: int) -> None:
    visitor = desk.visitor()
    link = desk.link_for(visitor, HR)
    desk.now[0] += dt.timedelta(minutes=minutes)
    assert visitor.open(link).status_code == status
    assert visitor.send(link).status_code == status


def test_a_newer_link_ends_an_older_one_that_was_not_used(desk: Desk) -> None:
    visitor = desk.visitor()
    older = desk.link_for(visitor, HR)
    newer = desk.link_for(visitor, HR)
    assert visitor.open(older).status_code == 410
    assert visitor.open(newer).status_code == 200


def test_who_is_not_listed_gets_no_link_and_is_told_the_same(desk: Desk) -> None:
    answers = []
    for address in (HR, "stranger@example.nl", "joke@example.nl\nbcc: x@example.nl", ""):
        visitor = desk.visitor()
        visitor.open("/sign-in?lang=en")
        answers.append(visitor.send("/sign-in", address=address).text)
    assert len(desk.said) == 1
    assert len({text.partition("<main")[2] for text in answers}) == 1
    assert HR.upper() not in answers[0] and HR not in answers[0]


def test_the_answer_is_out_before_a_link_is_made_and_mailed(desk: Desk) -> None:
    """How long it takes would tell who is listed."""
    visitor = desk.visitor()
    visitor.open("/sign-in?lang=en")
    order = []
    desk.office.tell_link = lambda *_: order.append("mail")
    app = desk.app

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def told(message: Any) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                order.append(f"answer, {desk.actions().count('link_made')} made")

        await app(scope, receive, told)

    browser = Browser(watched, URL, ("127.0.0.1", 5000))
    browser.cookies = visitor.client.cookies
    visitor.client = browser
    assert visitor.send("/sign-in", address=HR).status_code == 200
    assert order == ["answer, 0 made", "mail"]


def test_an_address_is_known_however_it_is_written(desk: Desk) -> None:
    assert desk.link_for(desk.visitor(), "  Joke@Example.NL ")
    assert desk.said


@pytest.mark.parametrize(("hours", "status"), [(11.9, 200), (12, 401)])
def test_a_session_ends_after_twelve_hours(desk: Desk, hours: float, status: int) -> None:
    visitor = desk.signed_in()
    desk.now[0] += dt.timedelta(hours=hours)
    assert opens(desk, visitor) == status


def test_who_is_taken_off_the_list_is_out_at_once_and_an_old_link_opens_nothing(
    desk: Desk,
) -> None:
    visitor, other = desk.signed_in(), desk.visitor()
    link = desk.link_for(other, HR)
    people = [{"address": SUPPORT, "role": "support"}]
    (desk.folder / "people.yaml").write_text(yaml.safe_dump({"people": people}))
    assert opens(desk, visitor) == 401
    other.open(link)
    assert other.send(link).status_code == 410
    assert opens(desk, other) == 401
    assert opens(desk, desk.signed_in(SUPPORT)) == 200


def test_signing_out_ends_this_browser_and_everywhere_all_of_them(desk: Desk) -> None:
    first, second, third = desk.signed_in(), desk.signed_in(), desk.signed_in()
    first.open(PAGE)
    first.send("/sign-out")
    assert [opens(desk, one) for one in (first, second, third)] == [401, 200, 200]
    second.open(PAGE)
    second.send("/sign-out", everywhere="1")
    assert [opens(desk, one) for one in (second, third)] == [401, 401]


def test_the_operator_can_sign_somebody_out(desk: Desk) -> None:
    visitor, support = desk.signed_in(), desk.signed_in(SUPPORT)
    person = desk.office.staff.find(HR)
    assert person is not None
    end_sessions(desk.office.records, person, desk.now[0])
    assert opens(desk, visitor) == 401
    assert opens(desk, support) == 200


def test_a_link_leads_back_to_the_page_that_was_asked_for(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.open(PAGE)
    assert f"/sign-in?then={PAGE}" in visitor.page.text
    link = desk.link_for(visitor, HR, PAGE)
    visitor.open(link)
    assert visitor.send(link).url.path == PAGE


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/%2Fevil.example",
        "/a//b",
        "/..",
    ],
)
def test_a_link_leads_nowhere_else(elsewhere: str) -> None:
    assert our_path(elsewhere) == "/"


def test_one_inbox_is_not_filled_and_a_guesser_is_slowed_down(desk: Desk) -> None:
    visitor = desk.visitor()
    for _ in range(8):
        desk.link_for(visitor, HR)
    assert len(desk.said) == 5
    # Who asks elsewhere still gets one; from many places together an inbox is not filled either.
    assert desk.link_for(desk.visitor(client=("198.51.100.7", 5000)), HR)
    for place in range(60):
        desk.link_for(desk.visitor(client=(f"203.0.113.{place}", 5000)), HR)
    assert len(desk.said) == 25
    statuses = [
        visitor.open("/sign-in")
        and visitor.send("/sign-in", address=f"a{n}@example.nl").status_code
        for n in range(5)
    ]
    assert 429 in statuses
    guesses = [desk.visitor().open(f"/sign-in/guess-{n}").status_code for n in range(25)]
    assert guesses[0] == 404 and guesses[-1] == 429
    # Nobody's right link is locked by it.
    assert desk.signed_in(SUPPORT)


def test_tokens_are_kept_as_hashes_only(desk: Desk) -> None:
    visitor = desk.visitor()
    link = desk.link_for(visitor, HR)
    visitor.open(link)
    visitor.send(link)
    kept = b"".join(
        path.read_bytes() for path in (desk.folder / "records").iterdir() if path.is_file()
    )
    assert link.rpartition("/")[2].encode() not in kept
    assert visitor.client.cookies["desk"].encode() not in kept
    assert (desk.folder / "records" / "desk.sqlite").stat().st_mode & 0o077 == 0


def test_every_sign_in_is_in_the_table_of_actions(desk: Desk) -> None:
    visitor = desk.signed_in()
    visitor.open(PAGE)
    visitor.send("/sign-out")
    assert desk.actions() == ["signed_out", "signed_in", "link_made"]


# A header of the operator's own sign-on proxy.


def test_a_header_signs_in_only_where_it_is_switched_on_and_only_from_the_proxy(
    desk: Desk,
) -> None:
    folder, header = desk.folder, {"X-Forwarded-User": HR}
    assert desk.visitor().open(PAGE, headers=header).status_code == 401
    options = {"trust_header": "X-Forwarded-User", "proxies": ["10.1.0.0/16"]}
    with open_desk(folder, **options) as desk:
        inside = desk.visitor(client=("10.1.2.3", 1000))
        assert inside.open(PAGE, headers=header).status_code == 200
        assert inside.open(PAGE).status_code == 401
        assert inside.open(PAGE, headers={"X-Forwarded-User": "x@example.nl"}).status_code == 401
        claimed = [("X-Forwarded-User", SUPPORT), ("X-Forwarded-User", HR)]
        assert inside.open(PAGE, headers=claimed).status_code == 401
        outside = desk.visitor(client=("10.2.2.3", 1000))
        claims = {**header, "X-Forwarded-For": "10.1.2.3"}
        assert outside.open(PAGE, headers=claims).status_code == 401
    with open_desk(folder, trust_header="X-Forwarded-User") as desk:
        assert desk.visitor(client=("127.0.0.1", 1)).open(PAGE, headers=header).status_code == 200
        assert desk.visitor(client=("10.1.2.3", 1)).open(PAGE, headers=header).status_code == 401


@pytest.mark.parametrize(
    "text",
    ["joke", "joke@example.nl", "joke@example.nl=boss", "=support", "a b@example.nl=support"],
)
def test_a_wrong_line_of_the_list_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_allowed(text)


def test_a_list_that_is_no_list_says_what_is_wrong_without_its_values(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people: [{address: joke@example.nl, role: hr, conection: x}]")
    with pytest.raises(ConfigError, match="conection") as told:
        Staff(path)
    assert "joke" not in str(told.value)


def test_over_https_the_cookie_is_bound_to_this_host(desk: Desk) -> None:
    with open_desk(desk.folder, base_url="https://desk.example.com") as desk:
        answer = desk.visitor("https://desk.example.com").open("/sign-in")
        cookies = answer.headers.get_list("set-cookie")
        assert any(one.startswith("__Host-desk=") for one in cookies)
        assert all(
            "Secure" in one and "HttpOnly" in one and "samesite=lax" in one.lower()
            for one in cookies
        )
        assert answer.headers["strict-transport-security"]
        assert (
            desk.visitor(URL).open("/sign-in", headers={"Host": "evil.example"}).status_code == 400
        )
