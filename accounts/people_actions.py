"""What an admin does to people's accounts: invite, change, disable, let in again, help who is locked out.

Each act stands on the person's page (:class:`accounts.models.AccountAct`), in the same transaction. Nobody
takes the last admin away, and nobody does to themselves what would lock them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import actions, letters
from accounts.audit import acting
from accounts.models import (
    AccountAct,
    ApiToken,
    Company,
    SetUpMark,
    SignInIdentity,
    SignInProvider,
    User,
)
from accounts.roles import Can, Role, refusal
from accounts.steps import Refused, Unfit, digest_of

Kind = AccountAct.Kind
STALE = "Somebody else changed this account meanwhile. Compare, then decide."
LAST_ADMIN = (
    "Nobody else is an admin who can sign in. Make another person an admin first, and have them sign in."
)
TAKEN = "Somebody signs in with this name already. Choose another."
NO_PASSWORD = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
"""Those who have no password: invited and not chosen yet, or signing in by the company's provider alone."""
INVITED = NO_PASSWORD & ~Q(pk__in=SignInIdentity.objects.values("user_id"))
"""Those who were invited and never came: neither a password nor a link to the company's provider."""
OWN = "This is your own account: another admin does this to it."


@dataclass(frozen=True)
class Said:
    """What a form says about a person."""

    first_name: str
    last_name: str
    email: str
    role: str


def said_of(person: User) -> Said:
    """What is kept of a person, as a form says it."""
    return Said(person.first_name, person.last_name, person.email, person.role)


def seen_of(person: User) -> str:
    """What a form about this person has seen."""
    kept = said_of(person)
    return digest_of([kept.first_name, kept.last_name, kept.email, kept.role])


def invite(said: Said, *, username: str, by: User, at: datetime) -> User:
    """Make an account that nobody can sign in to until its person chose a password by the link.

    The link is mailed where there is an address; else an admin shows it, to be handed over. Unfit when the
    username is taken, by whatever company.
    """
    with doing(by, "invite"):
        return _invited(by.company, said, username, by, at)


def invite_at_the_server(company: Company, said: Said, *, username: str, at: datetime) -> User:
    """The same, for who runs the server."""
    with transaction.atomic(), acting(None, "invite", company=company.pk):
        return _invited(company, said, username, None, at)


def _invited(company: Company, said: Said, username: str, by: User | None, at: datetime) -> User:
    person = _added(company, username, said)
    told(person, Kind.INVITE, f"as {said.role}", by, at)
    if person.email:
        letters.post(person, at=at)
    return person


def open_company(
    *,
    key: str,
    name: str,
    zone: str,
    admin: str,
    said: Said,
    at: datetime,
    is_ambulance: bool = True,
    itemized_bill_address: str = "",
) -> User:
    """Add a company with its first admin, who has no password yet; for who runs the server.

    The set-up of the company begins with it. Unfit when the key or the admin's username is taken, or cannot
    be one.
    """
    with transaction.atomic(), acting(None, "open company"):
        company = Company(
            key=key,
            name=name,
            time_zone=zone,
            is_ambulance=is_ambulance,
            itemized_bill_address=itemized_bill_address,
        )
        try:
            with transaction.atomic():
                company.save(force_insert=True)
        except IntegrityError as error:
            raise Unfit({"key": f"There is a company {key} already."}) from error
        person = _added(company, admin, said)
        told(person, Kind.INVITE, "as the first admin", None, at)
        SetUpMark.objects.create(company=company, state=SetUpMark.State.BEGUN, at=at)
        return person


def is_taken(username: str) -> bool:
    """Whether somebody of any company signs in with this name."""
    return User.objects.filter(username__iexact=username).exists()


def _added(company: Company, username: str, said: Said) -> User:
    """A person without a password; Unfit when the username is taken, by any company, or cannot be one."""
    if is_taken(username):
        raise Unfit({"username": TAKEN})
    person = User(company=company, username=username, **vars(said))
    person.set_unusable_password()
    try:
        person.clean_fields(exclude=["password"])
        with transaction.atomic():
            person.save()
    except ValidationError as error:
        raise Unfit({name: " ".join(words) for name, words in error.message_dict.items()}) from error
    except IntegrityError as error:
        raise Unfit({"username": TAKEN}) from error
    return person


def change(person: User, said: Said, *, seen: str | None, by: User, at: datetime) -> User:
    """Change name, mail address and role; a role counts from the next click on.

    Refused ("stale") when somebody changed the account since ``seen``; Unfit for one's own role and for the
    last admin's.
    """
    with doing(by, "change account"):
        kept = _locked(person)
        if seen is not None and seen != seen_of(kept):
            raise Refused(STALE, "stale")
        before = said_of(kept)
        if said.role != before.role:
            _refuse_role(kept, by)
        if said == before:
            return kept
        User.objects.filter(pk=kept.pk).update(**vars(said))
        told(kept, Kind.CHANGE, _difference(before, said), by, at)
        return User.objects.get(pk=kept.pk)


def _refuse_role(person: User, by: User) -> None:
    if person.pk == by.pk:
        raise Unfit({"role": "Nobody changes their own role: another admin does."})
    if person.role == Role.ADMIN and person.is_active and not _another_admin(person):
        raise Unfit({"role": LAST_ADMIN})


def _difference(before: Said, after: Said) -> str:
    """What changed, without the address itself."""
    parts = []
    if (before.first_name, before.last_name) != (after.first_name, after.last_name):
        parts.append("name")
    if before.email != after.email:
        parts.append("mail address")
    if before.role != after.role:
        parts.append(f"role from {before.role} to {after.role}")
    return ", ".join(parts)


