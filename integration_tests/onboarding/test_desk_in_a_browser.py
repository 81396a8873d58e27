"""The desk in a real browser: a held night is seen on a phone, decided on and sent, or not.

No console error, no request leaves the machine, and axe-core finds nothing on any page, in three
languages, light and dark, on a phone and on a screen.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox
from people_sandbox.postgres import Postgres
from people_sync.desk.serve import build_server, open_office
from people_sync.desk.staff import Listed, Staff
from people_sync.desk.web.serving import listen
from playwright.sync_api import Browser, Page

from integration_tests.bench.desk import fill_lake

from .browser import MISSING, Watched, find_chromium, open_browser, watched_page
from .conftest import write_connection

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(find_chromium() is None, reason=MISSING),
    pytest.mark.xdist_group("browser"),
]
PEOPLE_SYNC = Path(sys.executable).parent / "people-sync"
ADDRESS = "joke@example.nl"
PHONE = {"viewport": {"width": 390, "height": 844}}
SCREEN = {"viewport": {"width": 1280, "height": 900}}
PAGES = tuple(
    f"/c/diners{path}" for path in ("", "/approvals", "/to-do", "/people", "/settings", "/actions")
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A platform without accounts for each test: what was sent in another one would match already."""
    with start_sandbox(size=20, seed=7) as running:
        yield running


@dataclass
class Desk:
    """A desk that is served over one connection, and the links that it printed."""

    url: str
    folder: Path
    said: queue.Queue[str]
    now: list[dt.datetime]

    def link(self) -> str:
        """Wait for the link that was asked for: it is made after the answer."""
        return self.said.get(timeout=30).split()[-1]

    def run(self) -> dict[str, object]:
        command = [PEOPLE_SYNC, "run", self.folder / "diners" / "connection.yaml"]
        ended = subprocess.run([*command, "--output", "json"], capture_output=True, check=False)
        summary: dict[str, object] = json.loads(ended.stdout)
        return summary


@contextlib.contextmanager
def serve(folder: Path, role: Literal["hr", "support"] = "hr", *served: Path) -> Iterator[Desk]:
    said: queue.Queue[str] = queue.Queue()
    person = Listed(address=ADDRESS, role=role, connection=("diners",))
    with listen("127.0.0.1", 0) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        now = [dt.datetime.now(dt.UTC)]
        staff = Staff(None, [person])
        office = open_office(
            [*served] or [folder], staff, folder / "records", url, said.put, clock=lambda: now[0]
        )
        server = build_server(office)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield Desk(url, folder, said, now)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def folder(box: Sandbox, tmp_path: Path) -> Path:
    configs = (box.config("source-alveno"), box.config("destination-lunchdrive"))
    write_connection(tmp_path / "diners", "source-alveno", "destination-lunchdrive", configs)
    return tmp_path


def sign_in(page: Page, desk: Desk, language: str = "nl") -> str:
    """Sign in on a page; gives the link that was used."""
    page.goto(f"{desk.url}/sign-in?lang={language}")
    page.fill("#address", ADDRESS)
    press(page, "main button")
    link = desk.link()
    page.goto(link)
    press(page, "main button")
    return link


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def look(watched: Watched, url: str, found: list[str], pages: Sequence[str] = PAGES) -> None:
    """Judge every page of a connection in three languages, light and dark."""
    page = watched.page
    for path in pages:
        for language in ("en", "cs", "nl"):
            page.goto(f"{url}{path}?lang={language}")
            for scheme in ("light", "dark") if language == "nl" else ("light",):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                for violation in Axe().run(page).response["violations"]:
                    targets = [node["target"] for node in violation["nodes"]][:3]
                    found.append(f"{path} {language} ({scheme}): {violation['id']} {targets}")
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > page.viewport_size["width"]:  # type: ignore[index]
                found.append(f"{path} {language}: wider than the window ({width})")


def test_a_held_first_plan_is_seen_on_a_phone_approved_and_sent(
    box: Sandbox, folder: Path, browser: Browser
) -> None:
    with serve(folder) as desk, watched_page(browser, **PHONE) as watched:
        page = watched.page
        assert desk.run()["exit_code"] == 3
        before = len(box.requests("lunchdrive", writes=True))
        sign_in(page, desk)
        found: list[str] = []
        look(watched, desk.url, found)
        page.goto(f"{desk.url}/c/diners/approvals?lang=nl")
        press(page, "button[value=approve_all]")
        assert ADDRESS in page.locator(".card.fine").first.inner_text()
        # "Run now": the page grows until the run is done, and it has loaded when the run is over.
        press(page, "form[action$='/run'] button")
        page.goto(f"{desk.url}/c/diners")
        assert len(box.requests("lunchdrive", writes=True)) > before
        look(watched, desk.url, found)
        assert found == []
        assert watched.complaints == [] and watched.left_machine == []


def test_a_rejected_kind_is_not_sent_and_a_plan_that_changed_meanwhile_says_how(
    box: Sandbox, folder: Path, browser: Browser
) -> None:
    with serve(folder, "support") as desk, watched_page(browser, **SCREEN) as watched:
        page = watched.page
        desk.run()
        sign_in(page, desk, "cs")
        page.goto(f"{desk.url}/c/diners/approvals")
        box.night(joiners=1, vendor="alveno")
        path = folder / "diners" / "destination.json"
        today = {"as_of": box.control()["as_of"]}
        path.write_text(json.dumps(json.loads(path.read_text()) | today))
        desk.run()
        press(page, "button[value=approve_all]")
        assert "Něco se změnilo" in page.content()
        press(page, "main a.button")
        page.locator("summary").first.click()
        page.fill("input[name=note]", "Počkáme do pondělí")
        press(page, "button[value=reject_all]")
        assert "Počkáme do pondělí" in page.content()
        before = len(box.requests("lunchdrive", writes=True))
        assert desk.run()["exit_code"] == 3
        assert len(box.requests("lunchdrive", writes=True)) == before
        found: list[str] = []
        look(watched, desk.url, found)
        page.goto(f"{desk.url}/connections")
        assert page.locator("a[href='/c/diners']").count() >= 1
        assert found == []
        assert watched.complaints == [] and watched.left_machine == []


