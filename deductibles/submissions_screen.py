"""The list of submissions: the files that were written, and what came back about what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import SignedIn
from accounts.models import User
from deductibles import queries
from deductibles.file_list import FileList, Files, moment
from deductibles.models import Submission
from tables.shape import Column, Table

OVERDUE_AFTER = timedelta(days=2)
"""A clearinghouse answers within a day; after two somebody should ask it."""
OVERDUE = "overdue"
"""In the address of the list: files that nobody answered for so long."""
LOOK_BACK = timedelta(days=30)


def _waiting(row: Submission) -> int:
    """Claims of a file that left, about which nothing has come back that settles them."""
    return max(row.claims_count - row.accepted - row.rejected, 0)


@dataclass(frozen=True)
class Reconciled:
    """Claims that left in the last thirty days: ``sent`` is the sum of the other four."""

    sent: int
    accepted: int
    rejected: int
    waiting: int
    overdue: int


def reconciled(user: User, now: datetime) -> Reconciled:
    """Every claim that left, by what came back about it; from the files' own counts, in one statement."""
    left = Submission.objects.visible_to(user).filter(handed_over_at__gte=now - LOOK_BACK)
    open_ = F("claims_count") - F("accepted") - F("rejected")
    late = Q(handed_over_at__lt=now - OVERDUE_AFTER)
    found = left.aggregate(
        all_sent=Coalesce(Sum("claims_count"), 0),
        all_accepted=Coalesce(Sum("accepted"), 0),
        all_rejected=Coalesce(Sum("rejected"), 0),
        all_waiting=Coalesce(Sum(open_, filter=~late), 0),
        all_overdue=Coalesce(Sum(open_, filter=late), 0),
    )
    return Reconciled(**{name.removeprefix("all_"): count for name, count in found.items()})


def overdue(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """Files of which claims were not answered for two days."""
    answered = F("accepted") + F("rejected")
    return rows.filter(handed_over_at__lt=timezone.now() - OVERDUE_AFTER, claims_count__gt=answered)


@dataclass(frozen=True)
class Unsettled:
    """Files that wait for a person: of unclear hand-over, and answered late."""

    unclear: int
    overdue: int


def unsettled(user: User) -> Unsettled:
    """How many files wait for a person, in one statement."""
    rows = Submission.objects.visible_to(user)
    late = Q(pk__in=overdue(rows).exclude(state=Submission.State.AMBIGUOUS).values("pk"))
    unclear = Q(state=Submission.State.AMBIGUOUS)
    found = rows.aggregate(unclear=Count("pk", filter=unclear), overdue=Count("pk", filter=late))
    return Unsettled(**found)


SUBMISSIONS = Files(
    table=Table(
        "submissions",
        "Submissions",
        (
            Column("file", "File", locked=True, heads=True),
            Column("written", "Written", sort="written", align="num"),
            Column("claims", "Claims", align="num"),
            Column("accepted", "Accepted", align="num"),
            Column("rejected", "Rejected", align="num"),
            Column("waiting", "Waiting", align="num"),
            Column("state", "Hand-over"),
            Column("handed_over", "Handed over", align="num"),
            Column("control", "Control number", align="num", default=False),
            Column("content", "837P", align="at-end", exported=False, card="end"),
        ),
    ),
    list_url="deductibles:submissions",
    page_url="deductibles:submission",
    rows=queries.submissions,
    states={
        **{value: str(label).capitalize() for value, label in Submission.State.choices},
        OVERDUE: "Answers overdue",
    },
    text={
        "file": lambda row, user: row.filename,
        "written": lambda row, user: moment(row.written_at, user),
        "claims": lambda row, user: f"{row.claims_count:,}",
        "accepted": lambda row, user: f"{row.accepted:,}",
        "rejected": lambda row, user: f"{row.rejected:,}",
        "waiting": lambda row, user: f"{_waiting(row):,}" if row.handed_over_at else "",
        "state": lambda row, user: row.get_state_display().capitalize(),
        "handed_over": lambda row, user: moment(row.handed_over_at, user),
        "control": lambda row, user: str(row.control_number),
        "content": lambda row, user: "",
    },
    ordered="written",
    narrowed={OVERDUE: overdue},
    drawn={
        "state": "tables/cells/submission_state.html",
        "content": "tables/cells/submission_content.html",
    },
)
LISTING = SUBMISSIONS.listing()


class SubmissionsScreen(FileList):
    """Everything the list shows."""

    files = SUBMISSIONS
    labels = {"state": "Hand-over"}

    def __init__(self, request: SignedIn) -> None:
        super().__init__(request, LISTING)

    @cached_property
    def reconciled(self) -> Reconciled:
        """The line above the files."""
        return reconciled(self.user, timezone.now())
