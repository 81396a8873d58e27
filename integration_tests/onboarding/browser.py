"""Debian's Chromium, watched: what the console says, and where every request goes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "Chromium is missing: apt-get install chromium"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE_MS = 240_000


def find_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium with a profile of its own; raises SystemExit where it is missing."""
    path = find_chromium()
    if path is None:
        raise SystemExit(MISSING)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page and what went on behind it. An answer of 4xx is a page here, not a broken script."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    left_machine: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "the server responded with a status" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "file", "about") and parts.hostname != "127.0.0.1":
            self.left_machine.append(request.url)


@contextmanager
def watched_page(browser: Browser, **options: object) -> Iterator[Watched]:
    """Open a browser window with cookies of its own."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    watched = Watched(page)
    page.on("console", watched.hear)
    page.on("pageerror", lambda error: watched.complaints.append(f"{page.url}: {error}"))
    context.on("request", watched.note)
    yield watched
    context.close()
