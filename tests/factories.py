"""Synthetic rows for tests: the fixed cast of people, patients and payers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import factory
from faker import Faker

from accounts.actions import issue_token
from accounts.demo import CAST
from accounts.models import Company, User
from patients.models import Patient, Payer

fake = Faker("en_US")
Faker.seed(20260522)
LONG_AGO = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)


def make_company(key: str, name: str) -> Company:
    """A company of the cast, with the address insurers write to."""
    return Company.objects.create(key=key, name=name, itemized_bill_address=f"itemized@{key}.example")


def make_cast() -> dict[str, User]:
    """Both companies and everyone of the demo cast, by username."""
    companies = {
        "acme": make_company("acme", "Acme Ambulance"),
        "other": make_company("other", "Other Ambulance"),
    }
    people = [
        User(
            username=name,
            first_name=name.capitalize(),
            last_name="Example",
            role=role,
            company=companies[key],
            password="!",
        )
        for name, role, key in CAST
    ]
    return {user.username: user for user in User.objects.bulk_create(people)}


def find_cast() -> dict[str, User]:
    """The cast that is there already, read anew."""
    companies = {company.pk: company for company in Company.objects.all()}
    people = {user.username: user for user in User.objects.filter(username__in=[name for name, _, _ in CAST])}
    for user in people.values():
        user.company = companies[user.company_id]
    return people


def token_of(user: User) -> str:
    """A working API key of the user."""
    now = datetime.now(UTC)
    return issue_token(user, name="test", by=None, at=now, lifetime=timedelta(days=1))


class PatientFactory(factory.django.DjangoModelFactory):
    """An invented patient with everything a claim needs."""

    class Meta:
        model = Patient

    first_name = factory.LazyFunction(fake.first_name)
    last_name = factory.LazyFunction(fake.last_name)
    date_of_birth = date(1980, 1, 1)
    sex = "F"
    account_number = factory.Sequence(lambda n: f"A-{n:06d}")
    phone = factory.Sequence(lambda n: f"312555{n % 10000:04d}")
    email = ""
    line1 = "1 Test Street"
    city = "Chicago"
    state = "IL"
    zip = "60601"
    created_at = LONG_AGO


class PayerFactory(factory.django.DjangoModelFactory):
    """An invented commercial payer with a filing limit of 180 days."""

    class Meta:
        model = Payer

    name = factory.Sequence(lambda n: f"Example Health Plan {n}")
    payer_id = factory.Sequence(lambda n: f"EX{n:04d}")
    kind = "commercial"
    filing_limit_days = 180
