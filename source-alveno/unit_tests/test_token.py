"""The token travels in its header, to one host, never in the clear, and is never shown."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from source_alveno.source import SourceAlveno

from .conftest import STREAMS, TOKEN, Alveno, Reply, read


def test_the_token_is_in_its_header_and_nowhere_else(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    read(config)

    assert len(alveno.requests) == len(STREAMS)
    for request in alveno.requests:
        assert request.headers.pop("authorizationtoken") == TOKEN
        assert TOKEN not in str(request)


def test_spaces_and_line_breaks_around_a_pasted_token_are_cut(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    read({**config, "token": f"  {TOKEN}\n"}, "operations")

    assert alveno.requests[0].headers["authorizationtoken"] == TOKEN


@pytest.mark.parametrize("location", ["http://localhost:{port}/x", "https://127.0.0.1:{port}/x"])
def test_a_redirect_to_another_host_or_scheme_is_not_followed(
    alveno: Alveno, config: dict[str, Any], location: str
) -> None:
    target = location.format(port=alveno.url.rpartition(":")[2])
    alveno.answer("/operations", Reply(b"", 302, {"Location": target}))
    alveno.answer("/x", Reply(b"[]"))

    outcome = read(config, "operations")

    assert outcome.failure is FailureType.config_error
    assert "127.0.0.1 redirects to" in outcome.text
    assert alveno.count("/x") == 0


def test_a_redirect_on_the_same_host_is_followed(alveno: Alveno, config: dict[str, Any]) -> None:
    """The control of the one above: the address arrives, token and all."""
    alveno.answer("/x", alveno.answers["/operations"][0])
    alveno.answer("/operations", Reply(b"", 302, {"Location": "/x"}))

    outcome = read(config, "operations")

    assert outcome.error is None
    assert len(outcome.records["operations"]) == 1
    assert alveno.count("/x") == 1


@pytest.mark.parametrize(
    "api_url",
    [
        "http://api.alveno.cz/v1",
        "http://10.0.0.1/v1",
        "ftp://api.alveno.cz/v1",
        "api.alveno.cz/v1",
        "https://user:secret-pass-1@api.alveno.cz/v1",
        "https://api.alveno.cz/v1?token=x",
        "http://127.0.0.1.example.com/v1",
        "https://[::1",
    ],
)
def test_an_address_that_would_show_the_token_is_refused(
    config: dict[str, Any], api_url: str
) -> None:
    outcome = read({**config, "api_url": api_url}, "operations")

    assert outcome.failure is FailureType.config_error
    assert "api_url" in outcome.text
    assert "secret-pass-1" not in outcome.text


@pytest.mark.parametrize("token", ["", "   ", "two\nlines", "žluťoučký"])
def test_a_token_that_cannot_be_one_is_said_before_anything_is_asked(
    alveno: Alveno, config: dict[str, Any], token: str
) -> None:
    outcome = read({**config, "token": token}, "operations")

    assert outcome.failure is FailureType.config_error
    assert "token" in outcome.text
    assert alveno.requests == []


def test_a_check_reads_real_lists_with_the_token(alveno: Alveno, config: dict[str, Any]) -> None:
    source = SourceAlveno(config=config)

    assert source.check(source.logger, config).status.value == "SUCCEEDED"
    assert {request.path for request in alveno.requests} == {
        "/operations",
        "/employees",
        "/workloads",
    }


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Reply(b"", 401), "does not accept the token"),
        (Reply(b"[]"), "allow_empty"),
        (Reply(b'[{"EmployeeID":1}]'), "has the key Note"),
        (Reply(b"<html/>"), "no usable answer"),
    ],
)
def test_a_check_says_in_one_sentence_what_is_wrong(
    alveno: Alveno, config: dict[str, Any], answer: Reply, words: str
) -> None:
    alveno.answer("/employees", answer)
    source = SourceAlveno(config=config)

    result = source.check(source.logger, config)

    assert result.status.value == "FAILED"
    assert words in str(result.message)
    assert TOKEN not in str(result.message)
