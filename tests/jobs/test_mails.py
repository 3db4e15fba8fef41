"""Mails: a number and a link, never a patient; a mail server that is dead, hangs or refuses; the day's start."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection

from accounts.models import Company, Team, User
from escalations import actions
from escalations.actions.notices import Fact, notify
from escalations.digests import begin_days
from escalations.models import CalendarVersion, Digest, MailRefusal, NoticeChoice, Notification, Ticket
from escalations.policies import calendar_in_force, put_in_force
from patients.models import Patient
from tests.factories import PatientFactory, make_company
from tests.mail_server import MailServer
from tests.tickets import filed
from work import outbox
from work.models import OutboxMessage

FRIDAY = datetime(2026, 5, 15, 15, 0, tzinfo=UTC)
"""Friday at ten in Chicago; a Supervisor Escalation of then is due on Tuesday at six."""
TUESDAY_SIX = datetime(2026, 5, 19, 23, 0, tzinfo=UTC)
LATE = TUESDAY_SIX + timedelta(minutes=1)
TUESDAY_NINE = datetime(2026, 5, 19, 14, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)


@pytest.fixture
def mailed(cast: dict[str, User]) -> dict[str, User]:
    """Everybody with an address."""
    for name, person in cast.items():
        person.email = f"{name}@{person.company.key}.example"
        person.save()
    return cast


@pytest.fixture
def ticket(mailed: dict[str, User], patient: Patient) -> Ticket:
    """A Supervisor Escalation that ana took at once."""
    return actions.act(
        filed("supervisor", mailed["ana"], patient, FRIDAY), "take", by=mailed["ana"], at=FRIDAY
    )


@pytest.fixture
def by_smtp(settings: Any) -> Any:
    """Send over the network to a mail server of the test's."""

    def use(server: MailServer) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 1
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False

    return use


