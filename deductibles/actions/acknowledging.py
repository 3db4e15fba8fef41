"""Taking in what came back: each file once, in any order; what is not ours is kept and shown (D-SUB-3)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import SYSTEM, Refused, find_step
from deductibles.actions import arriving, concerns, moves, posting
from deductibles.actions.moves import Invalid
from deductibles.domain import acknowledging, states, worklists
from deductibles.models import Acknowledgement, Arrival, ArrivalFile, Claim, Submission, SubmissionItem
from deductibles.x12 import acknowledgement, remittance
from deductibles.x12.claim_codes import MOST_CLAIMS_OF_A_TRANSACTION
from deductibles.x12.envelope import EnvelopeError, parse

MOST_TEXT = 10 * 2**20
PAGE = 1000
_NOTHING = "There is no 999, 277CA, TA1 or 835 in this file."


def file_arrival(text: Any, name: str, *, by: User, at: datetime) -> tuple[Arrival, bool]:
    """Take in a file that a person brings; Invalid for what is no whole X12 file, and nothing is kept of it.

    As :func:`take_in`: the same file again gives the row of the first time, and False.
    """
    if not by.may(Can.WORK_CLAIMS):
        raise Refused(refusal(Can.WORK_CLAIMS), "role")
    arriving.refuse_flood(by.company, at)
    try:
        plain = _plain(text)
        parse(plain)
    except EnvelopeError as problem:
        raise Invalid({"x12": [("unreadable", str(problem))]}) from problem
    return take_in(by.company, name, plain, source=Arrival.Source.FILED, by=by, at=at)


def _plain(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise EnvelopeError("Paste or choose the text of a 999, 277CA, TA1 or 835, from ISA to IEA.")
    if len(text) > MOST_TEXT:
        raise EnvelopeError("This file is too large to be one X12 answer.")
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise EnvelopeError("This holds characters no X12 file has. Copy it again.")
    return text


def take_in(
    company: Company, name: str, text: str, *, source: str, by: User | None, at: datetime
) -> tuple[Arrival, bool]:
    """Keep a file and do what it says, in one transaction; give its row, and whether anything was done.

    The same bytes are taken in once. What cannot be read is set aside whole, and nothing of ours moves.
    """
    digest = _digest(text)
    found = Arrival.objects.filter(company=company, digest=digest).first()
    if found is not None and not _did_nothing(found):
        return found, False
    try:
        with transaction.atomic(), acting(by, "take in acknowledgement"):
            if found is not None:
                found = Arrival.objects.select_for_update().get(pk=found.pk)
                if not _did_nothing(found):
                    return found, False
            row = found or Arrival(company=company, digest=digest)
            row.name, row.source, row.by, row.arrived_at = name[:120], source, by, at
            return _kept(row, text, at), True
    except IntegrityError:
        # Another worker was quicker with the same bytes.
        return Arrival.objects.get(company=company, digest=digest), False


def _did_nothing(row: Arrival) -> bool:
    """A file that could not be read or taken in may come again: it left nothing behind."""
    return row.state == Arrival.State.ASIDE and not row.kinds


def _kept(row: Arrival, text: str, at: datetime) -> Arrival:
    company: Company = row.company
    row.state, row.kinds, row.detail = Arrival.State.TAKEN, "", ""
    fresh = row.pk is None
    verdicts: list[Acknowledgement] = []
    paid: tuple[remittance.Remittance, ...] = ()
    try:
        whole = parse(text)
        paid, read = remittance.of(whole), acknowledgement.of(whole)
        verdicts = _verdicts(read, company, at)
        row.kinds = ", ".join((*(["835"] if paid else []), *read.kinds))
        row.detail = _in_the_way(read, paid)
    except EnvelopeError as problem:
        row.detail = str(problem)[:300]
    if row.detail:
        row.state = Arrival.State.ASIDE
    row.save(force_insert=fresh)
    if fresh:
        _keep_text(row, text)
    for verdict in verdicts:
        verdict.arrival = row
    _settle(company, verdicts, at)
    Acknowledgement.objects.bulk_create(verdicts, batch_size=PAGE)
    unposted = posting.take_in(company, row, paid, at=at)
    _tell_unknown(row, verdicts, unposted)
    return row


def _in_the_way(read: acknowledgement.Acknowledged, paid: Sequence[remittance.Remittance]) -> str:
    """What a person has to see to in a file that was read, "" for nothing."""
    left_out = read.left_out + sum(one.left_out for one in paid)
    if not read.kinds and not paid:
        return _NOTHING
    if read.above:
        return f"Above the claims: {' '.join(read.above)}"[:300]
    if twice := sum(one.duplicate for one in read.claims):
        return f"{twice} of {len(read.claims)} are refused as they have them already; look at them."
    if left_out > 0:
        return f"{left_out} part{'s' * (left_out != 1)} of it could not be understood and did nothing."
    if not all(one.balances for one in paid):
        return "The claims of a payment do not add up to its total: compare it with the bank."
    return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _keep_text(row: Arrival, text: str) -> None:
    content = text.replace("\x00", "\ufffd")  # the one letter that a database refuses
    ArrivalFile.objects.create(company=row.company, arrival=row, content=content)


def _tell_unknown(row: Arrival, verdicts: Sequence[Acknowledgement], unposted: int) -> None:
    unknown = sum(one.standing == acknowledging.UNKNOWN for one in verdicts)
    told = [row.detail] if row.detail else []
    if unknown:
        told.append(f"{unknown} of {len(verdicts)} answers are about nothing that was sent from here.")
    if unposted:
        told.append(f"{unposted} payment{'s' * (unposted != 1)} could not be posted.")
    if unknown or unposted:
        row.state, row.detail = Arrival.State.ASIDE, " ".join(told)[:300]
        row.save(update_fields=["state", "detail"])


def _verdicts(read: acknowledgement.Acknowledged, company: Company, at: datetime) -> list[Acknowledgement]:
    files = [
        Acknowledgement(
            company=company, kind=one.kind, number=one.control[:50], transaction=one.transaction[:9],
            word=one.word, codes=one.code[:120], sentence=one.sentence, at=at,
        )
        for one in read.files
    ]  # fmt: skip
    claims = [
        Acknowledgement(
            company=company, kind="277CA", number=one.number[:50], sequence=min(one.sequence, 32_767),
            word=one.word, codes=" ".join(one.codes)[:120], sentence=one.sentence,
            payer_reference=one.payer_reference, at=at,
        )
        for one in read.claims
    ]  # fmt: skip
    return files + claims


def set_aside(company: Company, name: str, text: str, *, source: str, at: datetime) -> None:
    """Keep a file that could not be taken in, so that those behind it can be; nothing of ours moves."""
    with transaction.atomic(), acting(None, "take in acknowledgement", company=company.pk):
        row, new = Arrival.objects.get_or_create(
            company=company,
            digest=_digest(text),
            defaults={
                "name": name[:120],
                "source": source,
                "arrived_at": at,
                "state": Arrival.State.ASIDE,
                "detail": "It could not be taken in. Download it and look at it, or ask the clearinghouse.",
            },
        )
        if new:
            _keep_text(row, text)


def settle_waiting(company: Company, *, at: datetime) -> int:
    """Look again at verdicts that were quicker than our own books; give how many found their end."""
    with transaction.atomic(), acting(None, "take in acknowledgement", company=company.pk):
        waiting = Acknowledgement.objects.filter(company=company, standing=acknowledging.WAITS)
        rows = list(waiting.select_for_update(skip_locked=True).order_by("pk")[:PAGE])
        _settle(company, rows, at)
        settled = [row for row in rows if row.standing != acknowledging.WAITS]
        Acknowledgement.objects.bulk_update(settled, ["standing"], batch_size=PAGE)
    return len(settled)


# --- what verdicts lead to ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sent:
    """A claim in a file of ours."""

    item: int
    submission: int
    claim: int
    sequence: int


class _Books:
    """The claims these verdicts may move, locked in order of id, and how they stand while they are read."""

    def __init__(self, company: Company, rows: Sequence[Acknowledgement]) -> None:
        self.company = company
        controls = {number for row in rows if _is_file(row) and (number := _number(row.number))}
        numbers = {row.number for row in rows if not _is_file(row)}
        files = Submission.objects.filter(company=company, control_number__in=controls)
        self.files = {row.control_number: row.pk for row in files}
        named = SubmissionItem.objects.filter(company=company, claim__number__in=numbers)
        touched = {*self.files.values(), *_unclear(named)}
        self.of_file: defaultdict[int, list[_Sent]] = defaultdict(list)
        self.of_claim: dict[tuple[str, int], _Sent] = {}
        items = SubmissionItem.objects.filter(company=company, submission__in=touched) | named
        columns = ("pk", "submission_id", "claim_id", "sequence", "claim__number")
        for pk, submission, claim, sequence, number in items.order_by("pk").values_list(*columns):
            sent = _Sent(pk, submission, claim, sequence)
            self.of_file[submission].append(sent)
            self.of_claim[number, sequence] = sent
        sent_claims = {sent.claim for sents in self.of_file.values() for sent in sents}
        self.claims: dict[int, Claim] = moves.locked(sent_claims)
        self.status = {pk: claim.status for pk, claim in self.claims.items()}
        self.path: defaultdict[int, list[str]] = defaultdict(list)
        self.answers: dict[int, str] = {}
        self.said: dict[int, str] = {}
        self.arrived: set[int] = set()

    def hear(self, sent: _Sent, word: str, said: str, *, whole_file: bool) -> str:
        """What one word about one claim does, and the sentence it comes with; gives its standing."""
        claim = self.claims[sent.claim]
        judge = acknowledging.act_for_file if whole_file else acknowledging.act_for
        act, standing = judge(
            word,
            self.status[sent.claim],
            current=claim.sequence == sent.sequence,
            in_file=bool(getattr(claim, "in_file", False)),
        )
        if act:
            self.path[sent.claim].append(act)
            self.status[sent.claim] = _after(act, self.status[sent.claim])
            self.arrived.add(sent.submission)
        if act in ("accept", "reject"):
            self.answers[sent.item] = f"{act}ed"
        if act == "reject":
            self.said[sent.claim] = said
        return standing


def _number(text: str) -> int:
    """A control number as we write them, 0 for what is none of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def _after(act: str, status: str) -> str:
    """The status a step leads to."""
    return find_step(states.CLAIM, act, status, SYSTEM).target or status


