"""The clearinghouse: files handed over once, acknowledgements read from where it leaves them.

Three ways, by the scheme of the address: `file:///dir` is a folder that the clearinghouse's transfer program
watches (`dir/<company>/outbox`, `dir/<company>/inbox`), `sftp://user@host/dir` the company's own account
(`dir/outbox`, `dir/inbox`, or the folders it names), `http(s)://` a service. A hand-over is *accepted*,
*refused* (certainly nothing was handed over, it may be tried again) or *ambiguous* (it may have arrived: wait
for its acknowledgement or a person, never send it again blindly).
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from deductibles.domain.sftp import is_sftp

from . import outbox, sftp, sftp_files
from .outbox import Arrived, Handed
from .wire import MEND, Limits, Line, Response, Unavailable, base_address

__all__ = [
    *("SCHEMES", "Arrived", "Handed", "Limits", "Unavailable", "Way"),
    *("Visit", "account_of", "folder_of", "hand_over", "host_key_at", "inbox", "knows_what_it_took"),
    *("put_away", "visit"),
]

VENDOR = "The clearinghouse"
SCHEMES = ("file", "sftp", "http", "https")
COMPANY_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
NOTHING_SENT = "Nothing was handed over."
WAIT = "It may have arrived: wait for its acknowledgement before sending it again."


@dataclass(frozen=True)
class Way:
    """A company's way to its clearinghouse: a folder, an account or a service.

    `token` is a service's bearer token, or an account's private key or password; `host_key`, `outbox` and
    `inbox` are an account's, see `sftp.Account`. With `public_only` a service is spoken to by https alone,
    and nothing goes into a private network.
    """

    url: str
    token: str = field(default="", repr=False)
    public_only: bool = False
    limits: Limits = Limits()
    trust: ssl.SSLContext | None = field(default=None, repr=False, compare=False)
    host_key: str = ""
    outbox: str = ""
    inbox: str = ""

    def line(self) -> Line:
        """A session with the service."""
        return Line(VENDOR, self.limits, public_only=self.public_only, trust=self.trust)

    def headers(self, **more: str) -> dict[str, str]:
        """What every request says."""
        if self.token and not (self.token.isascii() and self.token.isprintable()):
            said = f"The token for the clearinghouse has characters it cannot have. {MEND}"
            raise Unavailable(said, sent=False, ours=True, step="token")
        return ({"Authorization": f"Bearer {self.token}"} if self.token else {}) | more


@dataclass(frozen=True)
class _Place:
    """A checked address: a folder, an account, or the beginning of a URL."""

    folder: Path | None = None
    account: sftp.Account | None = None
    base: str = ""


def hand_over(
    way: Way | str,
    *,
    company_key: str,
    filename: str,
    content: bytes,
    again: bool = False,
    anew: bool = False,
) -> Handed:
    """Hand one file over, at most once; never raises for what the outside does (D-SUB-1, D-SUB-2).

    The same name with the same bytes is accepted again without a second copy; with other bytes it is refused.
    `filename` is letters, digits, dot, dash and underscore, and names this file alone for ever: it is the
    idempotency key. `again` says that it may have been handed over before, which a folder and a service know
    themselves; `anew`, that a person found out that an interrupted hand-over of it left nothing. `reference`
    is the path in the outbox, or what the service calls the file.
    """
    if not COMPANY_KEY.fullmatch(company_key) or not FILENAME.fullmatch(filename):
        return Handed("refused", "", f"The name of the company or of the file cannot be used. {NOTHING_SENT}")
    way = _way(way)
    try:
        place = _place(way)
    except Unavailable as problem:
        return Handed("refused", "", f"{problem} {NOTHING_SENT}", problem.step)
    if place.folder:
        return outbox.hand_over(place.folder / company_key, filename, content, anew=anew)
    if place.account:
        return sftp_files.hand_over(place.account, filename, content, again=again)
    return _post(way, f"{place.base}/v1/{company_key}/files/{filename}", filename, content)


def knows_what_it_took(way: Way | str) -> bool:
    """Whether the same file may be handed over again this way without a second copy, also after a crash.

    Where files stand under their names, that is looked up. Of a service nobody knows whether it heeds the
    idempotency key. An address that cannot be used takes nothing, so nothing is taken twice.
    """
    try:
        return not _place(_way(way)).base
    except Unavailable:
        return True


def inbox(way: Way | str, company_key: str) -> list[Arrived]:
    """Acknowledgements waiting for this company, by name; they stay until put away; raises `Unavailable`.

    What cannot be taken in is among them, with its trouble and without content.
    """
    way = _way(way)
    place = _place_of(way, company_key)
    if place.folder:
        return outbox.arrived(place.folder / company_key)
    if place.account:
        with sftp.Session(place.account) as session:
            return list(sftp_files.Inbox(session).arrived())
    with way.line() as line:
        address = f"{place.base}/v1/{company_key}/inbox"
        response = line.call(line.send("GET", address, headers=way.headers()))
    if response.status in (401, 403):
        raise Unavailable(f"{VENDOR} does not accept our token. {MEND}", ours=True, step="token")
    files = _json(response).get("files") if response.status == 200 else None
    if not isinstance(files, list):
        raise Unavailable(f"{VENDOR}'s list of acknowledgements could not be read.")
    return [_arrived(file) for file in files]


def put_away(way: Way | str, company_key: str, name: str) -> None:
    """Take a read acknowledgement out of the inbox; one that is gone is fine; raises `Unavailable`."""
    way = _way(way)
    place = _place_of(way, company_key)
    if name.startswith(".") or "/" in name or not name.isprintable() or not name:
        raise Unavailable("The name of the acknowledgement cannot be used.", sent=False)
    if place.folder:
        outbox.put_away(place.folder / company_key, name)
        return
    if place.account:
        with sftp.Session(place.account) as session:
            sftp_files.Inbox(session).put_away(name)
        return
    with way.line() as line:
        address = f"{place.base}/v1/{company_key}/inbox/{quote(name, safe='')}"
        response = line.call(line.send("DELETE", address, headers=way.headers()))
    if not 200 <= response.status < 300 and response.status != 404:
        raise Unavailable(f"{VENDOR} did not remove the acknowledgement (status {response.status}).")


class Visit:
    """A company's inbox while it is being read: `arrived` may come one by one, `put_away` as it says."""

    def __init__(self, way: Way, company_key: str, account: sftp_files.Inbox | None = None) -> None:
        self._way, self._company_key, self._account = way, company_key, account

    def arrived(self) -> Iterable[Arrived]:
        """What waits, see `inbox`."""
        return self._account.arrived() if self._account else inbox(self._way, self._company_key)

    def put_away(self, name: str) -> None:
        """Take a read acknowledgement out, see `put_away`."""
        if self._account:
            self._account.put_away(name)
        else:
            put_away(self._way, self._company_key, name)


