"""The test of a connection says which step fails, and nothing is sent where nothing may be sent."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest

from deductibles.domain import vendor as rules
from deductibles.gateways import arboost, clearinghouse, probe
from deductibles.gateways.arboost import Connection, Limits, Unavailable
from patients.domain.intake import Wrong
from tests.jobs.questions import DAY, question
from tests.sandboxes import clearinghouse as clearinghouse_sandbox
from tests.tls import Authority, serving
from work.places import is_public


def walk(conn: Connection) -> dict[str, str]:
    return {step.key: step.state for step in probe.walk_to_arboost(conn)}


def failed(steps: list[probe.Step]) -> probe.Step:
    (step,) = (step for step in steps if step.state == probe.FAILED)
    return step


ALL_WELL = {
    **dict.fromkeys(("name", "connect", "answer", "token", "agency"), "passed"),
    "tls": "skipped",
}


class TestSteps:
    def test_every_step_goes_well_with_the_stand_in(self, conn):
        assert walk(conn) == ALL_WELL

    def test_it_tells_nothing_of_a_patient_and_asks_about_none(self, vendor, conn):
        probe.walk_to_arboost(conn)
        assert [(row["method"], row["path"]) for row in vendor.requests()] == [("GET", "/v1/agency")]

    def test_a_name_nobody_knows_fails_at_the_name(self):
        steps = probe.walk_to_arboost(Connection("https://nobody.arboost.invalid", "t"))
        assert failed(steps).key == "name"
        assert [step.state for step in steps[1:]] == ["skipped"] * 5

    def test_nobody_listening_fails_at_the_connection(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            step = failed(
                probe.walk_to_arboost(Connection(f"http://127.0.0.1:{taken.getsockname()[1]}", "t"))
            )
        assert step.key == "connect" and "refuses connections" in step.said and step.mend

    def test_a_wrong_token_fails_at_the_token_after_the_answer(self, vendor):
        found = walk(Connection(vendor.url, "wrong"))
        assert (found["answer"], found["token"], found["agency"]) == ("passed", "failed", "skipped")

    def test_an_agency_that_is_off_fails_last_D_CONF_9(self, vendor, conn):
        vendor.script("*", agency=False)
        steps = probe.walk_to_arboost(conn)
        assert failed(steps).key == "agency" and "representative" in failed(steps).mend

    @pytest.mark.parametrize(
        "script", [{"status": 503}, {"garbage": True}, {"cut_body": 3}, {"redirect": "http://127.0.0.1:1/"}]
    )
    def test_what_answers_badly_fails_at_the_answer_or_the_address(self, vendor, conn, script):
        vendor.script("*", **script)
        assert failed(probe.walk_to_arboost(conn)).key in ("answer", "address")

    def test_who_never_answers_is_given_up_in_seconds(self, vendor, conn, monkeypatch):
        monkeypatch.setattr(probe, "LIMITS", Limits(connect=0.5, total=0.6))
        vendor.script("*", hang=True)
        step = failed(probe.walk_to_arboost(conn))
        assert step.key == "answer" and "in time" in step.said

    @pytest.mark.parametrize("url", ["", "gopher://x", "https://u:p@x/"])
    def test_an_address_of_no_use_fails_at_the_address(self, url):
        assert failed(probe.walk_to_arboost(Connection(url, "t"))).key == "address"


class TestEncryption:
    @pytest.fixture
    def authority(self, tmp_path):
        return Authority(tmp_path)

    def at(self, port: int, authority: Authority) -> Connection:
        return Connection(f"https://localhost:{port}", "token", trust=authority.trust)

    def test_a_good_certificate_is_told_with_its_end(self, authority):
        with serving(authority.certificate("localhost")) as port:
            steps = probe.walk_to_arboost(self.at(port, authority))
        assert probe.passed(steps)
        assert next(step for step in steps if step.key == "tls").said.startswith("TLSv1")

    def test_a_certificate_that_ends_soon_is_told_of_and_passes(self, authority):
        with serving(authority.certificate("localhost", days=5)) as port:
            steps = probe.walk_to_arboost(self.at(port, authority))
        step = next(step for step in steps if step.key == "tls")
        assert step.state == "passed" and "ends in" in step.mend

    @pytest.mark.parametrize(
        ("host", "days", "begun", "words"),
        [
            ("localhost", -1, 30, "has expired"),
            ("localhost", 90, -2, "not valid yet"),
            ("elsewhere.example", 90, 1, "another name"),
        ],
    )
    def test_what_is_wrong_with_a_certificate_is_said(self, authority, host, days, begun, words):
        with serving(authority.certificate(host, days=days, begun=begun)) as port:
            conn = self.at(port, authority)
            step = failed(probe.walk_to_arboost(conn))
            with pytest.raises(Unavailable, match=words) as refused:
                arboost.agency(conn)
        assert step.key == "tls" and words in step.said and step.mend
        assert refused.value.step == "tls" and not refused.value.sent

    def test_an_issuer_nobody_trusts_is_said(self, authority, tmp_path):
        with serving(Authority(tmp_path, "Stranger").certificate("localhost")) as port:
            step = failed(probe.walk_to_arboost(self.at(port, authority)))
        assert step.key == "tls" and "nobody this server trusts" in step.said

    def test_what_speaks_no_tls_is_said(self, vendor, authority):
        port = int(vendor.url.rpartition(":")[2])
        step = failed(probe.walk_to_arboost(self.at(port, authority)))
        assert step.key == "tls" and "does not speak TLS" in step.said


class TestPrivateNetworks:
    """Outside the demo nothing is sent to this machine or a private network, whatever a name leads to."""

    @pytest.mark.parametrize("url", ["https://127.0.0.1:9", "https://localhost:9", "https://[::1]:9"])
    def test_nothing_is_sent_there(self, url):
        with pytest.raises(Unavailable, match="private network") as refused:
            arboost.agency(Connection(url, "token", public_only=True))
        assert refused.value.step == "address" and not refused.value.sent
        assert not probe.passed(probe.walk_to_arboost(Connection(url, "token", public_only=True)))

    def test_http_is_not_spoken_there(self, vendor):
        with pytest.raises(Unavailable, match="https"):
            arboost.agency(Connection(vendor.url, vendor.token, public_only=True))
        assert vendor.requests() == []

    def test_a_name_that_changes_after_it_was_judged_gains_nothing(self, vendor, monkeypatch):
        """DNS rebinding: the name is public when it is saved and private when it is used."""
        looked_up: list[str] = []
        port = int(vendor.url.rpartition(":")[2])

        def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
            looked_up.append(host)
            address = "8.8.8.8" if len(looked_up) == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        url = f"https://rebound.example:{port}"
        assert not probe.leads_into_private(url)
        with pytest.raises(Unavailable, match="private network"):
            arboost.agency(Connection(url, "token", public_only=True))
        assert looked_up == ["rebound.example", "rebound.example"]
        assert vendor.requests() == []

    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
            *("0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1%eth0", "fc00::1"),
            *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "nonsense", ""),
        ],
    )
    def test_no_address_of_a_private_network_counts_as_public(self, address):
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
    def test_addresses_of_the_internet_do(self, address):
        assert is_public(address)

    @pytest.mark.parametrize(
        "typed",
        [
            *(
                "http://vendor.example",
                "https://localhost",
                "https://10.0.0.1",
                "https://[::1]/",
                "file:///etc",
            ),
            *(
                "https://db",
                "https://127.1",
                "https://2130706433",
                "https://0x7f.0.0.1",
                "https://a.internal",
            ),
            *("https://u:p@vendor.example", "https://vendor.example?a=1", "https://vendor.example#x"),
            *("https://", "https://vendor..example", "https://x:99999", "https://v\u00e9.example", "vendor"),
            *("javascript:alert(1)", "https://vendor.example\nX: 1", "https://" + "a" * 500, " "),
        ],
    )
    def test_an_address_that_cannot_be_a_vendors_is_refused_with_a_sentence(self, typed):
        with pytest.raises(Wrong) as refused:
            rules.read_address(typed, rules.Rules(demo=False))
        assert refused.value.sentence.endswith(".")

    def test_a_vendors_address_is_taken(self):
        taken = rules.read_address(" https://API.vendor.example:8443/v2/ ", rules.Rules(demo=False))
        assert taken == "https://API.vendor.example:8443/v2"

    def test_a_demo_may_use_stand_ins_and_a_folder_is_only_the_servers_own(self):
        demo = rules.Rules(demo=True, folder="file:///srv/out")
        assert rules.read_address("http://127.0.0.1:8101", demo) == "http://127.0.0.1:8101"
        assert rules.read_address("file:///srv/out", demo, folders=True) == "file:///srv/out"
        for elsewhere in ("file:///etc", "file:///srv/out/../.."):
            with pytest.raises(Wrong):
                rules.read_address(elsewhere, demo, folders=True)


class TestTheClearinghouse:
    def test_a_folder_is_walked_and_left_as_it_was(self, tmp_path):
        (tmp_path / "acme" / "inbox").mkdir(parents=True)
        (tmp_path / "acme" / "inbox" / "a.999").write_text("ISA")
        steps = probe.walk_to_clearinghouse(clearinghouse.Way(tmp_path.as_uri()), "acme")
        assert [step.state for step in steps] == ["passed"] * 3
        assert "1 acknowledgement waiting; none was taken" in steps[-1].said
        assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.999", "acme", "inbox"]

    def test_a_folder_that_is_a_file_fails_at_the_folder(self, tmp_path):
        (tmp_path / "taken").write_text("")
        way = clearinghouse.Way((tmp_path / "taken").as_uri())
        assert failed(probe.walk_to_clearinghouse(way, "acme")).key == "folder"

    def test_a_service_is_walked_to_its_inbox(self):
        with clearinghouse_sandbox() as house:
            steps = probe.walk_to_clearinghouse(clearinghouse.Way(house.url), "acme")
        assert probe.passed(steps) and steps[-1].key == "inbox"

    def test_the_token_goes_to_the_service_and_into_no_text(self, vendor):
        """AR Boost's stand-in knows no inbox: it tells whoever has no token from whoever has one."""
        refused = clearinghouse.Way(vendor.url, "wrong")
        assert failed(probe.walk_to_clearinghouse(refused, "acme")).key == "token"
        known = clearinghouse.Way(vendor.url, vendor.token)
        assert failed(probe.walk_to_clearinghouse(known, "acme")).key == "answer"
        assert "wrong" not in repr(refused)
        handed = clearinghouse.hand_over(refused, company_key="acme", filename="a.edi", content=b"ISA")
        assert handed.state == "refused" and "token" in handed.detail


