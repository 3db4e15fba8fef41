"""Finding patients, changing them at once, refused channels, and who read whom."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from accounts.steps import Refused
from patients import actions, numbers, reading
from patients.banners import Banner, Source, _sources, banners_of, register
from patients.models import ContactRefusal, Patient, PatientReading, PatientSearch
from patients.queries import find_patients, same_person
from tests.factories import PatientFactory, PayerFactory

NOW = datetime(2026, 5, 20, 15, 0, 30, tzinfo=UTC)
BORN = date(1971, 3, 14)


@pytest.fixture
def casimir(acme):
    PatientFactory(company=acme, first_name="Emeka", last_name="Lindgren", account_number="004-2")
    return PatientFactory(
        company=acme,
        first_name="Casimir",
        last_name="Kowalczyk",
        date_of_birth=BORN,
        account_number="004-118",
        phone="3125550147",
    )


def names(rows):
    return [str(row) for row in rows]


class TestFinding:
    @pytest.mark.parametrize(
        "sought",
        [
            "Kowalczyk",
            "kowal",
            "KOWALCZYK casimir",
            "casimir kowalczyk",
            "Kowalczyk, Casimir",
            "Kowalzcyk",
            "casmir kowalzyk",
            "(312) 555-0147",
            "555 0147",
            "1971-03-14",
            "3/14/1971",
            "004-118",
            "kowalczyk 3/14/71",
        ],
    )
    def test_a_patient_is_found_first_by_any_writing(self, ana, casimir, sought):
        assert names(find_patients(ana, sought))[:1] == ["Casimir Kowalczyk"]

    @pytest.mark.parametrize(
        "sought", ["O'Brien", "obrien", "OBrien", "zoë o’brien", "zoe", "nunez", "Nuñez"]
    )
    def test_apostrophes_accents_and_case_do_not_matter(self, ana, acme, sought):
        PatientFactory(company=acme, first_name="Zoë", last_name="O'Brien-Nuñez")
        assert names(find_patients(ana, sought)) == ["Zoë O'Brien-Nuñez"]

    def test_names_that_begin_so_come_before_names_that_are_nearly_so(self, ana, acme):
        for last_name in ("Nowack", "Nowakowski", "Novak", "Nowak"):
            PatientFactory(company=acme, first_name="A", last_name=last_name)
        rows = list(find_patients(ana, "nowak"))
        assert [row.last_name for row in rows[:2]] == ["Nowak", "Nowakowski"]
        assert {row.last_name for row in rows if row.near} == {"Nowack", "Novak"}

    def test_the_account_itself_comes_before_accounts_that_begin_with_it(self, ana, acme):
        for account in ("77-10", "77-1", "77-100"):
            PatientFactory(company=acme, account_number=account)
        assert [row.account_number for row in find_patients(ana, "77-1")] == ["77-1", "77-10", "77-100"]

    def test_a_number_another_room_knows_leads_to_its_patient(self, ana, casimir):
        numbers.register("test", lambda user, number: [casimir.pk] if number == "X-9" else [])
        try:
            assert names(find_patients(ana, "X-9")) == ["Casimir Kowalczyk"]
        finally:
            numbers.register("test", lambda user, number: [])

    def test_a_number_never_leads_to_another_companys_patient(self, otto, casimir):
        numbers.register("test", lambda user, number: [casimir.pk])
        try:
            assert names(find_patients(otto, "X-9")) == []
        finally:
            numbers.register("test", lambda user, number: [])

    @pytest.mark.parametrize("sought", ["Kowalczyk", "Kowalzcyk", "3125550147", "1971-03-14", "004-118", ""])
    def test_another_companys_patient_is_never_found(self, otto, casimir, sought):
        assert names(find_patients(otto, sought)) == []

    @pytest.mark.parametrize(
        "sought", ["%", "_", "\\", "%%%", "k_walczyk", "'", "\x00", "\ud800", "x" * 10_000]
    )
    def test_a_sign_of_the_database_means_nothing(self, ana, casimir, sought):
        assert names(find_patients(ana, sought)) in ([], ["Casimir Kowalczyk"])
        assert "Emeka Lindgren" not in names(find_patients(ana, sought))

    def test_every_word_must_fit(self, ana, casimir):
        assert names(find_patients(ana, "kowalczyk emeka")) == []

    def test_the_same_person_is_seen_through_another_writing(self, ana, acme):
        twin = PatientFactory(company=acme, first_name="Zoë", last_name="O'Brien", date_of_birth=BORN)
        assert same_person(ana, "zoe", "OBrien", BORN) == [twin]
        assert same_person(ana, "zoe", "OBrien", date(1971, 3, 15)) == []


class TestChangingAtOnce:
    def test_the_second_of_two_is_told_who_changed_what(self, ana, sue, casimir):
        actions.change_patient(casimir, {"city": "Peoria"}, by=sue, at=NOW, version=1)
        with pytest.raises(actions.Stale) as stale:
            actions.change_patient(casimir, {"city": "Joliet"}, by=ana, at=NOW, version=1)
        (change,) = stale.value.changes
        assert change.who == "Sue Example"
        assert change.fields == ("city",)
        casimir.refresh_from_db()
        assert casimir.city == "Peoria"

    def test_saving_what_is_saved_already_raises_no_version(self, ana, casimir):
        actions.change_patient(casimir, {"city": casimir.city}, by=ana, at=NOW, version=1)
        casimir.refresh_from_db()
        assert casimir.version == 1

    def test_a_payer_is_guarded_the_same_way(self, ben, adam, acme):
        payer = PayerFactory(company=acme)
        actions.change_payer(payer, {"max_days": 20}, by=ben, at=NOW, version=1)
        with pytest.raises(actions.Stale):
            actions.change_payer(payer, {"max_days": 30}, by=adam, at=NOW, version=1)


class TestRefusedChannels:
    def test_a_refusal_is_a_flag_a_banner_and_a_reason(self, ana, casimir):
        """R-DNC-2."""
        actions.refuse_contact(casimir, ["mail", "calls"], reason="Asked us to stop", by=ana, at=NOW)
        casimir.refresh_from_db()
        assert casimir.do_not_contact == ["calls", "mail"]
        (calls, mail) = banners_of([casimir])[casimir.pk]
        assert calls.title == "Do not contact by calls."
        assert calls.text == "Asked us to stop. Recorded 20 May 2026 by Ana Example."

    def test_only_a_supervisor_lifts_it_and_the_history_stays(self, ana, sue, casimir):
        """R-DNC-3."""
        actions.refuse_contact(casimir, ["calls"], reason="Asked us to stop", by=ana, at=NOW)
        with pytest.raises(Refused) as refused:
            actions.allow_contact(casimir, ["calls"], reason="changed their mind", by=ana, at=NOW)
        assert refused.value.code == "role"
        actions.allow_contact(casimir, ["calls"], reason="changed their mind", by=sue, at=NOW)
        casimir.refresh_from_db()
        assert casimir.do_not_contact == []
        (row,) = ContactRefusal.objects.all()
        assert (row.lifted_by, row.lifted_reason) == (sue, "changed their mind")

    @pytest.mark.parametrize(
        ("channels", "reason", "field"),
        [
            ([], "why", "channels"),
            (["fax"], "why", "channels"),
            (["calls"], " ", "reason"),
            (["calls"], "\x00", "reason"),
        ],
    )
    def test_a_refusal_needs_a_channel_and_a_reason(self, ana, casimir, channels, reason, field):
        with pytest.raises(actions.Invalid) as invalid:
            actions.refuse_contact(casimir, channels, reason=reason, by=ana, at=NOW)
        assert field in invalid.value.wrong
        assert not ContactRefusal.objects.exists()

    def test_a_refusal_recorded_twice_is_kept_once(self, ana, casimir):
        for reason in ("first", "second"):
            actions.refuse_contact(casimir, ["calls"], reason=reason, by=ana, at=NOW)
        assert ContactRefusal.objects.get().reason == "first"

    def test_the_patients_own_history_names_who_did_it(self, ana, casimir):
        actions.refuse_contact(casimir, ["calls"], reason="Asked us to stop", by=ana, at=NOW)
        event = casimir.pgh_event_models["insert"].objects.filter(pgh_obj_id=casimir.pk).latest("pgh_id")
        assert (event.do_not_call, event.pgh_context.metadata["who"]) == (True, "ana")

    def test_another_rooms_banners_stand_beside_it(self, casimir):
        said = Banner("Do not say that the balance is $0.")
        rows = Patient.objects.annotate(patient_id=F("pk"))
        register(
            "test",
            Source(
                lambda patients: rows.filter(pk__in=[row.pk for row in patients]),
                {},
                lambda patient, known: [said],
            ),
        )
        try:
            assert banners_of([casimir])[casimir.pk] == [said]
        finally:
            del _sources["test"]


class TestReading:
    def test_a_reading_is_kept_once_a_minute_for_each_door(self, ana, casimir):
        for seconds in (0, 20, 29):
            reading.note(ana, casimir, "page", NOW + timedelta(seconds=seconds))
        reading.note(ana, casimir, "api", NOW)
        reading.note(ana, casimir, "page", NOW + timedelta(seconds=30))
        doors = list(PatientReading.objects.order_by("id").values_list("door", flat=True))
        assert doors == ["page", "api", "page"]

    def test_keeping_a_reading_is_one_statement(self, ana, casimir, django_assert_num_queries):
        with django_assert_num_queries(1):
            reading.note(ana, casimir, "page", NOW)

    @pytest.mark.parametrize("change", ["UPDATE {} SET at = now()", "DELETE FROM {}"])
    @pytest.mark.parametrize("table", ["patients_patientreading", "patients_patientsearch"])
    def test_what_was_read_can_neither_be_changed_nor_removed(self, ana, casimir, table, change):
        reading.note(ana, casimir, "page", NOW)
        reading.note_search(ana, 3, "page", NOW)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change.format(table))
        assert (PatientReading.objects.count(), PatientSearch.objects.get().hits) == (1, 3)

    def test_nobody_can_be_kept_as_reader_of_another_companys_patient(self, otto, casimir):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            reading.note(otto, casimir, "page", NOW)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_the_patients_one_read_last_come_newest_first_and_once(self, ana, sue, acme):
        first, second, others = (PatientFactory(company=acme) for _ in range(3))
        for minute, patient in enumerate((first, second, first)):
            reading.note(ana, patient, "page", NOW + timedelta(minutes=minute))
        reading.note(sue, others, "page", NOW)
        assert reading.recently_read(ana) == [first, second]
