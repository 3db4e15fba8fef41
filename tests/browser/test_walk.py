"""Every page of every role, opened in Chromium: silent console, silent axe, nothing wider than the screen.

The addresses come from the URL configuration and the roles from the access matrix, so a new page is walked
from the day it is born. Each page is opened once by every role and then looked at in both themes at two
widths, once where another role was there before. With PICTURES=1 the pages of KEPT leave their pictures in
docs/pictures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from patients.models import Patient
from tests.access_matrix import MATRIX, OWN_ACCOUNT, PUBLIC, WHO
from tests.addresses import ADDRESSES, Address
from tests.browser.conftest import FEW_LOOKS, LOOKS, ONE_LOOK, Look, settle
from tests.world import make_standings, make_world, places

SPREAD = True
pytestmark = pytest.mark.django_db(transaction=True)

FOREIGN = {"docs": "Swagger's own page: its insides are not ours to mend"}
"""Pages that are opened and must be silent, but whose build is not judged, each with the reason."""

SAME_FOR_ALL = {"gallery", "guide:page"}
"""Large pages that say the same to everybody: walked by their first reader alone."""

KEPT = {
    "home": "home",
    "search": "search",
    "gallery": "gallery",
    "escalations:list": "tickets",
    "escalations:which": "which-ticket",
    "inbox:list": "notifications",
    "inbox:choices": "notice-choices",
    "guide:page": "guide",
    "policy:lists": "lists",
    "deductibles:claims": "claims",
    "deductibles:submissions": "submissions",
    "patients:patient": "patient",
    "payers:edit": "payer",
    "account_login": "login",
    "accounts:sessions": "sessions",
    "accounts:tokens": "tokens",
}
"""Pages whose pictures are kept, by the name of their file; the main job keeps those of its own pages."""

NOTHING_PATIENT = re.compile(r"\b(Casimir|Nowak|004-118)\b|312.?555|\bTST\d{6}\b|1971-03-14")
"""Marks of the world's patient; none may stand in a title (I8)."""


def _pages(role: str) -> list[Address]:
    if role == "nobody":
        return [address for address in ADDRESSES if address.name in PUBLIC]
    own = OWN_ACCOUNT if role == "agent" else set[str]()
    return _each_once(
        address
        for address in ADDRESSES
        if (address.name not in SAME_FOR_ALL or _first_reader(address.name) == role)
        and (address.name in own or MATRIX.get(address.name, {}).get("GET", {}).get(role) == "in")
    )


def _each_once(addresses: Iterable[Address]) -> list[Address]:
    """Of two names for one address (ours before that of django-allauth) the first is walked."""
    first: dict[str, Address] = {}
    for address in addresses:
        first.setdefault(re.sub(r"<\w+:", "<", address.route), address)
    return list(first.values())


def _first_reader(name: str) -> str:
    name = name.partition(" ")[0]
    roles = [role for role in WHO if MATRIX.get(name, {}).get("GET", {}).get(role) == "in"]
    return roles[0] if roles else "agent" if name in OWN_ACCOUNT else "nobody"


def _picture_of(name: str, role: str) -> str:
    """The file's name of a page that keeps its pictures; everybody's home differs, so all of them are kept."""
    if name == "home" and role:
        return f"home-{role}"
    return KEPT.get(name, "") if _first_reader(name) == role else ""


def _is_a_page(client: Client, path: str) -> bool:
    """Whether the address answers this person with a page: not with a file, and not by sending them on."""
    answer = client.get(path)
    return answer.status_code in (200, 400, 404) and answer["Content-Type"].startswith("text/html")


@pytest.fixture
def heard(page: Page) -> Iterator[list[str]]:
    """Everything the browser finds wrong: console, scripts, requests that fail, policy violations."""
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("requestfailed", lambda asked: wrong.append(f"request failed: {asked.url} {asked.failure}"))
    page.on(
        "response", lambda got: wrong.append(f"{got.url} answers {got.status}") if got.status >= 400 else None
    )
    page.expose_function("holdlineViolation", lambda what: wrong.append(f"policy: {what}"))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (event) => holdlineViolation("
        "`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"
    )
    yield wrong


@pytest.fixture
def signed_in(page: Page, live_server: Any, page_as: Any, cast: dict[str, User]) -> Callable[[str], Client]:
    """Put the session of a role's person into the browser, without the detour over the login page."""

    def enter(role: str) -> Client:
        page.context.clear_cookies()
        if role == "nobody":
            return Client(raise_request_exception=False)
        client = page_as(cast[WHO[role]])
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": live_server.url}]
        )
        return client

    return enter


def _policy(answer: Any, name: str) -> str:
    images = re.search(r"img-src ([^;]*)", answer.headers.get("content-security-policy", ""))
    if images is None:
        return "no content security policy"
    return "" if name in FOREIGN or "data:" not in images[1] else "data: images are allowed"


