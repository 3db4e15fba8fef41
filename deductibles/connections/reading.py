"""What was typed as a connection: everything wrong at once, and no secret for a place it was not for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deductibles.actions.moves import Invalid
from deductibles.connections import rows
from deductibles.connections.rows import InForce
from deductibles.domain import sftp as accounts
from deductibles.domain import vendor
from deductibles.gateways import sftp
from deductibles.gateways.wire import MEND, Unavailable
from patients.domain.intake import Wrong, text

LONGEST_SECRET = 500
LONGEST_KEY = 16_000
_MOVED = (
    "The token in force was entered for another address. Enter it again for this one; it is not sent there."
)
_MOVED_ACCOUNT = (
    "The key or password in force was entered for another address. Enter it again for this one; it is not "
    "used there."
)
_MISSING = "The token is missing. AR Boost gives your agency one."
_NO_WAY_IN = "Paste the private key whose public half the clearinghouse has, or type the password below."
_CHARACTERS = "The token may have plain letters, digits and signs only, without spaces. Copy it again."
_LONG = f"The token is longer than {LONGEST_SECRET} characters. Copy it again."
_UNREADABLE = "The token that is kept cannot be opened any more, for SECRETS_KEY was changed. Enter it again."
_BOTH = "A token was typed, and it is to be removed as well. Decide for one."
_TWO = "A private key and a password were typed. Leave one of them empty."
_KEY_FOR_SFTP = "A private key is for an sftp:// address. Empty this field, or correct the address."
_NO_HOST_KEY = (
    "Read the server’s key first, or paste the one the clearinghouse gave you; till then nothing is sent."
)
_COMPARE = (
    "Compare the fingerprint with the one the clearinghouse gives you another way (its documents, a "
    "telephone number you know already), then tick the box. Who skips this may trust somebody in between."
)


def read(kind: str, data: Mapping[str, Any], now: InForce) -> dict[str, Any]:
    """What was typed as a connection's columns; Invalid names everything that is wrong with it."""
    wrong: dict[str, Wrong] = {}
    clean: dict[str, Any] = {"token": "", "key": "", "remove": bool(data.get("remove"))}
    house = kind == rows.CLEARINGHOUSE
    account = house and accounts.is_sftp(str(data.get("address") or ""))
    readers: dict[str, Callable[[Any], Any]] = {
        "address": lambda value: vendor.read_address(str(value or ""), rows.rules(), folders=house),
        "token": _read_password if account else _read_token,
        "key": _read_key,
        "host_key": accounts.read_host_key if account else _nothing,
        "outbox": _folder("Folder for claims") if account else _nothing,
        "inbox": _folder("Folder for acknowledgements") if account else _nothing,
        "account": text("Account", 80),
        "notes": text("Notes", 300),
    }
    for name, reader in readers.items():
        try:
            clean[name] = reader(data.get(name))
        except Wrong as found:
            wrong[name] = found
    wrong = _secret_problems(kind, account, clean, now, wrong) | wrong
    if account and "host_key" not in wrong:
        wrong |= _host_key_problems(clean["host_key"], bool(data.get("compared")), now)
    if wrong:
        raise Invalid.of(wrong)
    clean["token"] = clean.pop("key") or clean["token"]
    return clean


def _nothing(value: Any) -> str:
    """What belongs to an account alone is not kept for others."""
    return ""


def _folder(label: str) -> Callable[[Any], str]:
    return lambda value: accounts.read_folder(label, value)


def _read_token(value: Any) -> str:
    typed = str(value or "").strip()
    if len(typed) > LONGEST_SECRET:
        raise Wrong("too_long", _LONG)
    if not (typed.isascii() and typed.isprintable()) or " " in typed:
        raise Wrong("characters", _CHARACTERS)
    return typed


def _read_password(value: Any) -> str:
    typed = str(value or "").strip()
    if len(typed) > LONGEST_SECRET:
        raise Wrong("too_long", _LONG.replace("token", "password"))
    if not typed.isprintable():
        raise Wrong("characters", "The password has a character in it that cannot be printed. Type it again.")
    if typed.startswith(sftp.PRIVATE_KEY):
        raise Wrong("key", "This is a private key. It has a field of its own.")
    return typed


def _read_key(value: Any) -> str:
    """A private key as it is kept: with the line ends it was made with, readable, without a passphrase."""
    typed = "\n".join(str(value or "").strip().splitlines())
    if not typed:
        return ""
    if len(typed) > LONGEST_KEY or not typed.isascii() or not typed.startswith(sftp.PRIVATE_KEY):
        said = "This is no private key. Copy the whole file, from its -----BEGIN to its -----END line."
        raise Wrong("key", said)
    try:
        sftp.read_private_key(typed)
    except Unavailable as problem:
        raise Wrong("key", str(problem).removesuffix(MEND).strip()) from None
    return typed + "\n"


def _secret_problems(
    kind: str, account: bool, clean: Mapping[str, Any], now: InForce, wrong: Mapping[str, Wrong]
) -> dict[str, Wrong]:
    """A kept secret is sent to the address it was entered for and to no other."""
    place = "key" if account else "token"
    if {"token", "key"} & wrong.keys():
        return {}
    if clean["key"] and not account:
        return {"key": Wrong("sftp", _KEY_FOR_SFTP)}
    if clean["key"] and clean["token"]:
        return {"key": Wrong("two", _TWO)}
    if clean["key"] or clean["token"]:
        return {place: Wrong("both", _BOTH)} if clean["remove"] else {}
    if clean["remove"]:
        return {place: Wrong("required", _NO_WAY_IN)} if account else {}
    moved = clean.get("address") and vendor.host_of(clean["address"]) != vendor.host_of(now.address)
    if now.has_secret and moved:
        return {place: Wrong("moved", _MOVED_ACCOUNT if account else _MOVED)}
    if now.unreadable:
        return {place: Wrong("unreadable", _UNREADABLE)}
    if account and not now.has_secret:
        return {place: Wrong("required", _NO_WAY_IN)}
    if kind == rows.ARBOOST and not now.has_secret:
        return {"token": Wrong("required", _MISSING)}
    return {}


def _host_key_problems(host_key: str, compared: bool, now: InForce) -> dict[str, Wrong]:
    """A key becomes the server's only when a person says that it was compared (trust on no first use)."""
    if not host_key:
        return {"host_key": Wrong("required", _NO_HOST_KEY)}
    known = bool(now.host_key) and accounts.same_key(host_key, now.host_key)
    if not known and not compared:
        return {"compared": Wrong("compare", _COMPARE)}
    return {}
