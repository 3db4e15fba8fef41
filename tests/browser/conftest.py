"""Chromium for the browser tests: the system's own; without one every browser test says why it is skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, Route

from accounts.demo import PASSWORD
from accounts.models import User

# Playwright's sync API runs an event loop in this thread; the ORM is used beside it, never inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name each browser test as skipped where no Chromium can be had."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": CHROMIUM, "args": flags + root}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {
        "viewport": {"width": 1440, "height": 900},
        "color_scheme": "light",
        "locale": "en-US",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def noise(page: Page) -> Iterator[list[str]]:
    """Whatever the console complains about, a refused policy included: the test fails on any of it."""
    heard: list[str] = []

    def listen(message: Any) -> None:
        # htmx reports a request that a newer one replaced as an error; that is how it is meant to go.
        replaced = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type == "error" and not replaced:
            heard.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert not heard


@pytest.fixture
def sign_in(page: Page, live_server: Any, noise: list[str]) -> Iterator[Callable[[User], None]]:
    """Sign in through the page, as the person would; at the end nothing is left under way.

    A page that still fetches when the test is over would meet the emptying of its tables.
    """

    def enter(user: User) -> None:
        user.set_password(PASSWORD)
        user.save()
        page.context.clear_cookies()
        page.goto(f"{live_server.url}/accounts/login/")
        page.get_by_label("Username").fill(user.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        page.mouse.move(
            0, 0
        )  # away from where the button was: Chromium keeps a pointed-at colour past a theme

    yield enter
    for opened in page.context.pages:
        with suppress(Error):
            opened.wait_for_load_state("load", timeout=5_000)
            opened.evaluate(QUIET)


QUIET = """async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms)), end = Date.now() + 5000;
  await wait(100);  // frames are not counted here: none are painted for a page in the background
  while (document.querySelector('.htmx-request') && Date.now() < end) await wait(50);
}"""

Look = Callable[..., list[str]]
"""Looks at the page in four ways and answers what is wrong; a name keeps the pictures when asked for."""

LOOKS = [
    (width, height, size, theme)
    for width, height, size in ((1440, 900, "desk"), (390, 844, "phone"))
    for theme in ("light", "dark")
]
FEW_LOOKS = [LOOKS[0], LOOKS[3]]
"""For a page in a state of its own: at a desk by day, on a phone by night."""
ONE_LOOK = [LOOKS[0]]
"""For a page that was looked at in all four ways as another role; the ruler goes on a phone too."""

AXE = """async (rules) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const over = (one) => one.effect.getComputedTiming().endTime < Infinity && one.finished.catch(() => 0);
  await painted();
  await Promise.all(document.getAnimations().map(over));  // a colour on its way is no colour to judge
  const heard = document.querySelector('audio, video') !== null;  // all that axe would load things for
  const found = await axe.run({ resultTypes: ["violations"], preload: heard, ...rules });
  return found.violations.map(
    (one) => `${one.id} (${one.help}): ` +
      one.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")
  );
}"""
CONTRAST = """async (known) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const over = (one) => one.effect.getComputedTiming().endTime < Infinity && one.finished.catch(() => 0);
  await painted();
  await Promise.all(document.getAnimations().map(over));
  const under = new Map();  // by element: everything that is painted below its text
  const ground = (element) => {
    if (element === null) return '';
    if (!under.has(element)) {
      const css = getComputedStyle(element);
      under.set(element, ground(element.parentElement) + [
        css.backgroundColor, css.backgroundImage, css.opacity, css.filter, css.mixBlendMode,
        element.matches(':disabled, [aria-disabled=true]') ? 'off' : '',
      ].join() + ';');
    }
    return under.get(element);
  };
  const looks = (element) => {
    const css = getComputedStyle(element);
    return [css.color, css.fontSize, css.fontWeight, css.textShadow, css.webkitTextFillColor,
      css.webkitTextStrokeWidth, element.closest('label') ? 'label' : '', ground(element)].join();
  };
  const hash = (text) => {
    let [one, two] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at += 1) {
      const letter = text.charCodeAt(at);
      one = Math.imul(one ^ letter, 2654435761);
      two = Math.imul(two ^ letter, 1597334677);
    }
    return `${(one >>> 0).toString(36)}.${(two >>> 0).toString(36)}`;
  };
  const typed = 'input:not([type=hidden]), select, textarea';
  const says = (element) => element.matches(typed) ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const judged = new Set(known);
  const fresh = new Map();
  for (const element of document.body.querySelectorAll('*')) {
    if (!says(element) || !element.checkVisibility({ visibilityProperty: true })) continue;
    const box = element.getBoundingClientRect();
    const read = box.width === 1 && box.height === 1;  // read out, never seen
    if (read || element.matches('option')) continue;  // an option is drawn by the browser: axe leaves it out
    const look = hash(looks(element));
    if (!judged.has(look)) fresh.set(element, look);
  }
  if (!fresh.size) return { wrong: [], passed: [] };
  const answer = await axe.run({ include: [...fresh.keys()] }, {
    runOnly: ['color-contrast'], resultTypes: ['violations', 'passes'], elementRef: true, preload: false,
  });
  const nodes = (results) => results.flatMap((one) => one.nodes);
  const passed = new Set(nodes(answer.passes).map((node) => fresh.get(node.element)));
  for (const node of nodes(answer.violations)) passed.delete(fresh.get(node.element));
  passed.delete(undefined);
  return {
    wrong: nodes(answer.violations).slice(0, 3).map(
      (node) => `color-contrast: ${node.target} ${node.any[0]?.message ?? ""}`),
    passed: [...passed],
  };
}"""
SETTLED = """async () => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await new Promise((done) => setTimeout(done, 80));  // the latest a page begins to fetch: 50 ms after loading
  while (document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')) await painted();
  await painted();
}"""
NO_COLOURS = {"rules": {"color-contrast": {"enabled": False}}}
"""All that one theme shows of both; the contrast of colours is judged in each."""
_passed: dict[str, set[str]] = {"light": set(), "dark": set()}
"""Texts whose contrast axe has passed in this process, by theme.

