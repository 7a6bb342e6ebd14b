"""The console page in a real Chromium, which NEXY_TEST_CHROMIUM names; without it these tests are skipped."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from nexy.config import load
from tests.e2e.conftest import FAST, Running, serve, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["serve"]

CHROMIUM = os.environ.get("NEXY_TEST_CHROMIUM", "")
EARS = Path(__file__).with_name("ears.js")
RECORDER = Path(__file__).with_name("recorder.js")
FLAGS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=document-user-activation-required"]

OpenPage = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    if not CHROMIUM:
        pytest.skip("NEXY_TEST_CHROMIUM does not name a browser")
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch:  # Playwright needs a loop that is not trio_asyncio's
        patch.setattr(asyncio, "new_event_loop", asyncio.SelectorEventLoop)
        playwright = sync_playwright().start()
    try:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    finally:
        playwright.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Running]]:
    """Start servers for a module's tests: each answer is twelve words, 2.4 s of sound."""
    started: list[Running] = []

    def start(**env: str) -> Running:
        database = tmp_path_factory.mktemp("database") / "nexy.db"
        given = {"SCRIPTED_SENTENCES": "1", "DATABASE_URL": f"sqlite:///{database}"}
        config, _ = load(FAST | given | env, Path("/nonexistent"))
        started.append(Running(config))
        return started[-1]

    yield start
    quiet = [until(one.is_quiet) for one in started]
    for one in started:
        one.close()
    assert all(quiet), "a turn or a task was left behind"


@pytest.fixture(scope="module")
def server(running: Callable[..., Running]) -> Running:
    return running()


@pytest.fixture
def open_page(browser: "Browser", server: Running) -> Iterator[OpenPage]:
    """Open the page. Whatever is done with it, it logs no error and asks no other host for anything."""
    pages: list[Page] = []
    wrong: list[str] = []

    def asked(url: str) -> None:
        if urlsplit(url).scheme not in ("blob", "data") and urlsplit(url).hostname != "127.0.0.1":
            wrong.append(url)

    def start(
        width: int = 1440,
        *,
        at: Running = server,
        recorded: bool = False,
        ready: bool = True,
        **options: Any,
    ) -> "Page":
        context = browser.new_context(
            viewport={"width": width, "height": 800}, bypass_csp=recorded, **options
        )
        context.add_init_script(path=EARS)
        if recorded:
            context.add_init_script(path=RECORDER)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: asked(request.url))
        page.on("websocket", lambda socket: asked(socket.url))
        page.goto(at.http)
        if ready:
            page.wait_for_selector("#state[data-state=connected]")
        pages.append(page)
        return page

    yield start
    for page in pages:
        page.context.close()
    assert wrong == []


def ask(page: "Page", text: str = "Tell me a story.") -> None:
    page.fill("#question", text)
    page.press("#question", "Enter")


def wait_for_word(page: "Page", number: int) -> None:
    """Until so many words of the newest answer have been marked."""
    page.wait_for_function("number => heard.marked.length >= number", arg=number)


def wait_for_silence(page: "Page") -> None:
    page.wait_for_selector("#stop:disabled", state="attached")
