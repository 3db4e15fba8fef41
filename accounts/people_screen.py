"""What the pages of people show: who may sign in, as what, and what was done to an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Count, Q, QuerySet

from accounts import factors
from accounts.leaving import left_behind
from accounts.models import AccountAct, ApiToken, SignInIdentity, User
from accounts.people_actions import INVITED as NEVER_CAME
from accounts.session_views import places_of

MOST = 500
"""People shown at once; more are found by name."""
MOST_ACTS = 100
HERE, INVITED, DISABLED = "here", "invited", "disabled"
TABS = {HERE: "Here", INVITED: "Invited", DISABLED: "Disabled"}
_STANDING = {
    HERE: Q(is_active=True) & ~NEVER_CAME,
    INVITED: Q(is_active=True) & NEVER_CAME,
    DISABLED: Q(is_active=False),
}


def standing_of(person: User) -> str:
    """Here, invited (neither a password nor the provider lets them in yet) or disabled."""
    if not person.is_active:
        return DISABLED
    known = person.has_usable_password() or SignInIdentity.objects.filter(user=person).exists()
    return HERE if known else INVITED


def _when(at: datetime | None, user: User) -> str:
    if at is None:
        return ""
    local = at.astimezone(user.company.zone)
    return f"{local.day} {local:%b %Y, %H:%M}"


@dataclass(frozen=True)
class Line:
    """One person of the list."""

    person: User
    factor: bool
    signed_in: str


class PeopleScreen:
    """The list, in four queries beside who is asking."""

    def __init__(self, user: User, *, show: str, search: str) -> None:
        self.user, self.search = user, search.strip()[:60]
        self.show = show if show in TABS else HERE

    @cached_property
    def _people(self) -> QuerySet[User]:
        return User.objects.filter(company_id=self.user.company_id)

    @cached_property
    def _counts(self) -> dict[str, int]:
        counts = {key: Count("pk", filter=standing) for key, standing in _STANDING.items()}
        return self._people.aggregate(**counts)

    @property
    def tabs(self) -> list[dict[str, object]]:
        """Here, invited, disabled, each with its count."""
        return [
            {"label": label, "url": f"?show={key}", "current": key == self.show, "count": self._counts[key]}
            for key, label in TABS.items()
        ]

    @cached_property
    def lines(self) -> list[Line]:
        """The people of the tab by name, those whom the search finds."""
        rows = self._people.filter(_STANDING[self.show]).select_related("team")
        for word in self.search.split():
            rows = rows.filter(
                Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(username__icontains=word)
            )
        found = list(rows.order_by("first_name", "last_name", "pk")[: MOST + 1])
        keys = [one.pk for one in found]
        rows_of = Authenticator.objects.filter(user__in=keys, type__in=factors.KINDS)
        with_one = set(rows_of.values_list("user_id", flat=True))
        return [Line(one, one.pk in with_one, _when(one.last_login, self.user)) for one in found]

    @property
    def more(self) -> bool:
        """Whether there are more than are shown."""
        return len(self.lines) > MOST

    @property
    def shown(self) -> list[Line]:
        """At most :data:`MOST` lines."""
        return self.lines[:MOST]

    @property
    def factor_required(self) -> bool:
        """Whether an admin may do nothing without one."""
        return bool(settings.ADMIN_SECOND_FACTOR)

    @property
    def without_factor(self) -> int:
        """How many admins of the tab have no second factor."""
        return sum(one.person.role == "admin" and not one.factor for one in self.lines)


@dataclass(frozen=True)
class Told:
    """One act on the account."""

    title: str
    said: str
    who: str
    when: str


class PersonScreen:
    """One person's account."""

    def __init__(self, user: User, person: User, *, now: datetime) -> None:
        self.user, self.person, self.now = user, person, now
        self.own = user.pk == person.pk
        self.standing = standing_of(person)

    @cached_property
    def factor(self) -> bool:
        """Whether a second factor is set."""
        return Authenticator.objects.filter(user=self.person, type__in=factors.KINDS).exists()

    @property
    def factor_required(self) -> bool:
        """Whether the person may do nothing without one."""
        return factors.required_of(self.person)

    @cached_property
    def linked(self) -> str:
        """The issuer at which the person is known; empty when none is."""
        return SignInIdentity.objects.filter(user=self.person).values_list("issuer", flat=True).first() or ""

    @cached_property
    def places(self) -> int:
        """In how many places the person is signed in."""
        return len(places_of(self.person, "", self.now))

    @cached_property
    def tokens(self) -> int:
        """How many API tokens are good."""
        return ApiToken.objects.live(self.now).filter(user=self.person).count()

    @property
    def signed_in(self) -> str:
        """When they signed in last."""
        return _when(self.person.last_login, self.user)

    @cached_property
    def left_behind(self) -> list[str]:
        """What waits for this person, in sentences."""
        return left_behind(self.person)

    @cached_property
    def told(self) -> list[Told]:
        """What was done to the account, newest first."""
        rows = AccountAct.objects.filter(person=self.person).select_related("by").order_by("-id")
        rows = rows.exclude(kind=AccountAct.Kind.PROVIDER)  # every sign-in; the audit lists them
        return [
            Told(one.get_kind_display(), one.said, str(one.by or "Holdline"), _when(one.at, self.user))
            for one in rows[:MOST_ACTS]
        ]
