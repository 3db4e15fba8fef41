"""The Claim page: what is said of a claim at the top, why it is held, and what each tab shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.http import urlencode

from accounts.roles import Can
from deductibles import queries
from deductibles.claim_answers import ClaimAnswers
from deductibles.claim_cob import Cob
from deductibles.claim_events import PAGE, Entry, entries_of
from deductibles.claim_lines import Lines
from deductibles.claim_words import (
    SAID,
    STATUS_CHOICES,
    Said,
    amount,
    said_of_hold,
    said_of_submitted,
    why_automatic,
)
from deductibles.claim_worth import ClaimWorth, worth_of
from deductibles.domain import days, filing, hold, states, troubles, worklists
from deductibles.domain.hold import Rules
from deductibles.domain.line_words import deductible_type
from deductibles.domain.troubles import Trouble
from deductibles.forms.places import place_name
from deductibles.gauge import Gauge, gauge_of
from deductibles.history_chart import chart_of
from deductibles.models import Concern, Coverage, Hold, Snapshot, settings_in_force
from deductibles.queries import ClaimDetail
from deductibles.review_screen import ReviewScreen
from deductibles.worth.advising import Advised
from deductibles.x12.claim import AMBULANCE_REASONS

TABS = ("claim", "charges", "cob", "acknowledgements", "audit")
_FORMER = {"submissions": "acknowledgements"}
"""Tabs that had another name; links that people kept still lead there."""


class ClaimScreen:
    """One claim as its page shows it; each part is read when its tab asks for it."""

    def __init__(
        self, detail: ClaimDetail, user: Any, *, tab: str, today: date, asked: Mapping[str, str], **more: Any
    ) -> None:
        self.detail, self.user, self.today = detail, user, today
        self.claim, self.coverages = detail.claim, detail.coverages
        tab = _FORMER.get(tab, tab)
        self.tab = tab if tab in TABS else ("cob" if self.hold else "claim")
        self.may_work = user.may(Can.WORK_CLAIMS)
        self._asked, self._more = asked, more

    @cached_property
    def charges(self) -> list[Any]:
        """The lines of the bill."""
        return self.detail.charges

    # --- the head ---------------------------------------------------------------------------

    @cached_property
    def hold(self) -> Hold | None:
        """The line on the Hold for Deductible page, active or released and not cleared."""
        return next((row for row in self.detail.holds if row.cleared_at is None), None)

    @property
    def acts(self) -> list[str]:
        """What this person may do now."""
        return self.detail.acts

    @property
    def may_ask(self) -> bool:
        """Whether running eligibility can still change anything."""
        return self.may_work and self.claim.status not in states.SETTLED and bool(self.coverages)

    @property
    def place(self) -> str:
        """The place of service in words."""
        return place_name(self.claim.place_of_service)

    @property
    def ride_reason(self) -> str:
        """Why an ambulance was needed, in words."""
        reason = str((self.claim.ambulance or {}).get("reason") or "")
        return AMBULANCE_REASONS.get(reason, reason)

    @property
    def status_choices(self) -> list[tuple[str, str, str]]:
        """What the edit icon beside the status offers (D-MAN-1): act, words, what it does."""
        return [(act, label, note) for act, label, note in STATUS_CHOICES if act in self.acts]

    @property
    def said(self) -> Said | None:
        """What the biller wants to know first (D-CLM-1)."""
        row = self.hold
        if row is not None and row.active:
            return said_of_hold(row, self.today.year)
        if self.claim.status == states.SUBMITTED:
            sent = [file.handed_over_at for file in self.detail.submissions if file.handed_over_at]
            return said_of_submitted(max(sent, default=None), self.user.company.zone, self.today.year)
        return SAID.get(self.claim.status) or (
            Said("Queued for tonight’s submission.") if self.queued else None
        )

    @property
    def queued(self) -> bool:
        """Whether the claim goes out with tonight's file."""
        return self.claim.status == states.QUEUED

    @cached_property
    def gauge(self) -> Gauge | None:
        """The days of an active hold with a release date."""
        row = self.hold
        if row is None or not row.active or row.release_on is None:
            return None
        asked = row.kind == Hold.Kind.AUTOMATIC
        return gauge_of(row.started_on, row.anchor_on, row.release_on, self.today, asked=asked)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Deductible type, annual, remaining, last answer and next check (D-CLM-1)."""
        row = self.hold
        if row is None:
            return []
        facts = [
            ("Deductible type", self.deductible_type),
            ("Annual", amount(row.annual)),
            ("Remaining", amount(row.remaining)),
            ("Last answer", self._moment(row.last_answered_at)),
        ]
        if row.kind == Hold.Kind.MANUAL:
            facts[3] = ("Asked", "never, held by hand")
        if row.active:
            return [*facts, ("Next check", self._next_check(row))]
        return [*facts, ("Queued reason", row.reason)]

    def _next_check(self, row: Hold) -> str:
        if row.next_check_on is None:
            return "none"
        return "tonight" if row.next_check_on <= self.today else self._weekday(row.next_check_on)

    def _moment(self, at: datetime | None) -> str:
        return "none yet" if at is None else self._weekday(at.astimezone(self.user.company.zone).date())

    def _weekday(self, on: date) -> str:
        return days.weekday(on, self.today.year)

    def _day(self, on: date) -> str:
        return days.plain(on, self.today.year)

    @property
    def deductible_type(self) -> str:
        """Whose deductible the amounts are: the smaller of both counts; a pinned line’s own level."""
        return deductible_type(self.shown_answer.reading if self.shown_answer else {})

    @property
    def shown_answer(self) -> Snapshot | None:
        """The answer the hold stands on, else the newest about the coverage in force."""
        if self.hold and self.hold.snapshot_id:
            on = next((row for row in self.detail.snapshots if row.pk == self.hold.snapshot_id), None)
            return on or self.detail.newest
        return self.detail.newest

    @cached_property
    def troubles(self) -> list[Trouble]:
        """What a person should look at, each with what to do; nothing once the bill has left."""
        if self.claim.status in states.SETTLED:
            return []
        row, answer = self.hold, self.detail.newest
        found = [troubles.NO_END] if row is not None and row.active and row.release_on is None else []
        if answer is not None:
            flags = [*answer.flags, *(row.flags if row is not None and row.active else ())]
            payer = answer.coverage.payer.name
            usable = answer.usable or answer.says_met
            found += troubles.of_answer(
                answer.outcome, answer.reading, flags, answer.detail, payer, usable=usable
            )
        if row is not None and row.active and self._unanswered(row):
            found.append(troubles.NOT_ANSWERED)
        if not found and self.claim.deductible_unknown and self.queued:
            found.append(troubles.UNKNOWN)
        return list(dict.fromkeys(found))

    def _unanswered(self, row: Hold) -> bool:
        """Whether the newest question got no answer that settles it (D-CHK-7)."""
        return row.last_asked_at is not None and (
            row.last_answered_at is None or row.last_answered_at < row.last_asked_at
        )

    @cached_property
    def left_out(self) -> str:
        """Why the last submission could not write this queued claim; "" when it could, or has not tried."""
        if not self.queued:
            return ""
        row = Concern.objects.filter(claim=self.claim, kind=worklists.UNWRITTEN).first()
        return str(row.codes[0]) if row is not None and row.codes else ""

    # --- beside -----------------------------------------------------------------------------

    @property
    def primary(self) -> Coverage | None:
        """The coverage that is asked about and held on (D-HOLD-4)."""
        return next((row for row in self.coverages if row.rank == "primary"), None)

    @cached_property
    def lines(self) -> Lines:
        """The lines of the newest answer that has some; on them a person decides (D-CLM-4)."""
        primary = self.primary
        told = (
            row
            for row in self.detail.snapshots
            if primary and row.coverage_id == primary.pk and row.outcome == "answered" and row.x12_271
        )
        return Lines(next(told, self.shown_answer), primary, today=self.today)

    @property
    def lines_are_newer(self) -> bool:
        """Whether the lines are of a newer answer than the one the hold stands on."""
        row, answer = self.hold, self.lines.answer
        return bool(row and row.active and answer and row.snapshot_id and answer.pk != row.snapshot_id)

    @cached_property
    def advised(self) -> Advised | None:
        """Whether to hold on or bill now, of a claim that is held."""
        row = self.hold
        return (
            Advised(row, self.detail.snapshots, today=self.today) if row is not None and row.active else None
        )

    @property
    def why(self) -> list[tuple[str, str]]:
        """Why the claim is held, in numbers: the rules of the day it was held, and what they met."""
        row = self.hold
        if row is None:
            return []
        settings = row.settings or settings_in_force(self.claim.company_id)
        rules = hold.rules_for(settings, row.payer)
        return why_automatic(row, rules) + self._why_dates(row, rules, settings)

    def _why_dates(self, row: Hold, rules: Rules, settings: Any) -> list[tuple[str, str]]:
        automatic = row.kind == Hold.Kind.AUTOMATIC
        most = rules.max_days if automatic else settings.manual_days
        found = []
        if most is not None and row.release_on is not None:
            by_days = filing.release_date(row.anchor_on if automatic else row.started_on, most, None, 0)
            found.append((f"Held {self._day(row.anchor_on)} + {most} days", self._day(by_days.on)))
        limit = row.payer.filing_limit_days if row.payer else None
        deadline = filing.deadline(self.claim.date_of_service, limit)
        guard = filing.guard_on(deadline, settings.guard_days)
        if guard is not None:
            found.append(
                (f"Filing deadline less {settings.guard_days} guard days", days.short(guard, self.today.year))
            )
        if row.release_on is not None:
            found.append(("Released on the earlier", self._day(row.release_on)))
        return found

    @property
    def sentences(self) -> list[str]:
        """The reasons as the decision worded them, and those of the release; what both say, once."""
        row = self.hold
        return list(dict.fromkeys([*row.why, *row.release_why])) if row else []

    # --- tabs -------------------------------------------------------------------------------

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The tabs as links; the counts of what they hold."""
        counts = {"charges": self.detail.charge_lines, "acknowledgements": len(self.detail.submissions) or ""}
        labels = ("Claim", "Charges", "COB", "Acknowledgements", "Audit Logs")
        return [
            {
                "label": label,
                "url": f"?{urlencode({'tab': key})}",
                "current": key == self.tab,
                "count": counts.get(key, ""),
            }
            for key, label in zip(TABS, labels, strict=True)
        ]

    @cached_property
    def review(self) -> ReviewScreen:
        """What a draft lacks, and what completing it would decide (D-NEW-2), as its final review says it."""
        return ReviewScreen(self.claim, self.user, at=timezone.now(), today=self.today)

    @property
    def status_words(self) -> str:
        """The state of the coverage as the newest answer gave it: the link that runs eligibility."""
        answer = self.detail.newest
        if answer is None:
            return "Not asked yet"
        active = {True: "Active", False: "Not active"}.get(answer.reading.get("active"), "Not known")
        return f"{active}, asked {self._day(answer.as_of)}"

    @property
    def raw(self) -> str:
        """The 271 with one segment a line."""
        text = self.lines.answer.x12_271 if self.lines.answer else ""
        return "~\n".join(row.strip("\r\n") for row in text.split("~"))

    @cached_property
    def cob(self) -> Cob:
        """The coverages, and the form of the one being edited (D-HOLD-1)."""
        typed, wrong = self._more.get("typed"), self._more.get("wrong")
        about = self._more.get("failed") in ("change_payer", "cover")
        rank = str(typed.get("rank") or "primary") if about and typed else self._asked.get("edit", "")
        return Cob(
            self.claim,
            self.coverages,
            edit=rank if self.may_work and set(self.acts) & {"change_payer", "cover"} else "",
            take=self._asked.get("take", ""),
            user=self.user,
            today=self.today,
            typed=typed if about else None,
            wrong=wrong if about else None,
        )

    @cached_property
    def answers(self) -> ClaimAnswers:
        """What came back about the claim, and the form to post a payment (D-SUB-3, D-SUB-4)."""
        about = self._more.get("failed") == "post_payment"
        return ClaimAnswers(
            self.claim,
            typed=self._more.get("typed") if about else None,
            wrong=self._more.get("wrong") if about else None,
        )

    @cached_property
    def worth(self) -> ClaimWorth | None:
        """What holding it brought, once it came back."""
        return worth_of(self.claim)

    @property
    def history(self) -> list[Snapshot]:
        """Every answer about this claim, newest first (D-CLM-2)."""
        return self.detail.snapshots

    @cached_property
    def chart(self) -> Any:
        """What remained, answer by answer."""
        row = self.hold
        known = [
            (one.as_of, one.remaining) for one in reversed(self.detail.snapshots) if one.remaining is not None
        ]
        threshold = None
        if row is not None and row.settings is not None:
            threshold = hold.rules_for(row.settings, row.payer).dollar_threshold
        release_on = row.release_on if row else None
        held = row is not None and row.active
        if len(known) < (1 if held else 2):
            return None
        return chart_of(known, threshold, release_on, today=self.today if held else None)

    @cached_property
    def events(self) -> list[Entry]:
        """The audit, newest first, one act an entry (D-CLM-3)."""
        if self.tab != "audit":
            return []
        told = queries.audit(self.claim, self.detail.snapshots)
        payers = {row.payer_id: row.payer.name for row in self.claim.coverages.all()}
        return entries_of(told, payers=payers, year=self.today.year)

    @property
    def events_page(self) -> int:
        """Which page of the audit is asked for, counted from 1."""
        text = self._asked.get("page", "")
        wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
        return min(max(wanted, 1), max(-(-len(self.events) // PAGE), 1))

    @property
    def events_shown(self) -> list[Entry]:
        """The entries of this page."""
        first = (self.events_page - 1) * PAGE
        return self.events[first : first + PAGE]

    @property
    def events_links(self) -> dict[str, str]:
        """Where the entries before and after these stand, and which these are."""
        page, total = self.events_page, len(self.events)
        first = (page - 1) * PAGE
        address = {way: f"?tab=audit&page={page + way}" for way in (-1, 1)}
        return {
            "previous": address[-1] if page > 1 else "",
            "next": address[1] if first + PAGE < total else "",
            "summary": f"{first + 1} to {min(first + PAGE, total)} of {total}, newest first",
        }