class TestWhatAMailSays:
    def test_the_subject_names_the_number_and_the_body_links_to_ticket_and_choices(
        self, ticket: Ticket, settings: Any
    ) -> None:
        settings.DEFAULT_FROM_EMAIL = "Holdline <desk@acme.example>"
        actions.watch_clocks(at=LATE)
        outbox.deliver(at=LATE)
        (sent,) = mail.outbox
        assert sent.subject == f"{ticket.number} is late: it was due Tue 19 May, 18:00"
        assert f"{settings.SITE_URL}/escalations/{ticket.number}/\n" in sent.body
        assert f"{settings.SITE_URL}/notifications/choices/\n" in sent.body and "Ticket is late" in sent.body
        assert sent.from_email == "Holdline <desk@acme.example>" and sent.content_subtype == "plain"
        assert sent.message()["Auto-Submitted"] == "auto-generated"

    def test_lead_and_supervisor_are_told_that_nobody_has_said_they_see_to_it(
        self, ticket: Ticket, mailed: dict[str, User]
    ) -> None:
        lea = User.objects.create(
            username="lea", company=ticket.company, role="agent", email="lea@acme.example"
        )
        team = Team.objects.create(company=ticket.company, name="Days", lead=lea)
        User.objects.filter(username="ana").update(team=team)
        actions.watch_clocks(at=LATE)
        actions.watch_clocks(at=LATE + timedelta(days=1))
        outbox.deliver(at=LATE + timedelta(days=1))
        bodies = {sent.to[0].partition("@")[0]: sent.body for sent in mail.outbox}
        climbed = "Nobody has said they see to it."
        assert climbed in bodies["lea"] and climbed in bodies["sue"] and climbed not in bodies["ana"]

    def test_nothing_of_a_patient_is_in_any_mail_or_in_the_outbox_i8(
        self, mailed: dict[str, User], acme: Company
    ) -> None:
        """Names, answers and notes that occur nowhere else go through every kind of notice and the digest."""
        ana, sue, ben = mailed["ana"], mailed["sue"], mailed["ben"]
        for person in (ana, sue, ben):
            every = {kind: ["app", "mail"] for kind in ("watched", "yours", "reopened", "proposed")}
            NoticeChoice.objects.create(company=acme, user=person, ways=every)
        bird = "Zyxcanary"
        patient = PatientFactory(
            company=acme, first_name=bird, last_name=f"{bird}son", account_number=f"{bird}-7", email=""
        )
        sos = filed("patient-sos", ana, patient, FRIDAY, note=f"{bird} cried")
        found = filed("supervisor", ana, patient, FRIDAY, note=f"{bird} wants a plan")
        actions.watch(found, ben, at=FRIDAY)
        steps: list[tuple[str, User, dict[str, str]]] = [
            ("assign", sue, {"user": "ana"}),
            ("comment", ana, {"note": f"@sue {bird} called"}),
            ("comment", sue, {"note": f"{bird} again"}),
            ("resolve", sue, {"outcome": "Settled", "note": f"{bird} is glad"}),
            ("reopen", sue, {"reason": f"{bird} is not glad"}),
        ]
        for act, by, facts in steps:
            found = actions.act(found, act, by=by, at=FRIDAY, facts=facts)
        actions.watch_clocks(at=FRIDAY + timedelta(days=60))
        with time_machine.travel(TUESDAY_NINE, tick=False):
            begin_days(at=TUESDAY_NINE)
            outbox.deliver(at=TUESDAY_NINE)
        outbox.deliver(at=FRIDAY + timedelta(days=60))
        kinds = set(Notification.objects.filter(mailed=True).values_list("kind", flat=True))
        assert kinds >= {"alarm", "assigned", "mentioned", "yours", "watched", "reopened", "breach"}
        assert {sos.number, found.number} <= {
            word.strip(".:") for m in mail.outbox for word in m.subject.split()
        }
        assert any(m.subject.startswith("Your day") for m in mail.outbox)
        everything = [m.message().as_string() for m in mail.outbox]
        everything += [json.dumps(row) for row in OutboxMessage.objects.values_list("payload", flat=True)]
        everything += list(OutboxMessage.objects.values_list("failure", flat=True))
        everything += list(Notification.objects.values_list("words", flat=True))
        assert bird.lower() not in "\n".join(everything).lower()

    def test_what_was_read_meanwhile_is_not_mailed(self, ticket: Ticket, mailed: dict[str, User]) -> None:
        actions.watch_clocks(at=LATE)
        actions.mark_read(mailed["ana"], ticket=ticket, at=LATE)
        outbox.deliver(at=LATE)
        assert mail.outbox == []

    def test_what_is_wanted_by_mail_alone_is_done_with_once_it_is_mailed(
        self, ticket: Ticket, mailed: dict[str, User]
    ) -> None:
        NoticeChoice.objects.create(company=ticket.company, user=mailed["ana"], ways={"breach": ["mail"]})
        actions.watch_clocks(at=LATE)
        outbox.deliver(at=LATE)
        told = Notification.objects.get()
        assert len(mail.outbox) == 1 and not told.shown and told.read_at is not None


