"""A back-test as programs read it."""

from __future__ import annotations

from typing import Any

from deductibles.domain import back_sums
from deductibles.domain.back_terms import NUMBERS
from deductibles.models import BackTest
from deductibles.worth import back_words


def back_test_json(row: BackTest) -> dict[str, Any]:
    """One back-test, with what came out once it is done."""
    terms, zone = row.terms, row.company.zone
    own = terms["own"] or dict.fromkeys(NUMBERS)
    done = row.state == BackTest.State.DONE
    return {
        "id": str(row.pk),
        "state": row.state,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat(),
        "payer": _id(row.payer_id),
        **terms["proposed"],
        "own_payer": _id(row.own_payer_id),
        **{f"own_{name}": own[name] for name in NUMBERS},
        "in_force": terms["in_force"],
        "seen_until": row.seen_until.isoformat(),
        "claims": row.claims,
        "done": row.done,
        "note": row.note,
        "by": row.by.get_username() if row.by else None,
        "created_at": row.created_at.astimezone(zone).isoformat(),
        "finished_at": row.finished_at.astimezone(zone).isoformat() if row.finished_at else None,
        "result": _result(row.result) if done else None,
    }


def _id(key: int | None) -> str | None:
    return None if key is None else str(key)


def _result(found: Any) -> dict[str, Any]:
    pairs, gain = found["pairs"], found["gain"]
    now, new = ({**found["sides"][side], "median": found["medians"][side]} for side in back_sums.SIDES)
    told = found["range"]
    return {
        "claims": found["claims"],
        "in_force": _side(now),
        "tried": _side(new),
        "compared": pairs["compared"],
        "same_day": pairs["same_day"],
        "earlier": _way(pairs["earlier"]),
        "later": _way(pairs["later"]),
        "not_known": pairs["unknown"],
        "still_held": pairs["waiting"],
        "gain": {
            "claims": gain["claims"],
            "in_force": _dollars(gain["now"]),
            "tried": _dollars(gain["new"]),
            "more": _dollars(gain["new"] - gain["now"]),
            "range": [_dollars(end) for end in told] if told else None,
            "left_out": gain["left_out"],
        },
        "agrees_with_what_happened": found["truth"],
        "sentences": [
            back_words.outcome(found),
            *back_words.moved(found),
            *back_words.unknown(found),
            *back_words.trust(found),
        ],
    }


def _side(side: Any) -> dict[str, Any]:
    return {
        "outcomes": side["kinds"],
        "billed": {kind: _dollars(cents) for kind, cents in side["billed"].items()},
        "median_days_held": side["median"],
        "within_guard": side["inside"],
        "after_deadline": side["past"],
    }


def _way(way: Any) -> dict[str, Any]:
    return {
        "claims": way["claims"],
        "billed": _dollars(way["billed"]),
        "days": way["days"],
        "payers_paid": _dollars(way["payer"]),
        "patients_owed": _dollars(way["patient"]),
        "not_paid_yet": way["unpaid"],
        "patients_share_not_known": way["share_unknown"],
    }


def _dollars(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
