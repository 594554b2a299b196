"""A real browser for tests: the system's Chromium, and the checks that every page must pass.

``browser_page`` is a Playwright page that records every request, console message and policy violation; it is skipped
with a reason where Chromium is missing. ``assert_page_is_sound(page)`` looks at what the browser shows.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
CHROMIUM = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, started once."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    # Playwright's loop stays in this thread until the session ends; Django would refuse the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """``browser_page(width=390, scheme="dark", javascript=True)`` opens a page; ``page.goto("/sign-in/")``.

    What went wrong is in ``page.noise``: console errors, uncaught exceptions, requests to other hosts.
    """
    contexts = []

    def open_page(width: int = 1440, height: int = 900, scheme: str = "light", javascript: bool = True) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=javascript,
            base_url=live_server.url,
            locale="en-GB",
        )
        contexts.append(context)
        page = context.new_page()
        page.noise = []
        page.on("console", lambda message: page.noise.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.noise.append(str(error)))
        page.on("request", lambda request: _note_foreign(page, live_server.url, request.url))
        return page

    yield open_page
    for context in contexts:
        context.close()


def sign_in(page: Any, username: str) -> None:
    """Sign in as a demo account by its button."""
    page.goto("/sign-in/")
    with page.expect_navigation():
        page.locator(f'form:has(input[value="{username}"]) button').click()


def assert_page_is_sound(page: Any) -> None:
    """No noise, no accessibility violation (WCAG 2.1 A and AA), no overflow, nothing clipped, one h1."""
    assert page.noise == []
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate(COVERED_LABELS) == []
    # The policy forbids foreign scripts in the page; the debugger's evaluation is not bound by it.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(VIOLATIONS, AXE_RULES) == []


VIOLATIONS = """
rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']}).then(
  found => found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120))])
)
"""
"""Told of what is wrong alone: to describe all that is right takes as long as to look at it."""

CLIPPED = """
[...document.querySelectorAll('main *')].filter(element => {
  const style = getComputedStyle(element);
  return style.overflowX === 'hidden' && style.position !== 'absolute' && element.scrollWidth > element.clientWidth + 1;
}).map(element => element.outerHTML.slice(0, 120))
"""


COVERED_LABELS = """
[...document.querySelectorAll('table.rows [data-label]')].filter(cell => {
  const label = getComputedStyle(cell, '::before');
  const beside = label.float !== 'none' || label.position === 'absolute';
  return beside && (parseFloat(label.width) > parseFloat(getComputedStyle(cell).paddingLeft)
    || parseFloat(label.height) > cell.clientHeight);
}).map(cell => cell.dataset.label)
"""
"""A row's label on a phone that runs under its value or over the next row."""


def _note_foreign(page: Any, base: str, address: str) -> None:
    if not address.startswith((base, "data:", "blob:")):
        page.noise.append(f"request to another host: {address}")
