"""Where a request comes from, when a known number of proxies stands in front (TRUSTED_PROXIES)."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  a place holder, nothing listens on it


def client_address(request: HttpRequest) -> str:
    """Give the client's address as text, IPv4 or IPv6; ``0.0.0.0`` when nobody can say.

    Each proxy appends the address it was called from to X-Forwarded-For, so with N of our own in front the
    N-th entry from the right is the client's. What stands left of it was sent by the client and is not
    believed; a header that is too short did not come through our proxies and is not believed either.
    """
    trusted = settings.TRUSTED_PROXIES
    said = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if trusted else []
    if trusted and len(said) >= trusted:
        found = _read(said[-trusted])
        if found:
            return found
    return _read(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def lockout_address(request: HttpRequest) -> str:
    """Give the address under which wrong passwords are counted.

    A household or office of IPv6 owns a whole /64 and may change its address with every try, so these are
    counted together.
    """
    address = client_address(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


def _read(text: str) -> str:
    """Read one entry: an address, perhaps with a port; empty when it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