class TestAMailServer:
    def test_that_hangs_holds_nobody_up_and_loses_nothing(self, ticket: Ticket, by_smtp: Any) -> None:
        actions.watch_clocks(at=LATE)
        with MailServer(hangs=True) as server:
            by_smtp(server)
            began = monotonic()
            assert outbox.deliver(at=LATE) == 0
            assert monotonic() - began < 8, "EMAIL_TIMEOUT bounds it"
        message = OutboxMessage.objects.get()
        assert message.done_at is None and message.attempts == 1
        with MailServer() as server:
            by_smtp(server)
            assert outbox.deliver(at=LATE + timedelta(minutes=5)) == 1
        assert ticket.number in server.taken[0]

    def test_the_timeout_is_bounded_unless_somebody_sets_another(self, settings: Any) -> None:
        assert 0 < settings.EMAIL_TIMEOUT <= 30

    def test_that_refuses_the_address_for_good_is_asked_no_more_and_the_person_reads_so(
        self, ticket: Ticket, mailed: dict[str, User], by_smtp: Any
    ) -> None:
        NoticeChoice.objects.create(company=ticket.company, user=mailed["ana"], ways={"breach": ["mail"]})
        actions.watch_clocks(at=LATE)
        with MailServer("550 5.1.1 no such user here") as server:
            by_smtp(server)
            assert outbox.deliver(at=LATE) == 1
        message = OutboxMessage.objects.get()
        assert message.done_at is not None and message.failure == "given up: address refused, 550"
        refusal = MailRefusal.objects.get()
        assert (refusal.user, refusal.address, refusal.code) == (mailed["ana"], "ana@acme.example", 550)
        assert Notification.objects.get().shown, "what could not be mailed stands in the app"

    def test_nothing_more_goes_to_it_until_it_is_tried_again_or_another(
        self, ticket: Ticket, mailed: dict[str, User], by_smtp: Any
    ) -> None:
        ana = mailed["ana"]
        MailRefusal.objects.create(
            company=ana.company, user=ana, address="ANA@acme.example", code=550, at=FRIDAY
        )
        with MailServer() as server:
            by_smtp(server)
            for number, change in enumerate(("none", "again", "another")):
                if change == "again":
                    assert actions.try_again(ana)
                if change == "another":
                    MailRefusal.objects.create(
                        company=ana.company, user=ana, address="old@acme.example", code=550, at=FRIDAY
                    )
                notify([Fact(ana, "breach", ticket, f"k:{number}", f"{ticket.number} {change}.")], at=LATE)
                outbox.deliver(at=LATE)
            assert [change in "".join(server.taken) for change in ("none", "again", "another")] == [
                False,
                True,
                True,
            ]

    @pytest.mark.parametrize("answer", ["450 4.2.1 busy", "452 full", "552 over quota", "554 not today"])
    def test_that_refuses_for_a_while_is_asked_again(self, ticket: Ticket, by_smtp: Any, answer: str) -> None:
        actions.watch_clocks(at=LATE)
        with MailServer(answer) as server:
            by_smtp(server)
            assert outbox.deliver(at=LATE) == 0
        assert not MailRefusal.objects.exists() and OutboxMessage.objects.get().done_at is None

    def test_that_is_dead_for_days_is_given_up_and_told_in_the_app(
        self, ticket: Ticket, mailed: dict[str, User], by_smtp: Any
    ) -> None:
        NoticeChoice.objects.create(company=ticket.company, user=mailed["ana"], ways={"breach": ["mail"]})
        actions.watch_clocks(at=LATE)
        server = MailServer()
        by_smtp(server)
        server.__exit__(None, None, None)
        at, tries = LATE, 0
        while OutboxMessage.objects.filter(done_at=None).exists() and tries < 60:
            outbox.deliver(at=at)
            at, tries = at + timedelta(hours=6), tries + 1
        assert timedelta(days=3) < at - LATE < timedelta(days=5)
        assert OutboxMessage.objects.get().failure == "given up: too late"
        assert Notification.objects.get().shown


def sweep(at: datetime) -> int:
    """Begin the days and deliver what waits, at this moment."""
    with time_machine.travel(at, tick=False):
        begun = begin_days(at=at)
        outbox.deliver(at=at)
    return begun


