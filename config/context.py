"""What every page's frame needs: the name, the theme, and the navigation this role may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts.roles import Can


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; ``needs`` is the capability that shows it."""

    key: str
    label: str
    url_name: str
    needs: Can


SECTIONS: list[tuple[str, str, list[Place]]] = [
    (
        "escalations",
        "Escalations",
        [
            Place("all", "All", "escalations:list", Can.WORK_TICKETS),
            Place("new", "New", "escalations:new", Can.WORK_TICKETS),
        ],
    ),
    (
        "claims",
        "Claims",
        [
            Place("all", "All", "deductibles:claims", Can.READ_CLAIMS),
            Place("new", "New", "deductibles:claim_new", Can.WORK_CLAIMS),
            Place("holds", "Hold for Deductible", "deductibles:holds", Can.READ_CLAIMS),
            Place("submissions", "Submissions", "deductibles:submissions", Can.READ_CLAIMS),
        ],
    ),
    ("patients", "Patients", [Place("all", "All", "patients:list", Can.READ_PATIENTS)]),
    (
        "settings",
        "Settings",
        [
            Place("deductible", "Deductible Monitoring", "deductibles:settings", Can.SETTINGS),
            Place("provider", "Billing provider", "deductibles:provider", Can.SETTINGS),
            Place("runs", "Runs", "deductibles:runs", Can.READ_NIGHTS),
        ],
    ),
]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give base.html its frame. Pages name themselves by ``section`` and ``page`` in their context."""
    user: Any = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    match = getattr(request, "resolver_match", None)
    here = f"{match.namespace}:{match.url_name}" if match and match.namespace else ""
    return {
        "brand": "Holdline",
        "theme": getattr(user, "theme", "") if signed_in else request.COOKIES.get("theme", ""),
        "density": getattr(user, "density", "compact"),
        "nav": _navigation(user, here) if signed_in else [],
        "may_file": signed_in and user.may(Can.WORK_TICKETS),
    }


def _navigation(user: Any, here: str) -> list[dict[str, Any]]:
    sections = []
    for key, label, places in SECTIONS:
        items = [_item(place, here) for place in places if user.may(place.needs)]
        items = [item for item in items if item["url"]]
        if items:
            sections.append(
                {
                    "key": key,
                    "label": label,
                    "url": items[0]["url"],
                    "items": items,
                    "current": any(item["current"] for item in items) or _belongs(key, here),
                }
            )
    return sections


def _item(place: Place, here: str) -> dict[str, Any]:
    try:
        url = reverse(place.url_name)
    except NoReverseMatch:
        url = ""
    return {"key": place.key, "label": place.label, "url": url, "current": place.url_name == here}


def _belongs(section: str, here: str) -> bool:
    app, _, name = here.partition(":")
    if section == "claims":
        return app == "deductibles" and name in {"claim", "claim_edit", "submission"}
    return app == section and section != "settings"
