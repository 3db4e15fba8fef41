"""One act on many tickets, from board or list: what it must be told is asked first, then it is done."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.domain.bulk import ACTS, AT_MOST, counted, done_words, skipped_words
from escalations.filters import read_filters
from escalations.list_screen import ListScreen
from escalations.models import Ticket
from escalations.queries import filtered, people_with_load
from escalations.triage.asks import ask_of, kinds_of
from escalations.triage.rows import ASKING
from patients.domain.intake import Wrong
from tables import searches

FACTS = ("reason", "outcome", "note", "user")
NOT_UNDERSTOOD = "One of the filters is not understood, so nothing was done. Look at the list again."
NOTHING_MATCHES = "No ticket matches any more, so nothing was done. Look at the list again."
TOO_MANY = (
    f"More than {AT_MOST:,} tickets were chosen, so nothing was done. "
    "Narrow the list by a filter: at most that many are done at one time."
)
NOTHING_CHOSEN = "Nothing was ticked, so nothing was done. Tick tickets first."
_TYPED = {"user": "To", "reason": "Reason", "outcome": "Outcome", "note": "Note"}


@dataclass(frozen=True)
class Choice:
    """The tickets a person chose: by their boxes, or all that a filter matches."""

    request: SignedIn

    @property
    def whole(self) -> bool:
        """Whether all that match are meant."""
        return self.request.POST.get("all") == "yes"

    @property
    def picks(self) -> list[str]:
        """The boxes as they were sent: a ticket's id and the version seen."""
        return self.request.POST.getlist("pick")

    @cached_property
    def versions(self) -> dict[int, int]:
        """The ticked tickets with the versions seen."""
        pairs = [pick.partition(":") for pick in self.picks]
        return {_number(key): _number(version) for key, _, version in pairs}

    @cached_property
    def _matching(self) -> list[int]:
        """What the filters of the list match; one that is not understood, or a search that is gone, refuses
        all, for without it more would match."""
        now, sent = timezone.now(), self.request.POST
        key, number = sent.get("s", "")[:20], searches.clean(sent.get("q", ""))
        sought = searches.recall(self.request.session, key) if key else number
        given = {name: ",".join(filter(None, sent.getlist(name))) for name in ListScreen.names}
        wanted, wrong = read_filters(self.request.user, {**given, "q": sought}, now=now)
        if wrong or (key and not sought) or (not key and number and not searches.is_number(number)):
            raise Refused(NOT_UNDERSTOOD)
        rows = filtered(Ticket.objects.visible_to(self.request.user), wanted, now=now)
        return list(rows.order_by("id").values_list("pk", flat=True)[: AT_MOST + 1])

    @property
    def ids(self) -> list[int]:
        """The ids; where more match than are acted on at one time, one more than that."""
        return self._matching if self.whole else list(self.versions)

    def check(self) -> None:
        """Refuse a choice of nothing, of too many, or by a filter that is not understood."""
        if not self.ids:
            raise Refused(NOTHING_MATCHES if self.whole else NOTHING_CHOSEN)
        if len(self.ids) > AT_MOST:
            raise Refused(TOO_MANY)

    @property
    def expected(self) -> int | None:
        """How many the person was shown as matching, where that was counted."""
        sent = self.request.POST.get("expected", "")
        return _number(sent) if self.whole and sent else None

    def asks_first(self, act: str) -> bool:
        """Whether a page comes first: to say how many it will be, or to be told what the act needs."""
        uncounted = self.whole and self.expected is None
        return uncounted or (act in ASKING and "asked" not in self.request.POST)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The choice as fields of the next form; all that match are then as many as its page says."""
        if not self.whole:
            return [("pick", pick) for pick in self.picks]
        sent = self.request.POST
        kept = [(name, ",".join(filter(None, sent.getlist(name)))) for name in (*ListScreen.names, "s", "q")]
        counted = ("expected", str(len(self.ids)))
        return [("all", "yes"), counted, *[(name, value) for name, value in kept if value]]

    @property
    def back(self) -> str:
        """Where it was chosen: a page of ours."""
        sent = self.request.POST.get("back", "")
        safe = sent.startswith("/") and url_has_allowed_host_and_scheme(sent, allowed_hosts=None)
        return sent if safe else reverse("escalations:list")


@require_POST
@needs(Can.WORK_TICKETS)
def bulk(request: SignedIn) -> HttpResponse:
    """Take one step of all chosen tickets; those that cannot take it are named with why."""
    choice, act = Choice(request), request.POST.get("act", "")
    facts = {name: request.POST[name] for name in FACTS if name in request.POST}
    if act not in ACTS:
        return _refused(request, choice, facts, f"Say what to do: {', '.join(ACTS)}.", status=400)
    try:
        choice.check()
    except Refused as refused:
        return _refused(request, choice, facts, refused.sentence)
    if choice.asks_first(act):
        return _asked(request, choice, act, typed=facts)
    try:
        done = actions.act_on_many(
            choice.ids, act, by=request.user, at=timezone.now(), facts=facts,
            versions={} if choice.whole else choice.versions, expected_count=choice.expected,
        )  # fmt: skip
    except actions.Invalid as invalid:
        return _asked(request, choice, act, status=400, typed=facts, wrong=invalid.wrong)
    except Refused as refused:
        return _asked(request, choice, act, status=409, typed=facts, refused=refused.sentence)
    except Ticket.DoesNotExist as missing:
        raise Http404 from missing
    return _told(request, choice, act, done)


def _told(request: SignedIn, choice: Choice, act: str, done: Any) -> HttpResponse:
    if done.done:
        messages.success(request, done_words(act, done.done))
    if done.skipped:
        messages.warning(request, skipped_words(done.skipped))
    return redirect(choice.back)


def _refused(
    request: SignedIn, choice: Choice, facts: dict[str, str], sentence: str, *, status: int = 409
) -> HttpResponse:
    """Nothing was done, and there is nothing to ask again; what was typed stands there to be copied."""
    typed = [(label, facts[name]) for name, label in _TYPED.items() if facts.get(name)]
    context = {"refused": sentence, "typed": typed, "back": choice.back}
    return _page(request, context, status)


def _asked(
    request: SignedIn,
    choice: Choice,
    act: str,
    *,
    status: int = 200,
    typed: dict[str, str] | None = None,
    wrong: dict[str, Wrong] | None = None,
    refused: str = "",
) -> HttpResponse:
    """Ask once what all of them must be told, and say how many they are."""
    rows = Ticket.objects.visible_to(request.user).filter(pk__in=choice.ids)
    some = rows.select_related("policy_version").defer("policy_version__data")
    kinds = kinds_of(some.order_by("policy_version", "type").distinct("policy_version", "type"))
    people = people_with_load(request.user) if act == "assign" else []
    ask = ask_of(act, counted(len(choice.ids)), kinds, people, typed=typed, wrong=wrong)
    context = {"ask": ask, "choice": choice, "back": choice.back, "refused": refused}
    return _page(request, context, status)


def _page(request: SignedIn, context: dict[str, Any], status: int) -> HttpResponse:
    frame = {"section": "escalations", "page": "all"}
    return render(request, "escalations/triage_bulk.html", {**frame, **context}, status=status)


def _number(sent: str) -> int:
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 18):
        raise Http404
    return int(sent)
