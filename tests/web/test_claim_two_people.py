"""Two people on one claim, and what is typed wrong on its page."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils import timezone

from deductibles.actions import holds
from deductibles.models import Coverage
from tests.hostile import HOSTILE_TEXT
from tests.web.claim_page import page_of, step

pytest_plugins = ["tests.claim_line", "tests.web.claim_page"]
pytestmark = pytest.mark.django_db


class TestTwoPeople:
    def test_an_act_decided_on_an_older_claim_tells_who_was_first_and_keeps_what_was_typed(
        self, biller_page, claim, line
    ):
        page = page_of(biller_page, claim, "?tab=cob&edit=secondary")
        version = re.search(r'name="version" value="(\d+)"', page).group(1)
        holds.queue(claim, by=line.biller, at=timezone.now())
        typed = {"rank": "secondary", "payer": line.payer.pk, "member_id": "TYPED77", "version": version}
        refused = step(biller_page, claim, "cover", **typed)
        page = unescape(refused.content.decode())
        assert refused.status_code == 409
        assert "ben changed this claim meanwhile (queue," in page and "“Queue for submission” now" in page
        assert 'value="TYPED77"' in page
        assert Coverage.objects.filter(claim=claim).count() == 1
        for act in ("queue", "hold", "void", "pin", "eligibility"):
            assert step(biller_page, claim, act, version=version, confirmed="yes").status_code == 409, act

    @pytest.mark.parametrize(
        ("act", "name"),
        [
            *(("pin", "line"), ("pin", "answer"), ("pin", "reason"), ("cover", "version"), ("cover", "rank")),
            *(("cover", "member_id"), ("end_coverage", "rank"), ("make_primary", "rank")),
        ],
    )
    def test_hostile_values_are_refused_in_words_or_kept_as_text(self, biller_page, claim, line, act, name):
        good = {"rank": "secondary", "payer": line.payer.pk, "member_id": "SEC1", "line": "99", "reason": "x"}
        for value in HOSTILE_TEXT:
            typed = {**good, name: value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
            assert step(biller_page, claim, act, **typed).status_code in (302, 400, 409), value[:30]
