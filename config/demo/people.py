"""Who is in the demo: two companies, the cast, payers, patients, and the rules they start with."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.demo import CAST, PASSWORD
from accounts.models import Company, User
from deductibles.models import BillingProvider, DeductibleSettings
from escalations.policies import load_calendar, load_policy
from patients.models import Patient, Payer

COMPANIES = {"acme": "Acme Ambulance", "other": "Otherside Ambulance"}
SURNAMES = {"ana": "Alvarez", "ben": "Brandt", "sue": "Sorensen", "adam": "Abara", "otto": "Olsen"}
FIRST = (
    "Casimir", "Adaeze", "Emeka", "Yelena", "Gideon", "Perpetua", "Kofi", "Osric", "Lucinda", "Bram",
    "Svetlana", "Rosalind", "Tobias",
)  # fmt: skip
LAST = (
    "Nowak", "Fontaine", "Lindgren", "Marchetti", "Oyelaran", "Lindqvist", "Brannigan", "Tamblyn", "Farrow",
    "Kowalczyk", "Iturbide",
)  # fmt: skip
STREETS = ("Larkspur Way", "Alder Court", "Birch Street", "Canal Road", "Harbor Lane", "Mill Avenue")
TOWNS = (("Chicago", "60601"), ("Evanston", "60201"), ("Peoria", "61602"), ("Joliet", "60432"))
PAYERS: list[dict[str, Any]] = [
    {"name": "Northline Blue", "payer_id": "NB001", "filing_limit_days": 180},
    {"name": "Alder Mutual PPO", "payer_id": "AM210", "filing_limit_days": 365},
    {"name": "Cedar State Health", "payer_id": "CS077", "filing_limit_days": 120, "max_days": 30},
    {"name": "Union Trades Fund", "payer_id": "UT300", "filing_limit_days": 90},
    {"name": "Example Medicaid", "payer_id": "MCD01", "kind": "medicaid", "filing_limit_days": 365},
    {"name": "Example Medicare", "payer_id": "CMS01", "kind": "medicare", "filing_limit_days": 365},
]


def make_company(key: str, *, at: datetime) -> Company:
    """One company of the demo with people, payers, provider, settings, calendar and policy."""
    company = Company.objects.create(
        key=key, name=COMPANIES[key], itemized_bill_address=f"itemized.bills@{key}.example"
    )
    secret = make_password(PASSWORD)
    for name, role, of in CAST:
        if of == key:
            surname = SURNAMES.get(name, name.capitalize())
            User.objects.create(
                username=name, first_name=name.capitalize(), last_name=surname, role=role,
                company=company, password=secret,
            )  # fmt: skip
    Payer.objects.bulk_create([Payer(company=company, **facts) for facts in PAYERS])
    _provider(company, at)
    DeductibleSettings.objects.create(
        company=company, version=1, automatic=key == "acme", max_days=45, dollar_threshold=100,
        monitor_above=250, manual=True, manual_days=30, guard_days=14, created_at=at,
    )  # fmt: skip
    load_calendar(company, by=None, at=at)
    load_policy(company, by=None, at=at)
    return company


def _provider(company: Company, at: datetime) -> None:
    BillingProvider.objects.create(
        company=company, version=1, name=company.name.upper(), npi="1234567893", tax_id="123456789",
        taxonomy="341600000X", line1="100 Depot Street", city="Chicago", state="IL", zip="606011234",
        contact_name="Billing Office", contact_phone="3125550100", submitter_id=company.key.upper(),
        submitter_name=company.name.upper(), receiver_id="CLEARHOUSE", receiver_name="EXAMPLE CLEARINGHOUSE",
        created_at=at,
    )  # fmt: skip


def make_patients(company: Company, count: int, *, at: datetime, seed: int = 7) -> list[Patient]:
    """Invented patients with everything a claim needs; the same ones for the same seed."""
    chance = random.Random(f"{company.key}{seed}")  # noqa: S311  invented people, not secrets
    start = Patient.objects.filter(company=company).count()
    return Patient.objects.bulk_create(
        [_patient(company, start + number, chance, at) for number in range(count)], batch_size=2000
    )


def _patient(company: Company, number: int, chance: random.Random, at: datetime) -> Patient:
    city, code = chance.choice(TOWNS)
    return Patient(
        company=company,
        first_name=FIRST[number % len(FIRST)],
        last_name=LAST[(number // len(FIRST) + number) % len(LAST)],
        date_of_birth=date(chance.randint(1938, 2004), chance.randint(1, 12), chance.randint(1, 28)),
        sex=chance.choice("FM"),
        account_number=f"A-{100000 + number}",
        phone=f"312555{number % 10000:04d}",
        line1=f"{chance.randint(1, 980)} {chance.choice(STREETS)}",
        city=city,
        state="IL",
        zip=code,
        created_at=at,
    )
