"""The list of files that came back, and one of them with what it said."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from accounts.access import SignedIn
from accounts.models import User
from deductibles.domain.acknowledging import STANDINGS
from deductibles.file_list import FileList, Files, moment
from deductibles.models import Acknowledgement, Arrival, Payment
from tables.shape import Column, Table

MOST_SHOWN = 500


def arrivals(user: User) -> QuerySet[Arrival]:
    """The files that came back to this person's company."""
    return Arrival.objects.visible_to(user)


ARRIVALS = Files(
    table=Table(
        "arrivals",
        "Acknowledgements",
        (
            Column("file", "File", locked=True, heads=True),
            Column("came", "Came", sort="came", align="num"),
            Column("kinds", "What it is"),
            Column("state", "Taken in"),
            Column("detail", "What is in the way"),
            Column("source", "From", default=False),
        ),
    ),
    list_url="deductibles:arrivals",
    page_url="deductibles:arrival",
    rows=arrivals,
    states={value: str(label).capitalize() for value, label in Arrival.State.choices},
    text={
        "file": lambda row, user: row.name,
        "came": lambda row, user: moment(row.arrived_at, user),
        "kinds": lambda row, user: row.kinds or "unreadable",
        "state": lambda row, user: row.get_state_display().capitalize(),
        "detail": lambda row, user: row.detail,
        "source": lambda row, user: row.get_source_display().capitalize(),
    },
    ordered="came",
    drawn={"state": "tables/cells/arrival_state.html"},
    wide=frozenset({"detail"}),
)
LISTING = ARRIVALS.listing()


class ArrivalsScreen(FileList):
    """Everything the list shows."""

    files = ARRIVALS
    labels = {"state": "Taken in"}

    def __init__(self, request: SignedIn) -> None:
        super().__init__(request, LISTING)


# --- one file -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One verdict as its line: what became of it in words."""

    row: Acknowledgement

    @property
    def standing(self) -> str:
        return STANDINGS[self.row.standing]

    @property
    def about(self) -> str:
        """The claim as it was sent, or the file's control number."""
        sent = self.row.number if self.row.sequence == 1 else f"{self.row.number}.{self.row.sequence}"
        return (
            f"{self.row.kind} of file {sent}"
            if self.row.claim_id is None and self.row.submission_id
            else sent
        )


@dataclass(frozen=True)
class ArrivalScreen:
    """One file: its verdicts and payments, the first of many, and how many of each there are."""

    arrival: Arrival
    verdicts: list[Told]
    payments: list[Payment]
    verdict_count: int
    payment_count: int


def screen_of(arrival: Arrival) -> ArrivalScreen:
    """Read what one file said; what moved nothing, or is nobody's, first."""
    order = ("-standing", "pk")
    told = arrival.acknowledgements.select_related("claim", "submission").order_by(*order)[:MOST_SHOWN]
    paid = arrival.payments.select_related("claim").order_by("-why_not", "pk")[:MOST_SHOWN]
    counts = Arrival.objects.filter(pk=arrival.pk).aggregate(
        verdicts=Count("acknowledgements", distinct=True), payments=Count("payments", distinct=True)
    )
    return ArrivalScreen(
        arrival, [Told(row) for row in told], list(paid), counts["verdicts"], counts["payments"]
    )
