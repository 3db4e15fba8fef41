"""Where a vendor may be: which addresses are taken, and which are refused. Pure.

Names are resolved by whoever connects, who then asks :func:`work.places.is_public` about what came back.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from deductibles.domain import sftp
from patients.domain.intake import Wrong
from work.places import is_private

LONGEST = 500
PRIVATE = (
    "This address leads to this machine or into a private network. Type the vendor's own public address; "
    "only a demo may use others."
)


@dataclass(frozen=True)
class Rules:
    """What an installation allows: ``demo`` stand-ins, and the one folder its environment names, if any."""

    demo: bool
    folder: str = ""


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
    if not rules.demo and is_private(host):
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
    if not rules.demo and is_private(host):
        raise Wrong("private", PRIVATE)
    return address.rstrip("/")
