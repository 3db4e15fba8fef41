"""A held claim with five deductible lines and its page, for the tests of the Claim page.

A module that wants the fixtures says ``pytest_plugins = ["tests.claim_line", "tests.web.claim_page"]``.
From then on every module of the run sees them, so none may have the name of a fixture of pytest-django.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from deductibles.actions import deciding
from tests.api.claim_bodies import TODAY
from tests.domain.eligibility_answer import ACTIVE, answer, file_of

RECENT = TODAY - timedelta(days=5)
LINES = (
    "EB*C*IND*30***23*1500*****Y",
    "EB*C*IND*30***29*1500*****Y",
    "EB*C*IND*30***29*3000*****N",
    "EB*C*IND*98*HM*GOLD 500*29*250*****Y",
    "EB*C*IND*30***27*40*****Y",
)


@pytest.fixture
def claim(line):
    """A claim held today on an answer with five lines."""
    member = line.member(
        x12_271=file_of(answer(ACTIVE, *LINES)), readdress=["trace", "patient", "date", "years"]
    )
    row = line.enter(member, served=RECENT)
    return deciding.complete(row, by=line.biller, at=timezone.now()).claim


@pytest.fixture
def biller_page(page_as, ben):
    return page_as(ben)


def page_of(page, claim, query=""):
    return unescape(page.get(f"/claims/{claim.number}/{query}").content.decode())


def step(page, claim, act, **typed):
    return page.post(f"/claims/{claim.number}/steps/", {"act": act, "tab": "cob", **typed})


def number_of(claim, raw):
    trail = claim.snapshots.order_by("-pk").first().trail
    return next(row["number"] for row in trail if row["raw"] == raw)


def text_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
