"""A company whose people sign in by the stand-in provider: what the tests of that have in common.

A browser's way there and back is walked by hand: the page that leads there, the provider's redirect, the callback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from accounts import provider_actions
from accounts.models import Company, SignInDomain, SignInProvider
from tests.sandboxes import Sandbox, oidc

ASK = "/accounts/provider/"
SETTINGS = "/settings/sign-in/"
SUE = {"sub": "u-sue", "email": "sue@acme.example", "email_verified": True, "given_name": "Sue"}


@pytest.fixture(scope="session")
def one_provider() -> Iterator[Sandbox]:
    with oidc() as found:
        yield found


@pytest.fixture
def vendor(one_provider: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """The stand-in provider, as if it were fresh, and allowed where it is."""
    settings.SIGN_IN_PRIVATE = True
    settings.DEMO = True
    caches["local"].clear()
    caches["default"].clear()
    one_provider.reset()
    yield one_provider
    one_provider.reset()


def set_up(company: Company, vendor: Sandbox, domain: str = "acme.example", **more: Any) -> SignInProvider:
    """The company's provider: the stand-in, switched on."""
    facts: dict[str, Any] = {
        "name": "Company account",
        "issuer": vendor.url,
        "client_id": "holdline",
        "secret": provider_actions.seal(company.pk, "stand-in-secret"),
        "enabled": True,
        "changed_at": timezone.now(),
        **more,
    }
    row = SignInProvider.objects.create(company=company, key=f"key-of-{company.key}", **facts)
    SignInDomain.objects.create(company=company, provider=row, domain=domain)
    return row


def words(answer: Any) -> str:
    """A page's words."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def leads_to(answer: Any) -> str:
    """Where the page that leads to the provider leads."""
    page = answer.content.decode()
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert found, words(answer)
    return unescape(found[1])


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def back_from(url: str) -> str:
    """What the provider has a browser call at ours, path and question mark and all."""
    try:
        build_opener(_Stay).open(Request(url), timeout=10)
    except HTTPError as redirect:
        place = urlsplit(redirect.headers["Location"])
        return f"{place.path}?{place.query}"
    raise AssertionError("the provider asks instead of leading back")


def sign_in(client: Client, address: str = "sue@acme.example", **more: str) -> Any:
    """The whole way: the address, the provider, the callback; give its answer."""
    return client.get(back_from(leads_to(client.post(ASK, {"address": address, **more}))))


def whom(client: Client) -> int | None:
    """Who is signed in in this browser."""
    return client.get("/accounts/session/").json()["person"]
