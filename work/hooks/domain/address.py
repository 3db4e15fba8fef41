"""Where a webhook may lead: which addresses are taken, which are refused, in which words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from work.places import is_address, is_loopback, is_private, is_public

LONGEST = 500
HTTPS = 443
_LOWEST = 1024
"""Ports below are those of mail, files and other services that must not be spoken to in this way."""
PRIVATE = (
    "This address leads to this machine or into a private network. Type one that is reached from the "
    "internet."
)
_EXAMPLE = "Type it as https://receiver.example/holdline."


@dataclass(frozen=True)
class Rules:
    """What an installation allows: ``loopback`` lets plain http go to this machine, to try things out."""

    loopback: bool = False

    def may_connect(self, address: str) -> bool:
        """Whether something may be sent to this IP address, after the name was looked up."""
        return is_public(address) or (self.loopback and is_loopback(address))


class NoAddress(Exception):
    """The address cannot be used; ``str()`` is the sentence that says why and what to type."""


def read_url(text: str, rules: Rules) -> str:
    """The address of a receiver as it was typed; :class:`NoAddress` says what is wrong with it."""
    url = text.strip()
    if not url:
        raise NoAddress(f"The address is missing. {_EXAMPLE}")
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise NoAddress(f"Type the address without spaces, in plain letters, at most {LONGEST} long.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NoAddress(f"This is no address. {_EXAMPLE}") from None
    here = rules.loopback and _is_here(host)
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise NoAddress("The address must begin with https://, so that nobody reads or changes what is sent.")
    if not host or ".." in host or host.startswith((".", "-")):
        raise NoAddress(f"The address names no computer. {_EXAMPLE}")
    if parts.username is not None or parts.password is not None:
        raise NoAddress("Take the name and password out of the address; the signature says who sends.")
    if "#" in url:
        raise NoAddress("Take everything from the # on out of the address; it is never sent.")
    if port is not None and port != HTTPS and port < _LOWEST:
        raise NoAddress(f"The port may be {HTTPS} or one from {_LOWEST} on.")
    if not here and is_private(host):
        raise NoAddress(PRIVATE)
    return url


def _is_here(host: str) -> bool:
    return host == "localhost" or (is_address(host) and is_loopback(host.strip("[]")))
