"""The test bench: what the rules in force, or others, would make of a ticket or a claim."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest

from deductibles.models import DeductibleSettings
from patients.models import Payer

pytestmark = pytest.mark.django_db

TICKET, CLAIM = "/settings/test-bench/", "/settings/test-bench/claim/"


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


class TestATicket:
    """K2, K9, K19: received on a Friday at 16:55, in Chicago."""

    ASKED = {"type": "appeal", "channel": "phone", "received": "2026-05-15T16:55"}

    def test_is_due_when_its_type_says_with_every_day_told(self, page_as, adam):
        said = words(page_as(adam).get(TICKET, self.ASKED))
        assert "Due" in said and "day 0" in said and "Closed on Saturdays" in said

    def test_that_waited_is_due_later_by_the_days_it_waited(self, page_as, adam):
        def due(**more: str) -> datetime:
            found = re.search(
                r"Due \w+ (\d+ \w+), 18:00", words(page_as(adam).get(TICKET, self.ASKED | more))
            )
            assert found
            return datetime.strptime(f"{found[1]} 2026", "%d %B %Y")

        assert (due(from_1="2026-05-18T09:00", until_1="2026-05-20T09:00") - due()).days >= 2

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"type": "none"}, "There is no such type"),
            ({"channel": "pigeon"}, "The channel is one of"),
            ({"received": "Friday"}, "Give a date and time"),
            ({"received": "0001-01-01T00:00"}, "between the years"),
            ({"from_2": "x\x00"}, "Give a date and time"),
            ({"until_1": "2026-05-20T09:00"}, "Say from when this wait is"),
            ({"from_1": "2026-05-20T09:00", "until_1": "2026-05-18T09:00"}, "Turn the two round"),
            ({"from_1": "2149-05-20T09:00"}, "needs its end"),
        ],
    )
    def test_that_cannot_be_read_is_said_beside_its_field(self, page_as, adam, typed, said):
        answer = page_as(adam).get(TICKET, self.ASKED | typed)
        assert answer.status_code == 400 and said in words(answer)


class TestAClaim:
    """D-HOLD-1, D-CONF-6, D-CONF-9 and the filing guard, by the code that decides real claims."""

    ASKED = {"served": "2026-05-01", "completed": "2026-05-10", "annual": "1,500.00", "remaining": "$900"}

    @pytest.fixture(autouse=True)
    def in_force(self, acme):
        DeductibleSettings.objects.create(
            company=acme, version=1, automatic=True, max_days=30, dollar_threshold="500.00",
            monitor_above="1000.00", created_at=datetime.now(UTC),
        )  # fmt: skip

    def test_is_held_with_its_release_date_and_every_reason(self, page_as, adam):
        said = words(page_as(adam).get(CLAIM, self.ASKED))
        assert "Held, until Tuesday 9 June at most" in said
        assert "$900.00 remaining is more than the threshold of $500.00 (company settings, version 1)" in said

    def test_under_other_settings_is_another_matter_and_says_so(self, page_as, adam):
        said = words(page_as(adam).get(CLAIM, self.ASKED | {"threshold": "900"}))
        assert "Not held." in said and "(tried here)" in said
        assert "monitoring is off" in words(page_as(adam).get(CLAIM, self.ASKED | {"off": "yes"}))
        assert DeductibleSettings.objects.count() == 1

    def test_of_a_payer_goes_by_the_payers_own_numbers(self, page_as, adam, acme):
        payer = Payer.objects.create(company=acme, name="Northline Test", dollar_threshold="950.00")
        said = words(page_as(adam).get(CLAIM, self.ASKED | {"payer": str(payer.pk)}))
        assert "Not held." in said and "(payer Northline Test)" in said

    def test_without_a_remaining_is_unknown_and_never_zero(self, page_as, adam):
        assert "deductible unknown" in words(page_as(adam).get(CLAIM, self.ASKED | {"remaining": ""}))

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"remaining": "1.000,00"}, "Remaining:"),
            ({"remaining": "-5"}, "cannot be negative"),
            ({"served": "2026-02-30"}, "not a date that exists"),
            ({"max_days": "0"}, "from 1 to 365"),
            ({"payer": "99999999"}, "Choose a payer of the list"),
        ],
    )
    def test_that_cannot_be_read_is_said_beside_its_field(self, page_as, adam, typed, said):
        answer = page_as(adam).get(CLAIM, self.ASKED | typed)
        assert answer.status_code == 400 and said in words(answer)
        assert all(
            f'value="{value}"' in answer.content.decode() for value in typed.values() if value != "99999999"
        )
