"""The Claim page: what is said of a claim at the top, why it is held, and what each tab shows."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils.http import urlencode

from accounts.roles import Can
from deductibles import bills, queries
from deductibles.actions import holding
from deductibles.claim_words import (
    FLAGS,
    SAID,
    STATUS_CHOICES,
    Read,
    Said,
    amount,
    anchor_of,
    deductible_type,
    event_of,
    read_line,
    said_of_hold,
    said_of_submitted,
    where_to_mend,
    why_automatic,
)
from deductibles.domain import filing, hold, states
from deductibles.domain.hold import Decision, Rules
from deductibles.forms.places import place_name
from deductibles.gauge import Gauge, gauge_of
from deductibles.history_chart import chart_of
from deductibles.models import Hold, Snapshot, settings_in_force
from deductibles.queries import ClaimDetail
from deductibles.x12.claim import AMBULANCE_REASONS
from patients.models import Payer

_NUMBERS = dict(enumerate(("Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"), start=2))
TABS = ("claim", "charges", "cob", "submissions", "audit")


class ClaimScreen:
    """One claim as its page shows it; each part is read when its tab asks for it."""

    def __init__(self, detail: ClaimDetail, user: Any, *, tab: str, today: date) -> None:
        self.detail, self.user, self.today = detail, user, today
        self.claim, self.coverages = detail.claim, detail.coverages
        self.tab = tab if tab in TABS else ("cob" if self.hold else "claim")
        self.may_work = user.may(Can.WORK_CLAIMS)

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
            return said_of_hold(row)
        if self.claim.status == states.SUBMITTED:
            sent = [file.handed_over_at for file in self.detail.submissions if file.handed_over_at]
            return said_of_submitted(max(sent, default=None), self.user.company.zone)
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
        return "tonight" if row.next_check_on <= self.today else f"{row.next_check_on:%a %-d %B}"

    def _moment(self, at: datetime | None) -> str:
        return "none yet" if at is None else f"{at.astimezone(self.user.company.zone):%a %-d %B}"

    @property
    def deductible_type(self) -> str:
        """Whose deductible the amounts are: the smaller of both counts."""
        return deductible_type(self.shown_answer)

    @property
    def shown_answer(self) -> Snapshot | None:
        """The answer the hold stands on, else the newest about the coverage in force."""
        if self.hold and self.hold.snapshot_id:
            on = next((row for row in self.detail.snapshots if row.pk == self.hold.snapshot_id), None)
            return on or self.detail.newest
        return self.detail.newest

    @property
    def flags(self) -> list[str]:
        """What a person should look at, in words."""
        found = list(self.shown_answer.flags) if self.shown_answer else []
        found += self.hold.flags if self.hold else []
        return [FLAGS[name] for name in dict.fromkeys(found) if name in FLAGS]

    # --- beside -----------------------------------------------------------------------------

    @cached_property
    def lines(self) -> list[Read]:
        """The deductible lines of the answer, those used first (D-CLM-4)."""
        answer = self.shown_answer
        trail = answer.reading.get("trail", []) if answer else []
        return sorted((read_line(line) for line in trail), key=lambda line: not line.used)

    @property
    def lines_said(self) -> str:
        """How many lines speak of a deductible, and what became of them."""
        total, used = len(self.lines), sum(line.used for line in self.lines)
        head = "One line mentions" if total == 1 else f"{_NUMBERS.get(total, total)} lines mention"
        if used == total:
            return f"{head} a deductible, and {'it was' if total == 1 else 'all were'} acted on."
        if not used:
            return f"{head} a deductible. None was acted on, and why not:"
        return f"{head} a deductible. What was acted on, and why the others were not:"

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
        days = rules.max_days if automatic else settings.manual_days
        found = []
        if days is not None and row.release_on is not None:
            by_days = filing.release_date(row.anchor_on if automatic else row.started_on, days, None, 0)
            found.append((f"Held {row.anchor_on:%-d %B} + {days} days", f"{by_days.on:%-d %B}"))
        limit = row.payer.filing_limit_days if row.payer else None
        deadline = filing.deadline(self.claim.date_of_service, limit)
        guard = filing.guard_on(deadline, settings.guard_days)
        if guard is not None:
            found.append((f"Filing deadline less {settings.guard_days} guard days", f"{guard:%-d %b %Y}"))
        if row.release_on is not None:
            found.append(("Released on the earlier", f"{row.release_on:%-d %B}"))
        return found

    @property
    def sentences(self) -> list[str]:
        """The reasons as the decision worded them."""
        row = self.hold
        return [*row.why, *row.release_why] if row else []

    # --- tabs -------------------------------------------------------------------------------

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The tabs as links; the counts of what they hold."""
        counts = {"charges": self.detail.charge_lines, "submissions": len(self.detail.submissions) or ""}
        labels = ("Claim", "Charges", "COB", "Submissions", "Audit Logs")
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
    def problems(self) -> list[dict[str, str]]:
        """Everything the 837P would lack, each with the field of the form that mends it."""
        if self.claim.status != states.DRAFT:
            return []
        return [
            {"message": item.message, "where": where_to_mend(item.field), "anchor": anchor_of(item.field)}
            for item in bills.problems_of(self.claim)
        ]

    @cached_property
    def expected(self) -> Decision | None:
        """What completing a draft would decide on today's answer (D-NEW-2); None without one."""
        answer = self.detail.newest
        if self.claim.status != states.DRAFT or answer is None or answer.as_of != self.today:
            return None
        return holding.decision_for(self.claim, answer.coverage.payer, answer, self.today)

    @property
    def status_words(self) -> str:
        """The state of the coverage as the answer gave it."""
        answer = self.shown_answer
        active = {True: "Active", False: "Not active"}.get(answer.reading.get("active")) if answer else None
        if answer is None or active is None:
            return "not known"
        return f"{active}, verified {answer.as_of:%-d %B}"

    @property
    def raw(self) -> str:
        """The 271 with one segment a line."""
        text = self.shown_answer.x12_271 if self.shown_answer else ""
        return "~\n".join(row.strip("\r\n") for row in text.split("~"))

    @property
    def payers(self) -> list[Payer]:
        """Payers to change to."""
        return list(Payer.objects.visible_to(self.user).order_by("name", "pk"))

    @property
    def history(self) -> list[Snapshot]:
        """Every answer about this claim, newest first (D-CLM-2)."""
        return self.detail.snapshots

    @property
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
        return (
            chart_of(known, threshold, release_on, today=self.today if row and row.active else None)
            if len(known) > 1
            else None
        )

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The audit, newest first (D-CLM-3)."""
        return (
            [event_of(event) for event in queries.audit(self.claim, self.detail.snapshots)]
            if self.tab == "audit"
            else []
        )
