"""The page of a real night of each status, in each language, as on a desk and as on a phone.

What it says and in which order is asserted; how it looks is in `screenshots.py --report`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from people_sandbox import start_sandbox
from people_transforms.publishing.words import load_words
from playwright.sync_api import Browser, Page

from integration_tests.onboarding.browser import (
    MISSING,
    Watched,
    find_chromium,
    open_browser,
    watched_page,
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

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(find_chromium() is None, reason=MISSING),
    pytest.mark.xdist_group("browser"),
]
PARTS = (".status h1", ".when", ".tiles", "#todo-title", "#people-title", "#upcoming", "#skipped")
MANY = 5000
# What a missing value, a format that was not filled or another language's program would leave.
HOLES = re.compile(r"…|\{|\}|\bNone\b|\bnull\b|\bundefined\b|\bNaN\b")
TROUBLE = ("hr_incomplete", "hr_unreachable", "platform_unreachable", "misconfigured", "failed")


@pytest.fixture(scope="module")
def nights(make_once: Callable[[Callable[[Path], None]], Path]) -> dict[str, Path]:
    return {file.stem: file for file in make_once(play_nights).glob("*.duckdb")}


def play_nights(folder: Path) -> None:
    for play, size in ((live, 24), (live_alleo, 30), (live_many, MANY)):
        (work := folder / play.__name__).mkdir()
        with start_sandbox(size=size, seed=7, as_of=FIRST_DAY) as box:
            for _, published in play(box, work):
                published.rename(folder / published.name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.mark.minutes
def test_each_status_has_its_page(
    nights: dict[str, Path], browser: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """axe takes longest and hardly reads: it looks at each status in one language, all by `make matrix`."""
    wrong: list[str] = []
    with watched_page(browser) as watched:
        for number, (status, published) in enumerate(nights.items()):
            for language in LANGUAGES:
                file = tmp_path / f"{status}-{language}.html"
                file.write_text(page_of(published, language), "utf-8")
                watched.page.goto(file.as_uri())
                wrong += look(watched, status, language)
                if language == LANGUAGES[number % 3] or request.config.getoption("every_point"):
                    wrong += [f"{status} {language}: {one}" for one in ask_axe(watched.page)]
    assert wrong == []
    assert watched.complaints == [] and watched.left_machine == []


def look(watched: Watched, name: str, language: str) -> list[str]:
    """Say what is wrong with a page, on either screen."""
    page, words, wrong = watched.page, load_words(language), []
    status = "preview" if name == "many" else name.removeprefix("alleo-")
    pair = ("loket", "alleo") if name.startswith("alleo-") else ("alveno", "lunchdrive")
    if status not in ("held", "needs_you", "partly"):
        told = words.status(status, 0, words.systems(*pair))
        if page.inner_text("h1") != told.partition(". ")[0] + ".":
            wrong.append(f"the headline is {page.inner_text('h1')!r}")
    cards = page.locator("[data-card]").evaluate_all("all => all.map(one => one.dataset.card)")
    expected = {"held": "held", "preview": "held", "needs_you": "finding", "partly": "refused"}
    first = "trouble" if status in TROUBLE else expected.get(status)
    if first not in cards[:1] if first else cards:
        wrong.append(f"the cards are {cards}")
    for screen, size in SIZES.items():
        page.set_viewport_size({"width": size[0], "height": size[1]})
        wrong += [f"{screen}: {one}" for one in look_at_screen(page)]
    return [f"{name} {language}: {one}" for one in wrong]


def ask_axe(page: Page) -> list[str]:
    """What people who see or hear a page otherwise would miss, by day and by night."""
    wrong = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for violation in Axe().run(page).response["violations"]:
            wrong.append(f"{scheme}: {violation['id']} {violation['nodes'][0]['target']}")
    return wrong


def look_at_screen(page: Page) -> list[str]:
    wrong = []
    tops = [page.locator(part).first.bounding_box() for part in PARTS]
    ys = [box["y"] if box else -1 for box in tops]
    if ys != sorted(ys) or -1 in ys:
        wrong.append(f"the parts are at {ys}")
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        wrong.append("wider than the screen")
    for hole in HOLES.findall(page.inner_text("main")):
        wrong.append(f"a hole: {hole}")
    return wrong


def test_a_name_is_found_without_a_network(
    nights: dict[str, Path], browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "held.html"
    file.write_text(page_of(nights["held"], "cs"), "utf-8")
    with watched_page(browser) as watched:
        page = watched.page
        page.goto(file.as_uri())
        name = page.locator("[data-card=held] .rows b").first.inner_text()
        page.fill("#find", name.lower())
        page.locator("#found", has_text="1").wait_for()
        assert page.locator(".rows li:visible").count() >= 1
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")
        assert watched.complaints == [] and watched.left_machine == []


def test_five_thousand_people_are_a_small_page_and_each_is_found(
    nights: dict[str, Path], browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "many.html"
    file.write_text(page_of(nights["many"], "cs"), "utf-8")
    assert file.stat().st_size <= 400_000
    with watched_page(browser) as watched:
        page = watched.page
        page.goto(file.as_uri())
        # What there is to paint; the other rows are data until somebody looks for them.
        assert page.locator("*").count() <= 3000
        name = page.evaluate(
            "JSON.parse(document.getElementById('data').textContent).lists.joined.at(-1)[0]"
        )
        row = page.locator("#list-joined li", has_text=name)
        assert row.count() == 0
        page.fill("#find", name)
        row.first.wait_for()
        assert watched.complaints == [] and watched.left_machine == []


def test_on_paper_a_held_night_is_two_pages(
    nights: dict[str, Path], browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "held.html"
    file.write_text(page_of(nights["held"], "nl"), "utf-8")
    with watched_page(browser) as watched:
        watched.page.goto(file.as_uri())
        paper = watched.page.pdf(format="A4")
    assert len(re.findall(rb"/Type /Page\b(?!s)", paper)) <= 2
