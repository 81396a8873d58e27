"""A sandbox per test module, and a logged-in caller for each vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from alleo import AlleoClient
from people_sandbox import Sandbox, start_sandbox


class Caller:
    """Calls one vendor with its headers; a new connection each time, so that a reset spoils one call only."""

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        self.base = base
        self.headers = headers

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = self.headers | options.pop("headers", {})
        return requests.request(
            method, self.base + path, headers=headers, timeout=options.pop("timeout", 20), **options
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def rows(self, path: str, **options: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **options)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["_embedded"]
        return found


def loket_caller(box: Sandbox) -> Caller:
    known = box.control()["loket"]
    names = ("client_id", "client_secret", "refresh_token")
    form = {"grant_type": "refresh_token"} | {name: known[name] for name in names}
    token = requests.post(f"{known['oauth_url']}/token", data=form, timeout=20).json()[
        "access_token"
    ]
    return Caller(known["api_url"], {"Authorization": f"Bearer {token}"})


def alveno_caller(box: Sandbox) -> Caller:
    known = box.control()["alveno"]
    return Caller(known["api_url"], {"AuthorizationToken": known["token"]})


def lunchdrive_caller(box: Sandbox) -> Caller:
    known = box.control()["lunchdrive"]
    return Caller(known["api_url"], {"Authorization": f"Bearer {known['api_key']}"})


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with start_sandbox(size=60, seed=7) as running:
        yield running


@pytest.fixture(autouse=True)
def _without_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "box" in request.fixturenames:
        request.getfixturevalue("box").clear_faults()


@pytest.fixture(scope="module")
def loket(box: Sandbox) -> Caller:
    return loket_caller(box)


@pytest.fixture(scope="module")
def alveno(box: Sandbox) -> Caller:
    return alveno_caller(box)


@pytest.fixture(scope="module")
def lunchdrive(box: Sandbox) -> Caller:
    return lunchdrive_caller(box)


@pytest.fixture(scope="module")
def employer(box: Sandbox) -> str:
    return str(box.control()["loket"]["employer_ids"][0])


@pytest.fixture
def alleo(box: Sandbox) -> Iterator[AlleoClient]:
    known = box.control()["alleo"]
    with AlleoClient(
        access_key=known["access_key"],
        secret_key=known["secret_key"],
        base_url=known["api_url"],
        max_retries=0,
    ) as client:
        yield client


@pytest.fixture(scope="module")
def company(box: Sandbox) -> int:
    return int(box.control()["alleo"]["companies"][1]["company_id"])
