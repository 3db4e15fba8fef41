"""Filing a ticket: the page and the dialog, what is said while it is typed, and the drafts it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.contacts import COMPASSIONATE_CARE
from escalations.files_in_form import take_uploads
from escalations.filing_rails import MARK_REASON
from escalations.filing_screen import FilingScreen
from escalations.follow_ups import follow_ups
from escalations.forms import ANSWER, NewPatientForm
from escalations.models import Ticket
from escalations.policies import policy_in_force, policy_of
from escalations.queries import tickets_of
from escalations.screens import said_parts
from escalations.starting import Start, kept_of, key_in, new_key, start_of, switched
from patients import actions as patient_actions
from patients import reading
from patients.domain.intake import Wrong, patient_readers, read_all
from patients.models import Door
from patients.queries import same_person

SECTION = {"section": "escalations", "page": "new"}
_NO_MARK = "Say how you know of the application, in a few words: it stands on the patient as the reason."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_TICKETS)
def ticket_new(request: SignedIn) -> HttpResponse:
    """File a ticket. Each button of the form is one of :data:`_BUTTONS`; without script they all work."""
    if request.method != "POST":
        start = start_of(request.user, request.GET)
        return _show(request, _screen(request, start))
    do, _, rest = request.POST.get("do", "file").partition(":")
    return _BUTTONS.get(do, _look)(request, rest)


def _file(request: SignedIn, rest: str) -> HttpResponse:
    """File, or show everything that stands against it; a caller turned away is logged (R-ITEM-3)."""
    start = _sent(request)
    screen = _screen(request, start, judged=True)
    if screen.filing.may_be_filed and not start.unkept:
        try:
            ticket = actions.file_ticket(
                screen.filing, by=request.user, at=screen.at, draft=start.ticket, form_key=start.key
            )
        except Refused as refused:
            return _show(request, screen, status=409, refused=refused.sentence)
        return _saved(request, ticket)
    if twice := actions.filed_from(start.key, request.user):
        return _saved(request, twice)
    if screen.turned_away and not screen.filing.all_wrong:
        actions.log_deflection(screen.filing, by=request.user, at=screen.at)
        actions.discard_draft(start.key, by=request.user)
    return _show(request, screen, status=400)


def _saved(request: SignedIn, ticket: Ticket) -> HttpResponse:
    """On to the next call, with what to say about this one; or to the ticket that is linked to it."""
    if request.POST.get("do") == "link":
        query = {"follows": ticket.number, "rule": "R-EXEC-1"}
    else:
        query = {"filed": ticket.number}
    if request.POST.get("in") == "dialog":
        query["in"] = "dialog"
    return redirect(f"{reverse('escalations:new')}?{urlencode(query)}")


def _keep(request: SignedIn, rest: str) -> HttpResponse:
    """Keep what is typed as a draft with a number, for whoever goes on with it."""
    start = _sent(request)
    screen = _screen(request, start)
    if screen.filing.type is None:
        screen.form.add_error("type", "Choose a type first: a draft is kept under it.")
        return _show(request, screen, status=400)
    try:
        ticket = actions.keep_draft(
            screen.filing,
            kept_of(start.data),
            by=request.user,
            at=screen.at,
            key=start.key or new_key(),
            draft=start.ticket,
        )
    except Refused as refused:
        return _show(request, screen, status=409, refused=refused.sentence)
    messages.success(request, f"{ticket.number} is kept as a draft. Nothing is promised until it is filed.")
    return redirect("escalations:new")


def _use(request: SignedIn, rest: str) -> HttpResponse:
    """Take a suggestion: another type, with what is known of it filled in."""
    rule, _, type_key = rest.partition(":")
    start = _sent(request)
    screen = _screen(request, start)
    data = switched(screen.filing, screen.typed, rule, type_key)
    return _show(request, _screen(request, replace(start, data=data)))


def _add_to(request: SignedIn, number: str) -> HttpResponse:
    """The same request once more: note the call on the ticket that runs, and file no second one (R-X-7)."""
    start = _sent(request)
    ticket = tickets_of(request.user).filter(number=number[:24]).first() if number.isascii() else None
    if ticket is None:
        return _look(request, "")
    note = start.data.get("note", "").strip() or "Called again about the same thing."
    try:
        actions.act(ticket, "contact", by=request.user, at=timezone.now(), facts={"note": note})
    except (Refused, actions.Invalid) as refused:
        said = refused.sentence if isinstance(refused, Refused) else "The note cannot be kept as it is."
        return _show(request, _screen(request, start), status=409, refused=said)
    actions.discard_draft(start.key, by=request.user, done=True)
    return redirect(f"{reverse('escalations:new')}?{urlencode({'added': ticket.number})}")


def _add_patient(request: SignedIn, rest: str) -> HttpResponse:
    """Add a patient in the middle of a filing; asks once when the person may be there already."""
    start, form = _sent(request), NewPatientForm(request.POST)
    at = timezone.now()
    clean, wrong = read_all(patient_readers(at.astimezone(request.user.company.zone).date()), form.typed)
    twins = [] if wrong else _unseen_twins(request, clean)
    if not wrong and not twins:
        try:
            patient = patient_actions.create_patient(clean, by=request.user, at=at)
        except patient_actions.Invalid as invalid:
            wrong = invalid.wrong
        else:
            start.data["patient"], start.data["patient_q"] = str(patient.pk), ""
            return _show(request, _screen(request, start))
    screen = _screen(request, start)
    screen.show_new_patient(form, wrong, twins)
    return _show(request, screen, status=409 if twins else 400)


def _unseen_twins(request: SignedIn, typed: dict[str, Any]) -> list[Any]:
    """Who has this name and date of birth already and was not shown yet."""
    known = set(request.POST.get("known", "")[:200].split(","))
    twins = same_person(request.user, typed["first_name"], typed["last_name"], typed["date_of_birth"])
    if twins:
        reading.note_search(request.user, len(twins), Door.TICKET, timezone.now())
    return twins if {str(twin.pk) for twin in twins} - known else []


def _mark(request: SignedIn, rest: str) -> HttpResponse:
    """Mark that an application for Compassionate Care is under way, in the middle of a filing (R-STOP-2)."""
    start = _sent(request)
    screen = _screen(request, start)
    reason = start.data.get(MARK_REASON, "").strip()
    if screen.patient is None or not reason:
        screen.mark_wrong = _NO_MARK if screen.patient else "Choose the patient first."
        return _show(request, screen, status=400)
    try:
        patient_actions.mark_patient(
            screen.patient, COMPASSIONATE_CARE, reason=reason, by=request.user, at=screen.at
        )
    except patient_actions.Invalid as invalid:
        screen.mark_wrong = " ".join(one.sentence for one in invalid.wrong.values())
        return _show(request, screen, status=400)
    return _show(request, _screen(request, start))


def _look(request: SignedIn, rest: str) -> HttpResponse:
    """Find the patient, show the promise: the page once more, with nothing judged."""
    return _show(request, _screen(request, _sent(request)))


_BUTTONS: dict[str, Callable[[SignedIn, str], HttpResponse]] = {
    "file": _file,
    "link": _file,
    "draft": _keep,
    "use": _use,
    "add": _add_to,
    "add_patient": _add_patient,
    "mark": _mark,
}


@require_POST
@needs(Can.WORK_TICKETS)
def ticket_advice(request: SignedIn) -> HttpResponse:
    """What the rules and the clock say of what is typed so far; keeps the draft, files nothing."""
    start = _sent(request)
    screen = _screen(request, start)
    kept = kept_of(start.data) if start.data.get("touched") else {}
    saved = bool(kept) and actions.save_draft(kept, by=request.user, at=screen.at, key=start.key)
    if screen.patient is not None:
        _note(request, screen)
    context = {"screen": screen, "live": True, "saved": saved, "in_dialog": _in_dialog(request)}
    return render(request, "escalations/new.html#advice", context)


@require_POST
@needs(Can.WORK_TICKETS)
def draft_discard(request: SignedIn) -> HttpResponse:
    """Throw away what one of this person's forms kept."""
    actions.discard_draft(key_in(request.POST), by=request.user)
    messages.success(request, "Thrown away.")
    return redirect("escalations:new")


