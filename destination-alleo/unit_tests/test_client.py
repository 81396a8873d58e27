from __future__ import annotations

import datetime as dt
import gc
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import httpx
import pytest
from destination_alleo.client import AlleoVendor
from destination_alleo.settings import parse_alleo_settings
from people_sandbox.contracts.client import ClientContract
from people_sandbox.contracts.scripted import Reply
from people_transforms.delivery.vendor import Account, Place, RateLimit
from people_transforms.errors import (
    ConfigError,
    ConflictError,
    GoneError,
    RejectedError,
    RetryableError,
    SyncError,
)

TOKEN = "POST /v1/oauth/token"
EMPLOYEES = "/v1/companies/501/employees"
CREATE = f"POST {EMPLOYEES}"
PATCH = f"PATCH {EMPLOYEES}/7"
PERSON = {
    "email": "jane@example.com",
    "first_name": "Jane",
    "last_name": "Doe",
    "prefix": None,
    "company_group_id": None,
    "birthday": dt.date(1990, 5, 15),
    "work_anniversary": None,
    "private_email": None,
}


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "email": "jane@example.com",
        "first_name": "Jane",
        "last_name": "Doe",
        "prefix": None,
        "language": "nl",
        "private_email": None,
        "is_active": True,
        "company_group_id": None,
        "group_name": None,
        "external_id": "e-1",
        "registration_date": "2024-01-01T09:00:00",
        "offboarding_date": None,
        "birthday": "1990-05-15",
        "work_anniversary": None,
        "last_active_date": None,
        "some_later_field": 1,
        **changes,
    }


def page(rows: list[dict[str, Any]], count: int | None = None) -> dict[str, Any]:
    return {"data": rows, "count": len(rows) if count is None else count}


@pytest.fixture
def make(server: Any, reply: Any) -> Iterator[Callable[..., AlleoVendor]]:
    server.script(TOKEN, reply(200, {"access_token": "t-1", "expires_in": 3600}))
    made: list[AlleoVendor] = []

    def build(**changes: Any) -> AlleoVendor:
        config = {"access_key": "ak", "secret_key": "sk", "api_url": f"{server.url}/v1"}
        timeout = changes.pop("timeout", 30.0)
        made.append(AlleoVendor(parse_alleo_settings({**config, **changes}), timeout=timeout))
        return made[-1]

    yield build
    for vendor in made:
        vendor.close()


@pytest.fixture
def vendor(make: Callable[..., AlleoVendor]) -> AlleoVendor:
    return make()


class TestAsEveryClient(ClientContract):
    PLACES, LIST, CREATE = "GET /v1/companies", f"GET {EMPLOYEES}", CREATE
    places: ClassVar[Any] = [{"id": 501}]
    unreadable: ClassVar[tuple[Any, ...]] = ([], {"id": 7})

    def create(self, vendor: AlleoVendor) -> Account:
        return vendor.create("501", "e-1", PERSON)

    def read(self, vendor: AlleoVendor) -> list[Account]:
        return list(vendor.accounts("501"))

    def row(self, number: int) -> dict[str, Any]:
        return row(id=number, external_id=f"e-{number}")

    def page(self, rows: list[dict[str, Any]], count: int) -> dict[str, Any]:
        return page(rows, count)

    def after_the_last(self) -> list[Reply]:
        """Alleo is asked for its inactive employees as well."""
        return [Reply(200, page([], 0))]


def test_companies_are_the_places(server: Any, reply: Any, vendor: AlleoVendor) -> None:
    body = [{"id": 501, "name": "Acme"}, {"id": 502, "name": None}, {"id": 501, "name": "Acme"}]
    server.script("GET /v1/companies", reply(200, body))
    assert vendor.places() == [Place("501", "Acme"), Place("502", None)]
    token = server.seen[0].body
    assert token == {
        "grant_type": "client_credentials",
        "client_id": "ak",
        "client_secret": "sk",
    }


