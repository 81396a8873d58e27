"""The canary through the onboarding: a secret in a wrong shape is on no page, in no log and no file."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from people_sync.desk.web.bounded_log import log_to_stderr

from ..onboarding.conftest import Customer, open_customer, write_connection
from .mistakes import WORD, mistakes_of

PAGES = ("/", "/reads", "/source", "/destination", "/test", "/report", "/employers", "/confirm")


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with start_sandbox(size=5, seed=7) as running:
        yield running


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the server writes to standard error."""
    told = io.StringIO()
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    monkeypatch.setattr("sys.stderr", told)
    log_to_stderr()
    yield told
    root.handlers[:] = kept
    root.setLevel(level)


@pytest.fixture
def customer(tmp_path: Path, box: Sandbox) -> Iterator[Customer]:
    configs = (box.config("source-loket"), box.config("destination-alleo"))
    path = write_connection(tmp_path, "source-loket", "destination-alleo", configs)
    with open_customer(path) as opened:
        opened.begin()
        yield opened


def test_no_page_shows_what_a_refused_configuration_holds(
    customer: Customer, log: io.StringIO
) -> None:
    """Every twentieth mistake of both ends lies in the files when a page is opened."""
    seen = set()
    for end, connector in (("source", "source-loket"), ("destination", "destination-alleo")):
        path = customer.onboarding.file.path.with_name(f"{end}.json")
        right = path.read_text()
        for number, mistake in enumerate(list(mistakes_of(connector))[::20]):
            path.write_text(json.dumps(mistake.config))
            page = customer.open(PAGES[number % len(PAGES)])
            seen.add(page.status_code)
            assert WORD not in page.text, (mistake, page.url)
        path.write_text(f'{{"token": "{WORD}",}}')
        assert WORD not in customer.open("/source").text
        path.write_text(right)
    assert 200 in seen, "control: pages were shown"
    assert WORD not in log.getvalue()
    kept = customer.onboarding.file.state.parent
    assert [
        one for one in kept.rglob("*") if one.is_file() and WORD.encode() in one.read_bytes()
    ] == []


@pytest.mark.parametrize("typed", [WORD, f"{WORD}\n", f"['{WORD}']"])
def test_a_key_that_was_typed_wrong_is_not_on_the_page_that_says_so(
    customer: Customer, typed: str, log: io.StringIO
) -> None:
    customer.open("/destination")
    page = customer.send(access_key=typed, secret_key=typed)
    assert page.status_code in (200, 400, 422), page.text
    assert WORD not in page.text + log.getvalue()
