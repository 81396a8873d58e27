"""Pictures of every page of the onboarding and of the report, for review.

    python integration_tests/screenshots.py [--language cs]      → build/screenshots/<language>/
    python integration_tests/screenshots.py --report             → build/screenshots/report/

Both pairs are walked with Chromium against the sandbox, as a customer would; each page is taken as
on a onboarding and as on a phone, the report in dark as well.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from playwright.sync_api import Browser, Page

from integration_tests.onboarding import walks
from integration_tests.onboarding.browser import open_browser, watched_page
from integration_tests.onboarding.conftest import (
    loket_before_consent,
    open_customer,
    write_connection,
)
from integration_tests.report_pages import (
    FIRST_DAY,
    LANGUAGES,
    SIZES,
    live,
    live_alleo,
    live_many,
    page_of,
)

DESK, PHONE = {"width": 1100, "height": 800}, {"width": 390, "height": 844}


class Camera:
    """Takes each page that a walk shows."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page = page
        self._folder = folder
        self._taken = 0

    def __call__(self, name: str) -> None:
        self._taken += 1
        self._take(f"{self._taken:02}-{name}.png", "light", DESK)
        self._take(f"{self._taken:02}-{name}-phone.png", "light", PHONE)
        if name == "report":
            self._take(f"{self._taken:02}-{name}-dark.png", "dark", DESK)

    def _take(self, name: str, scheme: str, size: dict[str, int]) -> None:
        self._page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self._page.set_viewport_size({"width": size["width"], "height": size["height"]})
        self._page.screenshot(path=self._folder / name, full_page=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--language", choices=["nl", "cs", "en"], action="append")
    parser.add_argument("--folder", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--report", action="store_true", help="the page of a night per status")
    options = parser.parse_args()
    if options.report:
        take_reports(options.folder / "report", options.language or list(LANGUAGES))
        return
    with start_sandbox(size=40) as box, open_browser() as browser:
        for language in options.language or ["nl"]:
            folder = options.folder / language
            shutil.rmtree(folder, ignore_errors=True)
            with tempfile.TemporaryDirectory() as work:
                walk_loket(box, browser, Path(work) / "loket", folder / "loket-alleo", language)
                walk_alveno(
                    box, browser, Path(work) / "alveno", folder / "alveno-lunchdrive", language
                )
            print(f"{len(list(folder.rglob('*.png')))} pictures in {folder}")


def take_reports(folder: Path, languages: list[str]) -> None:
    """Play a night per status and take its page in each language, light and dark."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with open_browser() as browser:
        for play, size in ((live, 24), (live_alleo, 30), (live_many, 5000)):
            with (
                tempfile.TemporaryDirectory() as work,
                start_sandbox(size=size, seed=7, as_of=FIRST_DAY) as box,
            ):
                for name, published in play(box, Path(work)):
                    for language in languages:
                        html = folder / f"{name}-{language}.html"
                        html.write_text(page_of(published, language), "utf-8")
                        take_report(browser, html)
    print(f"{len(list(folder.rglob('*.png')))} pictures in {folder}")


def take_report(browser: Browser, html: Path) -> None:
    """Take a page on both screens, in both lights."""
    for name, (width, height) in SIZES.items():
        with watched_page(browser) as watched:
            watched.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                watched.page.emulate_media(color_scheme=scheme)
                watched.page.goto(html.absolute().as_uri())
                picture = html.with_name(f"{html.stem}-{name}-{scheme}.png")
                watched.page.screenshot(path=picture, full_page=True)


def walk_loket(box: Sandbox, browser: Browser, work: Path, folder: Path, language: str) -> None:
    keys = box.config("destination-alleo")
    configs = (loket_before_consent(box), {**keys, "access_key": "", "secret_key": ""})
    connection = write_connection(work, "source-loket", "destination-alleo", configs)
    folder.mkdir(parents=True)
    with open_customer(connection) as customer, watched_page(browser) as watched:
        page, take = watched.page, Camera(watched.page, folder)
        walks.open_link(page, customer, language, take)
        walks.give_consent(page, take)
        right = {name: keys[name] for name in ("access_key", "secret_key")}
        walks.paste(page, take, "destination", right)
        walks.congratulations(page, take)
        walks.try_it(page, take)
        walks.read_report(page, customer, take)
        walks.go_on(page)
        take("employers")
        walks.press(page)
        walks.confirm(page, take)


def walk_alveno(box: Sandbox, browser: Browser, work: Path, folder: Path, language: str) -> None:
    source, destination = box.config("source-alveno"), box.config("destination-lunchdrive")
    configs = ({**source, "token": ""}, {**destination, "api_key": ""})
    connection = write_connection(work, "source-alveno", "destination-lunchdrive", configs)
    folder.mkdir(parents=True)
    with open_customer(connection) as customer, watched_page(browser) as watched:
        page, take = watched.page, Camera(watched.page, folder)
        walks.open_link(page, customer, language, take)
        walks.press(page)
        walks.paste(page, take, "keys", {"token": source["token"]})
        walks.paste(page, take, "destination", {"api_key": destination["api_key"]})
        walks.congratulations(page, take)
        walks.try_it(page, take)
        walks.read_report(page, customer, take)
        walks.go_on(page)
        take("employers")
        walks.press(page)
        walks.confirm(page, take)


if __name__ == "__main__":
    main()