def test_a_create_names_the_language_and_the_external_id(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(CREATE, reply(201, row()))
    account = vendor.create("501", "e-1", PERSON)
    assert account == Account(
        account_key="501",
        account_id="7",
        is_active=True,
        external_id="e-1",
        fields={**PERSON, "language": "nl"},
    )
    assert server.writes()[0].body == {
        "email": "jane@example.com",
        "first_name": "Jane",
        "last_name": "Doe",
        "prefix": None,
        "language": "nl",
        "company_group_id": None,
        "birthday": "1990-05-15",
        "work_anniversary": None,
        "private_email": None,
        "external_id": "e-1",
    }


def test_the_language_of_the_record_wins_over_the_setting(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(CREATE, reply(201, row()))
    vendor.create("501", "e-1", {**PERSON, "language": "en"})
    vendor.create("501", "e-1", {**PERSON, "language": None})
    assert [one.body["language"] for one in server.writes()] == ["en", "nl"]


def test_an_update_sends_the_given_fields_only(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(PATCH, reply(200, row(last_name="Smith")))
    vendor.update("501", "7", {"last_name": "Smith", "prefix": ""})
    vendor.update("501", "7", {}, external_id="e-1")
    assert [one.body for one in server.writes()] == [
        {"last_name": "Smith", "prefix": None},
        {"external_id": "e-1"},
    ]


def test_deactivating_sends_no_body_and_tells_the_last_day(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    ended = row(is_active=False, offboarding_date="2026-03-01T23:00:00")
    server.script(f"POST {EMPLOYEES}/7/deactivate", reply(200, ended))
    account = vendor.deactivate("501", "7", {})
    assert (account.is_active, account.ended_on) == (False, "2026-03-01")
    assert server.writes()[0].body is None


def test_a_rehire_is_activated_and_brought_up_to_date_by_a_call_each(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(f"POST {EMPLOYEES}/7/activate", reply(200, row()))
    server.script(PATCH, reply(200, row(last_name="Smith")))
    assert not vendor.traits.activates_with_fields
    assert vendor.activate("501", "7", {}).is_active
    assert vendor.update("501", "7", {"last_name": "Smith"}).fields["last_name"] == "Smith"
    assert [one.path.rsplit("/", 1)[1] for one in server.writes()] == ["activate", "7"]


@pytest.mark.parametrize(
    ("email", "rule"),
    [
        ("jane@acme.test", "value_error"),
        ("jane@acme.local", "value_error"),
        ("no address", "value_error"),
        ("j" * 60 + "@" + "a" * 50 + ".nl", "too_long"),
        (None, "missing"),
    ],
)
def test_an_address_that_alleo_refuses_is_not_sent(
    server: Any, vendor: AlleoVendor, email: str | None, rule: str
) -> None:
    with pytest.raises(RejectedError) as refused:
        vendor.create("501", "e-1", {**PERSON, "email": email})
    assert (refused.value.field, refused.value.cause) == ("email", "limit email")
    assert rule in str(refused.value)
    assert email is None or email not in str(refused.value)
    assert server.writes() == []


def test_a_name_that_is_too_long_is_not_sent(server: Any, vendor: AlleoVendor) -> None:
    with pytest.raises(RejectedError) as refused:
        vendor.update("501", "7", {"last_name": "x" * 1001})
    assert refused.value.field == "last_name"
    assert server.writes() == []


@pytest.mark.parametrize("name", ["email", "first_name", "last_name"])
def test_a_required_field_is_never_emptied(server: Any, vendor: AlleoVendor, name: str) -> None:
    with pytest.raises(RejectedError) as refused:
        vendor.update("501", "7", {name: ""})
    assert refused.value.field == name
    assert server.writes() == []


# What the vendor answers → what the engine is told.

DUPLICATE = {"detail": "Email address already exists"}
INVALID = {
    "detail": [
        {
            "loc": ["body", "email"],
            "msg": "value is not a valid email: jane@example.com",
            "type": "value_error.email",
            "input": "jane@example.com",
        }
    ]
}


@pytest.mark.parametrize(
    ("status", "body", "error", "field", "cause"),
    [
        (400, {"detail": "Bad request for jane@example.com"}, RejectedError, None, "400"),
        (422, INVALID, RejectedError, "email", "422 email"),
        (422, {"detail": [{"loc": "odd"}, "odd"]}, RejectedError, None, "422"),
        (409, DUPLICATE, ConflictError, "email", "409 email"),
        (404, {"detail": "Not found"}, GoneError, None, "404"),
        (413, "too large", RejectedError, None, "413"),
    ],
)
def test_a_refused_record_is_named_by_its_field(
    server: Any,
    reply: Any,
    vendor: AlleoVendor,
    status: int,
    body: Any,
    error: type[RejectedError],
    field: str | None,
    cause: str,
) -> None:
    server.script(PATCH, reply(status, body, {"X-Request-ID": "req-9"}))
    with pytest.raises(error) as refused:
        vendor.update("501", "7", {"email": "jane@example.com"})
    assert type(refused.value) is error
    assert (refused.value.field, refused.value.cause) == (field, cause)
    assert "jane" not in str(refused.value)
    assert "request_id=req-9" in str(refused.value)


@pytest.mark.parametrize(
    ("status", "text"),
    [(401, "`access_key`"), (403, "`companies`"), (404, "`company_id`"), (307, "`api_url`")],
)
def test_credentials_rights_and_addresses_stop_the_run(
    server: Any, reply: Any, vendor: AlleoVendor, status: int, text: str
) -> None:
    server.script(CREATE, reply(status, {"detail": "no"}, {"Location": "https://example.com"}))
    with pytest.raises(ConfigError, match=text):
        vendor.create("501", "e-1", PERSON)


# The token.


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refused_keys_stop_the_run(
    server: Any, reply: Any, vendor: AlleoVendor, status: int
) -> None:
    server.script(TOKEN, reply(status, {"detail": "invalid_client"}))
    with pytest.raises(ConfigError, match="`access_key` and `secret_key`"):
        vendor.create("501", "e-1", PERSON)
    assert server.writes() == []


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 429, "headers": {"Retry-After": "9"}},
        {"status": 503},
        {"fault": "reset"},
        {"fault": "half"},
        {"body": "<html>"},
        {"body": {}},
        {"body": []},
        {"body": {"access_token": "t", "expires_in": 0}},
    ],
)
def test_without_a_token_nothing_happened(
    server: Any, reply: Any, vendor: AlleoVendor, answer: dict[str, Any]
) -> None:
    server.script(TOKEN, reply(**answer))
    with pytest.raises(RetryableError) as failed:
        vendor.create("501", "e-1", PERSON)
    assert type(failed.value) is RetryableError
    assert failed.value.retry_after == (9 if answer.get("status") == 429 else None)
    assert server.writes() == []


def test_an_expired_token_is_renewed_once_and_the_call_goes_through(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(CREATE, reply(401, {"detail": "expired"}), reply(201, row()))
    assert vendor.create("501", "e-1", PERSON).account_id == "7"
    assert [one.path for one in server.seen].count("/v1/oauth/token") == 2


# Reading lists.


def people(numbers: range) -> list[dict[str, Any]]:
    return [row(id=number, external_id=f"e-{number}") for number in numbers]


def test_every_account_is_read_once_page_by_page(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(
        f"GET {EMPLOYEES}",
        reply(200, page(people(range(100)), 150)),
        reply(200, page(people(range(100, 150)), 150)),
        reply(200, page([], 0)),
    )
    assert len({account.account_id for account in vendor.accounts("501")}) == 150
    assert [one.query.get("skip") for one in server.seen[1:]] == ["0", "100", "0"]


def test_a_server_that_caps_the_page_loses_nothing(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(
        f"GET {EMPLOYEES}",
        reply(200, page(people(range(30)), 60)),
        reply(200, page(people(range(30, 60)), 60)),
        reply(200, page([], 0)),
    )
    assert len(list(vendor.accounts("501"))) == 60


def test_a_long_list_waits_for_the_next_window(
    server: Any, reply: Any, vendor: AlleoVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    used_up = {
        "X-RateLimit-Limit": "600",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "900",
    }
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    server.script(
        f"GET {EMPLOYEES}",
        reply(200, page(people(range(100)), 150), used_up),
        reply(200, page(people(range(100, 150)), 150), {**used_up, "X-RateLimit-Remaining": "9"}),
        reply(200, page([], 0)),
    )
    assert len(list(vendor.accounts("501"))) == 150
    assert waits == [60.0]


def test_inactive_accounts_are_read_even_if_the_plain_list_hides_them(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    gone = row(id=8, is_active=False, external_id="e-8")
    server.script(
        f"GET {EMPLOYEES}",
        reply(200, page([row()])),
        reply(200, page([gone])),
        reply(200, page([gone])),
    )
    assert [account.account_id for account in vendor.accounts("501")] == ["7", "8"]


# Looking up.


def test_an_account_is_found_by_external_id_before_the_address(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    rows = [row(id=1, external_id=None), row(id=2, email="old@example.com")]
    server.script(f"GET {EMPLOYEES}", reply(200, page(rows)))
    found = vendor.find("501", "e-1", {"email": "Jane@Example.com"})
    assert found is not None
    assert found.account_id == "2"


def test_an_account_is_found_by_its_address_in_any_case(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(f"GET {EMPLOYEES}", reply(200, page([row(id=1, external_id=None)])))
    found = vendor.find("501", "e-9", {"email": " JANE@example.com "})
    assert found is not None
    assert found.account_id == "1"
    assert vendor.find("501", "e-9", {"email": "other@example.com"}) is None


def test_a_search_that_cannot_be_trusted_is_not_believed(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(
        f"GET {EMPLOYEES}",
        reply(200, page([row()])),  # a sample
        reply(200, page([])),  # searching for its external id finds nothing
        reply(200, page([row()])),  # so the whole list is read
        reply(200, page([], 0)),
    )
    found = vendor.find("501", "e-1", {"email": "jane@example.com"})
    assert found is not None
    assert found.account_id == "7"


def test_a_search_that_proved_itself_spares_the_whole_list(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(f"GET {EMPLOYEES}", reply(200, page([row()])))
    assert vendor.find("501", "e-1", {"email": "jane@example.com"}) is not None
    server.seen.clear()
    assert vendor.find("501", "e-1", {"email": "jane@example.com"}) is not None
    assert [one.query.get("search") for one in server.seen] == ["e-1"]


def test_an_answer_that_was_read_is_gone_without_a_search_for_garbage(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    server.script(CREATE, reply(201, row()))
    gc.freeze()  # what other tests left is not looked at
    gc.disable()
    try:
        vendor.create("501", "e-1", PERSON)
        assert not [one for one in gc.get_objects() if type(one) is httpx.Response]
    finally:
        gc.enable()
        gc.unfreeze()


def test_the_rate_limit_is_that_of_the_latest_answer(
    server: Any, reply: Any, vendor: AlleoVendor
) -> None:
    limits = {
        "X-RateLimit-Limit": "600",
        "X-RateLimit-Remaining": "599",
        "X-RateLimit-Reset": "60",
    }
    server.script("GET /v1/companies", reply(200, [], limits))
    assert vendor.rate_limit() is None
    vendor.places()
    assert vendor.rate_limit() == RateLimit(600, 599, 60.0)


# Settings.


@pytest.mark.parametrize(
    "api_url",
    [
        "http://example.com/v1",
        "HTTP://EXAMPLE.COM/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com/v1",
        "http://localhost@example.com/v1",
        "http://127.0.0.1:80@example.com/v1",
        "http://10.0.0.1/v1",
        "http://[::ffff:10.0.0.1]/v1",
        "https://user:secret-pass-1@example.com/v1",
        "https://:secret-pass-1@example.com/v1",
        "https://example.com/v1?key=secret-pass-1",
        "https://example.com/v1#secret-pass-1",
        "ftp://127.0.0.1",
        "//example.com/v1",
        "nonsense",
    ],
)
def test_an_unsafe_address_is_refused(make: Callable[..., AlleoVendor], api_url: str) -> None:
    with pytest.raises(ConfigError, match="api_url") as refused:
        make(api_url=api_url)
    assert "secret-pass-1" not in str(refused.value)


def test_empty_keys_never_fall_back_to_the_environment(
    make: Callable[..., AlleoVendor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLEO_SECRET_KEY", "from-the-environment")
    with pytest.raises(ConfigError, match="secret_key"):
        make(secret_key=" ")


def test_a_company_id_that_is_no_number_is_a_configuration_error(vendor: AlleoVendor) -> None:
    with pytest.raises(ConfigError, match="`company_id`"):
        list(vendor.accounts("Acme"))


def test_no_error_and_no_log_line_quotes_a_person_or_a_key(
    server: Any, reply: Any, vendor: AlleoVendor, caplog: pytest.LogCaptureFixture
) -> None:
    secret = {**PERSON, "email": "canary@example.com", "last_name": "Canary"}
    texts = []
    with caplog.at_level(logging.DEBUG):
        for answer in (
            reply(
                422, INVALID | {"detail": [{"loc": ["Canary"], "msg": "Canary", "type": "Canary"}]}
            ),
            reply(409, {"detail": "canary@example.com exists"}),
            reply(500, "canary@example.com"),
            reply(200, "canary@example.com"),
            reply(401, {"detail": "sk"}),
        ):
            server.script(CREATE, answer)
            with pytest.raises(SyncError) as raised:
                vendor.create("501", "e-1", secret)
            texts.append(str(raised.value) + repr(raised.value.facts))
    texts += [record.getMessage() for record in caplog.records]
    assert len(texts) > 5
    assert "canary" not in json.dumps(texts).casefold()
