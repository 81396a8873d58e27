"""Waiting: as long as Loket says, up to a limit, else longer each time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from source_loket.errors import quote_answer
from source_loket.retries import LONGEST_WAIT, Retries, Temporary


def answer(status: int, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def waits_for(response: requests.Response) -> list[float]:
    waits: list[float] = []
    retries = Retries(wait=waits.append)
    answers = iter([response, answer(200)])
    retries.run("test", lambda: retries.raise_if_temporary(next(answers)))
    return waits


@pytest.mark.parametrize(
    ("said", "waited"), [("7", 7), ("0", 0), ("99999", LONGEST_WAIT), ("-5", 0)]
)
def test_retry_after_is_honoured_up_to_a_limit(said: str, waited: float) -> None:
    assert waits_for(answer(429, Retry_After=said)) == [waited]


def test_retry_after_may_be_a_date() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25 < waits_for(answer(503, Retry_After=at))[0] <= 30
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert waits_for(answer(503, Retry_After=past)) == [0]


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "soon"}, {"Retry_After": ""}])
def test_without_it_each_wait_is_longer(headers: dict[str, str]) -> None:
    waits: list[float] = []
    retries = Retries(wait=waits.append)
    with pytest.raises(AirbyteTracedException):
        retries.run("test", lambda: retries.raise_if_temporary(answer(429, **headers)))
    assert len(waits) == 5
    assert all(a < b for a, b in zip(waits, waits[1:], strict=False))


def test_after_an_outage_less_is_tried_until_something_works() -> None:
    tries: list[int] = []
    retries = Retries(wait=lambda seconds: None)

    def fails() -> None:
        tries.append(1)
        raise Temporary("Loket answered 503")

    for expected in (6, 2, 2):
        tries.clear()
        with pytest.raises(AirbyteTracedException):
            retries.run("test", fails)
        assert len(tries) == expected
    retries.run("test", lambda: None)
    tries.clear()
    with pytest.raises(AirbyteTracedException):
        retries.run("test", fails)
    assert len(tries) == 6


@pytest.mark.parametrize(
    ("body", "quoted"),
    [
        (b"The orderBy is  not\nvalid", "The orderBy is not valid"),
        (
            json.dumps({"messages": [{"description": "[field] too long"}]}).encode(),
            "[field] too long",
        ),
        (b'{"message":"Insufficient rights"}', "Insufficient rights"),
        (b"<html><body>Error</body></html>", "(a page of HTML)"),
        (b"", "(no text)"),
        (b"mail jan@example.nl is wrong", "mail (e-mail address) is wrong"),
        (b"x" * 5000, "x" * 300),
        (b"[1]", "(no text)"),
        (b'{"other": "Jansen"}', "(no text)"),
    ],
)
def test_what_loket_says_is_quoted_without_people(body: bytes, quoted: str) -> None:
    assert quote_answer(body) == quoted


def test_a_400_is_quoted_in_the_error(box: Any, config: Any, read: Any, monkeypatch: Any) -> None:
    from source_loket import account

    monkeypatch.setattr(account, "PAGE_SIZE", 100_000)
    monkeypatch.setattr(account.Account.fetch_page, "__defaults__", (0,))
    outcome = read(config, ["employees"])
    assert outcome.status("employees") == "INCOMPLETE"
    assert "Loket answered 400" in outcome.errors[0]["message"]
    assert "pageSize" in outcome.errors[0]["message"]
