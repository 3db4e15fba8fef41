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
from escalations.queries import filtered
from escalations.triage.asks import ask_of, kinds_of, people_with_loads
from escalations.triage.rows import ASKING
from patients.domain.intake import Wrong
from tables import searches

FACTS = ("reason", "outcome", "note", "user")
NOT_UNDERSTOOD = "One of the filters is not understood, so nothing was done. Look at the list again."
_STATUS = {"role": 403, "unknown": 400}


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
        """The ids; 5,001 are refused where they are acted on."""
        return self._matching if self.whole else list(self.versions)

    @property
    def expected(self) -> int | None:
        """How many the person was shown as matching, where that was counted."""
        sent = self.request.POST.get("expected", "")
        return _number(sent) if self.whole and sent else None

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The choice as fields of the next form."""
        if not self.whole:
            return [("pick", pick) for pick in self.picks]
        names = (*ListScreen.names, "s", "q", "expected")
        kept = [(name, ",".join(filter(None, self.request.POST.getlist(name)))) for name in names]
        return [("all", "yes"), *[(name, value) for name, value in kept if value]]

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
    if act not in ACTS:
        return _refused(request, choice, Refused(f"Say what to do: {', '.join(ACTS)}.", "unknown"))
    facts = {name: request.POST[name] for name in FACTS if name in request.POST}
    try:
        if not choice.ids:
            raise Refused("Nothing was ticked, so nothing was done. Tick tickets first.")
        if act in ASKING and "asked" not in request.POST:
            return _asked(request, choice, act)
        done = actions.act_on_many(
            choice.ids, act, by=request.user, at=timezone.now(), facts=facts,
            versions={} if choice.whole else choice.versions, expected_count=choice.expected,
        )  # fmt: skip
    except actions.Invalid as invalid:
        return _asked(request, choice, act, status=400, typed=facts, wrong=invalid.wrong)
    except Ticket.DoesNotExist as missing:
        raise Http404 from missing
    except Refused as refused:
        return _refused(request, choice, refused)
    return _told(request, choice, act, done)


def _told(request: SignedIn, choice: Choice, act: str, done: Any) -> HttpResponse:
    if done.done:
        messages.success(request, done_words(act, done.done))
    if done.skipped:
        messages.warning(request, skipped_words(done.skipped))
    return redirect(choice.back)


def _refused(request: SignedIn, choice: Choice, refused: Refused) -> HttpResponse:
    context = {"section": "escalations", "page": "all", "refused": refused.sentence, "back": choice.back}
    status = _STATUS.get(refused.code, 409)
    return render(request, "escalations/triage_bulk.html", context, status=status)


def _asked(
    request: SignedIn,
    choice: Choice,
    act: str,
    *,
    status: int = 200,
    typed: dict[str, str] | None = None,
    wrong: dict[str, Wrong] | None = None,
) -> HttpResponse:
    """Ask once what all of them must be told."""
    rows = Ticket.objects.visible_to(request.user).filter(pk__in=choice.ids)
    some = rows.select_related("policy_version").defer("policy_version__data")
    kinds = kinds_of(some.order_by("policy_version", "type").distinct("policy_version", "type"))
    people = people_with_loads(request.user) if act == "assign" else []
    ask = ask_of(act, counted(len(choice.ids)), kinds, people, typed=typed, wrong=wrong)
    context = {"section": "escalations", "page": "all", "ask": ask, "choice": choice, "back": choice.back}
    return render(request, "escalations/triage_bulk.html", context, status=status)


def _number(sent: str) -> int:
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 18):
        raise Http404
    return int(sent)
