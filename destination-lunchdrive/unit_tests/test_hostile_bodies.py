"""Answers that no honest Lunchdrive gives: what comes of each, and that nobody else pays for it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from destination_lunchdrive.client import LunchdriveVendor
from destination_lunchdrive.settings import parse_lunchdrive_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from people_transforms.errors import AmbiguousError, RejectedError, RetryableError, SyncError

DINERS = "/api/clients/32567/diners"
READ, CREATE = f"GET {DINERS}", f"POST {DINERS}"
PERSON = {"personal_number": "0012", "first_name": "Jiří", "last_name": "Dvořák"}
MARKUP = "<script>alert(1)</script> <a href='https://evil.example/'>click</a> \x1b[2J"


@pytest.fixture
def vendor(server: Any) -> Iterator[LunchdriveVendor]:
    config = {"api_url": f"{server.url}/api", "api_key": "k-1", "client_id": "32567"}
    made = LunchdriveVendor(parse_lunchdrive_settings(config))
    yield made
    made.close()


def diner(number: int, last_name: str = '"Dvořák"', more: str = "") -> str:
    return (
        f'{{"id":{number},"external_id":"a:b:{number}",{more}"personal_number":"{number}",'
        f'"first_name":"Jiří","last_name":{last_name},"active":true}}'
    )


def page(*rows: str, total: object = None) -> bytes:
    count = len(rows) if total is None else total
    return f'{{"items":[{",".join(rows)}],"page":1,"per_page":100,"total":{count}}}'.encode()


SPOILED = {
    "an honest one": ('"Dvořák"', "Dvořák"),
    "NaN": ("NaN", None),
    "half a surrogate pair": (r'"Dvo\ud83dřák"', "Dvo?řák"),
    "a number of 400 digits": ("9" * 400, None),
    "nested 200 deep": ("[" * 200 + "]" * 200, str(json.loads("[" * 200 + "]" * 200))),
    "a key twice": ('"First","last_name":"Second"', "Second"),
    "a megabyte": (json.dumps("B" * 1_000_000), "B" * 1_000_000),
    "markup": (json.dumps(MARKUP), MARKUP),
}


@pytest.mark.parametrize("name", SPOILED)
def test_one_spoiled_diner_stops_nobody(
    server: Any, reply: Any, vendor: LunchdriveVendor, name: str
) -> None:
    typed, seen = SPOILED[name]
    server.script(READ, reply(200, page(diner(1, typed), diner(2))))
    accounts = list(vendor.accounts("32567"))
    assert [account.fields["last_name"] for account in accounts] == [seen, "Dvořák"]


@pytest.mark.parametrize("total", ["1e999", "NaN", "-Infinity", '"many"', "9" * 400, "[]", "-1"])
def test_a_total_that_is_no_number_is_no_list(
    server: Any, reply: Any, vendor: LunchdriveVendor, total: str
) -> None:
    server.script(READ, reply(200, page(diner(1), total=total)))
    if total in ("1e999", "NaN", "-Infinity", "9" * 400):
        # Without a total, the list ends with the first page that brings nothing new.
        assert [account.account_id for account in vendor.accounts("32567")] == ["1"]
        return
    with pytest.raises(RetryableError):
        list(vendor.accounts("32567"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", ["read", "create"])
def test_a_redirect_takes_neither_the_key_nor_anybody_to_another_host(
    server: Any, reply: Any, vendor: LunchdriveVendor, status: int, call: str
) -> None:
    # The same server under another name: it would see what comes.
    port = server.url.rpartition(":")[2]
    target = f"http://localhost:{port}/caught"
    server.script(READ if call == "read" else CREATE, reply(status, "", {"Location": target}))
    with pytest.raises(SyncError):
        if call == "read":
            list(vendor.accounts("32567"))
        else:
            vendor.create("32567", "a:b:1", PERSON)
    assert [request.path for request in server.seen if "caught" in request.path] == []


def test_a_body_nested_without_end_is_no_list(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    server.script(READ, reply(200, b"[" * 100_000))
    with pytest.raises(RetryableError, match="could not be read"):
        list(vendor.accounts("32567"))


def test_an_answer_that_inflates_without_end_is_refused(
    server: Any, reply: Any, vendor: LunchdriveVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(page(diner(1, more=" " * 3_000_000)))
    server.script(READ, reply(200, bomb, {"Content-Encoding": "gzip"}))
    assert [account.account_id for account in vendor.accounts("32567")] == ["1"]
    monkeypatch.setattr("people_transforms.delivery.answers.MOST_BYTES", 2 << 20)
    with pytest.raises(RetryableError, match="could not be read"):
        list(vendor.accounts("32567"))
    server.script(CREATE, reply(201, bomb, {"Content-Encoding": "gzip"}))
    with pytest.raises(AmbiguousError, match="could not be read"):
        vendor.create("32567", "a:b:1", PERSON)


def test_a_link_in_a_message_is_not_passed_on(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    error = {"code": MARKUP, "message": MARKUP, "field": "last_name"}
    server.script(CREATE, reply(422, {"error": error}))
    with pytest.raises(RejectedError) as refused:
        vendor.create("32567", "a:b:1", PERSON)
    said = f"{refused.value} {refused.value.cause}"
    assert refused.value.field == "last_name", "the control: the field is passed on"
    assert not any(part in said for part in ("script", "evil", "\x1b"))


@pytest.mark.parametrize("reset", ["nan", "inf", "-7", "1e12", "1774137600", "soon"])
def test_a_window_that_is_no_time_is_not_waited_for(
    server: Any, reply: Any, vendor: LunchdriveVendor, reset: str
) -> None:
    headers = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    server.script(READ, reply(200, page(diner(1)), headers))
    assert len(list(vendor.accounts("32567"))) == 1
    assert vendor.rate_limit() is None
    server.script(READ, reply(200, page(diner(1)), {**headers, "X-RateLimit-Reset": "30"}))
    assert len(list(vendor.accounts("32567"))) == 1
    assert vendor.rate_limit() is not None, "the control: half a minute is a window"


NAMES = [
    "items",
    "total",
    "id",
    "error",
    "errors",
    "field",
    "code",
    "message",
    "active",
    "valid_to",
]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=10,
)
BODIES = (
    st.binary(max_size=30)
    | ANY_JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(ANY_JSON, max_size=2).map(
        lambda rows: json.dumps({"items": rows, "total": len(rows)}).encode()
    )
)


@settings(max_examples=settings().max_examples // 2)
@given(status=st.sampled_from([200, 201, 204, 404, 409, 422, 500]), body=BODIES)
def test_any_body_is_an_account_or_a_named_error(
    server: Any, reply: Any, vendor: LunchdriveVendor, status: int, body: bytes
) -> None:
    for route, call in (
        (READ, lambda: list(vendor.accounts("32567"))),
        (CREATE, lambda: vendor.create("32567", "a:b:1", PERSON)),
        (f"POST {DINERS}/9/invitation", lambda: vendor.invite("32567", "9")),
    ):
        server.script(route, reply(status, body))
        try:
            call()
        except SyncError as error:
            assert "Dvořák" not in str(error)