def _sent(request: SignedIn) -> Start:
    """The form as it was sent; *Change* lets go of the chosen patient."""
    data = request.POST.copy()
    if data.get("do") == "other_patient":
        data["patient"] = ""
    number = data.get("draft_ticket", "")[:24]
    draft = None
    if number and number.isascii():
        draft = tickets_of(request.user).filter(number=number, status="draft").first()
    return Start(data, key_in(data), draft, _take_files(request, data))


def _take_files(request: SignedIn, data: QueryDict) -> dict[str, Wrong]:
    """Keep the files that came with the form before anything is judged; say which could not be kept, and
    why."""
    if not request.FILES and not data.get("do", "").startswith("drop:"):
        return {}
    at = timezone.now()
    kind = policy_of(policy_in_force(request.user.company, at=at)).type(data.get("type", ""))
    names, wrong = take_uploads(request, kind.questions if kind else (), key_in(data), at)
    for question, kept in names.items():
        data.setlist(ANSWER + question, kept)
    return wrong


def _screen(request: SignedIn, start: Start, *, judged: bool = False) -> FilingScreen:
    data: QueryDict = start.data
    return FilingScreen(
        request.user,
        data,
        at=timezone.now(),
        judged=judged,
        key=start.key or new_key(),
        draft=start.ticket,
        unkept=start.unkept,
    )


def _in_dialog(request: SignedIn) -> bool:
    return "dialog" in (request.GET.get("in", ""), request.POST.get("in", ""))


def _show(request: SignedIn, screen: FilingScreen, *, status: int = 200, refused: str = "") -> HttpResponse:
    _note(request, screen)
    context = {
        **SECTION,
        "screen": screen,
        "refused": refused,
        "in_dialog": _in_dialog(request),
        **_done(request),
    }
    if not (_in_dialog(request) and request.headers.get("HX-Request")):
        return render(request, "escalations/new.html", context, status=status)
    # 422, which the dialog takes in: a 400 would be shown by htmx's own error page while developing.
    return render(request, "escalations/new.html#dialog", context, status=422 if status == 400 else status)


def _done(request: SignedIn) -> dict[str, Any]:
    """What the form before this one led to: the ticket that was filed, or the one that was added to."""
    number = (request.GET.get("filed") or request.GET.get("added") or "").replace("\x00", "")
    if not number or not number.isascii():
        return {}
    ticket = tickets_of(request.user).filter(number=number[:24]).first()
    if ticket is None:
        return {}
    return {
        "done": ticket,
        "added": "added" in request.GET,
        "done_parts": said_parts(ticket.promise),
        "follow_ups": follow_ups(ticket, request.user, now=timezone.now()),
    }


def _note(request: SignedIn, screen: FilingScreen) -> None:
    """Keep whom the page shows: the chosen patient, or how many were found."""
    if screen.patient is not None:
        reading.note(request.user, screen.patient, Door.TICKET, screen.at)
    elif screen.searched:
        reading.note_search(request.user, len(screen.matches), Door.TICKET, screen.at)
