"""AR Boost: eligibility, Insurance Finder and deductible monitoring, spoken over HTTPS with a bearer token.

The vendor is treated as mistaken or hostile: each field of an answer is checked, answers are matched by
reference and trace and never by name (D-CHK-8), and whatever is off becomes an `Answer` whose outcome is
`unavailable`, or `Unavailable` when the whole response is of no use. Neither carries patient data, and
nothing a patient could be known by is logged. The 271 text itself is judged by `deductibles.x12`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TypedDict
from urllib.parse import quote

from .arboost_answers import Answer, Answers, answer_of, coverages_of, matched
from .wire import MEND, Limits, Line, Response, Unavailable, base_address

__all__ = [
    *(
        "Answer",
        "Answers",
        "Connection",
        "Limits",
        "Patient",
        "Payer",
        "Question",
        "Subscriber",
        "Unavailable",
    ),
    *("agency", "ask_batch", "ask_many", "eligibility", "find_insurance", "monitor", "unmonitor"),
]

log = logging.getLogger(__name__)
VENDOR = "AR Boost"
BATCH = 500
WAITS_AFTER_429 = 2
TICK_SECONDS = 30.0
"""How often whoever waits for batches is let know that they are still under way."""


Heard = Callable[["Unavailable | None"], None]


class Payer(TypedDict):
    """The payer asked, by name and by the id it is known under."""

    name: str
    payer_id: str


class Patient(TypedDict):
    """Whom the ambulance carried; `sex` is F, M or U."""

    first_name: str
    last_name: str
    date_of_birth: date
    sex: str


class Subscriber(Patient):
    """Who holds the coverage; `relationship` is the patient's to them: self, spouse, child or other."""

    member_id: str
    group_number: str
    relationship: str


@dataclass(frozen=True)
class Question:
    """One eligibility question. `reference` and `trace` are ours and come back with the answer (D-CHK-8).

    `as_of` is the day asked about: today or the target date, never the date of service (D-X12-12).
    """

    reference: str
    trace: str
    payer: Payer
    subscriber: Subscriber
    patient: Patient
    as_of: date
    service_types: tuple[str, ...] = ("30",)

    def as_json(self) -> dict:
        return {
            "reference": self.reference,
            "trace": self.trace,
            "payer": _plain(self.payer),
            "subscriber": _plain(self.subscriber),
            "patient": _plain(self.patient),
            "as_of": self.as_of.isoformat(),
            "service_types": list(self.service_types),
        }


@dataclass(frozen=True)
class Connection:
    """One company's way to AR Boost; the token is left out of its representation.

    `public_only` and `trust` as for `wire.Line`. `heard` is told how each call went, in the caller's thread:
    None after an answer, else what was raised.
    """

    url: str
    token: str = field(repr=False)
    limits: Limits = Limits()
    public_only: bool = False
    trust: ssl.SSLContext | None = field(default=None, repr=False, compare=False)
    heard: Heard | None = field(default=None, repr=False, compare=False)


def agency(conn: Connection) -> bool:
    """Whether AR Boost has hold for deductible on for this agency (D-CONF-9); raises `Unavailable`."""
    answer = _call(conn, "GET", "/v1/agency")
    on = answer.get("hold_for_deductible")
    if not isinstance(on, bool):
        raise Unavailable(f"{VENDOR} did not say whether hold for deductible is switched on.")
    return on


def eligibility(conn: Connection, question: Question) -> Answer:
    """Ask about one patient now (D-HOLD-2); never raises: an outage is an `unavailable` answer."""
    try:
        return answer_of(question, _call(conn, "POST", "/v1/eligibility", question.as_json()))
    except Unavailable as problem:
        return Answer(question.reference, question.trace, "unavailable", detail=str(problem))


def find_insurance(conn: Connection, patient: Mapping[str, object]) -> list[dict]:
    """Coverages AR Boost knows of this patient (D-HOLD-1, D-NEW-1); raises `Unavailable`.

    Each has `rank payer {name, payer_id} member_id group_number relationship` as text, and `trace x12_271
    annual remaining period reason_code`, which may be None. Entries that make no sense are left out.
    """
    return coverages_of(_call(conn, "POST", "/v1/insurance-finder", {"patient": _plain(patient)}))


