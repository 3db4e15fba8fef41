"""Which lines of the Hold page a person means: by their boxes, or all that match; and what they add up to."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

from django.db.models import Sum
from django.http import Http404, QueryDict

from accounts.steps import Refused
from deductibles.actions.holds import AT_MOST
from deductibles.hold_filters import ORDERINGS, matching
from deductibles.hold_screen import HoldScreen
from deductibles.models import Hold

WHICH = {"queue": "queueable", "clear": "clearable"}


class TooMany(ValueError):
    """More lines were ticked than may be done at one time (D-PAGE-5)."""


class Choice:
    """The lines that are meant; ``box`` is the column the boxes stand in, ``queue`` or ``clear``."""

    def __init__(self, screen: HoldScreen, data: QueryDict, box: str) -> None:
        self.screen, self.box = screen, box
        self.all_matching = data.get("all") == box
        self.ticked = data.getlist(box)
        self._expected = data.get("expected", "")

    @cached_property
    def ids(self) -> list[int]:
        """At most 5,000 ids; select-all takes the first 5,000, and :attr:`cut` says so (D-PAGE-5)."""
        if self.all_matching:
            self._refuse_more_than_shown()
            return self._matching[:AT_MOST]
        # Boxes come one by one, many as one field with commas: a form has its limit of fields.
        found = {_id(part) for value in self.ticked for part in value.split(",")}
        if len(found) > AT_MOST:
            raise TooMany(
                f"At most {AT_MOST:,} claims at one time; {len(found):,} were ticked. Nothing was changed."
            )
        return sorted(found)

    @property
    def field(self) -> str:
        """The ids as one field of a form."""
        return ",".join(str(key) for key in self.ids)

    @property
    def cut(self) -> bool:
        """Whether more lines match than were taken."""
        return self.all_matching and len(self._matching) > AT_MOST

    @property
    def expected(self) -> int | None:
        """How many the person was told of, None where nobody was: another number now refuses the whole."""
        return int(self._expected) if self._expected.isascii() and self._expected.isdigit() else None

    @cached_property
    def dollars(self) -> Decimal:
        """What the claims of these lines bill."""
        rows = Hold.objects.visible_to(self.screen.user).filter(pk__in=self.ids)
        found = rows.aggregate(whole=Sum("claim__total"))["whole"]
        return Decimal(found or 0)

    def _refuse_more_than_shown(self) -> None:
        """Without a filter that is not understood more would match than the person saw."""
        if self.screen.wrong:
            said = " ".join(problem.sentence for problem in self.screen.wrong.values())
            raise Refused(f"{said} Nothing was changed.")

    @cached_property
    def _matching(self) -> list[int]:
        rows = matching(self.screen.user, {**self.screen.wanted, WHICH[self.box]: True})
        ordered = ORDERINGS[self.screen.ordering].applied(rows)
        return list(ordered.values_list("pk", flat=True)[: AT_MOST + 1])


def _id(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise Http404
    return int(value)