def disable(person: User, *, reason: str, by: User, at: datetime) -> None:
    """Let somebody in no more: sessions and API tokens end at once. What they did stays, under their name."""
    with doing(by, "disable account"):
        kept = _locked(person)
        if kept.pk == by.pk:
            raise Refused(OWN)
        if not kept.is_active:
            raise Refused(f"{kept} is disabled already.")
        if kept.role == Role.ADMIN and not _another_admin(kept):
            raise Refused(LAST_ADMIN)
        User.objects.filter(pk=kept.pk).update(is_active=False)
        _end_sessions(kept)
        _revoke(kept, at)
        told(kept, Kind.DISABLE, reason, by, at)


def enable(person: User, *, by: User, at: datetime) -> None:
    """Let somebody in again, with the password they had; their tokens stay revoked."""
    with doing(by, "enable account"):
        kept = _locked(person)
        if kept.is_active:
            raise Refused(f"{kept} is not disabled.")
        User.objects.filter(pk=kept.pk).update(is_active=True)
        told(kept, Kind.ENABLE, "", by, at)


def send_link(person: User, *, by: User, at: datetime) -> None:
    """Mail a link with which the person chooses a new password; the one they have is good until then."""
    with doing(by, "send link"):
        kept = _here(person)
        if not kept.email:
            raise Refused(f"{kept} has no mail address. Enter one, or show the link and hand it over.")
        letters.post(kept, at=at)
        told(kept, Kind.MAIL, "", by, at)


def show_link(person: User, *, by: User, at: datetime) -> str:
    """The same link, for whoever has no mail: whoever holds it chooses the account's password, once."""
    with doing(by, "show link"):
        kept = _here(person)
        if kept.pk == by.pk:
            raise Refused("Your own password is changed under your name, above.")
        told(kept, Kind.LINK, "", by, at)
        return letters.link_for(kept)


def take_factor(person: User, *, reason: str, by: User, at: datetime) -> None:
    """Take away the second factor of somebody who lost it: the password alone lets in, sessions end."""
    with doing(by, "take second factor away"):
        kept = _locked(person)
        if kept.pk == by.pk:
            raise Refused(OWN)
        _without_factor(kept, reason, by, at)


def take_factor_at_the_server(person: User, *, at: datetime) -> None:
    """The same, for who runs the server: the last admin's phone may be gone."""
    with transaction.atomic(), acting(None, "take second factor away"):
        _without_factor(_locked(person), "by who runs the server", None, at)


def _without_factor(kept: User, reason: str, by: User | None, at: datetime) -> None:
    gone, _ = Authenticator.objects.filter(user=kept).delete()
    if not gone:
        raise Refused(f"{kept} has no second factor.")
    _end_sessions(kept)
    told(kept, Kind.FACTOR, reason, by, at)


_FACTORS = {
    Authenticator.Type.TOTP.value: "authenticator app",
    Authenticator.Type.WEBAUTHN.value: "passkey or security key",
}


def tell_own_factor(person: User, kind: str, what: str, *, at: datetime) -> None:
    """Note on the account that its person added or removed a second factor."""
    if kind in _FACTORS:
        told(person, Kind.OWN, f"{_FACTORS[kind]} {what}", person, at)


def sign_out(person: User, *, by: User, at: datetime) -> int:
    """End the person's sessions everywhere; give how many there were."""
    with doing(by, "sign out"):
        kept = _locked(person)
        if kept.pk == by.pk:
            raise Refused("You sign yourself out under your name, above.")
        ended = _end_sessions(kept)
        told(kept, Kind.SIGN_OUT, "", by, at)
        return ended


def revoke_tokens(person: User, *, by: User, at: datetime) -> int:
    """Refuse every API token of the person from now on; give how many there were."""
    with doing(by, "revoke tokens"):
        kept = _locked(person)
        count = _revoke(kept, at)
        if not count:
            raise Refused(f"{kept} has no API token that is good.")
        told(kept, Kind.TOKENS, f"{count}", by, at)
        return count


@contextmanager
def doing(by: User, act: str) -> Iterator[None]:
    """One transaction under the company's lock: of two admins who take each other away, one is refused."""
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    with transaction.atomic(), acting(by, act):
        Company.objects.select_for_update(no_key=True).get(pk=by.company_id)
        if not User.objects.get(pk=by.pk).may(Can.SETTINGS):
            raise Refused("Your own account was changed meanwhile: you are an admin no more.", "role")
        yield


def _locked(person: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _here(person: User) -> User:
    kept = _locked(person)
    if not kept.is_active:
        raise Refused(f"{kept} is disabled. Let them in again first.")
    return kept


def _another_admin(person: User) -> bool:
    """Whether somebody else of the company is an admin with a way to sign in: a password, or the provider."""
    admins = User.objects.filter(company_id=person.company_id, role=Role.ADMIN, is_active=True)
    provider = SignInProvider.objects.filter(company_id=person.company_id, enabled=True).first()
    by_provider = Q(identities__issuer=provider.issuer) if provider else Q(pk__in=[])
    ways = by_provider if provider and provider.alone else by_provider | ~NO_PASSWORD
    return admins.exclude(pk=person.pk).filter(ways).exists()


def _end_sessions(person: User) -> int:
    keys = UserSession.objects.filter(user=person).values_list("session_key", flat=True)
    return actions.end_sessions(person, list(keys))


def _revoke(person: User, at: datetime) -> int:
    return ApiToken.objects.live(at).filter(user=person).update(revoked_at=at)


def told(person: User, kind: Kind, said: str, by: User | None, at: datetime) -> None:
    AccountAct.objects.create(
        company_id=person.company_id, person=person, kind=kind, said=said[:200], by=by, at=at
    )
