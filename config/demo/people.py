"""Who is in the demo: two companies, their people, payers and patients, and the rules they start with.

Everybody is invented. Names come from lists whose lengths share no divisor, so that many patients in a row
differ in first and last name; telephone numbers are the 555-01xx that are kept free for invention.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.audit import acting
from accounts.demo import CAST, PASSWORD
from accounts.models import Company, User
from accounts.roles import Role
from deductibles.models import BillingProvider, DeductibleSettings
from escalations.policies import load_calendar, load_policy
from patients import actions
from patients.models import Patient, Payer

COMPANIES = {"acme": "Acme Ambulance", "other": "Otherside Ambulance"}
SURNAMES = {
    "ana": "Alvarez", "ben": "Brandt", "sue": "Sorensen", "adam": "Abara",
    "otto": "Olsen", "bo": "Bergqvist", "olga": "Oyelowo",
}  # fmt: skip
COLLEAGUES = [
    ("maya", "Maya", "Okonjo", "agent"),
    ("jonas", "Jonas", "Reinholt", "agent"),
    ("priya", "Priya", "Raghavan", "agent"),
    ("theo", "Theo", "Castellan", "biller"),
]
"""Colleagues at acme who do their share of the work and have no password to sign in with."""

FIRST = (
    ("Casimir", "M"), ("Adaeze", "F"), ("Emeka", "M"), ("Yelena", "F"), ("Gideon", "M"), ("Perpetua", "F"),
    ("Kofi", "M"), ("Lucinda", "F"), ("Osric", "M"), ("Svetlana", "F"), ("Bram", "M"), ("Rosalind", "F"),
    ("Tobias", "M"), ("Marisol", "F"), ("Anselm", "M"), ("Ingrid", "F"), ("Desmond", "M"), ("Noor", "F"),
    ("Wendell", "M"), ("Paloma", "F"), ("Ignacio", "M"), ("Greta", "F"), ("Hollis", "M"), ("Zainab", "F"),
    ("Florian", "M"), ("Beatrix", "F"), ("Leopold", "M"), ("Camille", "F"), ("Rufus", "M"), ("Thandiwe", "F"),
    ("Alistair", "M"), ("Eudora", "F"), ("Mateusz", "M"), ("Philippa", "F"), ("Cornelius", "M"),
    ("Araceli", "F"), ("Stellan", "M"), ("Henrietta", "F"), ("Ezekiel", "M"), ("Winifred", "F"),
)  # fmt: skip
LAST = (
    "Nowak", "Fontaine", "Lindgren", "Marchetti", "Oyelaran", "Brannigan", "Tamblyn", "Farrow", "Kowalczyk",
    "Iturbide", "Haverford", "Okafor", "Pellerin", "Strand", "Abernathy", "Castellanos", "Dunleavy",
    "Eriksen", "Galloway", "Hinojosa", "Jankowski", "Kessler", "Loxley", "Mbeki", "Nakagawa", "Ostrander",
    "Prewitt", "Quesada", "Rasmussen", "Sandoval", "Thackeray", "Underhill", "Vandermeer", "Whitlock",
    "Yarborough", "Zielinski", "Ashdown", "Birchall", "Calloway", "Delacroix", "Ellingham", "Fairweather",
    "Greenhalgh",
)  # fmt: skip
STREETS = (
    "Larkspur Way", "Alder Court", "Birch Street", "Canal Road", "Harbor Lane", "Mill Avenue",
    "Juniper Terrace", "Old Orchard Drive", "Quarry Street", "Prairie View Road", "Lantern Hill",
)  # fmt: skip
TOWNS = (
    ("Chicago", "60601"), ("Evanston", "60201"), ("Peoria", "61602"), ("Joliet", "60432"),
    ("Aurora", "60505"), ("Rockford", "61101"), ("Naperville", "60540"), ("Cicero", "60804"),
    ("Decatur", "62521"),
)  # fmt: skip
AREA_CODES = ("312", "773", "847", "309", "815", "630", "217")
PAYERS: list[dict[str, Any]] = [
    {"name": "Northline Blue", "payer_id": "NB001", "filing_limit_days": 180},
    {"name": "Alder Mutual PPO", "payer_id": "AM210", "filing_limit_days": 365},
    {"name": "Cedar State Health", "payer_id": "CS077", "filing_limit_days": 120, "max_days": 21},
    {"name": "Union Trades Fund", "payer_id": "UT300", "filing_limit_days": 90},
    {"name": "Brightwater Choice", "payer_id": "BW415", "filing_limit_days": 180, "dollar_threshold": 250},
    {
        "name": "Meridian Senior Advantage",
        "payer_id": "MS620",
        "kind": "medicare_advantage",
        "filing_limit_days": 365,
    },
    {"name": "Example Medicaid", "payer_id": "MCD01", "kind": "medicaid", "filing_limit_days": 365},
    {"name": "Example Medicare", "payer_id": "CMS01", "kind": "medicare", "filing_limit_days": 365},
    {"name": "Keystone Auto Mutual", "payer_id": "KA880", "kind": "auto", "filing_limit_days": 365},
]
LIMITS_FROM = {
    "NB001": ("Northline provider manual, chapter 7", 96),
    "AM210": ("Participation agreement, section 4.2", 41),
    "UT300": ("Fund office, by telephone", 402),
    "BW415": ("brightwater.example, Filing a claim", 12),
    "MS620": ("Meridian provider manual, page 41", 61),
    "CMS01": ("Claims processing manual, chapter 1, section 70", 130),
}
"""Where a payer's filing limit stands, and how many days ago somebody looked; of the others nobody did."""
REFUSED_CONTACT = {
    5: (("calls", "messages"), "Hears badly on the telephone; asked for letters only."),
    17: (("calls", "messages", "mail"), "Wrote that everything goes through the attorney on file."),
    20: (("messages",), "The telephone is shared with a neighbor."),
}
"""Patients, by their place in the list, who asked not to be contacted: by what, and why (R-DNC-2)."""


