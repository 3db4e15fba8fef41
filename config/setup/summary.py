"""The end of the set-up in words: what is set, what was assumed, and what nobody could know.

Every sentence follows from what is in force now, so the page is true on any later day, too. Each says what
follows from it, and where it is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.conf import settings
from django.urls import reverse

from accounts.models import Shift
from accounts.roles import Role
from config.front.house import counted
from config.setup.standing import DONE, SKIPPED, SetUp, StepNow, hours_said
from deductibles.actions.sending import disarmed
from deductibles.domain.money import dollars
from deductibles.models import Claim, provider_in_force
from escalations.calendars.choosing import USUAL, week_words
from escalations.domain.policy import Policy
from escalations.policies import date_name, digest_of, policy_of, shipped_policy

GUARD_DAYS = 14
"""The days before a filing deadline on which a held claim leaves, until somebody says otherwise."""


@dataclass(frozen=True)
class Line:
    """One sentence with what follows from it; ``url`` and ``place`` lead to where it is changed."""

    said: str
    follows: str
    url: str = ""
    place: str = ""


class Summary:
    """The three lists, and the steps that are still open."""

    def __init__(self, setup: SetUp) -> None:
        self.setup = setup
        self.company = setup.company

    @property
    def set(self) -> list[StepNow]:
        """What is done."""
        return [one for one in self.setup.steps if one.state == DONE]

    @property
    def left(self) -> list[StepNow]:
        """What is not, with what follows from it."""
        return [one for one in self.setup.steps if one.state != DONE]

    @property
    def skipped_word(self) -> str:
        """The state of a step that was left."""
        return SKIPPED

    @property
    def closed_days(self) -> list[tuple[int, list[tuple[date, str]]]]:
        """The holidays of this year and next, each with its name."""
        calendar, year = self.setup.calendar, self.setup.year
        return [
            (
                shown,
                [(on, date_name(calendar, on)) for on in sorted(calendar.rules.holidays) if on.year == shown],
            )
            for shown in (year, year + 1)
        ]

    @property
    def assumed(self) -> list[Line]:
        """What goes by a value that nobody of the company chose."""
        return [*self._assumed_of_days(), *self._assumed_of_rules(), *self._assumed_of_claims(), _sessions()]

    @property
    def unknown(self) -> list[Line]:
        """What could not be known, and what does not work, or works blindly, until somebody says it."""
        return [*self._unknown_of_desk(), *self._unknown_of_claims(), *self._unknown_of_people(), _backups()]

    # Assumed

    def _assumed_of_days(self) -> Iterator[Line]:
        setup, page = self.setup, ("setup:hours", "Desk hours")
        if not setup.kept("hours"):
            usual = hours_said(setup.calendar) == week_words(USUAL)
            said = (
                f"The desk is open {hours_said(setup.calendar)}, by the clock of {setup.calendar.rules.zone}."
            )
            why = (
                "The guide names no hours; these are ours."
                if usual
                else "Nobody has said that this is right."
            )
            yield _line(said, f"{why} Every due date counts on them.", *page)
        yield from self._assumed_of_holidays()
        if setup.calendar.rules.zone != self.company.time_zone:
            said = f"Tickets are due by the clock of {setup.calendar.rules.zone}, holds and nights go by the "
            yield _line(f"{said}dates of {self.company.time_zone}.", "Both are as they were entered.", *page)
        if not setup.kept("company") and self.company.is_ambulance:
            follows = (
                "Of an eligibility answer, lines for ambulance are read before those for the whole plan."
            )
            yield _line("You bill ambulance trips.", follows, "company", "Company")

    def _assumed_of_holidays(self) -> Iterator[Line]:
        setup, page = self.setup, ("setup:holidays", "Holidays")
        ahead = [on for on in setup.calendar.rules.holidays if on.year >= setup.year]
        if not ahead:
            said = "No holidays are kept: tickets count every weekday that is open."
            yield _line(said, "A patient may be promised a day on which nobody works.", *page)
            return
        if not setup.kept("holidays"):
            said = (
                "The desk is closed on the federal holidays of the United States, and on no day of your own."
            )
            yield _line(said, "Nobody chose them. Due dates do not count them.", *page)
        last = max(on.year for on in ahead)
        follows = f"From {last + 1} on every weekday that is open counts, until a list is chosen again."
        yield _line(f"Holidays are laid out to the end of {last}.", follows, *page)

    @cached_property
    def _policy(self) -> Policy:
        return policy_of(self.setup.policy)

    def _assumed_of_rules(self) -> Iterator[Line]:
        version, policy = self.setup.policy, self._policy
        if self.setup.kept("rules"):
            return
        if version.digest == digest_of(shipped_policy()):
            said = (
                f"The {len(policy.types)} types of tickets, how long each may take and what each asks are "
                "those of the guide that Holdline was made by."
            )
            follows = f"They are version {version.number}. A ticket keeps the version it was filed under."
            yield _line(said, follows, "policy:overview", "Escalation rules")
        page = ("policy:general", "What holds for every type")
        shipped = Policy.from_json(shipped_policy())
        if policy.grace_minutes == shipped.grace_minutes:
            said = (
                f"An immediate ticket is in time if somebody takes it within {policy.grace_minutes} minutes."
            )
            yield _line(said, "The guide names no number; this one is ours.", *page)
        if policy.reopen == shipped.reopen:
            said = f"A late ticket that is reopened is due again after {policy.reopen.max} business days."
            yield _line(said, "The guide names no number; this one is ours.", *page)

    def _assumed_of_claims(self) -> Iterator[Line]:
        now, page = self.setup.monitoring, ("deductibles:settings", "Deductible Monitoring")
        if not now.version and not self.setup.kept("monitoring"):
            said = "No claim is held: automated deductible monitoring is off until it is switched on."
            yield _line(
                said, "Each complete claim is queued at once and goes out with the next night.", *page
            )
        if now.automatic and not now.dollar_threshold:
            said = f"A held claim leaves when {dollars(now.dollar_threshold)} of its deductible remain."
            yield _line(said, "The threshold was left at nothing: the whole deductible has to be met.", *page)
        if now.guard_days == GUARD_DAYS:
            said = f"No claim is held into the last {GUARD_DAYS} days before its filing deadline."
            yield _line(said, "The number is ours.", *page)
        yield self._sending()

    def _sending(self) -> Line:
        """What leaves by itself, and since when it does."""
        page, stopped = ("deductibles:sending", "Sending"), disarmed(self.company)
        if stopped is not None:
            return _line("Nothing leaves: sending is disarmed.", f"{stopped.why} An admin arms it.", *page)
        lacks = [] if provider_in_force(self.company.pk) else ["a billing provider"]
        lacks += [] if self.setup.connections["clearinghouse"].found.address else ["a clearinghouse"]
        said = "Queued claims leave by themselves, each night after 03:00 UTC."
        if lacks:
            missing = f"neither {' nor '.join(lacks)}" if len(lacks) > 1 else f"not yet {lacks[0]}"
            return _line(
                said, f"Nothing leaves yet: there is {missing}. As soon as there is, they go.", *page
            )
        return _line(
            said, "The first night with a queued claim sends it. To hold all back, disarm sending.", *page
        )

    # Unknown

    def _unknown_of_desk(self) -> Iterator[Line]:
        if not self.company.itemized_bill_address:
            said = "Where insurers write to for an itemized bill."
            yield _line(
                said, "Agents cannot tell them; they are told that no address is set.", "company", "Company"
            )
        lists = self._policy.lists
        if "common_write_off_codes" in lists and not lists["common_write_off_codes"].items:
            said = "Which write-off codes are common with you."
            yield _line(
                said,
                "Every code counts as uncommon and needs its note.",
                "policy:lists",
                "Keywords and lists",
            )
        articles = sum(not one.text for one in self._policy.articles)
        terms = sum(not one.means for one in self._policy.glossary)
        if articles or terms:
            said = f"What {counted(articles, 'article')} of the guide say and {counted(terms, 'term')} mean."
            follows = "They stand in the guide as places that say so."
            yield _line(said, follows, "policy:words", "Glossary and articles")
        if not Shift.objects.filter(company=self.company).exists():
            said = "Who works when."
            follows = "Callbacks whose 24 hours end while nobody is on shift cannot be warned of."
            yield _line(said, follows, "teams:list", "Teams and shifts")

    def _unknown_of_claims(self) -> Iterator[Line]:
        setup = self.setup
        if setup.connections["arboost"].standing[0] != "closed":
            said = "Whether AR Boost answers, and whether your agency is switched on there."
            follows = "Until it does no claim is held, and monitoring cannot be switched on."
            yield _line(said, follows, "deductibles:connection_arboost", "AR Boost")
        if setup.connections["clearinghouse"].standing[0] != "closed":
            said = "Whether the clearinghouse lets you in."
            follows = "A file that cannot be handed over waits, and its claims with it."
            yield _line(said, follows, "deductibles:connection_clearinghouse", "Clearinghouse")
        if not Claim.objects.filter(company=self.company, status__in=("accepted", "paid")).exists():
            said = "Whether the clearinghouse accepts what you send: no claim was accepted yet."
            follows = (
                "Look at Acknowledgements after the first night; a rejected claim comes back with its reason."
            )
            yield _line(said, follows)
        count, limited = setup.payers
        if count > limited:
            said = f"The filing limits of {counted(count - limited, 'payer')}."
            yield _line(said, "Their held claims do not leave early for a deadline.", "payers:list", "Payers")

    def _unknown_of_people(self) -> Iterator[Line]:
        setup, page = self.setup, ("people:list", "People")
        if not setup.has_mail_server:
            said = "Where mails are to go: EMAIL_URL of this server names no mail server."
            follows = "Nobody gets an invitation or a notice by mail; links are shown and handed over."
            yield _line(said, follows, "mailing:page", "Mail")
        elif not setup.kept("mail"):
            said = "Whether mails arrive: nobody has said that the test did."
            yield _line(said, "Somebody who was invited may wait for a link.", "mailing:page", "Mail")
        for role, follows in _NOBODY.items():
            if not setup.people.get(role.capitalize()):
                yield _line(f"Who the {role}s are.", follows, *page)
        if setup.people.get("Admin", 0) < 2:
            follows = "If you cannot sign in, only whoever runs the server lets you in again."
            yield _line("Who the second admin is.", follows, *page)


_NOBODY = {
    Role.AGENT: "Nobody files tickets.",
    Role.SUPERVISOR: "Late tickets and alarms are told to nobody.",
    Role.BILLER: "Nobody enters claims, and nobody sees those that come back.",
}


def _line(said: str, follows: str, url_name: str = "", place: str = "") -> Line:
    return Line(said, follows, reverse(url_name) if url_name else "", place)


def _sessions() -> Line:
    minutes = settings.SESSION_IDLE_SECONDS // 60
    factor = (
        "An admin needs a second factor." if settings.ADMIN_SECOND_FACTOR else "Nobody needs a second factor."
    )
    return Line(
        f"A session ends after {minutes} minutes without activity. {factor}",
        "Whoever runs the server decides it: SESSION_IDLE_SECONDS, ADMIN_SECOND_FACTOR.",
    )


def _backups() -> Line:
    return Line(
        "Whether anybody backs up the database, and keeps SECRETS_KEY in another place.",
        "Without both, everything is lost with the machine. docs/operations.md, Back up, says how.",
    )
