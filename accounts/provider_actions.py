"""Signing in by the company's own OpenID Connect provider: what an admin sets, and who somebody is there.

The provider says who somebody is; who that is here, and whether they are let in, is decided here. An address
decides once, at the first sign-in and only when the provider vouches for it; from then on the ``sub`` of the
issuer does, so that an address given to somebody else opens nothing.
"""

from __future__ import annotations

import re
import secrets as random
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import IntegrityError, transaction

from accounts.audit import acting
from accounts.models import AccountAct, Company, SignInDomain, SignInIdentity, SignInProvider, User
from accounts.people_actions import doing, told
from accounts.roles import Role
from accounts.secrets import sealer
from accounts.steps import Refused, Unfit

Kind = AccountAct.Kind
PROOF_LASTS = timedelta(hours=1)
"""How long an admin's own sign-in by the provider counts as proof that it lets them in."""
STALE = "Somebody changed the provider while you were typing."
NOT_PROVED = (
    "Save it without this first, then try a sign-in by the provider yourself: until it has let you in, "
    "switching passwords off could lock everybody out."
)
OFF = "While sign-in by the provider is off, passwords and passkeys are the only way in: leave them on."
PASSWORDLESS = "You have no password here, so nothing would let you in: choose one first, under your name."
NOT_KNOWN = (
    "Your provider knows you, but nobody is invited here with the address it vouches for. Ask an admin of "
    "your company to invite you with it."
)
UNVERIFIED = (
    "Your provider does not vouch for your mail address, so you cannot be found by it. Ask an admin of your "
    "company; the provider must say that the address is verified."
)
OTHER_DOMAIN = (
    "The mail address at your provider is of none of the domains that your company named here. Sign in there "
    "with your work account."
)
SEVERAL = "Several accounts here have your mail address. Ask an admin of your company to make it one's alone."
ANOTHER = (
    "The account with your mail address belongs to another sign-in of the provider. Ask an admin of your "
    "company to take that link away, if it is you."
)
DISABLED = "Your account here is disabled. Ask an admin of your company."
SOMEBODY_ELSE = "The provider signed in somebody who has another account here. Sign out there and try again."


@dataclass(frozen=True)
class Said:
    """Everything of a provider that an admin says. An empty ``secret`` leaves the one that is kept."""

    name: str
    issuer: str
    client_id: str
    secret: str
    domains: tuple[str, ...]
    enabled: bool
    alone: bool
    second_factor: bool
    admits: str


@dataclass(frozen=True)
class Known:
    """Who somebody is by the provider's checked word. ``verified`` is about ``email``."""

    subject: str
    email: str
    verified: bool
    first_name: str
    last_name: str


def provider_of(company_id: int) -> SignInProvider | None:
    """The company's provider, if it has one."""
    rows = SignInProvider.objects.filter(company_id=company_id)
    return rows.select_related("changed_by", "proved_by", "tested_by").first()


def seal(company_id: int, secret: str) -> str:
    """A client secret as it is kept; sealed for one company it opens for no other."""
    return sealer(f"sign-in provider of company {company_id}").encrypt(secret.encode()).decode()


def secret_of(provider: SignInProvider) -> str:
    """The client secret; Refused when ``SECRETS_KEY`` was changed since it was kept."""
    try:
        opened = sealer(f"sign-in provider of company {provider.company_id}").decrypt(
            provider.secret.encode()
        )
    except InvalidToken as error:
        said = "The client secret cannot be read any more. An admin of your company enters it anew."
        raise Refused(said) from error
    return opened.decode()


