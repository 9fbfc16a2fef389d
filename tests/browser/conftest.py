"""Real Chromium against the real server. Whatever the browser complains of fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Literal

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.servers import ADMIN, PASSWORD, ROOT, Server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE: ViewportSize = {"width": 1440, "height": 900}
# What is awaited costs nothing when it comes; a busy machine takes its time.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "Chromium is missing. Type: scripts/need chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


class Complaints:
    """What a page must never do: throw, log an error, break its content security policy, call outside, get a 500."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.heard: list[str] = []
        self._url = url
        page.on("pageerror", lambda error: self.heard.append(f"thrown: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium logs every 4xx of its own accord; those are judged by `_response`.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.heard.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if "csp-report" in request.url:
            self.heard.append(f"policy broken: {request.post_data}")
        if not request.url.startswith((self._url, "data:", "blob:")):
            self.heard.append(f"call outside: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.heard.append(f"{response.status}: {response.request.method} {response.url}")


Theme = Literal["light", "dark"]

FAILED = pytest.StashKey[bool]()
PICTURES = ROOT / ".cache" / "browser"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def open_page(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens a signed-in page; `theme` is the system's. At the end nothing may have been complained of.

    What a failed test saw last lies in `.cache/browser`.
    """
    complaints: list[Complaints] = []
    with ExitStack() as contexts:

        def opened(path: str = "/app/", *, theme: Theme = "light", signed_in: bool = True, email: str = ADMIN) -> Page:
            context = contexts.enter_context(
                browser.new_context(viewport=SIZE, base_url=server.url, color_scheme=theme)
            )
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            complaints.append(Complaints(page, server.url))
            if signed_in:
                sign_in(page, email)
            page.goto(path)
            return page

        yield opened
        if request.node.stash.get(FAILED, False):
            for number, each in enumerate(complaints):
                each.page.screenshot(path=PICTURES / f"{request.node.name.replace('/', '_')}-{number}.png")
    heard = [line for each in complaints for line in each.heard]
    assert not heard, "\n".join(heard)


def sign_in(page: Page, email: str = ADMIN) -> None:
    """As a program would, so that the test itself begins where its subject is. The cookie stays with the context."""
    token = page.request.get("/api/v1/session").json()["csrf_token"]
    answer = page.request.post(
        "/api/v1/session", data={"email": email, "password": PASSWORD}, headers={"X-CSRFToken": token}
    )
    assert answer.ok, answer.text()
