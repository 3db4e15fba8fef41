"""Where a vendor may be: which addresses are taken, which are refused, and what leads into a private network.

Pure: names are resolved by whoever connects, who then asks :func:`is_public` about what came back.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from deductibles.domain import sftp
from patients.domain.intake import Wrong

LONGEST = 500
_OWN_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "broadcasthost")
_OWN_ENDINGS = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
_LOCAL = tuple(map(ipaddress.ip_network, ("64:ff9b:1::/48", "fec0::/10", "::/96")))
"""IPv6 ranges that count as global and lead inside all the same: local translation, old site addresses."""
_EMBEDDING = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that a translator of the network turns into the IPv4 address in their last 32 bits."""
PRIVATE = (
    "This address leads to this machine or into a private network. Type the vendor's own public address; "
    "only a demo may use others."
)


@dataclass(frozen=True)
class Rules:
    """What an installation allows: ``demo`` stand-ins, and the one folder its environment names, if any."""

    demo: bool
    folder: str = ""


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


def host_of(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address that was read: what a secret was entered for."""
    parts = urlsplit(address)
    standard = {"https": 443, "http": 80, sftp.SCHEME: sftp.PORT}.get(parts.scheme)
    return parts.scheme, (parts.hostname or parts.path).lower(), parts.port or standard


def read_address(text: str, rules: Rules, *, folders: bool = False) -> str:
    """A vendor's address as it was typed, without its last slash; ``Wrong`` says what to type instead.

    ``folders`` allows an account of SFTP, and the folder that the server's own environment names: a folder
    typed on a page would let a company's admin write anywhere on the server.
    """
    address = text.strip()
    if not address:
        raise Wrong("required", "The address is missing. Type it as https://vendor.example, or disconnect.")
    if len(address) > LONGEST or not address.isprintable() or not address.isascii() or " " in address:
        raise Wrong("address", f"Type the address without spaces, in plain letters, at most {LONGEST} long.")
    if address.lower().startswith("file:"):
        return _folder(address, rules, folders)
    if folders and sftp.is_sftp(address):
        return _account(address, rules)
    return _url(address, rules)


def _account(address: str, rules: Rules) -> str:
    """An address of SFTP: it names who signs in, and is encrypted by itself."""
    host = sftp.where(address).host
    if ".." in host or host.startswith((".", "-")):
        raise Wrong("address", "The address names no computer. Type it as sftp://user@vendor.example.")
    if not rules.demo and _is_private(host):
        raise Wrong("private", PRIVATE)
    return address.rstrip("/")


def _folder(address: str, rules: Rules, folders: bool) -> str:
    if folders and rules.folder and address.rstrip("/") == rules.folder.rstrip("/"):
        return address.rstrip("/")
    raise Wrong(
        "address", "A folder is named by whoever runs the server, not here. Type an https or sftp address."
    )


def _url(address: str, rules: Rules) -> str:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Wrong("address", "This is no address. Type it as https://vendor.example.") from None
    if parts.scheme != "https" and not (rules.demo and parts.scheme == "http"):
        raise Wrong("https", "The address must begin with https://, for patients' data travels over it.")
    if not host or "." * 2 in host or host.startswith((".", "-")):
        raise Wrong("address", "The address names no computer. Type it as https://vendor.example.")
    if parts.username is not None or parts.password is not None:
        raise Wrong("address", "Take the name and password out of the address; the token has its own field.")
    if parts.query or parts.fragment or "?" in address or "#" in address:
        raise Wrong("address", "Take everything from the ? or # on out of the address.")
    if not rules.demo and _is_private(host):
        raise Wrong("private", PRIVATE)
    return address.rstrip("/")


def _is_private(host: str) -> bool:
    if is_address(host):
        return not is_public(host)
    name = host.rstrip(".")
    # A bare word is found in the network of the server itself; digits alone are an IPv4 address in disguise.
    return name in _OWN_NAMES or name.endswith(_OWN_ENDINGS) or "." not in name or _is_number(name)


def _is_number(name: str) -> bool:
    """``127.1`` or ``0x7f.0.0.1``: read as an address by the system, though they look like a name."""
    last = name.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")
