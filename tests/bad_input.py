"""Where bad input is tried: every form and every endpoint that takes a body, and the kind of each field.

``FORMS`` and ``ENDPOINTS`` have a good body for each; what no field of a kind takes stands in
``tests/bad_values.py``. A form or endpoint without a row fails in ``tests/web/test_bad_input.py``, and so does a
field without a kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.api.claim_bodies import PROVIDER, SETTINGS, TODAY
from tests.domain.answer_files import ack_277, told
from tests.world import World


@dataclass(frozen=True)
class Door:
    """One form or endpoint: who stands at it, a body it takes, and the kind of each field.

    ``ids`` names the field that takes many ids.
    """

    who: str
    good: Callable[[World], dict[str, Any]]
    kinds: dict[str, str]
    verb: str = "POST"
    ids: str = ""


_PERSON = {"first_name": "Casimir", "last_name": "Nowak", "date_of_birth": "1971-03-14", "sex": "M"}
_PERSON_KINDS = {
    "first_name": "name",
    "last_name": "name",
    "time_zone": "choice",
    "date_of_birth": "birth",
    "sex": "choice",
    "account_number": "line",
    "phone": "phone",
    "email": "email",
}
_ADDRESS_KINDS = {"line1": "line", "line2": "line", "city": "line", "state": "state", "zip": "zip"}
_PAYER = {"name": "Northline Blue", "payer_id": "NB001"}
_PAYER_KINDS = {
    "name": "line",
    "payer_id": "line",
    "kind": "choice",
    "network": "choice",
    "filing_limit_days": "days",
    "filing_limit_source": "line",
    "filing_limit_checked_on": "date",
    "max_days": "days",
    "dollar_threshold": "money",
    "monitor_above": "money",
}
_NUMBER_KINDS = {"max_days": "days", "dollar_threshold": "money", "monitor_above": "money"}
_BACK_TEST = {
    "from_on": (TODAY - timedelta(days=300)).isoformat(),
    "until_on": TODAY.isoformat(),
    "max_days": "20",
    "dollar_threshold": "300.00",
    "monitor_above": "500.00",
}
_SETTINGS_KINDS = {
    "max_days": "days",
    "dollar_threshold": "money",
    "monitor_above": "money",
    "manual_days": "days",
    "guard_days": "days",
    "version": "version",
}
_PROVIDER_KINDS = {
    **dict.fromkeys(
        [
            *("name", "taxonomy", "line1", "line2", "city", "contact_name"),
            *("submitter_id", "submitter_name", "receiver_id", "receiver_name"),
        ],
        "line",
    ),
    "npi": "npi",
    "tax_id": "tax id",
    "state": "state",
    "zip": "zip",
    "contact_phone": "phone",
}
_WEBHOOK = {
    "address": "https://8.8.8.8/hook",
    "description": "The data warehouse",
    "events": ["claim.held", "claim.paid"],
}
_WEBHOOK_KINDS = {"address": "choice", "description": "line", "events": "choice", "events.0": "choice"}
_ANSWERS = {"recipient": "patient", "account_status": "paid"}
_TICKET = {"type": "itemized-bill", "channel": "phone", "caller": "patient"}
_PLACE = {"line1": "1 Test Street", "city": "Chicago", "state": "IL", "zip": "60601"}
_CLAIM_KINDS = {
    "patient": "id",
    "date_of_service": "past",
    "place_of_service": "choice",
    "provider": "id",
    "coverages.0.rank": "choice",
    "coverages.0.payer": "id",
    "coverages.0.member_id": "line",
    "coverages.0.group_number": "line",
    "coverages.0.relationship": "choice",
    "diagnoses.0": "line",
    "charges.0.code": "line",
    "charges.0.units": "amount of units",
    "charges.0.amount": "money",
    "ambulance.miles": "miles",
    "ambulance.pickup.state": "state",
    "ambulance.pickup.zip": "zip",
}


def claim(world: World) -> dict[str, Any]:
    """A complete claim of the world's patient and payer."""
    return {
        "patient": str(world.rows["patients"]),
        "date_of_service": (TODAY - timedelta(days=5)).isoformat(),
        "place_of_service": "41",
        "coverages": [{"rank": "primary", "payer": str(world.rows["payers"]), "member_id": "TST000100"}],
        "diagnoses": ["R55"],
        "charges": [{"code": "A0429", "modifiers": ["RH"], "units": "1", "amount": "850.00"}],
        "ambulance": {"reason": "A", "miles": "12.5", "pickup": _PLACE, "dropoff": _PLACE},
    }


def _ticket(world: World) -> dict[str, Any]:
    return {**_TICKET, "answers": _ANSWERS, "patient": str(world.rows["patients"])}


