"""Who is asking: companies, their people, and the keys programs use."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

import pghistory
import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models

from accounts.audit import track, track_as
from accounts.roles import IN_EMERGENCY, Can, Role, may, read_capabilities


@track
class Company(models.Model):
    """A billing company: everything in Holdline belongs to exactly one."""

    key = models.SlugField(unique=True, help_text="Short name used in commands and folder names.")
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="America/Chicago")
    is_ambulance = models.BooleanField(
        default=True, help_text="Reads service type 59 lines before 30 (D-X12-7)."
    )
    itemized_bill_address = models.EmailField(
        blank=True, help_text="Where insurers write to for an itemized bill (R-ITEM-3)."
    )

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone: its dates are dates in this zone."""
        return ZoneInfo(self.time_zone)


class CompanyQuerySet(models.QuerySet):
    """Rows that belong to a company."""

    def visible_to(self, user: Any) -> Self:
        """Keep only rows of the user's company; nobody signed in sees none."""
        company_id = getattr(user, "company_id", None)
        return self.filter(company_id=company_id) if company_id else self.none()


class CompanyOwned(models.Model):
    """A row of one company; pairs with a composite foreign key in the database.

    Each subclass gets a unique ``(company, id)``, which every reference to it names, so that a row
    can never point at another company's row, whatever the code above it does.
    """

    # Without an index of its own: that of (company, id) begins with it.
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        abstract = True


@track
class Team(CompanyOwned):
    """People who work together; ``lead`` is told when nobody of them sees to a ticket."""

    name = models.CharField(max_length=60)
    lead = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="team_company_id"),
            models.UniqueConstraint(fields=["company", "name"], name="team_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(
    pghistory.UpdateEvent(
        level=pghistory.Statement, condition=pghistory.AnyChange("team", "role", "is_active")
    ),
    fields=["id", "company", "team", "role", "is_active"],
    model_name="UserHistory",
)
class User(AbstractUser):
    """A person who signs in: one company, one role. Its history tells teams, roles and who was let go."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="people")
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role], default=Role.AGENT)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    theme = models.CharField(
        max_length=8, blank=True, choices=[("", "as the system"), ("light", "light"), ("dark", "dark")]
    )
    density = models.CharField(
        max_length=12, default="compact", choices=[("compact", "compact"), ("comfortable", "comfortable")]
    )
    single_keys = models.BooleanField(
        default=True, help_text="Whether single letters act on a page; some speech input types them."
    )

    limited_to: frozenset[Can] | None = None
    """In a request of a token that was made for less than its person may: what for."""
    reads_in_emergency = False
    """Whether this very request is one that an emergency opens (accounts.emergency.begin)."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="user_company_id")]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def may(self, capability: Can) -> bool:
        """Say whether this person may do it: a member of a company whose role allows it, or an emergency."""
        allowed = may(self.role, capability) or (self.reads_in_emergency and capability in IN_EMERGENCY)
        within = self.limited_to is None or capability in self.limited_to
        return self.is_active and allowed and within

    @property
    def initials(self) -> str:
        """Two letters for the round badge."""
        return (self.first_name[:1] + self.last_name[:1] or self.username[:2]).upper()