def monitor(conn: Connection, question: Question) -> None:
    """Register a held claim with AR Boost (D-NEW-3), or renew it; safe to repeat; raises `Unavailable`."""
    _call(conn, "PUT", _monitoring_path(question.reference), question.as_json())


def unmonitor(conn: Connection, reference: str) -> None:
    """End monitoring (D-CLR-3); an unknown reference has ended already; raises `Unavailable`."""
    _call(conn, "DELETE", _monitoring_path(reference), or_absent=True)


def ask_batch(conn: Connection, target_date: date, questions: list[Question]) -> Answers:
    """Ask about at most 500 held claims: one answer for each question, in the order asked.

    Answers are matched by reference and trace (D-CHK-8). A question without an answer is `unavailable` and so
    is one answered twice with different contents; results nobody asked for are dropped and counted in
    `Answers.dropped`. Raises `Unavailable` when the whole response is of no use, and `ValueError` for more
    than 500 questions or two with the same reference and trace.
    """
    with _line(conn) as line, _hearing(conn):
        return line.call(_ask(line, conn, target_date, questions))


def ask_many(
    conn: Connection,
    target_date: date,
    questions: Iterable[Question],
    *,
    concurrency: int = 4,
    batch: int = BATCH,
    while_waiting: Callable[[], None] | None = None,
) -> Iterator[tuple[list[Question], Answers | Unavailable]]:
    """Ask about any number of claims over one session, `concurrency` batches at a time, as they come back.

    `questions` is read lazily and in the caller's thread, so memory holds only the batches under way and
    those that came back beside each other. The next batch is sent before one that came back is handed out:
    AR Boost has as many in hand while the caller looks at it. A batch that failed comes with its
    `Unavailable`; the caller may stop iterating, and what is under way is dropped.
    A 429 makes all batches wait, not only the one it answered, and up to `Limits.batch_wait` seconds.
    `while_waiting` is called in the caller's thread every `TICK_SECONDS` in which nothing came back.
    """
    under_way: dict[Future, list[Question]] = {}
    remaining = iter(questions)
    with _line(conn) as line:

        def send() -> None:
            while len(under_way) < concurrency and (asked := list(islice(remaining, batch))):
                under_way[line.submit(_ask(line, conn, target_date, asked))] = asked

        send()
        while under_way:
            for future in _finished(under_way, while_waiting):
                asked = under_way.pop(future)
                send()
                yield asked, _came(conn, future)


def _finished(
    under_way: Mapping[Future, list[Question]], while_waiting: Callable[[], None] | None
) -> list[Future]:
    while not (done := wait(under_way, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED).done):
        if while_waiting:
            while_waiting()
    return list(done)


def _came(conn: Connection, future: Future) -> Answers | Unavailable:
    try:
        with _hearing(conn):
            answers: Answers = future.result()
            return answers
    except Unavailable as problem:
        return problem


async def _ask(line: Line, conn: Connection, target_date: date, questions: list[Question]) -> Answers:
    if len(questions) > BATCH or len({(q.reference, q.trace) for q in questions}) != len(questions):
        raise ValueError(f"a batch is at most {BATCH} questions, each with its own reference and trace")
    body = {"target_date": target_date.isoformat(), "claims": [q.as_json() for q in questions]}
    path = "/v1/deductible-monitoring/checks"
    answers = matched(questions, await _exchange(line, conn, "POST", path, body, hurried=False))
    if answers.dropped:
        log.warning(
            "arboost: %d results of a batch were nobody's or contradicted each other", answers.dropped
        )
    return answers


def _call(
    conn: Connection, method: str, path: str, body: dict | None = None, *, or_absent: bool = False
) -> dict:
    with _line(conn) as line, _hearing(conn):
        return line.call(_exchange(line, conn, method, path, body, or_absent=or_absent))


def _line(conn: Connection) -> Line:
    return Line(VENDOR, conn.limits, public_only=conn.public_only, trust=conn.trust)


@contextmanager
def _hearing(conn: Connection) -> Iterator[None]:
    """Tell the connection's listener how the call inside went."""
    try:
        yield
    except Unavailable as problem:
        if conn.heard:
            conn.heard(problem)
        raise
    if conn.heard:
        conn.heard(None)


