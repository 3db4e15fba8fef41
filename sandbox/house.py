"""What the clearinghouse stand-in has taken in, which claims came twice, and what it still has to answer."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .acknowledgements import REJECTED_STATUS, read, write_277ca, write_999
from .script import Book


class OtherBytes(Exception):
    """The name was used before for a file with other contents."""


@dataclass
class House:
    """The books of all companies; `state` keeps them over a restart.

    `keyless`: it keeps whatever it is sent, also what it has; a claim that came twice is accepted twice.
    """

    book: Book
    ack_after: float = 0
    state: Path | None = None
    keyless: bool = False
    files: dict[str, dict] = field(default_factory=dict)
    accepted: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, dict] = field(default_factory=dict)

    @classmethod
    def opened(cls, book: Book, ack_after: float, state: Path | None, *, keyless: bool = False) -> House:
        house = cls(book, ack_after, state, keyless)
        if state and state.exists():
            try:
                kept = json.loads(state.read_text("utf-8"))
                house.files, house.accepted, house.answers = (
                    kept[n] for n in ("files", "accepted", "answers")
                )
            except (OSError, ValueError, KeyError, TypeError):
                print(f"{state} cannot be read; starting with empty books", flush=True)
        return house

    def save(self) -> None:
        if self.state:
            kept = {"files": self.files, "accepted": self.accepted, "answers": self.answers}
            write_whole(self.state, json.dumps(kept).encode())

    def receive(self, company: str, name: str, content: bytes) -> str:
        """Take a file in, once: the same name and bytes again get the same reference. Raises `OtherBytes`."""
        key, digest = f"{company}/{name}", hashlib.sha256(content).hexdigest()
        earlier = self.files.get(key)
        if earlier and self.keyless:
            key = f"{key}#{len(self.files) + 1}"
        elif earlier:
            if earlier["digest"] != digest:
                raise OtherBytes(name)
            return earlier["reference"]
        reference = f"CH{len(self.files) + 1:08d}"
        sent = read(content)
        statuses = {c.number: self._status(c.number) for c in sent.claims}
        self.files[key] = {
            "digest": digest,
            "reference": reference,
            "fault": sent.fault,
            "claims": [[c.number, c.frequency, statuses[c.number]] for c in sent.claims],
        }
        for number, status in statuses.items():
            if status.startswith(("A1", "A2")):
                self.accepted.setdefault(f"{company}/{number}", []).append(name)
        self._answer(company, name, sent, statuses)
        self.save()
        return reference

    def _status(self, claim: str) -> str:
        """What the script of the claim says: `{"reject": true}` or `{"status_277": "A3:33"}`."""
        script = self.book.script(claim)
        return script.get("status_277") or (REJECTED_STATUS if script.get("reject") else "A2:20")

    def _answer(self, company: str, name: str, sent, statuses: dict[str, str]) -> None:
        at, due, control = datetime.now(UTC), time.time() + self.ack_after, 2 * len(self.files)
        texts = {f"{name}.999": write_999(sent, at, control)}
        if not sent.fault:
            texts[f"{name}.277ca"] = write_277ca(sent, statuses, at, control + 1)
        for answer, text in texts.items():
            self.answers[f"{company}/{answer}"] = {"due": due, "text": text}

    def due(self, company: str | None = None) -> list[tuple[str, str, str]]:
        """Company, name and text of each acknowledgement whose time has come."""
        now = time.time()
        rows = [(*key.split("/", 1), row["text"]) for key, row in self.answers.items() if row["due"] <= now]
        return [row for row in rows if company in (None, row[0])]

    def fetched(self, company: str, name: str) -> bool:
        """Forget an acknowledgement that was picked up."""
        known = self.answers.pop(f"{company}/{name}", None) is not None
        self.save()
        return known

    def duplicates(self) -> dict[str, list[str]]:
        """Claims accepted more than once, with the files they came in; a whole set of books has none."""
        return {claim: names for claim, names in self.accepted.items() if len(names) > 1}

    def forget(self) -> None:
        for kept in (self.files, self.accepted, self.answers):
            kept.clear()
        self.save()


def write_whole(path: Path, content: bytes) -> None:
    """Write beside and move into place, so that nobody ever reads half a file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    beside.write_bytes(content)
    beside.replace(path)


def watch_once(house: House, folder: Path) -> None:
    """Take in what stands in the outboxes below `folder`, and put the acknowledgements due in the inboxes."""
    for outbox in sorted(folder.glob("*/outbox")):
        company = outbox.parent.name
        for path in sorted(outbox.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                _take(house, company, path)
    for company, name, text in house.due():
        inbox = folder / company / "inbox"
        inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(inbox / name, text.encode())
        house.fetched(company, name)


def _take(house: House, company: str, path: Path) -> None:
    """Read first, then move: a crash in between reads the same file again, which counts once."""
    try:
        house.receive(company, path.name, path.read_bytes())
        kept = path.parent.parent / "accepted"
    except OtherBytes:
        kept = path.parent.parent / "refused"
    kept.mkdir(exist_ok=True, mode=0o700)
    path.replace(kept / path.name)