BUILD = """() => {
  const wrong = [];
  const heads = document.querySelectorAll('h1').length;
  if (heads !== 1) wrong.push(`${heads} first-level headings`);
  if (!document.title.trim()) wrong.push('no title');
  if (document.querySelector('[style]')) wrong.push('an inline style');
  document.body.tabIndex = -1;
  document.body.focus();
  return wrong;
}"""
SKIP = """async () => {
  document.body.removeAttribute('tabindex');
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const skip = document.activeElement;
  const to = skip.getAttribute('href') || '';
  if (!to.startsWith('#') || !document.querySelector(to)) return ['the first Tab does not reach a skip link'];
  const box = skip.getBoundingClientRect();
  return box.bottom > 0 && box.width >= 24 ? [] : ['the focused skip link is not seen'];
}"""


def _build(page: Page) -> list[str]:
    """What is wrong with how the page is built: its headings, its title, its styles, its skip link."""
    wrong: list[str] = page.evaluate(BUILD)
    page.keyboard.press("Tab")
    wrong += page.evaluate(SKIP)
    page.evaluate("document.activeElement.blur()")  # a picture of the page is not one of its skip link
    return wrong


def _looks(name: str, role: str) -> list[tuple[int, int, str, str]]:
    """All four for its first reader, one for every other; two without rows, when there is no ``role``."""
    if not role:
        return FEW_LOOKS
    return LOOKS if _first_reader(name) == role else ONE_LOOK


def _walk(page: Page, role: str, paths: dict[str, str], base: str, heard: list[str], look: Look) -> list[str]:
    found: list[str] = []
    for name, path in paths.items():
        heard.clear()
        answer = page.goto(base + path, wait_until="networkidle" if name in FOREIGN else "load")
        assert answer is not None
        settle(page)
        if name == "api_not_here" or answer.status == 404:
            heard[:] = [said for said in heard if "404" not in said]  # the page that is not there says so
        wrong = [_policy(answer, name)]
        if NOTHING_PATIENT.search(page.title()):
            wrong.append("its title tells of a patient")
        if name not in FOREIGN:
            wrong += _build(page) + look(_picture_of(name, role), _looks(name, role))
        found += [f"{name}: {what}" for what in [*wrong, *heard] if what]
    return found


@pytest.mark.parametrize("role", [*WHO, "nobody"])
def test_every_page_of_the_role_is_silent_and_fits(
    role: str,
    page: Page,
    live_server: Any,
    signed_in: Callable[[str], Client],
    heard: list[str],
    look: Look,
    cast: dict[str, User],
) -> None:
    """One of everything, claims also held and submitted, a ticket also waiting.

    No console error, no policy violation, axe silent in four looks, one h1.
    """
    world = make_world(cast)
    Patient.objects.filter(pk=world.rows["patients"]).update(
        first_name="Casimir", last_name="Nowak", account_number="004-118", date_of_birth="1971-03-14"
    )
    client = signed_in(role)
    standings = make_standings(world, cast)
    paths = {
        f"{address.name} {standing}".strip(): path
        for address in _pages(role)
        for standing, path in places(address, world, standings).items()
    }
    paths = {name: path for name, path in paths.items() if _is_a_page(client, path)}
    assert len(paths) >= 3, "the walk found next to nothing to walk"
    found = _walk(page, role, paths, live_server.url, heard, look)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", WHO)
def test_every_page_without_a_row_is_silent_and_fits(
    role: str,
    page: Page,
    live_server: Any,
    signed_in: Callable[[str], Client],
    heard: list[str],
    look: Look,
) -> None:
    """A company's first morning: nothing filed, nobody known, no settings.

    The home is each role's own; any other page is walked by the first role that may read it.
    """
    client = signed_in(role)
    own = [one for one in _pages(role) if one.name == "home" or _first_reader(one.name) == role]
    paths = {one.name: one.path(None) for one in own if not one.parts and one.name in MATRIX}
    paths = {name: path for name, path in paths.items() if _is_a_page(client, path)}
    found = _walk(page, "", paths, live_server.url, heard, look)
    assert not found, "\n".join(found)


def test_what_the_walk_listens_for_is_heard(
    page: Page,
    live_server: Any,
    signed_in: Callable[[str], Client],
    heard: list[str],
    look: Look,
) -> None:
    """The negative control: a page that breaks every rule is told apart from one that keeps them."""
    signed_in("agent")
    page.goto(f"{live_server.url}/gallery/")
    settle(page)
    page.evaluate(
        """() => {
          const bad = document.createElement('div');
          bad.setAttribute('style', 'color: red');
          bad.innerHTML = '<h1>Again</h1><img src="/not-there.png"><p class="wide">x</p><p class="faint">Faint</p>';
          document.querySelector('main').append(bad);
          bad.querySelector('.wide').style.width = '3000px';
          bad.querySelector('.faint').style.color = 'rgb(118 118 118 / 55%)';
        }"""
    )
    page.wait_for_load_state("networkidle")
    once, again = [*_build(page), *look("")], look("")
    assert [one for one in once if "contrast" in one] == [one for one in again if "contrast" in one]
    assert {one.split(":")[0] for one in again if "contrast" in one} >= {"desk light", "desk dark"}
    said = "\n".join([*once, *heard])
    for what in ("2 first-level headings", "policy: style-src", "image-alt", "sideways", "answers 404"):
        assert what in said, said