def make_company(key: str, *, at: datetime) -> Company:
    """One company of the demo with people, payers, provider, settings, calendar and policy."""
    company = Company.objects.create(
        key=key, name=COMPANIES[key], itemized_bill_address=f"itemized.bills@{key}.example"
    )
    _people(company)
    Payer.objects.bulk_create([_payer(company, facts, at.date()) for facts in PAYERS])
    admin = User.objects.filter(company=company, role=Role.ADMIN).order_by("pk").first()
    with acting(admin, "save billing provider"):
        _provider(company, at)
    _settings(company, admin, at)
    load_calendar(company, by=None, at=at)
    load_policy(company, by=None, at=at)
    return company


def _payer(company: Company, facts: dict[str, Any], today: date) -> Payer:
    """A payer, with the source of its filing limit where somebody looked it up."""
    payer = Payer(company=company, **facts)
    if payer.payer_id in LIMITS_FROM:
        payer.filing_limit_source, days_ago = LIMITS_FROM[payer.payer_id]
        payer.filing_limit_checked_on = today - timedelta(days=days_ago)
    return payer


@cache
def _secret() -> str:
    """The printed password's hash, made once: it is slow on purpose."""
    return make_password(PASSWORD)


def _people(company: Company) -> None:
    secret = _secret()
    for name, role, of in CAST:
        if of == company.key:
            first, last = name.capitalize(), SURNAMES[name]
            User.objects.create(
                username=name, first_name=first, last_name=last, role=role, company=company, password=secret,
                email=_address(name, company),
            )  # fmt: skip
    for name, first, last, role in COLLEAGUES if company.key == "acme" else []:
        User.objects.create(
            username=name, first_name=first, last_name=last, role=role, company=company,
            password=make_password(None), email=_address(name, company),
        )  # fmt: skip


def _address(name: str, company: Company) -> str:
    """Where mails to somebody of the demo go: a name that no mail server answers to."""
    return f"{name}@{company.key}.example"


SETTINGS = [
    (-675, 60, 0, 500, None),
    (-320, 45, 0, 250, None),
    (13, 30, 100, 250, None),
    (20, 30, 100, 250, 21),
]
"""How acme came to its settings, the first two in the years before the demo's own weeks: after how many days,
then maximum days, dollar threshold, annual amount, and days of a manual hold. The last is in force."""


def _settings(company: Company, admin: User | None, at: datetime) -> None:
    acme = company.key == "acme"
    for version, (after, days, threshold, above, manual) in enumerate(SETTINGS if acme else SETTINGS[-1:], 1):
        with acting(admin, "save deductible settings"):
            DeductibleSettings.objects.create(
                company=company, version=version, automatic=acme, max_days=days, dollar_threshold=threshold,
                monitor_above=above, manual=manual is not None, manual_days=manual, guard_days=14,
                created_at=at + timedelta(days=after if acme else 0, hours=3 if acme else 0),
            )  # fmt: skip


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
    offset = 0 if company.key == "acme" else 21
    return Patient.objects.bulk_create(
        [_patient(company, start + number, offset, chance, at) for number in range(count)], batch_size=2000
    )


def refuse_contact(patients: list[Patient], *, by: User, at: datetime) -> None:
    """Note who asked not to be called, written to or mailed."""
    for place, (channels, reason) in REFUSED_CONTACT.items():
        actions.refuse_contact(patients[place], channels, reason=reason, by=by, at=at)


def _patient(company: Company, number: int, offset: int, chance: random.Random, at: datetime) -> Patient:
    city, code = chance.choice(TOWNS)
    first, sex = FIRST[(number + offset) % len(FIRST)]
    last = LAST[(number + offset) % len(LAST)]
    return Patient(
        company=company,
        first_name=first,
        last_name=last,
        date_of_birth=date(chance.randint(1934, 2004), chance.randint(1, 12), chance.randint(1, 28)),
        sex=sex,
        account_number=f"A-{104200 + number}",
        phone=f"{AREA_CODES[number % len(AREA_CODES)]}55501{number // len(AREA_CODES) % 100:02d}",
        email=f"{first}.{last}@example.test".lower() if number % 3 == 0 else "",
        line1=f"{chance.randint(1, 980)} {chance.choice(STREETS)}",
        city=city,
        state="IL",
        zip=code,
        created_at=at,
    )
