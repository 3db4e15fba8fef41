"""From a question and its member's script to one answer of the AR Boost interface."""

from __future__ import annotations

import hashlib
from datetime import date

from .answers_271 import ANSWERS, Reject, benefit_lines, build, readdress, trace_of
from .script import Book

OTHER_PERSON = {"first_name": "PERSON", "last_name": "OTHER", "date_of_birth": "1975-03-03", "sex": "F"}
DAMAGES = ("another_patient", "cut_271", "garbage_271", "reject", "fields")
READDRESSED = ("trace", "patient", "date")
INSURER = {"name": "EXAMPLE HEALTH PLAN", "payer_id": "EX001"}
NOBODY = "NOBODY"


def result(book: Book, question: dict, as_of: date) -> dict:
    """`{reference, trace, outcome, x12_271?, deductible?, reason_code?}` for the patient asked about.

    Raises `KeyError`, `TypeError` or `ValueError` when the script itself makes no sense.
    """
    member_id = (question.get("subscriber") or {}).get("member_id")
    script = book.script(member_id)
    reject = Reject(**script["reject"]) if script.get("reject") else None
    about, echoed = _about(question, script.get("another_patient"))
    book.injected.update(name for name in DAMAGES if script.get(name) not in (None, False))
    amounts = None if _has_text(script) or reject else book.amounts(member_id, as_of)
    answer = {
        "reference": echoed["reference"],
        "trace": echoed["trace"],
        "outcome": script.get("outcome") or ("rejected" if reject else "answered"),
    }
    send = script.get("send", ["x12_271", "deductible"])
    if "x12_271" in send:
        answer["x12_271"] = _damaged(_text(script, about, as_of, amounts, reject), script)
    if "deductible" in send and amounts and amounts.get("remaining") is not None:
        answer["deductible"] = _deductible(amounts, as_of)
    for name in ("deductible", "reason_code"):
        if name in script:
            answer[name] = script[name]
    return {**answer, **script.get("fields", {})}


def _has_text(script: dict) -> bool:
    return bool(script.get("answer") or script.get("x12_271") or script.get("active") is False)


def _text(script: dict, about: dict, as_of: date, amounts: dict | None, reject: Reject | None) -> str:
    if script.get("answer"):
        kept = (ANSWERS / f"{script['answer']}.edi").read_text("utf-8")
        return readdress(kept, about, as_of, frozenset((*READDRESSED, "years")))
    if script.get("x12_271"):
        return readdress(script["x12_271"], about, as_of, frozenset(script.get("readdress", READDRESSED)))
    lines = benefit_lines(amounts or {})
    return build(about, as_of, lines, active=script.get("active") is not False, reject=reject)


def _damaged(text: str, script: dict) -> str:
    if script.get("garbage_271"):
        return "\x01 this is not X12 \ufffd*~*~"
    return text[: script["cut_271"]] if script.get("cut_271") is not None else text


def _about(question: dict, other: object) -> tuple[dict, dict]:
    """Whom the 271 speaks of, and what the JSON echoes; both are ours unless another patient is scripted."""
    if not other:
        return question, question
    given = other if isinstance(other, dict) else {}
    person = {**OTHER_PERSON, **{k: v for k, v in given.items() if k != "echo"}}
    echo = given.get("echo", "none")
    foreign = {"reference": "other-1", "trace": "OTHER-TRACE-1"}
    about = {
        "payer": question.get("payer"),
        "patient": person,
        "subscriber": {**person, "member_id": person.get("member_id", "TST000222"), "relationship": "self"},
        "trace": question["trace"] if echo == "all" else foreign["trace"],
    }
    return about, foreign if echo == "none" else question


def _deductible(amounts: dict, as_of: date) -> dict:
    period = f"{as_of.year}-01-01/{as_of.year}-12-31"
    return {"annual": amounts.get("annual"), "remaining": amounts["remaining"], "period": period}


def coverages(book: Book, patient: dict, today: date) -> list[dict]:
    """What Insurance Finder knows of a patient: scripted members, else one invented; none for NOBODY."""
    members = [m for m, script in book.scripts.items() if _is_for(script.get("found_for"), patient)]
    if not members and str(patient.get("last_name", "")).strip().upper() == NOBODY:
        return []
    return [_coverage(book, patient, member, today) for member in members or [_invented_member(patient)]]


def _is_for(wanted: object, patient: dict) -> bool:
    if not isinstance(wanted, dict) or not wanted:
        return False
    return all(str(patient.get(k, "")).upper() == str(v).upper() for k, v in wanted.items())


def _invented_member(patient: dict) -> str:
    named = "|".join(
        str(patient.get(k, "")).strip().upper() for k in ("last_name", "first_name", "date_of_birth")
    )
    return "FND" + hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:8].upper()


def _coverage(book: Book, patient: dict, member_id: str, today: date) -> dict:
    subscriber = {**patient, "member_id": member_id, "relationship": "self"}
    question = {
        "reference": member_id,
        "trace": trace_of({"trace": f"FIND-{member_id}"}),
        "payer": INSURER,
        "subscriber": subscriber,
        "patient": patient,
    }
    answer = result(book, question, today)
    found = {
        "rank": "primary",
        "payer": INSURER,
        "member_id": member_id,
        "group_number": "",
        "relationship": "self",
    }
    kept = ("x12_271", "deductible", "reason_code", "trace")
    return {**found, **{k: answer[k] for k in kept if k in answer}}
