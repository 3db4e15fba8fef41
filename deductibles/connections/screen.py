"""The connection pages in words: what is in force, how it does, what a person can do, what changed before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from accounts.models import Company
from deductibles.actions.holding import MONITOR, UNMONITOR
from deductibles.connections import rows
from deductibles.connections.rows import InForce
from deductibles.domain import days, sftp, vendor
from deductibles.gateways import probe
from deductibles.gateways.sftp import PRIVATE_KEY
from deductibles.gateways.wire import MEND
from deductibles.models import Hold
from patients.domain.intake import Wrong
from work.models import Connection, ConnectionHealth, ConnectionKind, OutboxMessage

SHOWN_CHANGES = 6
SHOWN_WAITING = 5
MOST_COUNTED = 1000
STUCK_AFTER = 3
"""Failed tries after which a message is no passing trouble any more (I10)."""


@dataclass(frozen=True)
class About:
    """What a kind of connection is for, in words of its page."""

    url_name: str
    lead: str
    cut_off: str
    address: str
    account: str


ABOUT = {
    rows.ARBOOST: About(
        "deductibles:connection_arboost",
        "Asked about every held claim at night, and whenever somebody runs Eligibility or Find Insurance.",
        "No claim can be asked about: new ones are not held, held ones leave when their days are used up.",
        "as AR Boost gave it to you, such as https://api.arboost.example",
        "Agency number",
    ),
    rows.CLEARINGHOUSE: About(
        "deductibles:connection_clearinghouse",
        "Takes the nightly submission, and gives back what became of it.",
        "Nothing is handed over: released claims wait in the queue for submission.",
        "as the clearinghouse gave it to you, such as sftp://user@edi.example/folder or https://edi.example",
        "Submitter account",
    ),
}


@dataclass(frozen=True)
class Waiting:
    """Messages AR Boost could not be told for some tries: how many, since when, why, what is next."""

    count: str
    since: str
    why: str
    next_try: str
    claims: tuple[str, ...]


class ConnectionScreen:
    """One connection of a company, for its own page and for the list of them."""

    def __init__(
        self,
        company: Company,
        kind: str,
        now: datetime,
        row: Connection | None,
        health: ConnectionHealth | None,
    ) -> None:
        self.company, self.kind, self.now = company, kind, now
        self.found: InForce = rows.judged(row, kind)
        self.row = row
        self.health = health
        self.tried: list[probe.Step] | None = None
        """The steps of a test of what was typed and is not saved."""
        self.seen = ""
        """The host key a server showed a moment ago, which nobody trusts yet."""
        self.seen_at = ""

    @property
    def title(self) -> str:
        """Whom it leads to."""
        return str(ConnectionKind(self.kind).label)

    @property
    def about(self) -> About:
        """What it is for."""
        return ABOUT[self.kind]

    @property
    def version(self) -> int:
        """What a form must say to be the newest."""
        return self.row.version if self.row else 0

    @property
    def shown(self) -> dict[str, Any]:
        """What is in force as the form shows it; the secret stays where it is."""
        kept = {name: getattr(self.row, name) for name in ("account", "notes")} if self.row else {}
        outbox, inbox = self.found.folders(self.company)
        account = {"host_key": self.found.host_key, "outbox": outbox, "inbox": inbox}
        return {"address": self.found.address, **account, **kept, "version": str(self.version)}

    @property
    def is_account(self) -> bool:
        """Whether it leads to an account of SFTP."""
        return sftp.is_sftp(self.found.address)

    @property
    def secret_name(self) -> str:
        """What the vendor knows us by."""
        if not self.is_account:
            return "token"
        if not self.found.secret:
            return "key or password"
        return "private key" if self.found.secret.startswith(PRIVATE_KEY) else "password"

    @property
    def secret_term(self) -> str:
        """The same, to begin a line."""
        return self.secret_name.capitalize()

    @property
    def host_key(self) -> str:
        """The key the server is known by, as it is compared."""
        return str(sftp.host_key(self.found.host_key)) if self.found.host_key else "None"

    @property
    def places(self) -> tuple[str, str]:
        """The folders for claims and for acknowledgements, as they are on the server."""
        folders = self.found.folders(self.company)
        try:
            there = sftp.where(self.found.address)
        except Wrong:
            return folders
        return there.folder(folders[0], sftp.OUTBOX), there.folder(folders[1], sftp.INBOX)

    @property
    def differs(self) -> bool:
        """Whether the key that was just seen is another than the one this very server is known by."""
        here = vendor.host_of(self.seen_at) == vendor.host_of(self.found.address)
        return here and bool(self.seen and self.found.host_key) and not self.same

    @property
    def same(self) -> bool:
        """Whether the key that was just seen is the one in force."""
        return bool(self.seen and self.found.host_key) and sftp.same_key(self.seen, self.found.host_key)

    @property
    def standing(self) -> tuple[str, str]:
        """The dial and its words."""
        health = self.health
        if not self.found.address:
            return "none_stated", "Not connected"
        if self.found.unreadable:
            return "breached", f"Its {self.secret_name} cannot be opened"
        if health and health.failing_since:
            return "breached", f"Failing since {self._when(health.failing_since)}"
        if health and health.works_since:
            return "closed", f"Works since {self._when(health.works_since)}"
        return "none_stated", "Not used yet"

    @property
    def say(self) -> str:
        """What that means, in a sentence."""
        health = self.health
        if not self.found.address:
            return self.about.cut_off
        if self.found.unreadable:
            said = "SECRETS_KEY of this server was changed since it was saved."
            return f"{said} Enter the {self.secret_name} again."
        if health and health.failing_since:
            return health.failure.removesuffix(MEND).strip()
        if health and health.works_since:
            return f"Last answer {self._when(health.answered_at or health.works_since)}."
        return "Nothing has gone over this connection yet. Test it to know that it works."

    @property
    def last(self) -> list[str]:
        """The other side of it: when it last failed while it works, when it last worked while it fails."""
        health = self.health
        if health is None or not self.found.address:
            return []
        if health.failing_since and health.answered_at:
            return [f"Last answer {self._when(health.answered_at)}."]
        if health.failed_at and not health.failing_since:
            why = health.failure.removesuffix(MEND).strip()
            return [f"Last failure {self._when(health.failed_at)}: {why}"]
        return []

    @property
    def mend(self) -> str:
        """What a person can do about the failure that stands."""
        failing = self.health and self.health.failing_since and self.found.address
        return probe.mend_of(self.health.step) if failing and self.health else ""

    @property
    def address(self) -> str:
        """Where it leads."""
        return self.found.address or "None"

    @property
    def origin(self) -> str:
        """Who decided that."""
        if self.found.source == "server":
            return "The server’s environment"
        if self.row is None or self.row.changed_by is None:
            return "Nobody yet"
        return f"{self.row.changed_by}, {self._when(self.row.changed_at)}"

    @property
    def token(self) -> str:
        """Whether a token is kept, since when and by whom; never the token."""
        if not self.found.has_secret:
            return "None"
        row = self.row
        if row is None or row.secret_set_at is None or row.secret_set_by is None:
            return "From the server’s environment"
        return f"Set on {self._day(row.secret_set_at)} by {row.secret_set_by}"

    @property
    def may_follow_server(self) -> bool:
        """Whether the server names a connection that this one is not."""
        return bool(rows.of_server(self.kind)[0]) and self.found.source != "server"

    @property
    def server_address(self) -> str:
        """What the server was started with."""
        return rows.of_server(self.kind)[0]

    @property
    def steps(self) -> list[probe.Step]:
        """The steps of the newest test: of what is typed, else of what is in force."""
        if self.tried is not None:
            return self.tried
        return [probe.Step(**step) for step in self.health.test] if self.health else []

    @property
    def tested(self) -> str:
        """What was tested, when and by whom."""
        if self.tried is not None:
            return "What stands in the form below; it is not saved."
        health = self.health
        if health is None or health.tested_at is None:
            return ""
        said = f"{self._when(health.tested_at)} by {health.tested_by}"
        if self.row and self.row.changed_at > health.tested_at:
            return f"{said}, before the last change"
        if health.failing_since and health.failing_since > health.tested_at:
            return f"{said}, before it failed"
        return said

    @property
    def verdict(self) -> str:
        """How the newest test ended."""
        failed = next((step for step in self.steps if step.state == probe.FAILED), None)
        if failed:
            return f"It ends here: {failed.name}."
        return "Every step went well." if self.steps else ""

    @cached_property
    def waiting(self) -> Waiting | None:
        """What AR Boost should know and does not, after some tries; None when nothing of the kind waits."""
        if self.kind != rows.ARBOOST:
            return None
        found = list(untold_of(self.company.pk).order_by("created_at")[: MOST_COUNTED + 1])
        if not found:
            return None
        count = f"More than {MOST_COUNTED:,}" if len(found) > MOST_COUNTED else f"{len(found):,}"
        return Waiting(
            count=count,
            since=self._when(found[0].created_at),
            why=found[-1].failure.removesuffix(MEND).strip(),
            next_try=self._when(min(message.next_at for message in found)),
            claims=_claims(self.company, found[:SHOWN_WAITING]),
        )

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Earlier changes, newest first: what, when and who; of the token only that it changed."""
        if self.row is None:
            return []
        history: Any = self.row.events  # type: ignore[attr-defined]  # made by the audit
        events = history.select_related("pgh_context").order_by("-pgh_id")[: SHOWN_CHANGES + 1]
        found = list(events)
        pairs = zip(found, [*found[1:], None], strict=False)
        return [self._change(event, before) for event, before in pairs][:SHOWN_CHANGES]

    def _change(self, event: Any, before: Any) -> dict[str, Any]:
        first, *others = _lines(event, before, self.about.account) or ["Saved again unchanged"]
        metadata = event.pgh_context.metadata if event.pgh_context else {}
        return {
            "title": first,
            "lines": others,
            "when": self._when(event.changed_at),
            "who": metadata.get("who", ""),
        }

    def conflict(self, form: Any) -> dict[str, Any]:
        """Who saved another connection meanwhile, and where it differs from what was typed."""
        typed, words = form.typed(), {"address": "Address", "account": self.about.account, "notes": "Notes"}
        if form.is_account or self.is_account:
            words |= {"host_key": "Host key", **dict(_FOLDERS)}
        changes = [
            {"field": label, "theirs": str(self.shown.get(name, "")), "yours": str(typed[name])}
            for name, label in words.items()
            if str(self.shown.get(name, "")) != str(typed[name])
        ]
        who = str(self.row.changed_by) if self.row and self.row.changed_by else "Whoever runs this server"
        return {"who": who, "when": self._when(self.row.changed_at) if self.row else "", "changes": changes}

    def _day(self, at: datetime) -> str:
        zone = self.company.zone
        return days.plain(at.astimezone(zone).date(), self.now.astimezone(zone).year)

    def _when(self, at: datetime) -> str:
        """ "today 12:10", "3 May 12:10": close moments by the clock, others with their date."""
        local, now = at.astimezone(self.company.zone), self.now.astimezone(self.company.zone)
        clock = f"{local:%H:%M}"
        if local.date() == now.date():
            return f"today {clock}"
        if local.date() == now.date() - timedelta(days=1):
            return f"yesterday {clock}"
        return f"{days.plain(local.date(), now.year)} {clock}"


