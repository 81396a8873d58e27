"""A real browser walks the whole onboarding: no console error, no request leaves the machine, and
axe-core finds nothing on any page, in any of the three languages, light and dark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from people_sandbox.client import Sandbox
from playwright.sync_api import Browser

from . import walks
from .browser import MISSING, Watched, find_chromium, open_browser, watched_page
from .conftest import Customer, loket_before_consent, open_customer, write_connection

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(find_chromium() is None, reason=MISSING),
    pytest.mark.xdist_group("browser"),
]
LANGUAGES = ("nl", "cs", "en")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


class Inspector:
    """Looks at each page that a walk shows, in three languages; the walk's own comes last."""

    def __init__(self, watched: Watched, language: str) -> None:
        self.watched = watched
        self.languages = [*(code for code in LANGUAGES if code != language), language]
        self.seen: list[str] = []
        self.found: list[str] = []

    def __call__(self, name: str) -> None:
        self.seen.append(name)
        page = self.watched.page
        self._judge(name, "light", "dark")
        if name in ONCE:
            return
        here = page.url.partition("?")[0]
        for language in self.languages:
            page.goto(f"{here}?lang={language}")
            assert page.locator("html").get_attribute("lang") == language
            self._judge(f"{name} {language}", "light")

    def _judge(self, name: str, *schemes: Literal["light", "dark"]) -> None:
        for scheme in schemes:
            self.watched.page.emulate_media(color_scheme=scheme)
            for violation in Axe().run(self.watched.page).response["violations"]:
                targets = [node["target"] for node in violation["nodes"]][:3]
                self.found.append(f"{name} ({scheme}): {violation['id']} {targets}")


# Answers to a form or to another server, which a second look would not show again.
ONCE = {"consent-denied", "destination-refused", "keys-refused", "test-progress", "active"}


def check_nothing_is_wrong(inspector: Inspector) -> None:
    assert inspector.found == []
    assert inspector.watched.complaints == []
    assert inspector.watched.left_machine == []


def test_loket_to_alleo_from_the_link_to_active_with_a_refusal_and_wrong_keys(
    box: Sandbox, tmp_path: Path, browser: Browser
) -> None:
    keys = box.config("destination-alleo")
    blank = {**keys, "access_key": "", "secret_key": ""}
    configs = (loket_before_consent(box), blank)
    connection = write_connection(tmp_path, "source-loket", "destination-alleo", configs)
    with open_customer(connection) as customer, watched_page(browser) as watched:
        page, seen = watched.page, Inspector(watched, "nl")
        link = walks.open_link(page, customer, "nl", seen)
        walks.give_consent(page, seen)
        right = {name: keys[name] for name in ("access_key", "secret_key")}
        walks.paste(page, seen, "destination", right)
        walks.congratulations(page, seen)
        walks.try_it(page, seen)
        walks.read_report(page, customer, seen)
        walks.go_on(page)
        seen("employers")
        walks.press(page)
        walks.confirm(page, seen)
        assert len(seen.seen) == 16
        check_nothing_is_wrong(seen)
        with watched_page(browser) as other:
            late = Inspector(other, "en")
            other.page.goto(link)
            late("link-used")
            other.page.goto(f"{customer.office.base_url}{customer.at('/test')}")
            late("no-session")
            check_nothing_is_wrong(late)
    assert delivers_what_was_confirmed(customer)


def test_alveno_to_lunchdrive_to_active_and_a_night_beyond_the_brakes_is_held_and_says_so(
    box: Sandbox, tmp_path: Path, browser: Browser
) -> None:
    source, destination = box.config("source-alveno"), box.config("destination-lunchdrive")
    configs = ({**source, "token": ""}, {**destination, "api_key": ""})
    connection = write_connection(tmp_path, "source-alveno", "destination-lunchdrive", configs)
    with open_customer(connection) as customer, watched_page(browser) as watched:
        page, seen = watched.page, Inspector(watched, "cs")
        walks.open_link(page, customer, "cs", seen)
        walks.press(page)
        walks.paste(page, seen, "keys", {"token": source["token"]})
        walks.paste(page, seen, "destination", {"api_key": destination["api_key"]})
        walks.congratulations(page, seen)
        walks.try_it(page, seen)
        walks.read_report(page, customer, seen)
        walks.go_on(page)
        seen("employers")
        walks.press(page)
        walks.confirm(page, seen)
        assert delivers_what_was_confirmed(customer)
        box.night(leavers=6)
        later = {**json.loads((tmp_path / "destination.json").read_text())}
        later["as_of"] = box.control()["as_of"]
        (tmp_path / "destination.json").write_text(json.dumps(later))
        summary = walks.run_again(customer)
        assert summary["status"] == "held"
        walks.sign_in_again(page, customer)
        seen("held")
        assert "Od dnešní noci čeká na vás" in page.content()
        with page.expect_navigation():
            page.locator('main a[href$="/confirm"]').click()
        walks.confirm(page, seen)
        check_nothing_is_wrong(seen)
        assert delivers_what_was_confirmed(customer)


def delivers_what_was_confirmed(customer: Customer) -> bool:
    # What is released waits no more: the value to approve is another one then.
    summary = walks.run_again(customer)
    return summary["held"] == [] and summary["exit_code"] in (0, 4)
