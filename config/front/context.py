"""What every page's frame needs: the name, the theme, and where this role may go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import factors
from accounts.roles import Can, may
from config.setup.strip import is_guided, strip_of
from config.watching.notices import notices_for
from deductibles.worklists.screen import badge_of


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; ``needs`` is the capability that shows it, ``None`` everybody sees.

    ``group`` is the heading it stands under where a section has more pages than a line holds.
    """

    key: str
    label: str
    url_name: str
    needs: Can | None
    group: str = ""


def _under(heading: str, *places: Place) -> list[Place]:
    return [replace(place, group=heading) for place in places]


SECTIONS: list[tuple[str, str, list[Place]]] = [
    (
        "escalations",
        "Escalations",
        [
            Place("board", "Board", "triage:board", Can.DIRECT_TICKETS),
            Place("all", "All", "escalations:list", Can.WORK_TICKETS),
            Place("new", "New", "escalations:new", Can.WORK_TICKETS),
            Place("callbacks", "Callbacks", "callbacks:board", Can.WORK_TICKETS),
            Place("which", "Which ticket?", "escalations:which", Can.WORK_TICKETS),
            Place("guide", "Guide", "guide:page", None),
        ],
    ),
    (
        "claims",
        "Claims",
        [
            Place("all", "All", "deductibles:claims", Can.READ_CLAIMS),
            Place("new", "New", "deductibles:claim_new", Can.WORK_CLAIMS),
            Place("holds", "Hold for Deductible", "deductibles:holds", Can.READ_CLAIMS),
            Place("work", "Work lists", "deductibles:work", Can.READ_CLAIMS),
            Place("submissions", "Submissions", "deductibles:submissions", Can.READ_CLAIMS),
            Place("arrivals", "Acknowledgements", "deductibles:arrivals", Can.READ_CLAIMS),
            Place("worth", "Does holding pay?", "deductibles:worth", Can.READ_CLAIMS),
            Place("payers", "Payers", "payers:list", Can.READ_CLAIMS),
        ],
    ),
    ("patients", "Patients", [Place("all", "All", "patients:list", Can.READ_PATIENTS)]),
    ("reports", "Reports", [Place("overview", "Reports", "reports:overview", Can.DIRECT_TICKETS)]),
    (
        "settings",
        "Settings",
        [
            *_under(
                "Company and people",
                Place("company", "Company", "company", Can.SETTINGS),
                Place("setup", "Set-up", "setup:guide", Can.SETTINGS),
                Place("calendar", "Business calendar", "calendars:calendar", Can.SETTINGS),
                Place("people", "People", "people:list", Can.SETTINGS),
                Place("teams", "Teams and shifts", "teams:list", Can.PLAN_SHIFTS),
                Place("emergency", "Emergency reading", "emergency:page", Can.WATCH_EMERGENCIES),
            ),
            *_under(
                "Holds and billing",
                Place("deductible", "Deductible Monitoring", "deductibles:settings", Can.SETTINGS),
                Place("worth_rates", "Worth of holding", "deductibles:worth_rates", Can.SETTINGS),
                Place("provider", "Billing provider", "deductibles:provider", Can.SETTINGS),
                Place("payers", "Payers", "payers:list", Can.SETTINGS),
            ),
            *_under(
                "Desk rules",
                Place("policy", "Escalation rules", "policy:overview", Can.SETTINGS),
                Place("lists", "Keywords and lists", "policy:lists", Can.SETTINGS),
                Place("words", "Glossary and articles", "policy:words", Can.SETTINGS),
                Place("unclear", "Unclear in the guide", "guide:reports", Can.SETTINGS),
                Place("bench", "Test bench", "policy:bench", Can.SETTINGS),
            ),
            *_under(
                "Connected services",
                Place("connections", "Connections", "deductibles:connections", Can.SETTINGS),
                Place("sending", "Sending", "deductibles:sending", Can.SETTINGS),
                Place("sign-in", "Sign-in provider", "sign_in:page", Can.SETTINGS),
                Place("webhooks", "Webhooks", "hooks:list", Can.SETTINGS),
            ),
            *_under(
                "Work and records",
                Place("runs", "Runs", "runs:list", Can.READ_NIGHTS),
                Place("audit", "Audit", "audit:list", Can.SETTINGS),
                Place("imports", "Import", "imports:list", Can.READ_PAYERS),
                Place("everything", "Take everything out", "everything:page", Can.WATCH_EMERGENCIES),
            ),
        ],
    ),
]


A_LINE = 10
"""Pages of a section that stand beside one another; more are put under headings."""


@dataclass(frozen=True)
class Goal:
    """Somewhere to go, or something to begin, from the palette; ``go`` is the letter after G, if any."""

    label: str
    detail: str
    url: str
    icon: str
    go: str = ""
    key: str = ""