A text is known by its colour, size and weight and by every background below it. Judging contrast takes axe longer
than all its other rules together, and most texts of a page look as on the page before. Only what axe passed
is not put to it again: what it could not judge (``incomplete``) or did not look at comes with the next page too.
"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def settle(page: Page) -> None:
    """Wait until nothing the page fetches by itself is under way."""
    page.evaluate(SETTLED)


def look_at(page: Page, name: str, looks: Sequence[tuple[int, int, str, str]] = LOOKS) -> list[str]:
    """What axe and a ruler find, at both widths in both themes unless told; the page is loaded once.

    ``name`` names the pictures that PICTURES=1 keeps in docs/pictures; nothing is kept without one.
    """
    wrong: list[str] = []
    page.evaluate(Axe().axe_script)
    seen: set[str] = set()
    for width, height, size, theme in looks:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        found = _contrast(page, theme)
        if size not in seen:
            found += _twice(page, lambda: page.evaluate(AXE, NO_COLOURS))
        wrong += [f"{size} {theme}: {what}" for what in found]
        seen.add(size)
        wrong += _sideways(page, f"{size} {theme}")
        if name and os.environ.get("PICTURES"):
            page.screenshot(path=PICTURES / f"{name}-{size}-{theme}.png")
    if "phone" not in seen:
        page.set_viewport_size({"width": 390, "height": 844})
        wrong += _sideways(page, "phone")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    return wrong


def _sideways(page: Page, looked: str) -> list[str]:
    wide = page.evaluate(WIDER)
    return [f"{looked}: scrolls sideways by {wide} px"] if wide > 0 else []


def _contrast(page: Page, theme: str) -> list[str]:
    """The texts too faint in this theme that axe has not passed yet."""

    def judged() -> list[str]:
        answer = page.evaluate(CONTRAST, sorted(_passed[theme]))
        _passed[theme].update(answer["passed"])
        wrong: list[str] = answer["wrong"]
        return wrong

    return _twice(page, judged)


def _twice(page: Page, asked: Callable[[], list[str]]) -> list[str]:
    """What is found twice: on a busy machine Chromium may paint a theme later than it says."""
    found = asked()
    if found:
        page.wait_for_timeout(400)
        found = asked()
    return found


@pytest.fixture
def look(page: Page) -> Look:
    """:func:`look_at` of the test's page."""
    return lambda name, looks=LOOKS: look_at(page, name, looks)


@pytest.fixture
def picture(page: Page) -> Callable[[str], None]:
    """Look at the page and fail on anything found; the pictures are kept when asked for."""

    def take(name: str) -> None:
        settle(page)
        found = look_at(page, name)
        assert not found, "\n".join([name, *found])

    return take


def sent_on(page: Page, held: Sequence[Route]) -> None:
    """Let the first request go that a route of this test kept back, as soon as it was made.

    What a page does at once after a key need not have been heard here yet: the browser tells it later.
    """
    for _ in range(100):
        if held:
            held[0].continue_()
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page sent nothing within five seconds")