def _is_file(row: Acknowledgement) -> bool:
    return row.kind in ("999", "TA1")


def _unclear(items: Any) -> Iterable[int]:
    """The files of unclear hand-over among these: one answered claim proves that all of it arrived."""
    return items.filter(submission__state=Submission.State.AMBIGUOUS).values_list("submission_id", flat=True)


def _settle(company: Company, rows: Sequence[Acknowledgement], at: datetime) -> None:
    """Give every verdict its claim or file and its standing, and move the claims it is about."""
    if not rows:
        return
    books = _Books(company, rows)
    for row in rows:
        if _is_file(row):
            _settle_file(books, row)
        else:
            _settle_claim(books, row)
    _write(books, at)


def _settle_claim(books: _Books, row: Acknowledgement) -> None:
    sent = books.of_claim.get((row.number, row.sequence))
    if sent is None:
        row.standing = acknowledging.UNKNOWN
        return
    row.claim_id, row.submission_id = sent.claim, sent.submission
    row.standing = books.hear(sent, row.word, row.sentence, whole_file=False)


def _settle_file(books: _Books, row: Acknowledgement) -> None:
    key = books.files.get(_number(row.number))
    if key is None:
        row.standing = acknowledging.UNKNOWN
        return
    row.submission_id = key
    sents = _of_transaction(books.of_file[key], row.transaction)
    standings = {books.hear(sent, row.word, row.sentence, whole_file=True) for sent in sents}
    order = (acknowledging.WAITS, acknowledging.APPLIED, acknowledging.NOTED)
    row.standing = next((each for each in order if each in standings), acknowledging.NOTED)


