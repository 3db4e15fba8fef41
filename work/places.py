"""What leads to this machine or into a private network, by address and by name. Pure.

Names are resolved by whoever connects, who then asks :func:`is_public` about what came back.
"""

from __future__ import annotations

import ipaddress

_OWN_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "broadcasthost")
_OWN_ENDINGS = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
_LOCAL = tuple(map(ipaddress.ip_network, ("64:ff9b:1::/48", "fec0::/10", "::/96")))
"""IPv6 ranges that count as global and lead inside all the same: local translation, old site addresses."""
_EMBEDDING = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that a translator of the network turns into the IPv4 address in their last 32 bits."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's: not this machine's, not a private network's.

    Addresses that carry another one inside (IPv4 in IPv6, 6to4, NAT64) are judged by the inner one too.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(found)
    outside = found.is_global and not found.is_multicast and not any(found in one for one in _LOCAL)
    return outside and (inner is None or is_public(str(inner)))


def _inner(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if isinstance(found, ipaddress.IPv4Address):
        return None
    if found in _EMBEDDING:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


def is_address(host: str) -> bool:
    """Whether a host is written as an IP address, so that no name is looked up for it."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own, also written as IPv4 in IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(found)
    return found.is_loopback or (inner is not None and inner.is_loopback)


def is_private(host: str) -> bool:
    """Whether a host, as it is written, cannot be one of the internet's; names are not looked up."""
    if is_address(host):
        return not is_public(host)
    name = host.rstrip(".")
    # A bare word is found in the network of the server itself; digits alone are an IPv4 address in disguise.
    return name in _OWN_NAMES or name.endswith(_OWN_ENDINGS) or "." not in name or _is_number(name)


def _is_number(name: str) -> bool:
    """``127.1`` or ``0x7f.0.0.1``: read as an address by the system, though they look like a name."""
    last = name.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")