@contextmanager
def visit(way: Way | str, company_key: str) -> Iterator[Visit]:
    """Read and put away in one sitting; an account is signed in to once. Raises `Unavailable`."""
    way = _way(way)
    place = _place_of(way, company_key)
    if not place.account:
        yield Visit(way, company_key)
        return
    with sftp.Session(place.account) as session:
        yield Visit(way, company_key, sftp_files.Inbox(session))


def host_key_at(way: Way) -> str:
    """The key that the server of an account shows; nobody is signed in. Raises `Unavailable`."""
    account = account_of(way)
    if account is None:
        said = f"Only an sftp:// address has a host key. {MEND}"
        raise Unavailable(said, sent=False, ours=True, step="address")
    return sftp.Session(account).look_at_key()


def _way(way: Way | str) -> Way:
    return Way(way) if isinstance(way, str) else way


def _place_of(way: Way, company_key: str) -> _Place:
    if not COMPANY_KEY.fullmatch(company_key):
        raise Unavailable("The key of the company cannot be used.", sent=False, ours=True)
    return _place(way)


def folder_of(way: Way | str) -> Path | None:
    """The folder it leads to; None for all others; raises `Unavailable` for an address we cannot use."""
    return _place(_way(way)).folder


def account_of(way: Way | str) -> sftp.Account | None:
    """The account it leads to; None for all others; raises `Unavailable` for an address we cannot use."""
    return _place(_way(way)).account