async def _exchange(
    line: Line,
    conn: Connection,
    method: str,
    path: str,
    body: dict | None = None,
    *,
    or_absent: bool = False,
    hurried: bool = True,
) -> dict:
    """One call, waiting twice at most when AR Boost says 429; its JSON object.

    A hurried call, for which a person waits, has the total time for all its tries and waits together; one of
    a batch has it for each try.
    """
    try:
        async with asyncio.timeout(conn.limits.total if hurried else None):
            response = await _patiently(line, conn, method, path, body, hurried)
        return {} if or_absent and response.status == 404 else _object(_approved(response))
    except TimeoutError:
        problem = Unavailable(f"{VENDOR} did not answer in time.")
    except Unavailable as caught:
        problem = caught
    log.warning("arboost: a %s failed: %s", method, problem)
    raise problem


async def _patiently(
    line: Line, conn: Connection, method: str, path: str, body: dict | None, hurried: bool
) -> Response:
    schemes = ("https",) if conn.public_only else ("http", "https")
    url, headers = base_address(VENDOR, conn.url, schemes=schemes) + path, _headers(conn)
    content = None if body is None else json.dumps(body).encode()
    longest = conn.limits.longest_wait if hurried else conn.limits.batch_wait
    for waits_left in range(WAITS_AFTER_429, -1, -1):
        if line.pause_left() > longest:
            raise _asked_to_wait(sent=False)
        await asyncio.sleep(line.pause_left())
        response = await line.send(method, url, headers=headers, body=content)
        if response.status != 429:
            break
        line.pause(retry_after(response.headers.get("Retry-After", "")))
        if not waits_left or line.pause_left() > longest:
            break
    return response


def _asked_to_wait(*, sent: bool) -> Unavailable:
    return Unavailable(
        f"{VENDOR} asks us to wait; the question is asked again later.", sent=sent, step="wait"
    )


def _headers(conn: Connection) -> dict[str, str]:
    if not (conn.token.isascii() and conn.token.isprintable() and conn.token.strip()):
        said = f"The token for {VENDOR} is missing or has characters it cannot have. {MEND}"
        raise Unavailable(said, sent=False, ours=True, step="token")
    return {"Authorization": f"Bearer {conn.token.strip()}", "Content-Type": "application/json"}


def retry_after(value: str) -> float:
    """Seconds a Retry-After header asks for, as a number or as an HTTP date; one second when neither."""
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, IndexError, OverflowError):
        return 1.0


def _approved(response: Response) -> bytes:
    """The body of a 2xx response; any other status as `Unavailable` with its sentence."""
    status = response.status
    if 200 <= status < 300:
        return response.body
    if status in (401, 403):
        raise Unavailable(f"{VENDOR} does not accept our token. {MEND}", ours=True, step="token")
    if 300 <= status < 400:
        said = f"{VENDOR} has moved, and redirects are not followed. {MEND}"
        raise Unavailable(said, ours=True, step="address")
    if status == 409:
        said = f"{VENDOR} says that hold for deductible is switched off for this agency."
        raise Unavailable(said, ours=True, step="agency")
    if status == 429:
        raise _asked_to_wait(sent=True)
    if status >= 500:
        raise Unavailable(f"{VENDOR} is out of order (status {status}).")
    said = f"{VENDOR} did not understand the question (status {status})."
    raise Unavailable(said, step="question")


def _object(body: bytes) -> dict:
    try:
        value = json.loads(body, parse_constant=_no_constant) if body else {}
    except (ValueError, RecursionError):
        raise Unavailable(f"{VENDOR}'s answer could not be read.") from None
    if not isinstance(value, dict):
        raise Unavailable(f"{VENDOR}'s answer could not be read.")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _monitoring_path(reference: str) -> str:
    if not reference or set(reference) == {"."}:
        raise ValueError("a monitoring reference is needed")
    return f"/v1/deductible-monitoring/{quote(reference, safe='')}"


def _plain(person: Mapping[str, object]) -> dict[str, str]:
    """Dates as ISO text, None as nothing, the rest as text."""
    texts = {}
    for name, value in person.items():
        texts[name] = value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
    return texts
