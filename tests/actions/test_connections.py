"""Connections of a company: what counts, who may change it, and where a token never goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.steps import Refused
from deductibles import questions
from deductibles.actions import connections
from deductibles.actions.moves import Invalid
from deductibles.connections import health, rows
from deductibles.gateways import arboost
from deductibles.gateways.clearinghouse import Handed
from deductibles.gateways.wire import Unavailable
from work import outbox
from work.models import Connection, ConnectionHealth, OutboxMessage

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
TYPED = {"address": "https://arboost.example", "token": "canary-token-1"}


@pytest.fixture(autouse=True)
def server(settings):
    """A server that was started without any connection."""
    settings.ARBOOST_URL = settings.ARBOOST_TOKEN = settings.CLEARINGHOUSE_URL = ""
    return settings


def save(person, kind="arboost", *, at=NOW, **typed):
    return connections.save_connection(person.company, kind, {**TYPED, **typed}, by=person, at=at)


class TestWhatCounts:
    def test_the_server_decides_for_a_company_without_a_row(self, acme, server):
        server.ARBOOST_URL, server.ARBOOST_TOKEN = "https://server.example", "of-the-server"
        conn = questions.connection(acme)
        assert (conn.url, conn.token) == ("https://server.example", "of-the-server")

    def test_nobody_is_connected_without_either(self, acme):
        assert questions.connection(acme) is None
        assert questions.way_to_clearinghouse(acme).url == ""

    def test_a_saved_connection_counts_before_the_servers_and_for_no_other_company(self, adam, otto, server):
        server.ARBOOST_URL, server.ARBOOST_TOKEN = "https://server.example", "of-the-server"
        save(adam)
        assert questions.connection(adam.company).url == "https://arboost.example"
        assert questions.connection(adam.company).token == "canary-token-1"
        assert questions.connection(otto.company).url == "https://server.example"

    def test_a_disconnected_company_stays_so_whatever_the_server_says(self, adam, server):
        server.ARBOOST_URL, server.ARBOOST_TOKEN = "https://server.example", "of-the-server"
        connections.disconnect(adam.company, "arboost", 0, by=adam, at=NOW)
        assert questions.connection(adam.company) is None
        assert Connection.objects.get().secret == ""

    def test_the_servers_own_can_be_had_back(self, adam, server):
        save(adam)
        with pytest.raises(Refused, match="without an address"):
            connections.follow_server(adam.company, "arboost", 1, by=adam, at=NOW)
        server.ARBOOST_URL, server.ARBOOST_TOKEN = "https://server.example", "of-the-server"
        connections.follow_server(adam.company, "arboost", 1, by=adam, at=NOW)
        server.ARBOOST_TOKEN = "changed-since"
        assert questions.connection(adam.company).token == "changed-since"

    def test_the_clearinghouse_has_a_row_and_a_token_of_its_own(self, adam):
        save(adam, "clearinghouse", address="https://edi.example", token="of-the-house")
        way = questions.way_to_clearinghouse(adam.company)
        assert (way.url, way.token) == ("https://edi.example", "of-the-house")
        assert questions.connection(adam.company) is None

    def test_outside_a_demo_nothing_goes_into_a_private_network(self, adam, server):
        save(adam)
        assert not questions.connection(adam.company).public_only
        server.DEMO = False
        assert questions.connection(adam.company).public_only
        assert questions.way_to_clearinghouse(adam.company).public_only


class TestSeeding:
    def test_the_servers_values_become_the_first_row_of_each_company(self, adam, otto, server):
        server.ARBOOST_URL, server.ARBOOST_TOKEN = "https://server.example", "of-the-server"
        assert connections.seed_connections(at=NOW) == 2
        assert connections.seed_connections(at=NOW) == 0, "a second time changes nothing"
        row = Connection.objects.get(company=adam.company)
        assert row.from_environment and rows.opened(row) == "of-the-server"
        assert row.events.get().pgh_context.metadata["who"] == "Holdline"

    def test_a_changed_variable_counts_until_somebody_saves_and_then_no_more(self, adam, server):
        server.ARBOOST_URL, server.ARBOOST_TOKEN = "https://server.example", "old"
        connections.seed_connections(at=NOW)
        server.ARBOOST_TOKEN = "new"
        assert questions.connection(adam.company).token == "new"
        connections.seed_connections(at=NOW)
        assert rows.opened(Connection.objects.get(company=adam.company)) == "new"
        save(adam)
        server.ARBOOST_TOKEN = "newest"
        connections.seed_connections(at=NOW)
        assert questions.connection(adam.company).token == "canary-token-1"

    def test_a_copy_of_the_database_elsewhere_talks_to_nobody(self, adam, server):
        server.ARBOOST_URL, server.ARBOOST_TOKEN = "https://server.example", "of-the-server"
        connections.seed_connections(at=NOW)
        server.ARBOOST_URL = server.ARBOOST_TOKEN = ""
        assert questions.connection(adam.company) is None
        assert not rows.way_to_clearinghouse(adam.company).url


class TestTheToken:
    def test_it_is_sealed_and_its_history_does_not_know_it(self, adam):
        row = save(adam)
        save(adam, token="canary-token-2")
        assert "canary" not in row.secret
        told = str(list(row.events.values())) + str(list(Connection.objects.values()))
        assert "canary" not in told
        assert "secret" not in {field.name for field in row.events.model._meta.fields}
        assert row.events.count() == 2, "a replaced token is a change although nothing else differs"

    def test_an_empty_one_keeps_what_is_in_force(self, adam):
        save(adam)
        row = save(adam, token="", notes="Ask for Ines")
        assert rows.opened(row) == "canary-token-1"
        assert row.secret_set_at == NOW

    def test_it_is_not_sent_to_another_address(self, adam):
        save(adam)
        for elsewhere in ("https://evil.example", "https://arboost.example:8443"):
            with pytest.raises(Invalid, match="another address"):
                save(adam, address=elsewhere, token="")
        save(adam, address="https://arboost.example/v2", token="")

    def test_the_servers_token_is_not_sent_to_another_address_either(self, adam, server):
        server.ARBOOST_URL, server.ARBOOST_TOKEN = "https://server.example", "of-the-server"
        with pytest.raises(Invalid, match="another address"):
            save(adam, token="")
        with pytest.raises(Invalid, match="another address"):
            connections.try_connection(adam.company, "arboost", {**TYPED, "token": ""}, by=adam, at=NOW)

    def test_it_can_be_removed(self, adam):
        save(adam, "clearinghouse", address="https://edi.example")
        row = save(adam, "clearinghouse", address="https://edi.example", token="", remove=True)
        assert (row.secret, row.secret_set_at, row.secret_set_by) == ("", None, None)
        with pytest.raises(Invalid, match="Decide for one"):
            save(adam, "clearinghouse", address="https://edi.example", remove=True)

    @pytest.mark.parametrize("token", ["", "with space", "na\u00efve", "a\nb", "x" * 501, "\ud800"])
    def test_one_that_cannot_be_sent_is_refused_with_a_sentence(self, adam, token):
        with pytest.raises(Invalid) as refused:
            save(adam, token=token)
        assert list(refused.value.fields) == ["token"]
        assert not Connection.objects.exists()

    def test_one_sealed_under_another_key_is_said_to_be_lost_and_crashes_nothing(self, adam, server):
        save(adam)
        server.SECRETS_KEY = "another key of enough characters 0123456789"
        found = rows.in_force(adam.company_id, "arboost")
        assert found.unreadable and found.has_secret
        with pytest.raises(Unavailable, match="token"):
            arboost.agency(questions.connection(adam.company))
        with pytest.raises(Invalid, match="SECRETS_KEY"):
            save(adam, token="")

    def test_one_company_cannot_open_anothers(self, adam, otto):
        row = save(adam)
        stolen = Connection(company=otto.company, kind="arboost", secret=row.secret)
        assert rows.opened(stolen) is None


class TestWhoAndWhen:
    def test_only_admins_may(self, cast):
        for name in ("ana", "ben", "sue"):
            with pytest.raises(Refused, match="admin"):
                save(cast[name])
            for act in (connections.disconnect, connections.follow_server):
                with pytest.raises(Refused, match="admin"):
                    act(cast[name].company, "arboost", 0, by=cast[name], at=NOW)
            with pytest.raises(Refused, match="admin"):
                connections.try_connection(cast[name].company, "arboost", None, by=cast[name], at=NOW)

    def test_of_two_who_save_at_once_the_second_is_told(self, adam):
        save(adam, version="0")
        with pytest.raises(Refused) as refused:
            save(adam, version="0")
        assert refused.value.code == "stale"

    def test_every_change_says_who_and_which_act(self, adam):
        row = save(adam)
        connections.disconnect(adam.company, "arboost", 1, by=adam, at=NOW)
        acts = [event.pgh_context.metadata for event in row.events.order_by("pgh_id")]
        assert [(act["who"], act["act"]) for act in acts] == [
            ("adam", "save connection: AR Boost"),
            ("adam", "disconnect: AR Boost"),
        ]

    def test_a_folder_is_named_by_the_server_alone(self, adam, server):
        with pytest.raises(Invalid, match="whoever runs the server"):
            save(adam, "clearinghouse", address="file:///etc", token="")
        server.CLEARINGHOUSE_URL = "file:///srv/out"
        save(adam, "clearinghouse", address="file:///srv/out", token="")
        with pytest.raises(Invalid, match="whoever runs the server"):
            save(adam, address="file:///srv/out")

    def test_a_name_that_leads_into_a_private_network_is_refused_outside_a_demo(
        self, adam, server, monkeypatch
    ):
        server.DEMO = False
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.1.2.3", 443))])
        with pytest.raises(Invalid, match="private network"):
            save(adam)


class TestHealth:
    def state(self, company) -> ConnectionHealth:
        return ConnectionHealth.objects.get(company=company, kind="arboost")

    def test_since_when_it_works_or_fails_is_kept_while_it_stays_so(self, acme):
        down = Unavailable("AR Boost could not be reached.", step="connect")
        moments = [NOW + timedelta(minutes=n) for n in range(5)]
        for at, problem in zip(moments, [None, None, down, down, None], strict=True):
            health.note(acme.pk, "arboost", problem, at=at)
            state = self.state(acme)
            since = (state.works_since, state.failing_since)
            assert (
                since
                == {
                    moments[0]: (moments[0], None),
                    moments[1]: (moments[0], None),
                    moments[2]: (None, moments[2]),
                    moments[3]: (None, moments[2]),
                    moments[4]: (moments[4], None),
                }[at]
            )
        assert state.failed_at == moments[3] and state.failure == "AR Boost could not be reached."

    def test_a_listener_writes_what_changes_and_no_more(self, acme, django_assert_num_queries):
        listener = health.Listener(acme.pk, "arboost")
        listener(None)
        with django_assert_num_queries(0):
            listener(None)
        listener(Unavailable("AR Boost did not answer in time."))
        assert self.state(acme).failing_since

    def test_whoever_hears_it_the_same_is_written_once_a_minute(self, acme):
        """Each request of a page has a listener of its own."""
        down = Unavailable("AR Boost could not be reached.", step="connect")
        other = Unavailable("AR Boost did not answer in time.", step="answer")
        told = []
        for second, problem in [
            (0, None),
            (30, None),
            (60, None),
            (70, down),
            (80, down),
            (90, other),
            (95, None),
        ]:
            health.note(acme.pk, "arboost", problem, at=NOW + timedelta(seconds=second))
            state = self.state(acme)
            newest = max(filter(None, (state.answered_at, state.failed_at)))
            told.append((newest - NOW).seconds)
        assert told == [0, 0, 60, 70, 70, 90, 95]

    @pytest.mark.parametrize("step", ["wait", "question"])
    def test_a_vendor_that_answers_is_not_failing(self, acme, step):
        health.Listener(acme.pk, "arboost")(Unavailable("Not now.", step=step))
        assert not ConnectionHealth.objects.exists()

    def test_a_hand_over_tells_how_the_clearinghouse_does(self, acme):
        health.note_handed(acme.pk, "clearinghouse", Handed("refused", "", "It is full."), at=NOW)
        assert ConnectionHealth.objects.get().failure == "It is full."


class TestWhatWaits:
    """What AR Boost could not be told (D-NEW-3, D-CLR-3): tried again by itself, at once when it is mended."""

    def test_a_saved_connection_hastens_what_waits_of_this_company_alone(self, adam, otto):
        far = NOW + timedelta(hours=6)
        messages = outbox.post_many(
            [(adam.company_id, "deductibles.monitor", {}), (otto.company_id, "deductibles.monitor", {})],
            at=NOW,
        )
        OutboxMessage.objects.update(next_at=far, attempts=9)
        save(adam)
        mine, others = (OutboxMessage.objects.get(pk=message.pk) for message in messages)
        assert (mine.next_at, others.next_at) == (NOW, far)