def _always(body: dict[str, Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: body


_TICKET_KINDS = {
    "type": "choice",
    "channel": "choice",
    "caller": "choice",
    "patient": "id",
    "answers": "choice",
    "note": "note",
    "acknowledged": "free",
    "received_at": "moment",
    "follows": "id",
    "override": "free",
    "overrides": "free",
    "dismissals": "free",
}
"""What is free here has a table of its own: tests/api/test_answers_hostile.py,
test_drafts.py, test_overrides.py."""

ENDPOINTS: dict[str, Door] = {
    "api-patients": Door("ana", _always(_PERSON), {**_PERSON_KINDS, "address": "choice"}),
    "api-patient": Door("ana", _always(_PERSON), {**_PERSON_KINDS, "address": "choice"}, "PATCH"),
    "api-payers": Door("ben", _always(_PAYER), {**_PAYER_KINDS, "never_hold": "switch"}),
    "api-payer": Door("ben", _always(_PAYER), {**_PAYER_KINDS, "never_hold": "switch"}, "PATCH"),
    "api-turnaround-preview": Door(
        "ana",
        _always({"received_at": "2026-05-20T10:00:00-05:00", "min": 1, "max": 2, "unit": "business_day"}),
        {"received_at": "date", "min": "days", "max": "days", "unit": "choice", "calendar": "choice"}
        | {"pauses": "free", "type": "free", "channel": "free"},
    ),
    "api-escalations": Door(
        "ana",
        _ticket,
        {**_TICKET_KINDS, "draft": "switch"},
    ),
    "api-escalation-advice": Door("ana", _ticket, {**_TICKET_KINDS, "text": "note"}),
    "api-escalation-steps": Door(
        "ana",
        _always({"act": "comment", "note": "Called back"}),
        {"act": "choice", "version": "version", "note": "note"}
        | {"reason": "free", "outcome": "free", "user": "free"},
    ),
    "api-escalations-bulk": Door(
        "sue",
        lambda world: {"act": "comment", "ids": [str(world.rows["escalations"])], "note": "Looked at"},
        {"act": "choice", "ids": "choice", "filter": "free", "expected_count": "days", "note": "note"}
        | {"versions": "free", "reason": "free", "outcome": "free", "user": "free"},
        ids="ids",
    ),
    "api-notifications-read": Door("ana", _always({"all": True}), {"ids": "choice", "all": "switch"}),
    "api-benefit-readings": Door(
        "ben", _always({"x12_271": "ISA"}), {"x12_271": "free", "trace": "line", "as_of": "plain date"}
    ),
    "api-claims": Door("ben", claim, _CLAIM_KINDS),
    "api-claim": Door("ben", claim, {**_CLAIM_KINDS, "version": "version"}, "PATCH"),
    "api-claim-steps": Door(
        "ben",
        lambda world: {"act": "change_payer", "payer": str(world.rows["payers"]), "member_id": "NEW1"},
        {"act": "choice", "payer": "id", "member_id": "line", "group_number": "line"}
        | {"relationship": "choice", "subscriber": "free", "confirmed": "free"},
    ),
    "api-claim-eligibility": Door("ben", _always({"x12_271": "ISA"}), {"x12_271": "x12"}),
    **{
        f"api-holds-{act}": Door(
            "ben",
            lambda world: {"ids": ["1"]},
            {"ids": "choice", "filter": "free", "expected_count": "days"},
            ids="ids",
        )
        for act in ("queue", "unqueue", "clear")
    },
    "api-deductible-settings": Door(
        "adam",
        _always(SETTINGS),
        {**_SETTINGS_KINDS, "automatic": "switch", "manual": "switch"},
        "PUT",
    ),
    "api-deductible-settings-preview": Door(
        "adam",
        _always(SETTINGS),
        {**_SETTINGS_KINDS, "automatic": "switch", "manual": "switch", "version": "free"},
    ),
    "api-billing-provider": Door("adam", _always(PROVIDER), _PROVIDER_KINDS, "PUT"),
    "api-acknowledgements": Door(
        "ben", _always({"x12": ack_277(*told("C-404040", "A2:20"))}), {"name": "free", "x12": "x12"}
    ),
    "api-back-tests": Door(
        "ben",
        _always(_BACK_TEST),
        {
            **dict.fromkeys(("from_on", "until_on"), "past"),
            **{f"{own}{name}": kind for own in ("", "own_") for name, kind in _NUMBER_KINDS.items()},
            "payer": "id",
            "own_payer": "id",
        },
    ),
    "api-webhooks": Door("adam", _always(_WEBHOOK), _WEBHOOK_KINDS),
    "api-webhook": Door("adam", _always(_WEBHOOK), {**_WEBHOOK_KINDS, "version": "version"}, "PATCH"),
    "api-webhook-steps": Door(
        "adam",
        _always({"act": "replay", "since": "2026-05-20"}),
        {"act": "choice", "since": "plain date", "version": "version"},
    ),
    "api-nightly-runs": Door("sue", _always({"kind": "check"}), {"kind": "choice", "target_date": "date"}),
}

_TYPED_SETTINGS = {
    name: "on" if value is True else str(value) for name, value in SETTINGS.items() if value is not False
}
_TYPED_CLAIM = {
    "date_of_service": (TODAY - timedelta(days=5)).isoformat(),
    "place_of_service": "41",
    "diagnoses": "R55",
    "coverages-primary-member_id": "TST000100",
    "charges-0-code": "A0429",
    "charges-0-modifiers": "RH",
    "charges-0-units": "1",
    "charges-0-amount": "850.00",
    "ambulance-reason": "A",
    "ambulance-miles": "12.5",
}
_TYPED_CLAIM_KINDS = {
    "date_of_service": "past",
    "diagnoses": "line",
    "coverages-primary-member_id": "line",
    "coverages-primary-group_number": "line",
    "charges-0-code": "line",
    "charges-0-units": "amount of units",
    "charges-0-amount": "money",
    "ambulance-miles": "miles",
    "ambulance-pickup-state": "state",
    "ambulance-pickup-zip": "zip",
}


def _typed_claim(world: World) -> dict[str, Any]:
    ids = {"patient": str(world.rows["patients"]), "coverages-primary-payer": str(world.rows["payers"])}
    return {**_TYPED_CLAIM, **ids}


FORMS: dict[str, Door] = {
    "patients:new": Door("ana", _always(_PERSON), {**_PERSON_KINDS, **_ADDRESS_KINDS}),
    "patients:edit": Door(
        "ana", _always({**_PERSON, "version": "1"}), {**_PERSON_KINDS, **_ADDRESS_KINDS, "version": "version"}
    ),
    "patients:marks": Door(
        "ana",
        _always({"do": "mark", "kind": "compassionate_care", "reason": "Applied on Monday"}),
        {"reason": "line", "kind": "choice"},
    ),
    "deductibles:worth_tests": Door(
        "ben",
        _always(_BACK_TEST),
        {
            **dict.fromkeys(("from_on", "until_on"), "past"),
            **{f"{own}{name}": kind for own in ("", "own_") for name, kind in _NUMBER_KINDS.items()},
            "payer": "choice",
            "own_payer": "choice",
        },
    ),
    "payers:new": Door("ben", _always({**_PAYER, "network": "in"}), _PAYER_KINDS),
    "payers:edit": Door(
        "ben",
        _always({**_PAYER, "network": "in", "version": "1"}),
        {**_PAYER_KINDS, "version": "version"},
    ),
    "escalations:new": Door(
        "ana",
        lambda world: {
            **_TICKET,
            "patient": str(world.rows["patients"]),
            "answer_recipient": "patient",
            "answer_account_status": "paid",
        },
        {"type": "choice", "channel": "choice", "caller": "choice", "note": "note", "received_at": "moment"},
    ),
    "inbox:choices": Door(
        "ana",
        _always(
            {"ways": "breach.mail", "quiet_from": "18:00", "quiet_until": "8:00"}
            | {"digest": "on", "version": "1"}
        ),
        {"ways": "choice", "quiet_from": "time", "quiet_until": "time", "version": "version"},
    ),
    "deductibles:claim_new": Door("ben", _typed_claim, _TYPED_CLAIM_KINDS),
    "deductibles:claim_edit": Door(
        "ben",
        lambda world: {**_typed_claim(world), "version": "1"},
        {**_TYPED_CLAIM_KINDS, "version": "version"},
    ),
    "deductibles:settings": Door("adam", _always({**_TYPED_SETTINGS, "version": "1"}), _SETTINGS_KINDS),
    "deductibles:provider": Door("adam", _always(PROVIDER), _PROVIDER_KINDS),
    "deductibles:runs": Door("sue", _always({"kind": "check"}), {"kind": "choice", "target_date": "date"}),
}

_IN_PLACE = ("first_name", "last_name", "date_of_birth", "account_number", "phone")
PATIENT_IN_PLACE = Door(
    "ana",
    lambda world: {
        **FORMS["escalations:new"].good(world),
        "patient": "",
        "do": "add_patient",
        **{f"new-{name}": _PERSON[name] for name in _IN_PLACE if name in _PERSON},
    },
    {f"new-{name}": _PERSON_KINDS[name] for name in _IN_PLACE},
)
"""The second form within ``escalations:new``: a patient who is added during the call."""

_FOR_A_BILL = ("first_name", "last_name", "date_of_birth", "account_number", "phone", "state", "zip")
NEW_PATIENT = Door(
    "ben",
    lambda world: {
        **FORMS["deductibles:claim_new"].good(world),
        "patient": "",
        "do": "add-patient",
        **{f"new-{name}": _PERSON[name] for name in _FOR_A_BILL if name in _PERSON},
    },
    {f"new-{name}": {**_PERSON_KINDS, **_ADDRESS_KINDS}[name] for name in _FOR_A_BILL},
)
"""The second form within ``deductibles:claim_new``: a patient who is added while the claim is entered."""
