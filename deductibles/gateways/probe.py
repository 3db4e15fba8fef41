"""Which step of a call fails: a vendor's address walked from its name to its answer, saying what was found.

The walk makes connections of its own, by hand, because a library says only that it could not connect. It asks
nothing about patients and keeps nothing. Where the walk ends, the true call begins (`arboost.agency`, the
clearinghouse's inbox), and its outcome becomes the last steps.
"""

from __future__ import annotations

import socket
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from work import reach
from work.places import is_public

from . import arboost, clearinghouse, sftp, sftp_files
from .wire import MEND, Limits, Unavailable, base_address, private, tls_trouble

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
LIMITS = Limits(connect=5.0, total=15.0, longest_wait=3.0, operation=5.0)
"""Somebody sits before the page: shorter than a night may wait."""
SOON_DAYS = 30
"""A certificate that ends so soon is told of, though it is good today."""
NAMES = {
    "address": "Address",
    "name": "Name",
    "connect": "Connection",
    "tls": "Encryption",
    "hostkey": "Host key",
    "signin": "Sign-in",
    "answer": "Answer",
    "token": "Token",
    "agency": "Hold for deductible",
    "folder": "Folder",
    "write": "Leaving files",
    "outbox": "Folder for claims",
    "leave": "Leaving files",
    "inbox": "Acknowledgements",
}


_MENDS = {
    "address": "Enter the right address below.",
    "name": "Look for a typing error in the address. If it is right, ask whoever runs this server.",
    "connect": "Look at the port in the address. If it is right, a firewall may stand between: ask the "
    "vendor if this server must be let in.",
    "tls": "Tell the vendor; nothing is sent until this is mended.",
    "hostkey": "Call the clearinghouse at a number you know already and have the fingerprint of its host key "
    "read to you. Only if it is the one seen here, read the server’s key below, compare it and save.",
    "signin": "Ask the clearinghouse whether it has the public half of this key for this user, or enter "
    "another key or password below.",
    "outbox": "Correct the folder for claims below: it must be called as the clearinghouse calls it.",
    "leave": "Ask the clearinghouse to let this user write, rename and remove in the folder for claims.",
    "inbox": "Correct the folder for acknowledgements below, or ask the clearinghouse to let this user "
    "read it.",
    "answer": "Wait and test again; if it stays so, tell the vendor what stands here.",
    "token": "Ask the vendor for the token of your agency, and enter it below.",
    "agency": "Ask your AR Boost representative to switch hold for deductible on for your agency.",
    "folder": "Ask whoever runs this server to let Holdline write there.",
}
_MENDS_OF_TLS = {
    10: "Tell the vendor to renew its certificate; nothing is sent until then.",
    9: "Compare the clock of this server with the true time; if it is right, tell the vendor.",
    62: "Correct the name in the address: it must be the one the vendor's certificate is for.",
    64: "Type the vendor's name in the address in place of the digits.",
    **dict.fromkeys(
        (2, 18, 19, 20, 21),
        "Look at the address first: this may not be the vendor. If it is, ask whoever runs this server "
        "to add its issuer to what the system trusts.",
    ),
}


@dataclass(frozen=True)
class Step:
    """One step of a test: what was found, and what a person can do about it."""

    key: str
    state: str
    said: str = ""
    mend: str = ""

    @property
    def name(self) -> str:
        """What the step is called."""
        return NAMES[self.key]


def walk_to_arboost(conn: arboost.Connection) -> list[Step]:
    """Every step of a call to AR Boost, the last one whether the agency is switched on (D-CONF-9)."""
    keys = ("name", "connect", "tls", "answer", "token", "agency")
    conn = replace(conn, limits=LIMITS, heard=None)
    return _walked(keys, _arboost(conn))


def walk_to_clearinghouse(way: clearinghouse.Way, company_key: str) -> list[Step]:
    """Every step of reaching the clearinghouse; nothing is handed over and no acknowledgement is taken."""
    try:
        folder = clearinghouse.folder_of(way)
        account = clearinghouse.account_of(replace(way, limits=LIMITS))
    except Unavailable as problem:
        return [Step("address", FAILED, _plain(problem), _MENDS["address"])]
    if folder is not None:
        return _walked(("folder", "write", "inbox"), _folder(folder, company_key))
    if account is not None:
        into = ("name", "connect", "hostkey", "signin", "answer", "outbox", "leave", "inbox")
        return _walked(into, iter(_account(account)))
    keys = ("name", "connect", "tls", "answer", "token", "inbox")
    return _walked(keys, _service(replace(way, limits=LIMITS), company_key))