ICONS = {
    "escalations": "inbox",
    "claims": "receipt-text",
    "patients": "user-round",
    "reports": "chart-column",
    "settings": "sliders-horizontal",
}
GO_LETTERS = {"escalations": "e", "claims": "c", "patients": "p", "reports": "r", "settings": "s"}
"""After G, this letter opens the section; H opens Hold for Deductible, D the desk."""
ACTS = [
    (Place("new", "New ticket", "escalations:new", Can.WORK_TICKETS), "plus", "n"),
    (Place("new", "New claim", "deductibles:claim_new", Can.WORK_CLAIMS), "file-plus", ""),
    (Place("new", "New patient", "patients:new", Can.WRITE_PATIENTS), "user-plus", ""),
]
OWN_PAGES = [
    ("Change password", "account_change_password", "key-round"),
    ("Where you are signed in", "usersessions_list", "monitor"),
    ("Two-factor sign-in", "mfa_index", "shield-check"),
    ("Company sign-in", "provider:link", "building-2"),
    ("API tokens", "accounts:tokens", "braces"),
]
"""What everybody has of their own; an address that is not there is left out."""
TOLD = [
    Goal("Notifications", "", "inbox:list", "bell", go="n"),
    Goal("What is told, and how", "Your account", "inbox:choices", "bell-ring"),
]
"""What those have who can be told of tickets (:data:`HEARS`); their addresses by name."""
HEARS = Can.READ_TICKETS


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give base.html its frame. Pages name themselves by ``section`` and ``page`` in their context."""
    user: Any = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    match = getattr(request, "resolver_match", None)
    here = f"{match.namespace}:{match.url_name}" if match and match.namespace else ""
    waits = signed_in and factors.missing(user)
    at_work = signed_in and not waits
    nav = _navigation(user, here) if at_work else []
    return {
        "brand": "Holdline",
        "theme": getattr(user, "theme", "") if signed_in else request.COOKIES.get("theme", ""),
        "density": getattr(user, "density", "compact"),
        "single_keys": getattr(user, "single_keys", True),
        "nav": nav,
        "page": "",  # a view that names its page says so; the page that says what went wrong has none
        "goals": goals_of(user, nav) if at_work else [],
        "at_home": bool(match and match.view_name == "home"),
        "hears": signed_in and may(user.role, HEARS),
        "may_file": signed_in and user.may(Can.WORK_TICKETS),
        "emergency": getattr(request, "emergency", None),
        "notices": notices_for(user) if at_work else [],
        "factor_first": waits,
        "setup": strip_of(request, user, match.view_name, timezone.now()) if at_work and match else None,
        "guided": signed_in and is_guided(request),
    }


def goals_of(user: Any, nav: list[dict[str, Any]] | None = None) -> list[Goal]:
    """Every place and act of this person's role, in the order of the navigation."""
    parts = _navigation(user, "") if nav is None else nav
    desk = Goal("Home", "", reverse("home"), "house", go="d")
    places = [goal for part in parts for goal in _places(part)]
    acts = [
        Goal(act.label, "", _address(act.url_name), icon, key=key)
        for act, icon, key in ACTS
        if _shows(act, user)
    ]
    own = [Goal(label, "Your account", _address(name), icon) for label, name, icon in OWN_PAGES]
    told = [replace(goal, url=_address(goal.url)) for goal in TOLD if may(user.role, HEARS)]
    return [goal for goal in (*acts, desk, *places, *told, *own) if goal.url]


def _places(part: dict[str, Any]) -> list[Goal]:
    """A section's pages but those that begin something; its first page carries the section's letter."""
    begun = {act.url_name for act, _, _ in ACTS}
    found = []
    for index, item in enumerate(part["items"]):
        if item["url_name"] in begun:
            continue
        letter = "h" if item["url_name"] == "deductibles:holds" else ""
        letter = GO_LETTERS.get(part["key"], "") if index == 0 else letter
        general = item["label"] == "All"
        label = f"All {part['label'].lower()}" if general else item["label"]
        found.append(Goal(label, "" if general else part["label"], item["url"], part["icon"], go=letter))
    return found


def _navigation(user: Any, here: str) -> list[dict[str, Any]]:
    sections = []
    for key, label, places in SECTIONS:
        items = [_item(place, here, user) for place in places if _shows(place, user)]
        items = [item for item in items if item["url"]]
        if items:
            sections.append(
                {
                    "key": key,
                    "label": label,
                    "url": items[0]["url"],
                    "icon": ICONS.get(key, "arrow-right"),
                    "items": items,
                    "groups": _groups(items),
                    "current": any(item["current"] for item in items) or _belongs(key, here),
                }
            )
    return sections


def _groups(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Its pages under their headings; none where all of them fit into a line."""
    if len(items) <= A_LINE:
        return []
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        found.setdefault(item["group"], []).append(item)
    return [{"label": label, "url": some[0]["url"], "items": some} for label, some in found.items()]


def _shows(place: Place, user: Any) -> bool:
    """By the role alone: what an emergency opens is led to by its banner."""
    return place.needs is None or may(user.role, place.needs)


def _count(place: Place, user: Any) -> Any:
    """How much waits behind an entry; worked out only where the page shows the entry."""
    if place.url_name != "deductibles:work":
        return ""
    return SimpleLazyObject(lambda: badge_of(user, timezone.localdate(timezone=user.company.zone)))


def _item(place: Place, here: str, user: Any) -> dict[str, Any]:
    return {
        "key": place.key,
        "label": place.label,
        "group": place.group,
        "count": _count(place, user),
        "url": _address(place.url_name),
        "url_name": place.url_name,
        "current": place.url_name == here,
    }


def _address(url_name: str) -> str:
    """The address behind a name; empty for one that this installation does not have."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


_OF_CLAIMS = frozenset({"claim", "claim_edit", "submission", "worth_claims", "worth_tests", "worth_test"})


def _belongs(section: str, here: str) -> bool:
    app, _, name = here.partition(":")
    if section == "claims":
        return app == "deductibles" and (name.startswith("work_") or name in _OF_CLAIMS)
    return app == section and section != "settings"