def _of_transaction(sents: list[_Sent], transaction: str) -> list[_Sent]:
    """The claims of one ST of the file: they were written in order, so many to each."""
    number = _number(transaction)
    if not number:
        return sents
    first = (number - 1) * MOST_CLAIMS_OF_A_TRANSACTION
    return list(islice(sents, first, first + MOST_CLAIMS_OF_A_TRANSACTION))


def _write(books: _Books, at: datetime) -> None:
    """Move the claims, by their paths, set-based; answer their items; close what is clear now."""
    by_path: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for claim, path in books.path.items():
        by_path[(books.claims[claim].status, *path)].append(claim)
    for (status, *path), claims in by_path.items():
        for act in path:
            moves.apply(claims, act, status, at=at)
            status = _after(act, status)
    concerns.told(worklists.RETURNED, books.said, on=moves.local_date(books.company, at))
    _answer(books, at)
    _clear_up(books, at)


_COUNTED = """
    UPDATE deductibles_submission s SET accepted = n.accepted, rejected = n.rejected
    FROM (SELECT submission_id, count(*) FILTER (WHERE answer = 'accepted') AS accepted,
                 count(*) FILTER (WHERE answer = 'rejected') AS rejected
          FROM deductibles_submissionitem WHERE submission_id = ANY(%s) GROUP BY submission_id) AS n
    WHERE s.id = n.submission_id"""


def _answer(books: _Books, at: datetime) -> None:
    answers = books.answers
    for word in ("accepted", "rejected"):
        items = SubmissionItem.objects.filter(pk__in=[pk for pk, said in answers.items() if said == word])
        # A rejected sequence is over: the claim goes again as the next one.
        items.update(answer=word, answered_at=at, **({"open": False} if word == "rejected" else {}))
    if answers:
        # Two files about the same submission count one after the other, and never wait for each other.
        list(Submission.objects.select_for_update().filter(pk__in=books.arrived).order_by("pk"))
        with connection.cursor() as cursor:
            cursor.execute(_COUNTED, [sorted(books.arrived)])


def _clear_up(books: _Books, at: datetime) -> None:
    """A file of unclear hand-over of which anything came back has arrived, with all its claims."""
    files = Submission.objects.filter(pk__in=books.arrived, state=Submission.State.AMBIGUOUS)
    keys = list(files.values_list("pk", flat=True))
    if not keys:
        return
    rest = [
        sent.claim
        for key in keys
        for sent in books.of_file[key]
        if books.status[sent.claim] == states.AMBIGUOUS and books.claims[sent.claim].sequence == sent.sequence
    ]
    moves.apply(rest, "submit", states.AMBIGUOUS, at=at)
    said = "Nobody answered at its hand-over; what came back since proves that it arrived."
    files.filter(pk__in=keys).update(state=Submission.State.HANDED_OVER, detail=said)