class TestLeavingInPeace:
    """429 makes the whole line wait, not only the batch it answered."""

    def test_batches_wait_together_and_are_all_answered(self, vendor, conn):
        vendor.script("*", status=429, retry_after=1, times=1)
        hasty = replace(conn, limits=Limits(longest_wait=0.2, batch_wait=5))
        asked = (question(n, f"M{n}") for n in range(6))
        came = list(arboost.ask_many(hasty, DAY, asked, concurrency=1, batch=2))
        assert sum(len(answers) for _, answers in came if not isinstance(answers, Unavailable)) == 6
        assert len(vendor.requests()) == 4

    def test_after_a_long_wait_was_asked_for_nothing_more_is_sent(self, vendor, conn):
        vendor.script("*", status=429, retry_after=3600)
        asked = (question(n, f"M{n}") for n in range(8))
        came = list(arboost.ask_many(conn, DAY, asked, concurrency=1, batch=2))
        assert [str(answers) for _, answers in came] == [
            "AR Boost asks us to wait; the question is asked again later."
        ] * 4
        assert len(vendor.requests()) == 1
        assert {answers.step for _, answers in came if isinstance(answers, Unavailable)} == {"wait"}

    def test_who_waits_for_a_slow_batch_is_let_know(self, vendor, conn, monkeypatch):
        monkeypatch.setattr(arboost, "TICK_SECONDS", 0.1)
        vendor.script("*", delay=0.5, times=1)
        ticks: list[int] = []
        list(arboost.ask_many(conn, DAY, [question()], while_waiting=lambda: ticks.append(1)))
        assert len(ticks) >= 2

    def test_a_listener_hears_each_call_once(self, vendor, conn):
        heard: list[str] = []
        listening = replace(conn, heard=lambda problem: heard.append(problem.step if problem else "works"))
        arboost.agency(listening)
        vendor.script("*", status=500, times=1)
        arboost.eligibility(listening, question())
        list(arboost.ask_many(listening, DAY, [question(1), question(2)], batch=1))
        assert heard == ["works", "answer", "works", "works"]
