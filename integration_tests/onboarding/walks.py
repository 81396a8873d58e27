"""The onboarding as a customer clicks through it; `seen` is told the name of each page shown."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from .conftest import Customer

PEOPLE_SYNC = Path(sys.executable).parent / "people-sync"
Seen = Callable[[str], None]


def press(page: Page, where: str = "main") -> None:
    """Press the first button of the page and wait for what it answers."""
    with page.expect_navigation():
        page.locator(f"{where} button").first.click()


def go_on(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main a.button").last.click()


def open_link(page: Page, customer: Customer, language: str, seen: Seen) -> str:
    """An expired link, then one that works; gives that one, now used."""
    expired = customer.new_link(dt.timedelta(seconds=-1))
    page.goto(f"{expired}?lang={language}")
    seen("link-expired")
    link = customer.new_link()
    page.goto(f"{link}?lang={language}")
    seen("link")
    press(page)
    seen("reads")
    return link


def give_consent(page: Page, seen: Seen) -> None:
    """Refuse at the authorization server first, then allow."""
    press(page)
    seen("consent")
    press(page, "main form")
    with page.expect_navigation():
        page.get_by_role("button", name="Weigeren").click()
    seen("consent-denied")
    press(page)
    with page.expect_navigation(url="**/destination*"):
        page.get_by_role("button", name="Toestaan").click()


def paste(page: Page, seen: Seen, name: str, keys: dict[str, str]) -> None:
    """Paste something wrong, then what is right."""
    seen(f"{name}-empty")
    for setting in keys:
        page.fill(f"#{setting}", "not-the-right-one")
    press(page)
    seen(f"{name}-refused")
    for setting, value in keys.items():
        page.fill(f"#{setting}", value)
    press(page)
    seen(f"{name}-accepted")
    go_on(page)


def congratulations(page: Page, seen: Seen) -> None:
    seen("congratulations")
    press(page, "main form:last-of-type")


def try_it(page: Page, seen: Seen) -> None:
    seen("test")
    press(page)
    # The page grew while the test went on, and ends with the way to its result.
    seen("test-progress")
    go_on(page)
    seen("test-result")


def read_report(page: Page, customer: Customer, seen: Seen) -> None:
    here = page.url
    assert page.locator('a[href$="/report"]').count() == 1
    page.goto(f"{customer.office.base_url}{customer.at('/report')}")
    seen("report")
    page.goto(here)


def sign_in_again(page: Page, customer: Customer) -> None:
    """What comes after "active" needs a new link."""
    page.goto(customer.new_link())
    press(page)


def confirm(page: Page, seen: Seen) -> None:
    seen("confirm")
    page.check("#seen")
    press(page)
    seen("active")


def run_again(customer: Customer) -> dict[str, object]:
    """The next night, as the scheduler starts it."""
    ended = subprocess.run(
        [PEOPLE_SYNC, "run", customer.onboarding.file.path, "--output", "json"],
        capture_output=True,
        check=False,
    )
    summary: dict[str, object] = json.loads(ended.stdout)
    return summary