def passed(steps: list[Step]) -> bool:
    """Whether a test went well to its end."""
    return bool(steps) and not any(step.state == FAILED for step in steps)


def mend_of(step: str) -> str:
    """What a person can do when a call keeps failing at this step."""
    return _MENDS.get(step, _MENDS["answer"])


def leads_into_private(address: str) -> bool:
    """Whether the name in an address leads to this machine or a private network now; one unknown does not."""
    parts = urlsplit(address)
    if not parts.hostname:
        return False
    found = reach.look_up(parts.hostname, parts.port or 443, LIMITS.connect)
    return not isinstance(found, str) and not all(is_public(place[0]) for place in found)


_Walk = Iterator[Step]


def _walked(keys: tuple[str, ...], walk: _Walk) -> list[Step]:
    """The steps up to the first that failed, then those that were not reached."""
    found: list[Step] = []
    for step in walk:
        found.append(step)
        if step.state == FAILED:
            break
    known = {step.key for step in found}
    return found + [Step(key, SKIPPED, "Not reached.") for key in keys if key not in known]


def _arboost(conn: arboost.Connection) -> _Walk:
    yield from _door(arboost.VENDOR, conn.url, conn.public_only, conn.trust)
    began = time.monotonic()
    try:
        on = arboost.agency(conn)
    except Unavailable as problem:
        yield from _refused(problem, began)
        return
    yield Step("answer", PASSED, f"In {_milliseconds(began)}.")
    yield Step("token", PASSED, "AR Boost knows it.")
    if on:
        yield Step("agency", PASSED, "Switched on for this agency.")
    else:
        yield Step(
            "agency", FAILED, "AR Boost says that it is switched off for this agency.", _MENDS["agency"]
        )


def _service(way: clearinghouse.Way, company_key: str) -> _Walk:
    yield from _door(clearinghouse.VENDOR, way.url, way.public_only, way.trust)
    began = time.monotonic()
    try:
        waiting = len(clearinghouse.inbox(way, company_key))
    except Unavailable as problem:
        yield from _refused(problem, began)
        return
    yield Step("answer", PASSED, f"In {_milliseconds(began)}.")
    yield Step(
        "token", PASSED, "The clearinghouse knows it." if way.token else "None is set and none is asked for."
    )
    yield _inbox(waiting)


def _account(account: sftp.Account) -> list[Step]:
    """An account of SFTP: the way in as a hand-over takes it, then both folders, a file left and taken."""
    session = sftp.Session(account)
    found: list[Step] = []
    try:
        with session:
            found += _way_in(account, session.facts)
            sftp_files.find_outbox(session)
            found.append(Step("outbox", PASSED, f"{account.outbox} is there."))
            sftp_files.leave_and_take(session)
            found.append(Step("leave", PASSED, "A hidden file was left, renamed and taken away again."))
            found.append(_inbox(sftp_files.Inbox(session).count()))
    except Unavailable as problem:
        found = found or _way_in(account, session.facts)
        found.append(Step(problem.step, FAILED, _plain(problem), mend_of(problem.step)))
    return found


def _way_in(account: sftp.Account, facts: sftp.Facts) -> list[Step]:
    """The steps up to the sign-in that went well."""
    found = []
    if facts.addresses:
        found.append(Step("name", PASSED, _leads(account.host, facts.addresses)))
    if facts.peer:
        found.append(Step("connect", PASSED, facts.peer))
    if facts.known:
        found.append(Step("hostkey", PASSED, f"{facts.seen}, the one it is known by."))
    if facts.signed_in:
        found.append(Step("signin", PASSED, f"As {account.user}, by {facts.signed_in}."))
    if facts.answered_in:
        found.append(Step("answer", PASSED, f"SFTP answers in {max(1, round(facts.answered_in * 1000))} ms."))
    return found


def _inbox(waiting: int) -> Step:
    found = f"{waiting} acknowledgement{'s' * (waiting != 1)} waiting" if waiting else "None waiting"
    return Step("inbox", PASSED, f"{found}; none was taken.")


def _refused(problem: Unavailable, began: float) -> _Walk:
    """What a true call that failed says of the last steps."""
    if problem.step in ("token", "agency"):
        yield Step(
            "answer",
            PASSED if problem.sent else SKIPPED,
            f"In {_milliseconds(began)}." if problem.sent else "",
        )
    if problem.step == "agency":
        yield Step("token", PASSED, "It is known.")
    key = problem.step if problem.step in _MENDS else "answer"
    yield Step(key, FAILED, _plain(problem), _MENDS[key])


