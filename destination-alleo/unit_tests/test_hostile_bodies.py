"""Answers that no honest Alleo gives: what comes of each; what cannot be believed sends nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from destination_alleo.client import AlleoVendor
from destination_alleo.settings import parse_alleo_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from people_transforms.errors import (
    AmbiguousError,
    ConfigError,
    RejectedError,
    RetryableError,
    SyncError,
)

EMPLOYEES = "/v1/companies/501/employees"
READ, CREATE, PATCH = f"GET {EMPLOYEES}", f"POST {EMPLOYEES}", f"PATCH {EMPLOYEES}/7"
TOKEN = "POST /v1/oauth/token"
PERSON = {"email": "jane@example.nl", "first_name": "Jane", "last_name": "Doesburg"}
MARKUP = "<script>alert(1)</script> <a href='https://evil.example/'>click</a> \x1b[2J"


@pytest.fixture
def vendor(server: Any, reply: Any) -> Iterator[AlleoVendor]:
    server.script(TOKEN, reply(200, {"access_token": "t-1", "expires_in": 3600}))
    config = {"access_key": "ak", "secret_key": "sk", "api_url": f"{server.url}/v1"}
    made = AlleoVendor(parse_alleo_settings(config))
    yield made
    made.close()


def employee(number: int, last_name: str = '"Doesburg"', more: str = "") -> str:
    return (
        f'{{"id":{number},"email":"p{number}@example.nl",{more}"first_name":"Jane",'
        f'"last_name":{last_name},"is_active":true,"external_id":"e-{number}",'
        '"registration_date":"2024-01-01T09:00:00"}'
    )


def page(*rows: str, count: object = None) -> bytes:
    total = len(rows) if count is None else count
    return f'{{"data":[{",".join(rows)}],"count":{total}}}'.encode()


def last_names(vendor: AlleoVendor) -> list[Any]:
    return [account.fields["last_name"] for account in vendor.accounts("501")]


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ('"Doesburg"', "Doesburg"),
        ('"First","last_name":"Second"', "Second"),
        (json.dumps("B" * 1_000_000), "B" * 1_000_000),
        (json.dumps(MARKUP), MARKUP),
        (r'"Does\ud83dburg"', "Does?burg"),
    ],
    ids=["an honest one", "a key twice", "a megabyte", "markup", "half a surrogate pair"],
)
def test_a_spoiled_account_is_read_as_text(
    server: Any, reply: Any, vendor: AlleoVendor, typed: str, seen: str
) -> None:
    server.script(READ, reply(200, page(employee(1, typed), employee(2))))
    assert last_names(vendor) == [seen, "Doesburg"]


@pytest.mark.parametrize(
    "body",
    [
        page(employee(1, "NaN")),
        page(employee(1, "[" * 200 + "]" * 200)),
        page(employee(1), count="1e999"),
        b"[" * 100_000,
    ],
    ids=["NaN", "deep", "count", "without end"],
)
def test_a_list_that_cannot_be_believed_is_no_list(
    server: Any, reply: Any, vendor: AlleoVendor, body: bytes
) -> None:
    server.script(READ, reply(200, body))
    with pytest.raises(RetryableError):
        list(vendor.accounts("501"))
    assert server.writes() == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(
    server: Any, reply: Any, vendor: AlleoVendor, status: int
) -> None:
    elsewhere = reply(status, "", {"Location": "http://127.0.0.1:9/v1/oauth/token"})
    server.script(CREATE, elsewhere)
    with pytest.raises(ConfigError, match="`api_url`"):
        vendor.create("501", "e-1", PERSON)
    assert len(server.writes()) == 1


def test_a_redirected_token_request_takes_no_key_to_another_host(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    elsewhere = reply(307, "", {"Location": "http://127.0.0.1:9/v1/oauth/token"})
    server.script(TOKEN, elsewhere)
    with pytest.raises(ConfigError, match="`api_url`"):
        vendor.create("501", "e-1", PERSON)
    assert [request.path for request in server.seen] == ["/v1/oauth/token"]


def test_an_answer_that_inflates_without_end_is_refused(
    server: Any, reply: Any, vendor: AlleoVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(page(employee(1, more=" " * 3_000_000)))
    packed = {"Content-Encoding": "gzip"}
    server.script(READ, reply(200, bomb, packed))
    assert last_names(vendor) == ["Doesburg"]
    monkeypatch.setattr("people_transforms.delivery.answers.MOST_BYTES", 2 << 20)
    with pytest.raises(RetryableError, match="could not be read"):
        list(vendor.accounts("501"))
    server.script(CREATE, reply(201, bomb, packed))
    with pytest.raises(AmbiguousError, match="could not be read"):
        vendor.create("501", "e-1", PERSON)


def test_a_link_in_a_message_is_not_passed_on(server: Any, reply: Any, vendor: AlleoVendor) -> None:
    detail = [
        {"loc": ["body", "last_name", MARKUP], "msg": MARKUP, "type": MARKUP, "input": MARKUP}
    ]
    headers = {"X-Request-ID": "r-1<a href=https://evil.example/>"}
    server.script(CREATE, reply(422, {"detail": detail}, headers))
    with pytest.raises(RejectedError) as refused:
        vendor.create("501", "e-1", PERSON)
    said = f"{refused.value} {refused.value.cause}"
    assert refused.value.field == "last_name", "the control: the field is passed on"
    assert not any(part in said for part in ("script", "//", "<", "\x1b"))


@pytest.mark.parametrize("reset", ["nan", "inf", "-7", "1e12", "1774137600", "soon"])
def test_a_window_that_is_no_time_is_not_waited_for(
    server: Any, reply: Any, vendor: AlleoVendor, reset: str
) -> None:
    headers = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    server.script(READ, reply(200, page(employee(1)), headers))
    assert last_names(vendor) == ["Doesburg"]
    assert vendor.rate_limit() is None
    server.script(READ, reply(200, page(employee(1)), {**headers, "X-RateLimit-Reset": "30"}))
    vendor.probe(501)
    assert vendor.rate_limit() is not None, "the control: half a minute is a window"


NAMES = ["data", "count", "id", "email", "detail", "loc", "type", "is_active", "access_token"]
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
        lambda rows: json.dumps({"data": rows, "count": len(rows)}).encode()
    )
)


@settings(max_examples=settings().max_examples // 2)
@given(status=st.sampled_from([200, 201, 204, 404, 409, 422, 500]), body=BODIES)
def test_any_body_is_an_account_or_a_named_error(
    server: Any, reply: Any, vendor: AlleoVendor, status: int, body: bytes
) -> None:
    for route, call in (
        (READ, lambda: list(vendor.accounts("501"))),
        (CREATE, lambda: vendor.create("501", "e-1", PERSON)),
        (PATCH, lambda: vendor.update("501", "7", PERSON)),
    ):
        server.script(route, reply(status, body))
        try:
            call()
        except SyncError as error:
            assert "Doesburg" not in str(error)


@given(body=BODIES)
def test_any_token_answer_is_a_token_or_a_named_error(
    server: Any, reply: Any, vendor: AlleoVendor, body: bytes
) -> None:
    fresh = AlleoVendor(vendor._settings)
    server.script(TOKEN, reply(200, body))
    server.script(READ, reply(200, page(employee(1))))
    try:
        assert last_names(fresh) == ["Doesburg"]
    except SyncError:
        assert server.writes() == []
    finally:
        fresh.close()
