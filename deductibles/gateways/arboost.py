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
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TypedDict
from urllib.parse import quote

from .arboost_answers import Answer, Answers, answer_of, coverages_of, matched
from .wire import Limits, Line, Response, Unavailable, base_address

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
    """One company's way to AR Boost; the token is left out of its representation."""

    url: str
    token: str = field(repr=False)
    limits: Limits = Limits()


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
    with _line(conn) as line:
        return line.call(_ask(line, conn, target_date, questions))


def ask_many(
    conn: Connection,
    target_date: date,
    questions: Iterable[Question],
    *,
    concurrency: int = 4,
    batch: int = BATCH,
) -> Iterator[tuple[list[Question], Answers | Unavailable]]:
    """Ask about any number of claims over one session, `concurrency` batches at a time, as they come back.

    `questions` is read lazily and in the caller's thread, so memory holds only the batches under way. A batch
    that failed comes with its `Unavailable`; the caller may stop iterating, and what is under way is dropped.
    """
    under_way: dict[Future, list[Question]] = {}
    remaining = iter(questions)
    with _line(conn) as line:
        while asked := list(islice(remaining, batch)):
            under_way[line.submit(_ask(line, conn, target_date, asked))] = asked
            if len(under_way) >= concurrency:
                yield from _finished(under_way)
        while under_way:
            yield from _finished(under_way)


def _finished(
    under_way: dict[Future, list[Question]],
) -> Iterator[tuple[list[Question], Answers | Unavailable]]:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        asked = under_way.pop(future)
        try:
            yield asked, future.result()
        except Unavailable as problem:
            yield asked, problem


async def _ask(line: Line, conn: Connection, target_date: date, questions: list[Question]) -> Answers:
    if len(questions) > BATCH or len({(q.reference, q.trace) for q in questions}) != len(questions):
        raise ValueError(f"a batch is at most {BATCH} questions, each with its own reference and trace")
    body = {"target_date": target_date.isoformat(), "claims": [q.as_json() for q in questions]}
    answers = matched(
        questions, await _exchange(line, conn, "POST", "/v1/deductible-monitoring/checks", body)
    )
    if answers.dropped:
        log.warning(
            "arboost: %d results of a batch were nobody's or contradicted each other", answers.dropped
        )
    return answers


def _call(
    conn: Connection, method: str, path: str, body: dict | None = None, *, or_absent: bool = False
) -> dict:
    with _line(conn) as line:
        return line.call(_exchange(line, conn, method, path, body, or_absent=or_absent))


def _line(conn: Connection) -> Line:
    return Line(VENDOR, conn.limits)


async def _exchange(
    line: Line, conn: Connection, method: str, path: str, body: dict | None = None, *, or_absent: bool = False
) -> dict:
    """One call within the total time, waiting twice at most when AR Boost says 429; its JSON object."""
    try:
        async with asyncio.timeout(conn.limits.total):
            response = await _patiently(line, conn, method, path, body)
        return {} if or_absent and response.status == 404 else _object(_approved(response))
    except TimeoutError:
        problem = Unavailable(f"{VENDOR} did not answer in time.")
    except Unavailable as caught:
        problem = caught
    log.warning("arboost: a %s failed: %s", method, problem)
    raise problem


async def _patiently(line: Line, conn: Connection, method: str, path: str, body: dict | None) -> Response:
    url, headers = base_address(VENDOR, conn.url) + path, _headers(conn)
    content = None if body is None else json.dumps(body).encode()
    for waits_left in range(WAITS_AFTER_429, -1, -1):
        response = await line.send(method, url, headers=headers, body=content)
        if response.status != 429 or not waits_left:
            break
        seconds = retry_after(response.headers.get("Retry-After", ""))
        if seconds > conn.limits.longest_wait:
            break
        await asyncio.sleep(seconds)
    return response


def _headers(conn: Connection) -> dict[str, str]:
    if not (conn.token.isascii() and conn.token.isprintable() and conn.token.strip()):
        raise Unavailable(
            f"The token for {VENDOR} is missing or has characters it cannot have.", sent=False, ours=True
        )
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
        raise Unavailable(f"{VENDOR} does not accept our token; check the connection in Settings.", ours=True)
    if 300 <= status < 400:
        raise Unavailable(
            f"{VENDOR} has moved, and redirects are not followed; check its address.", ours=True
        )
    if status == 409:
        raise Unavailable(
            f"{VENDOR} says that hold for deductible is switched off for this agency.", ours=True
        )
    if status == 429:
        raise Unavailable(f"{VENDOR} asks us to wait; the question is asked again later.")
    if status >= 500:
        raise Unavailable(f"{VENDOR} is out of order (status {status}).")
    raise Unavailable(f"{VENDOR} did not understand the question (status {status}).")


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