def _plain(problem: Unavailable) -> str:
    """The sentence without its last one, which leads to the page where this is read."""
    return str(problem).removesuffix(MEND).strip()


def _door(vendor: str, url: str, public_only: bool, trust: ssl.SSLContext | None) -> _Walk:
    """From the name to the encryption: what can be said before the vendor is asked anything."""
    if not url.strip():
        yield Step("address", FAILED, f"No address of {vendor} is set.", _MENDS["address"])
        return
    try:
        base = base_address(vendor, url, schemes=("https",) if public_only else ("http", "https"))
    except Unavailable as problem:
        yield Step("address", FAILED, str(problem), _MENDS["address"])
        return
    parts = urlsplit(base)
    host, secure = parts.hostname or "", parts.scheme == "https"
    places = reach.look_up(host, parts.port or (443 if secure else 80), LIMITS.connect)
    if isinstance(places, str):
        yield Step("name", FAILED, places, _MENDS["name"])
        return
    if public_only and not all(is_public(place[0]) for place in places):
        yield Step("name", FAILED, str(private(vendor)), _MENDS["address"])
        return
    yield Step("name", PASSED, _leads(host, [place[0] for place in places]))
    line = reach.connect(places, LIMITS.connect)
    if isinstance(line, str):
        yield Step("connect", FAILED, line, _MENDS["connect"])
        return
    with closing(line):
        yield Step(
            "connect", PASSED, f"{line.getpeername()[0]} takes connections on port {line.getpeername()[1]}."
        )
        yield _encrypted(vendor, line, host, trust) if secure else Step("tls", SKIPPED, _IN_THE_OPEN)


_IN_THE_OPEN = "Not encrypted: the address begins with http://, which only a demo may use."


def _encrypted(vendor: str, line: socket.socket, host: str, trust: ssl.SSLContext | None) -> Step:
    try:
        line.settimeout(LIMITS.connect)
        with (trust or ssl.create_default_context()).wrap_socket(line, server_hostname=host) as secure:
            return _certificate(secure.getpeercert() or {}, secure.version() or "TLS")
    except TimeoutError:
        said = f"It began, and was not finished in {LIMITS.connect:.0f} seconds."
        return Step("tls", FAILED, said, _MENDS["connect"])
    except (OSError, ValueError) as error:
        return Step("tls", FAILED, str(tls_trouble(vendor, error)), _mend_of_tls(error))


def _certificate(certificate: dict[str, Any], version: str) -> Step:
    """How long the certificate is good, told as a warning when that is not long."""
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    left = (ends - datetime.now(UTC)).days
    said = f"{version}; the certificate is good until {ends:%-d %B %Y}."
    mend = f"It ends in {left} days; ask the vendor for when it is renewed." if left < SOON_DAYS else ""
    return Step("tls", PASSED, said, mend)


def _mend_of_tls(error: BaseException) -> str:
    code = getattr(error, "verify_code", 0)
    return _MENDS_OF_TLS.get(code, _MENDS["tls"])


def _folder(root: Path, company_key: str) -> _Walk:
    """A folder of this server: is it there, can a file be left, can acknowledgements be read."""
    company = root / company_key
    there = next((each for each in (company, *company.parents) if each.exists()), root)
    if not there.is_dir():
        yield Step("folder", FAILED, f"{there} is a file and no folder.", _MENDS["folder"])
        return
    first = "" if there == company else " The company’s own part is made at the first hand-over."
    yield Step("folder", PASSED, f"{root}.{first}")
    try:
        with tempfile.NamedTemporaryFile(prefix=".holdline-test-", dir=there):
            pass
    except OSError:
        yield Step("write", FAILED, "This server may not write there, or its disk is full.", _MENDS["folder"])
        return
    yield Step("write", PASSED, "A file was left beside the outbox and taken away again.")
    try:
        waiting = len(clearinghouse.inbox(root.as_uri(), company_key))
    except Unavailable as problem:
        yield Step("inbox", FAILED, str(problem), _MENDS["folder"])
        return
    yield _inbox(waiting)


def _milliseconds(began: float) -> str:
    return f"{max(1, round((time.monotonic() - began) * 1000))} ms"


def _leads(host: str, addresses: list[str]) -> str:
    if host in addresses:
        return f"{host} is written in digits; no name is looked up."
    return f"{host} leads to {_listed(addresses)}."


def _listed(addresses: list[str]) -> str:
    shown = ", ".join(addresses[:3])
    return shown if len(addresses) <= 3 else f"{shown} and {len(addresses) - 3} more"