def save_provider(said: Said, *, seen: str, by: User, at: datetime) -> SignInProvider:
    """Set or change the provider; ``seen`` is the version that was read, empty for none.

    Refused ("stale") when somebody changed it since; Unfit for what cannot be kept. Another issuer, client or
    secret is another provider: it must be proved anew, and until then passwords sign in again.
    """
    with doing(by, "change sign-in provider"):
        kept = SignInProvider.objects.select_for_update().filter(company_id=by.company_id).first()
        if seen != (str(kept.version) if kept else ""):
            raise Refused(STALE, "stale")
        row = kept or SignInProvider(company_id=by.company_id, key=random.token_urlsafe(12))
        if not said.secret and not row.secret:
            raise Unfit({"secret": "Enter the client secret that the provider shows for this client."})
        another = bool(said.secret) or (row.issuer, row.client_id) != (said.issuer, said.client_id)
        was_alone = row.alone
        if another:
            _forget_proof(row)
        # a new secret of a provider that was alone turns passwords on again, and refuses nothing
        said = replace(said, alone=False) if another and was_alone else said
        _refuse_locking_out(row, said, by, at)
        row.name, row.issuer, row.client_id = said.name, said.issuer, said.client_id
        row.secret = seal(by.company_id, said.secret) if said.secret else row.secret
        row.enabled, row.alone = said.enabled, said.alone
        row.second_factor, row.admits = said.second_factor, said.admits
        row.version = row.version + 1 if kept else 1
        row.changed_at, row.changed_by = at, by
        row.save()
        _name_domains(row, said.domains)
        return row


def _forget_proof(row: SignInProvider) -> None:
    row.proved_at = row.proved_by = row.tested_at = row.tested_by = None
    row.alone, row.test = False, {}


def _refuse_locking_out(row: SignInProvider, said: Said, by: User, at: datetime) -> None:
    """Passwords go off only for who has just come in without one; the provider only for who has one."""
    if said.alone and not said.enabled:
        raise Unfit({"alone": OFF})
    proved = row.proved_by_id == by.pk and row.proved_at is not None and row.proved_at > at - PROOF_LASTS
    if said.alone and not row.alone and not proved:
        raise Unfit({"alone": NOT_PROVED})
    if row.enabled and not said.enabled and not by.has_usable_password():
        raise Unfit({"enabled": PASSWORDLESS})


def _name_domains(row: SignInProvider, domains: Collection[str]) -> None:
    taken = SignInDomain.objects.filter(domain__in=domains).exclude(provider=row).first()
    if taken is None:
        SignInDomain.objects.filter(provider=row).exclude(domain__in=domains).delete()
        had = set(SignInDomain.objects.filter(provider=row).values_list("domain", flat=True))
        new = [
            SignInDomain(company_id=row.company_id, provider=row, domain=domain)
            for domain in domains
            if domain not in had
        ]
        try:
            with transaction.atomic():
                SignInDomain.objects.bulk_create(new)
        except IntegrityError:
            taken = new[0]
    if taken is not None:
        said = f"{taken.domain} leads to another sign-in already. Ask whoever runs this server."
        raise Unfit({"domains": said})


def remove_provider(row: SignInProvider, *, by: User) -> None:
    """Forget the provider, its secret and its domains; who came by it stays, and needs a password."""
    with doing(by, "remove sign-in provider"):
        if not by.has_usable_password():
            raise Refused(PASSWORDLESS)
        SignInProvider.objects.filter(pk=row.pk, company_id=by.company_id).delete()


def keep_test(row: SignInProvider, test: dict[str, Any], *, by: User, at: datetime) -> None:
    """Keep how a test went, unless the provider was changed while it ran."""
    rows = SignInProvider.objects.filter(pk=row.pk, version=row.version, company_id=by.company_id)
    with transaction.atomic(), acting(by, "test sign-in provider"):
        rows.update(test=test, tested_at=at, tested_by=by)


def prove(row: SignInProvider, known: Known, *, by: User, at: datetime) -> None:
    """Keep that this admin signed in by the provider just now, and who they are there.

    They are signed in here already, so no address is needed to know whom to link. Refused when the provider
    let in somebody with another account, or when the provider was changed meanwhile.
    """
    with doing(by, "try sign-in provider"):
        kept = SignInProvider.objects.select_for_update().get(pk=row.pk)
        if (kept.issuer, kept.client_id, kept.secret) != (row.issuer, row.client_id, row.secret):
            raise Refused(STALE, "stale")
        _link(kept, by, known, at)
        SignInProvider.objects.filter(pk=row.pk).update(proved_at=at, proved_by=by)


def link_own(row: SignInProvider, known: Known, *, by: User, at: datetime) -> None:
    """Link one's own account to the sign-in just shown; both are proved, so no address is asked for."""
    with transaction.atomic(), acting(by, "link to sign-in provider"):
        Company.objects.select_for_update(no_key=True).get(pk=row.company_id)
        _link(row, by, known, at)