@track_as(found_by="user")
class Shift(CompanyOwned):
    """When somebody works: one stretch of one weekday (Monday is 0), by the clock of the company's zone."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="shifts")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="shift_company_id"),
            models.UniqueConstraint(fields=["user", "weekday", "starts"], name="shift_once"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="shift_on_a_weekday"),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="shift_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.starts:%H:%M} to {self.ends:%H:%M}"


class AccountAct(CompanyOwned):
    """What was done to somebody's account, as their page tells it. Rows are only ever added.

    ``said`` holds a reason or what changed, never a password, a key or an address.
    """

    class Kind(models.TextChoices):
        INVITE = "invite", "Account made"
        MAIL = "mail", "Link sent by mail"
        LINK = "link", "Link shown, to be handed over"
        CHANGE = "change", "Account changed"
        SIGN_OUT = "sign-out", "Signed out everywhere"
        FACTOR = "factor", "Second factor taken away"
        TOKENS = "tokens", "API tokens revoked"
        DISABLE = "disable", "Disabled"
        ENABLE = "enable", "Let in again"
        OWN = "own", "Own second factor changed"
        GLASS = "glass", "Emergency reading opened"
        SHUT = "shut", "Emergency reading ended"
        PROVIDER = "provider", "Signed in by provider"
        LINKED = "linked", "Linked to the company's provider"
        UNLINK = "unlink", "Link to the company's provider taken away"

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="account_acts", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    said = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="account_act_company_id")]
        indexes = [models.Index(fields=["person", "-id"], name="account_act_newest")]
        triggers = [pgtrigger.Protect(name="account_act_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"


class EmergencyReading(CompanyOwned):
    """An admin opened the pages of patients, said why, and may read until ``ends_at`` or ``ended_at``."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=180)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="emergency_company_id"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="emergency_has_reason"),
        ]
        triggers = [
            pgtrigger.Protect(name="emergency_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="emergency_as_opened", exclude=["ended_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} from {self.opened_at:%Y-%m-%d %H:%M}"


@track_as(
    "SignInProviderHistory",
    without=("secret", "test", "tested_at", "tested_by"),
    told_elsewhere=("test", "tested_at", "tested_by"),
)
class SignInProvider(CompanyOwned):
    """Where the people of a company sign in besides here: its own OpenID Connect provider, one a company.

    ``key`` stands in addresses and says nothing of the company. ``secret`` is sealed. ``alone`` means that no
    password or passkey of ours signs in any more; an admin proved before that the provider lets them in
    (``proved_by``). ``second_factor`` is the company's word that its provider asks for one.
    """

    key = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=255)
    secret = models.TextField()
    enabled = models.BooleanField(default=False)
    alone = models.BooleanField(default=False)
    second_factor = models.BooleanField(default=False)
    admits = models.CharField(
        max_length=16, blank=True, help_text="Role of who is not known yet; none: nobody."
    )
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    proved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    test = models.JSONField(default=dict, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    tested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="sign_in_provider_company_id"),
            models.UniqueConstraint(fields=["company"], name="sign_in_provider_once"),
            models.CheckConstraint(
                condition=models.Q(alone=False) | models.Q(enabled=True, proved_by__isnull=False),
                name="sign_in_alone_is_proved",
            ),
            models.CheckConstraint(condition=~models.Q(admits=Role.ADMIN), name="sign_in_admits_no_admin"),
        ]

    def __str__(self) -> str:
        return self.name


@track_as("SignInDomainHistory")
class SignInDomain(CompanyOwned):
    """A mail domain whose people are led to the provider; it belongs to one company of all."""

    provider = models.ForeignKey(SignInProvider, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="sign_in_domain_company_id")]

    def __str__(self) -> str:
        return self.domain


class SignInIdentity(CompanyOwned):
    """Who somebody is at an issuer: ``subject`` decides from the first sign-in on, never an address again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="sign_in_identity_company_id"),
            models.UniqueConstraint(fields=["company", "issuer", "subject"], name="sign_in_identity_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="sign_in_identity_one_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.issuer}"


class SetUpCode(models.Model):
    """The one code with which a server that has no company is set up; made again, it is another.

    ``wrong`` counts what was typed instead of it since it was made.
    """

    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    wrong = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="set_up_code_once")]

    def __str__(self) -> str:
        return f"good until {self.expires_at:%Y-%m-%d %H:%M}"


@track
class SetUpMark(CompanyOwned):
    """What an admin said of a step of the set-up; the row without a step is about the whole of it."""

    class State(models.TextChoices):
        BEGUN = "begun"
        KEPT = "kept"
        SKIPPED = "skipped"
        FINISHED = "finished"

    step = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    said = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="set_up_mark_company_id"),
            models.UniqueConstraint(fields=["company", "step"], name="set_up_mark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.step or 'set-up'}: {self.state}"


class ApiTokenQuerySet(models.QuerySet):
    """Tokens of people."""

    def live(self, at: datetime) -> Self:
        """Keep those that open the API at this moment: neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=at)


@pghistory.track(
    *(event(level=pghistory.Statement) for event in (pghistory.InsertEvent, pghistory.DeleteEvent)),
    pghistory.UpdateEvent(level=pghistory.Statement, condition=pghistory.AnyChange("revoked_at")),
    exclude=["digest", "last_used_at"],
)
class ApiToken(models.Model):
    """A key a program signs in with; only its digest is kept. Its history leaves out each use.

    ``may_do`` are the capabilities it was made for, with commas between; empty for all of its person's.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    may_do = models.CharField(max_length=400, blank=True, default="", db_default="")
    digest = models.CharField(max_length=64, unique=True, validators=[RegexValidator(r"^[0-9a-f]{64}$")])
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    @property
    def limits(self) -> frozenset[Can] | None:
        """What it was made for; None for whatever its person may."""
        return read_capabilities(self.may_do)

    @property
    def reach(self) -> str:
        """What it may, in words."""
        if not self.may_do:
            return "everything you may"
        limits = self.limits or frozenset[Can]()
        return ", ".join(one.value for one in Can if one in limits) or "nothing any more"

    @staticmethod
    def new_key() -> str:
        """Make a key: 256 random bits, so that a plain digest of it cannot be guessed."""
        return "hl_" + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(key: str) -> str:
        """The digest under which a key is found again."""
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
