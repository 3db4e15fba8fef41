"""Which connection of a company is in force: its own row, or what the server was started with.

Until somebody saves a connection here, the environment (``ARBOOST_URL``, ``ARBOOST_TOKEN``,
``CLEARINGHOUSE_URL`` and what goes with it) decides, so that a changed variable counts at the next start.
From then on the row decides, also when it says that the company is not connected.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from accounts.models import Company
from accounts.secrets import sealer
from deductibles.connections.health import Listener
from deductibles.domain import sftp, vendor
from deductibles.gateways import arboost, clearinghouse
from patients.domain.intake import Wrong
from work.models import Connection, ConnectionKind

ARBOOST, CLEARINGHOUSE = str(ConnectionKind.ARBOOST), str(ConnectionKind.CLEARINGHOUSE)
KINDS = (ARBOOST, CLEARINGHOUSE)


@dataclass(frozen=True)
class InForce:
    """What counts now. ``source`` is "server", "here" or "nowhere"; ``row`` is the company's own, if any.

    ``unreadable`` says that a secret is kept and cannot be opened any more: ``SECRETS_KEY`` was changed.
    """

    address: str
    secret: str
    source: str
    row: Connection | None = None
    unreadable: bool = False
    host_key: str = ""

    def __repr__(self) -> str:
        return f"InForce({self.address!r}, {self.source!r})"

    @property
    def has_secret(self) -> bool:
        """Whether a secret is kept, readable or not."""
        return bool(self.secret) or self.unreadable

    def folders(self, company: Company) -> tuple[str, str]:
        """An account's folders for claims and acknowledgements; empty for the usual ones.

        One account of the server's is every company's, so each has folders of its own there, as in the
        folder of a ``file://`` address.
        """
        if self.source == "server" and sftp.is_sftp(self.address):
            return f"{company.key}/{sftp.OUTBOX}", f"{company.key}/{sftp.INBOX}"
        return (self.row.outbox, self.row.inbox) if self.row else ("", "")


def rules() -> vendor.Rules:
    """What this installation allows as a vendor's address."""
    folder = settings.CLEARINGHOUSE_URL if settings.CLEARINGHOUSE_URL.startswith("file:") else ""
    return vendor.Rules(demo=settings.DEMO, folder=folder)


def of_server(kind: str) -> tuple[str, str]:
    """Address and secret that the server was started with; both empty when it names none."""
    if kind == ARBOOST:
        return settings.ARBOOST_URL, settings.ARBOOST_TOKEN
    return settings.CLEARINGHOUSE_URL, _account_secret() if sftp.is_sftp(settings.CLEARINGHOUSE_URL) else ""


def _account_secret() -> str:
    """The private key in the file that the environment names, read anew so that a new one counts at once."""
    if not settings.CLEARINGHOUSE_KEY_FILE:
        return settings.CLEARINGHOUSE_PASSWORD
    try:
        return Path(settings.CLEARINGHOUSE_KEY_FILE).read_text("ascii").strip() + "\n"
    except (OSError, UnicodeDecodeError):
        return ""


def host_key_of_server(kind: str) -> str:
    """The host key pinned by the environment; empty when it names none that can be read."""
    if kind != CLEARINGHOUSE or not sftp.is_sftp(settings.CLEARINGHOUSE_URL):
        return ""
    try:
        return sftp.read_host_key(settings.CLEARINGHOUSE_HOST_KEY)
    except Wrong:
        return ""


def in_force(company_id: int, kind: str) -> InForce:
    """The company's connection of this kind."""
    return judged(Connection.objects.filter(company_id=company_id, kind=kind).first(), kind)


def judged(row: Connection | None, kind: str) -> InForce:
    """The same for a row that was read already; None for a company that has none."""
    address, secret = of_server(kind)
    if row is None or row.from_environment:
        # Also without an address: a copy of the database on another machine must not talk to the vendors.
        pinned = host_key_of_server(kind)
        source = "server" if address else "nowhere"
        return InForce(address, secret if address else "", source, row, host_key=pinned)
    kept = opened(row)
    source = "here" if row.address else "nowhere"
    return InForce(row.address, kept or "", source, row, kept is None, row.host_key)


def sealed(company_id: int, kind: str, secret: str) -> str:
    """A secret as it is kept: what was sealed for one company and kind opens for no other."""
    return _sealer(company_id, kind).encrypt(secret.encode()).decode() if secret else ""


def opened(row: Connection) -> str | None:
    """The secret of a row, empty when it has none, None when it cannot be opened any more."""
    if not row.secret:
        return ""
    try:
        return _sealer(row.company_id, row.kind).decrypt(row.secret.encode()).decode()
    except (InvalidToken, ValueError):
        return None


def _sealer(company_id: int, kind: str) -> Fernet:
    return sealer(f"connection {kind} of company {company_id}")


def way_to_arboost(company: Company) -> arboost.Connection | None:
    """How this company asks AR Boost; None while it is not connected."""
    found = in_force(company.pk, ARBOOST)
    if not found.address:
        return None
    return arboost_at(found.address, found.secret, heard=Listener(company.pk, ARBOOST))


def arboost_at(address: str, token: str, heard: Listener | None = None) -> arboost.Connection:
    """A way to AR Boost that is bound to this installation's rules."""
    return arboost.Connection(address, token, public_only=not settings.DEMO, heard=heard)


def way_to_clearinghouse(company: Company) -> clearinghouse.Way:
    """Where this company's files go; its address is empty while it is not connected."""
    found = in_force(company.pk, CLEARINGHOUSE)
    return clearinghouse_at(found.address, found.secret, found.host_key, found.folders(company))


def clearinghouse_at(
    address: str, token: str, host_key: str = "", folders: tuple[str, str] = ("", "")
) -> clearinghouse.Way:
    """A way to the clearinghouse that is bound to this installation's rules."""
    outbox, inbox = folders
    return clearinghouse.Way(
        address, token, public_only=not settings.DEMO, host_key=host_key, outbox=outbox, inbox=inbox
    )
