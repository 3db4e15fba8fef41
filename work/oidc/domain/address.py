"""Where a provider may be: which addresses are taken, which are refused, in which words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from work.places import is_address, is_loopback, is_private, is_public

LONGEST = 300
MOST_DOMAINS = 20
WELL_KNOWN = "/.well-known/openid-configuration"
PRIVATE = (
    "This address leads to this machine or into a private network. Type one that is reached from the "
    "internet, or ask whoever runs this server to allow others (SIGN_IN_PRIVATE)."
)
_EXAMPLE = "Type it as https://login.example.com."
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\Z")


@dataclass(frozen=True)
class Rules:
    """What an installation allows: ``private`` networks, and plain http to this very machine besides."""

    private: bool = False
    http_here: bool = False

    def may_connect(self, address: str) -> bool:
        """Whether something may be sent to this IP address, after the name was looked up."""
        return self.private or is_public(address)


class NoAddress(Exception):
    """The address cannot be used; ``str()`` is the sentence that says why and what to type."""


def read_url(text: str, rules: Rules) -> str:
    """An address of a provider, as typed or as its own description names it."""
    url = text.strip()
    if not url:
        raise NoAddress(f"The address is missing. {_EXAMPLE}")
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise NoAddress(f"Type the address without spaces, in plain letters, at most {LONGEST} long.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise NoAddress(f"This is no address. {_EXAMPLE}") from None
    here = rules.http_here and _is_here(host)
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise NoAddress("The address must begin with https://, so that nobody reads or changes who signs in.")
    if not host or ".." in host or host.startswith((".", "-")):
        raise NoAddress(f"The address names no computer. {_EXAMPLE}")
    if parts.username is not None or parts.password is not None:
        raise NoAddress("Take the name and password out of the address.")
    if not rules.private and is_private(host):
        raise NoAddress(PRIVATE)
    return url


def read_issuer(text: str, rules: Rules) -> str:
    """The issuer as an admin typed it: no question mark, no hash, without the well-known part."""
    url = read_url(text, rules).removesuffix(WELL_KNOWN)
    if "?" in url or "#" in url:
        raise NoAddress("An issuer has no ? and no # in it. Copy it as the provider shows it.")
    return url


def read_domains(text: str) -> tuple[str, ...]:
    """Mail domains as they were typed, commas or spaces between; ValueError names the first that is none."""
    words = [word.lower().removeprefix("@").rstrip(".") for word in re.split(r"[\s,;]+", text) if word]
    domains = tuple(dict.fromkeys(words))
    for word in domains:
        if not _DOMAIN.match(word):
            raise ValueError(
                f"“{word[:60]}” is no mail domain. Type what stands behind the @, as acme.example."
            )
    if not domains:
        raise ValueError("Name a mail domain: who types an address of it at sign-in is led to the provider.")
    if len(domains) > MOST_DOMAINS:
        raise ValueError(f"At most {MOST_DOMAINS} domains.")
    return domains


def domain_of(address: str) -> str:
    """The domain of a mail address as typed; empty when it is none."""
    name, at, domain = address.strip().lower().rpartition("@")
    return domain if name and at and _DOMAIN.match(domain) else ""


def _is_here(host: str) -> bool:
    return host == "localhost" or (is_address(host) and is_loopback(host.strip("[]")))