def untold_of(company: Any) -> QuerySet[OutboxMessage]:
    """What AR Boost could not be told of a company's holds for some tries."""
    kinds = (MONITOR, UNMONITOR)
    waiting = OutboxMessage.objects.filter(company=company, kind__in=kinds, done_at=None)
    return waiting.filter(attempts__gte=STUCK_AFTER)


def _claims(company: Company, messages: Iterable[OutboxMessage]) -> tuple[str, ...]:
    ids = [message.payload.get("hold") for message in messages]
    held = Hold.objects.filter(company=company, pk__in=ids).order_by("claim__number")
    return tuple(dict.fromkeys(held.values_list("claim__number", flat=True)))


_FOLDERS = (("outbox", "Folder for claims"), ("inbox", "Folder for acknowledgements"))


def _lines(event: Any, before: Any, account: str) -> list[str]:
    said = []
    was = before.address if before else ""
    if event.address != was:
        said.append(f"Address {was or 'none'} → {event.address or 'none'}")
    if event.secret_set_at != (before.secret_set_at if before else None):
        secret = "Key or password" if sftp.is_sftp(event.address or was) else "Token"
        said.append(f"{secret} replaced" if event.secret_set_at else f"{secret} removed")
    if event.host_key != (before.host_key if before else ""):
        now, then = (
            str(sftp.host_key(key)) if key else "none"
            for key in (event.host_key, before.host_key if before else "")
        )
        said.append(f"Host key {then} → {now}")
    for name, label in (*_FOLDERS, ("account", account), ("notes", "Notes")):
        now, then = getattr(event, name), getattr(before, name) if before else ""
        if now != then:
            said.append(f"{label} {then or 'none'} → {now or 'none'}")
    if event.from_environment and not (before and before.from_environment):
        said.append("From the server’s environment")
    return said


def screen_of(company: Company, kind: str, now: datetime) -> ConnectionScreen:
    """One connection of a company."""
    return next(screen for screen in screens_of(company, now, kinds=(kind,)))


def screens_of(
    company: Company, now: datetime, *, kinds: tuple[str, ...] = rows.KINDS
) -> list[ConnectionScreen]:
    """Every connection a company can have, by two queries."""
    own = Connection.objects.filter(company=company, kind__in=kinds)
    kept = {row.kind: row for row in own.select_related("changed_by", "secret_set_by")}
    noted = ConnectionHealth.objects.filter(company=company, kind__in=kinds).select_related("tested_by")
    health = {row.kind: row for row in noted}
    return [ConnectionScreen(company, kind, now, kept.get(kind), health.get(kind)) for kind in kinds]