def _link(row: SignInProvider, person: User, known: Known, at: datetime) -> None:
    """Remember who the person is at the issuer; nothing to do when that is known."""
    rows = SignInIdentity.objects.filter(company_id=row.company_id, issuer=row.issuer)
    found = rows.filter(subject=known.subject).first()
    if found is not None and found.user_id != person.pk:
        raise Refused(SOMEBODY_ELSE)
    if found is not None:
        return
    if rows.filter(user=person).exists():
        raise Refused(ANOTHER)
    SignInIdentity.objects.create(
        company_id=row.company_id, user=person, issuer=row.issuer, subject=known.subject, linked_at=at
    )
    told(person, Kind.LINKED, row.name, None, at)


def person_for(row: SignInProvider, known: Known, *, at: datetime) -> User:
    """Whom the provider's word lets in; Refused with the sentence for who may not come in.

    Under the company's lock: two first sign-ins of one person at once make one link, of two new people with
    one address one account.
    """
    with transaction.atomic(), acting(None, "sign in by provider", company=row.company_id):
        Company.objects.select_for_update(no_key=True).get(pk=row.company_id)
        known_here = SignInIdentity.objects.filter(
            company_id=row.company_id, issuer=row.issuer, subject=known.subject
        )
        found = known_here.select_related("user").first()
        if found is not None:
            return _here(found.user)
        person = _by_address(row, known) or _admitted(row, known, at)
        _link(row, _here(person), known, at)
        return person


def _here(person: User) -> User:
    if not person.is_active:
        raise Refused(DISABLED)
    return person


def _by_address(row: SignInProvider, known: Known) -> User | None:
    """The one person of the company with the address that the provider vouches for."""
    if not known.email or not known.verified:
        raise Refused(UNVERIFIED)
    if known.email.rpartition("@")[2].lower() not in row.domains.values_list("domain", flat=True):
        raise Refused(OTHER_DOMAIN)
    people = User.objects.filter(company_id=row.company_id, email__iexact=known.email)
    found = list(people.order_by("-is_active", "pk")[:2])
    if len(found) == 2 and found[1].is_active:
        raise Refused(SEVERAL)
    return found[0] if found else None


def _admitted(row: SignInProvider, known: Known, at: datetime) -> User:
    """An account for who is not known yet, where the company lets such people in."""
    if row.admits not in set(Role) - {Role.ADMIN}:
        raise Refused(NOT_KNOWN)
    person = User(
        company_id=row.company_id,
        username=_free_name(known.email),
        email=known.email,
        first_name=known.first_name or known.email.partition("@")[0][:60],
        last_name=known.last_name,
        role=row.admits,
    )
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:  # another company took the very name in this moment
        raise Refused("Your account could not be made just now. Sign in once more.") from error
    told(person, Kind.INVITE, f"as {row.admits}, let in by {row.name}"[:200], None, at)
    return person


def _free_name(email: str) -> str:
    base = re.sub(r"[^a-z0-9._-]", "", email.partition("@")[0].lower())[:30] or "person"
    names = [base, *(f"{base}{number}" for number in range(2, 60))]
    taken = {
        name.lower() for name in User.objects.filter(username__in=names).values_list("username", flat=True)
    }
    free = next((name for name in names if name not in taken), None)
    return free or f"{base}-{random.token_hex(4)}"


def unlink(person: User, *, by: User, at: datetime) -> int:
    """Forget who somebody is at the provider; the next sign-in there finds them by their address again."""
    with doing(by, "take provider link away"):
        gone, _ = SignInIdentity.objects.filter(user=person, company_id=by.company_id).delete()
        if not gone:
            raise Refused(f"{person} is not linked to the provider.")
        told(person, Kind.UNLINK, "", by, at)
        return gone


def allow_passwords(company: Company, *, at: datetime) -> bool:
    """Let passwords and passkeys sign in again, for who runs the server; False when they do already."""
    with transaction.atomic(), acting(None, "allow passwords", company=company.pk):
        rows = SignInProvider.objects.filter(company=company, alone=True)
        return bool(rows.update(alone=False, changed_at=at, changed_by=None))