def _place(way: Way) -> _Place:
    """Where `way` leads; raises `Unavailable` for an address we cannot use."""
    if not way.url.strip():
        said = f"{VENDOR} is not connected: no address is set. {MEND}"
        raise Unavailable(said, sent=False, ours=True, step="address")
    try:
        parts = urlsplit(way.url.strip())
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in ("http", "https"):
        schemes = ("https",) if way.public_only else ("http", "https")
        return _Place(base=base_address(VENDOR, way.url, schemes=schemes))
    if is_sftp(way.url):
        folders = (way.outbox, way.inbox)
        account = sftp.account_at(
            way.url, way.token, way.host_key, folders, public_only=way.public_only, limits=way.limits
        )
        return _Place(account=account)
    path = unquote(parts.path)
    if (
        parts.scheme == "file"
        and parts.netloc in ("", "localhost")
        and path.startswith("/")
        and "\0" not in path
    ):
        return _Place(folder=Path(path))
    known = ", ".join(SCHEMES)
    said = f"The clearinghouse's address must begin with one of: {known}."
    raise Unavailable(said, sent=False, ours=True, step="address")


def _post(way: Way, address: str, filename: str, content: bytes) -> Handed:
    more = {"Idempotency-Key": filename, "Content-Type": "application/edi-x12"}
    try:
        headers = way.headers(**more)
        with way.line() as line:
            response = line.call(line.send("POST", address, headers=headers, body=content))
            return _judged(response)
    except Unavailable as problem:
        if problem.sent:
            return Handed("ambiguous", "", f"{problem} {WAIT}", problem.step)
        return Handed("refused", "", f"{problem} {NOTHING_SENT}", problem.step)


def _judged(response: Response) -> Handed:
    """Only a clear yes is accepted and only a clear no refused; a server error says neither."""
    status = response.status
    if 200 <= status < 300:
        answer = _json(response)
        reference = answer.get("reference")
        if answer.get("state") == "accepted" and isinstance(reference, str) and reference.isprintable():
            return Handed("accepted", reference[:200], "The clearinghouse took the file.")
        return Handed("ambiguous", "", f"{VENDOR}'s answer could not be read. {WAIT}")
    if status == 409:
        return Handed("refused", "", "A different file was handed over under this name before.")
    if status in (401, 403):
        return Handed("refused", "", f"{VENDOR} does not accept our token. {MEND} {NOTHING_SENT}", "token")
    if 300 <= status < 500 and status != 408:
        return Handed("refused", "", f"{VENDOR} refused the file (status {status}). {NOTHING_SENT}")
    return Handed("ambiguous", "", f"{VENDOR} is out of order (status {status}). {WAIT}")


def _json(response: Response) -> dict:
    try:
        value = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _arrived(file: object) -> Arrived:
    """One entry of a service's list; what is no name and text that we can keep, with the reason."""
    entry = file if isinstance(file, dict) else {}
    name, text = entry.get("name"), entry.get("text")
    if not isinstance(name, str) or not outbox.fit_name(name):
        return Arrived(outbox.readable(name if isinstance(name, str) else ""), trouble=outbox.ODD_NAME)
    if not isinstance(text, str):
        return Arrived(name, trouble="It has no text.")
    content = text.encode("utf-8", "replace")
    if len(content) > outbox.MAX_ACKNOWLEDGEMENT_BYTES:
        return Arrived(name, trouble=outbox.TOO_LARGE)
    return Arrived(name, content)