class TestTheStartOfTheDay:
    """The company opens at nine in Chicago."""

    @pytest.fixture
    def due_today(self, mailed: dict[str, User], patient: Patient) -> list[Ticket]:
        """Seven of ana's that are due on Tuesday at six."""
        ana = mailed["ana"]
        rows = [filed("supervisor", ana, patient, FRIDAY) for _ in range(7)]
        return [actions.act(one, "take", by=ana, at=FRIDAY) for one in rows]

    def to(self, name: str) -> list[Any]:
        return [sent for sent in mail.outbox if sent.to == [f"{name}@acme.example"]]

    def test_it_is_mailed_once_when_the_company_opens(self, due_today: list[Ticket]) -> None:
        assert sweep(TUESDAY_NINE - timedelta(minutes=1)) == 0
        assert sweep(TUESDAY_NINE) > 0
        assert sweep(TUESDAY_NINE + timedelta(hours=1)) == 0
        (sent,) = self.to("ana")
        assert sent.subject == "Your day: 7 tickets of yours due today"
        named = [line for line in sent.body.splitlines() if " at 18:00" in line]
        assert named == [f"{one.number} at 18:00" for one in due_today[:5]], "the five nearest"
        assert "/notifications/choices/" in sent.body

    def test_a_supervisor_is_told_of_all_and_of_those_nobody_has(
        self, due_today: list[Ticket], mailed: dict[str, User], patient: Patient
    ) -> None:
        filed("refund", mailed["ana"], patient, FRIDAY)
        sweep(TUESDAY_NINE)
        (sent,) = self.to("sue")
        assert "7 tickets due today in all." in sent.body and "1 ticket that nobody has." in sent.body
        assert sent.body.count(" at 18:00") == 5
        assert "in all" not in self.to("ana")[0].body

    def test_who_has_nothing_gets_no_mail_and_who_declined_none_either(
        self, mailed: dict[str, User], patient: Patient
    ) -> None:
        actions.act(filed("supervisor", mailed["ana"], patient, FRIDAY), "take", by=mailed["ana"], at=FRIDAY)
        NoticeChoice.objects.create(company=patient.company, user=mailed["sue"], digest=False)
        theo = User.objects.create(
            username="theo", company=patient.company, role="agent", email="theo@acme.example"
        )
        sweep(TUESDAY_NINE)
        assert (len(self.to("ana")), self.to("sue"), self.to("theo"), self.to("ben")) == (1, [], [], [])
        assert Digest.objects.filter(user=theo).exists(), "looked at, and not again today"

    @pytest.mark.parametrize("day", [16, 17, 25])
    def test_on_a_day_the_company_is_closed_there_is_none(self, due_today: list[Ticket], day: int) -> None:
        """A Saturday, a Sunday, Memorial Day."""
        assert sweep(datetime(2026, 5, day, 15, 0, tzinfo=UTC)) == 0

    @pytest.mark.parametrize(
        ("day", "opens"),
        [
            (datetime(2026, 3, 6), 15),
            (datetime(2026, 3, 9), 14),
            (datetime(2026, 10, 30), 14),
            (datetime(2026, 11, 2), 15),
        ],
    )
    def test_it_comes_at_nine_by_the_clock_before_and_after_the_clocks_change(
        self, mailed: dict[str, User], day: datetime, opens: int
    ) -> None:
        at = day.replace(hour=opens, tzinfo=UTC)
        assert begin_days(at=at - timedelta(minutes=1)) == 0
        assert begin_days(at=at) > 0

    def test_each_company_by_its_own_clock(self, mailed: dict[str, User]) -> None:
        away = make_company("away", "Away Ambulance")
        person = User.objects.create(username="kai", company=away, role="agent", email="kai@away.example")
        version = calendar_in_force(away, at=FRIDAY)
        zone = {**version.data, "zone": "Pacific/Honolulu"}
        put_in_force(CalendarVersion, away, zone, by=None, at=FRIDAY)
        begin_days(at=TUESDAY_NINE)
        assert not Digest.objects.filter(user=person).exists()
        begin_days(at=TUESDAY_NINE + timedelta(hours=5))
        assert Digest.objects.get(user=person).on == TUESDAY_NINE.date()

    def test_it_waits_for_the_end_of_quiet_hours(
        self, due_today: list[Ticket], mailed: dict[str, User]
    ) -> None:
        NoticeChoice.objects.create(
            company=mailed["ana"].company, user=mailed["ana"], quiet_from=time(8), quiet_until=time(10)
        )
        sweep(TUESDAY_NINE)
        assert self.to("ana") == []
        sweep(TUESDAY_NINE + timedelta(hours=1))
        assert len(self.to("ana")) == 1

    def test_one_that_could_not_be_mailed_all_day_is_not_mailed_the_next(
        self, due_today: list[Ticket]
    ) -> None:
        begin_days(at=TUESDAY_NINE)
        with time_machine.travel(TUESDAY_NINE + timedelta(hours=13), tick=False):
            outbox.deliver(at=TUESDAY_NINE + timedelta(hours=13))
        assert mail.outbox == []

    def test_a_refused_address_gets_none(self, due_today: list[Ticket], mailed: dict[str, User]) -> None:
        ana = mailed["ana"]
        MailRefusal.objects.create(company=ana.company, user=ana, address=ana.email, code=550, at=FRIDAY)
        sweep(TUESDAY_NINE)
        assert self.to("ana") == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_begin_the_day_at_once_mail_once(mailed: dict[str, User], acme: Company) -> None:
    ana = mailed["ana"]
    actions.act(filed("supervisor", ana, PatientFactory(company=acme), FRIDAY), "take", by=ana, at=FRIDAY)
    gate, begun = threading.Barrier(2), []

    def begin() -> None:
        gate.wait()
        try:
            begun.append(begin_days(at=TUESDAY_NINE))
        finally:
            connection.close()

    workers = [threading.Thread(target=begin) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(begun) == Digest.objects.count() == OutboxMessage.objects.count()
    assert Digest.objects.filter(user=ana).count() == 1