def test_signing_in_expires_works_once_and_opens_only_what_the_role_may(
    folder: Path, browser: Browser
) -> None:
    with serve(folder) as desk, watched_page(browser, **PHONE) as watched:
        page = watched.page
        page.goto(f"{desk.url}/c/diners?lang=cs")
        assert "Nejdřív se přihlaste" in page.content()
        used = sign_in(page, desk, "cs")
        for path in ("/connections", "/actions", "/c/others"):
            answer = page.goto(f"{desk.url}{path}")
            assert answer is not None and answer.status == 404, path
        with watched_page(browser, **PHONE) as other:
            other.page.goto(f"{used}?lang=cs")
            assert "Tento odkaz už byl použit" in other.page.content()
            other.page.goto(f"{desk.url}/sign-in?lang=nl")
            other.page.fill("#address", ADDRESS)
            press(other.page, "main button")
            late = desk.link()
            desk.now[0] += dt.timedelta(minutes=15)
            other.page.goto(late)
            assert "Deze link is verlopen" in other.page.content()
            # A form of another browser is refused, and so is one of another site.
            page.goto(f"{desk.url}/c/diners/settings")
            foreign = page.locator("input[name=csrf]").first.input_value()
            mine = {"csrf": foreign, "what": "language", "language": "cs"}
            stolen = other.page.request.post(f"{desk.url}/c/diners/settings", form=mine)
            assert stolen.status == 401
            page.locator("input[name=csrf]").first.evaluate("field => field.value = 'forged'")
            press(page, "main button")
            assert "Stránka byla příliš stará" in page.content()
            # Who may not come in reads a page like any other one.
            found: list[str] = []
            asked = [urlsplit(one).path for one in (used, late)]
            look(other, desk.url, found, ["/sign-in", "/c/diners", *asked, "/nowhere"])
            look(watched, desk.url, found, ["/connections"])
            assert found == []
        desk.now[0] += dt.timedelta(hours=12)
        page.goto(f"{desk.url}/c/diners?lang=cs")
        assert "Nejdřív se přihlaste" in page.content()
        assert watched.complaints == [] and watched.left_machine == []


def test_support_finds_one_of_two_hundred_connections_of_a_lake(
    postgres: Postgres, tmp_path: Path, browser: Browser
) -> None:
    config, _ = fill_lake(postgres.new_database(), tmp_path, 200)
    with serve(tmp_path, "support", config) as desk, watched_page(browser, **PHONE) as watched:
        page = watched.page
        sign_in(page, desk, "en")
        page.goto(f"{desk.url}/connections?lang=en")
        assert page.locator("main tbody tr").count() == 200
        found: list[str] = []
        look(watched, desk.url, found, ["/connections"])
        assert found == []
        page.goto(f"{desk.url}/connections?lang=en")
        page.locator("main tbody a[href$='/c/one-117']").click()
        assert "one-117" in page.content()
        assert watched.complaints == [] and watched.left_machine == []


def test_a_person_is_found_and_their_page_answers_why(folder: Path, browser: Browser) -> None:
    with serve(folder) as desk, watched_page(browser, **PHONE) as watched:
        desk.run()
        sign_in(watched.page, desk)
        page = watched.page
        page.goto(f"{desk.url}/c/diners/people")
        name = page.locator("tbody th a").first.inner_text()
        page.fill("#q", name.upper())
        press(page, "main form button")
        assert page.locator("tbody tr").count() >= 1
        press(page, "tbody th a")
        assert name in page.locator("h1").inner_text()
        assert page.locator("main .card").first.inner_text().strip()
        assert Axe().run(page).response["violations"] == []
        assert watched.complaints == [] and watched.left_machine == []


def test_inviting_everybody_sends_as_many_mails_as_the_page_said(
    box: Sandbox, folder: Path, browser: Browser
) -> None:
    path = folder / "diners" / "destination.json"
    brakes = {"brakes": {"invitations": None, "additions": None}}
    path.write_text(json.dumps(json.loads(path.read_text()) | brakes | {"invitations": "off"}))
    with serve(folder) as desk, watched_page(browser, **PHONE) as watched:
        page = watched.page
        desk.run()
        sign_in(page, desk)
        page.goto(f"{desk.url}/c/diners/approvals")
        press(page, "button[value=approve_all]")
        assert desk.run()["exit_code"] in (0, 4)
        assert invitations(box) == 0, "control: a first import is silent"
        page.goto(f"{desk.url}/c/diners/settings")
        page.check("#i-all_not_yet_invited")
        press(page, "form:has(#i-off) button")
        asked = page.locator("section.alarm").inner_text()
        told = int("".join(filter(str.isdigit, asked)))
        assert told > 5, asked
        press(page, "section.alarm button")
        assert desk.run()["exit_code"] in (0, 4)
        assert invitations(box) == told
        page.goto(f"{desk.url}/c/diners/settings")
        assert page.is_checked("#i-all_not_yet_invited")
        desk.run()
        assert invitations(box) == told, "nobody gets a second one"


def invitations(box: Sandbox) -> int:
    """Count the mails that the vendor was asked to send."""
    calls = box.requests("lunchdrive", writes=True)
    return sum(call["status"] < 300 and "invit" in call["path"] for call in calls)
