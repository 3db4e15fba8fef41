"""What a production start must not have, judged from plain values before Django's settings are complete.

``config.settings`` refuses to be read while one of these stands; ``manage.py check`` and ``doctor`` repeat
them by the same ids. Knows no Django, so that it can be asked anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

SHORTEST = {"SECRET_KEY": 50, "SECRETS_KEY": 40}
"""Characters: what Django asks of its key, and 30 random bytes in base64 for ours."""
FEWEST_DIFFERENT = 12
DEFAULTS = ("only-for-", "django-insecure", "change", "secret", "password", "example")
MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'


@dataclass(frozen=True)
class Start:
    """The values a start is judged by; addresses are empty when unset."""

    demo: bool
    debug: bool
    site_url: str
    allowed_hosts: tuple[str, ...]
    secret_key: str
    secrets_key: str
    arboost_url: str
    clearinghouse_url: str
    email_url: str
    embedded: bool
    """Whether the database is the one `make run` keeps below VAR_DIR."""
    admin_factor: bool = True
    """Whether an admin needs a second factor."""

    @property
    def production(self) -> bool:
        """Real people's data: neither the demo nor a developer's own machine.

        An address of a private network is where a company's own server stands: only this machine's own
        addresses make a start a developer's.
        """
        return not self.demo and not (self.debug and is_this_machine(self.site_url))


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a start, and its mend, each a sentence."""

    id: str
    said: str
    mend: str

    def __str__(self) -> str:
        return f"{self.id}: {self.said} {self.mend}"


def is_this_machine(url: str) -> bool:
    """Whether an address leads to this machine and to no other."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def is_local(url: str) -> bool:
    """Whether an address leads to this machine or stays on a private network."""
    try:
        return is_this_machine(url) or ip_address(urlsplit(url).hostname or "").is_private
    except ValueError:
        return False


def refusals(start: Start) -> list[Problem]:
    """Everything for which Holdline must not start, all at once."""
    return [*_demo(start), *_secrets(start), *_site(start), *_gateways(start)]


def warnings(start: Start) -> list[Problem]:
    """What is allowed in production and seldom meant."""
    return list(_doubtful(start)) if start.production else []


def _demo(start: Start) -> Iterator[Problem]:
    if not start.demo:
        return
    mend = "Set DEMO=0, or take SITE_URL out for a demo on this machine."
    if not is_local(start.site_url):
        yield Problem("holdline.E001", "DEMO is on and SITE_URL can be reached from outside.", mend)
    elif start.site_url.startswith("https:"):
        yield Problem("holdline.E001", "DEMO is on and SITE_URL is https, as for real people.", mend)


def _secrets(start: Start) -> Iterator[Problem]:
    if not start.production:
        return
    for name, value in (("SECRET_KEY", start.secret_key), ("SECRETS_KEY", start.secrets_key)):
        if why := _weakness(name, value):
            mend = f"Put a long random text into {name}: {MAKE_ONE}"
            yield Problem("holdline.E002", f"{name} {why}.", mend)
    if start.secret_key and start.secret_key == start.secrets_key:
        said = "SECRET_KEY and SECRETS_KEY are the same text."
        yield Problem("holdline.E003", said, "Give each its own: who finds one must not hold the other.")


def _weakness(name: str, value: str) -> str:
    if not value:
        return "is not set"
    if value.lower().startswith(DEFAULTS):
        return "is a default or an example"
    if len(value) < SHORTEST[name]:
        return f"is shorter than {SHORTEST[name]} characters"
    if len(set(value)) < FEWEST_DIFFERENT or _repeats(value):
        return "is one piece repeated"
    return ""


def _repeats(text: str) -> bool:
    """A text that is a shorter one again and again is found inside itself, doubled, before its end."""
    return (text + text).find(text, 1) < len(text)


def _site(start: Start) -> Iterator[Problem]:
    if not start.production:
        return
    if start.debug:
        said = "DEBUG is on: error pages would show settings and patients."
        yield Problem("holdline.E004", said, "Set DEBUG=0.")
    if not start.site_url.startswith("https://"):
        said = "SITE_URL is not https: passwords and patients would travel in the open."
        yield Problem(
            "holdline.E005", said, "Set SITE_URL to the address people type, beginning with https://."
        )
    if any("*" in host for host in start.allowed_hosts):
        said = "ALLOWED_HOSTS has a star: links in mails could be made to lead anywhere."
        yield Problem("holdline.E006", said, "Name each host; that of SITE_URL is allowed by itself.")


def _gateways(start: Start) -> Iterator[Problem]:
    if not start.production:
        return
    for name, url in (("ARBOOST_URL", start.arboost_url), ("CLEARINGHOUSE_URL", start.clearinghouse_url)):
        if url.startswith("http:"):
            said = f"{name} is http: patients' data would travel in the open."
            yield Problem("holdline.E007", said, f"Set {name} to the vendor's https address.")
        elif url.startswith(("https:", "sftp:")) and is_local(url):
            said = f"{name} leads to this machine, as the demo's stand-ins do."
            yield Problem("holdline.E008", said, f"Set {name} to the vendor's own address.")


def _doubtful(start: Start) -> Iterator[Problem]:
    if start.email_url.startswith(("console", "dummy", "memory")):
        said = "EMAIL_URL sends no mail: nobody can set a forgotten password anew."
        mend = "Set it to the mail server, as in smtp+tls://user:password@mail.example:587."
        yield Problem("holdline.W001", said, mend)
    if start.embedded:
        said = "DATABASE_URL is unset or leads to the embedded PostgreSQL of VAR_DIR, which holds real data."
        mend = "Set DATABASE_URL to a PostgreSQL 18 that is backed up."
        yield Problem("holdline.W002", said, mend)
    if not start.admin_factor:
        said = "ADMIN_SECOND_FACTOR is off: an admin's password alone opens every setting of a company."
        yield Problem("holdline.W003", said, "Take it out, or set it to 1.")
