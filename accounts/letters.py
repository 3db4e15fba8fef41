"""Mails about one's account: the link with which somebody chooses their password.

The link says nothing but an id and a seal that the password's next change breaks; it is good for
``PASSWORD_RESET_TIMEOUT``. It is made when the mail is sent, so that a mail that waited is not too old.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import User

KIND = "account letter"
"""The kind under which a mail waits in the outbox."""
Post = Callable[[int, str, dict[str, Any], datetime], None]
_posts: list[Post] = []


def posted_by(post: Post) -> None:
    """Say how a letter is put into the outbox, which lies in a room above this one."""
    _posts[:] = [post]


def post(person: User, *, at: datetime) -> None:
    """Have the link mailed as soon as what is being done is committed."""
    put(person.company_id, KIND, {"user": person.pk}, at=at)


def put(company_id: int, kind: str, payload: dict[str, Any], *, at: datetime) -> None:
    """Put a mail of this kind into the outbox; its payload says ids alone."""
    for post in _posts:
        post(company_id, kind, payload, at)


def good_for() -> str:
    """How long a link is good, in words."""
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"


def link_for(person: User) -> str:
    """The address under which this person, and whoever else has it, chooses the account's password once."""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return f"{settings.SITE_URL.rstrip('/')}{path.replace('UID-KEY', key)}"


def send(user_id: int) -> None:
    """Mail the link. Who was disabled meanwhile, or has no address any more, gets none.

    Raises what the mail server's trouble is, so that the outbox tries again.
    """
    person = User.objects.select_related("company").filter(pk=user_id, is_active=True).first()
    if person is None or not person.email:
        return
    where = settings.SYSTEM_NAME or person.company.name
    said = [
        f"An account at {where} waits for you.",
        f"Your username is {person.username}.",
        f"Choose your password here, within {good_for()}:\n{link_for(person)}",
        "If you do not expect this mail, do nothing and tell whoever looks after the system.",
    ]
    EmailMessage(
        f"Your account at {where}",
        "\n\n".join(said) + "\n",
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
