"""Whole nights over SFTP: claims to OpenSSH's own server, its acknowledgements back (D-SUB-1…3, I2)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from accounts.models import Company, User
from config.watching import doctor
from deductibles import arrivals, nights, submitting
from deductibles.actions import connections
from deductibles.connections import rows
from deductibles.gateways import clearinghouse
from deductibles.models import Arrival, Claim, Submission
from deductibles.x12.claim import parse_claim_numbers
from tests.claim_line import Line, days, noon, status_of
from tests.domain.answer_files import ack_277, ack_999, told
from tests.openssh import Server, door, needs_sshd, openssh
from work.models import Connection, ConnectionHealth

pytest_plugins = ["tests.claim_line"]
pytestmark = [needs_sshd, pytest.mark.django_db]
AT = noon(days(2))


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with openssh() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    for folder in running.home.iterdir():
        shutil.rmtree(folder)
    for folder in (running.outbox, running.inbox):
        folder.mkdir()
        running.own(folder)
    return running


def connect(person: User, server: Server, url: str = "", **typed: str) -> Connection:
    """An account as an admin saves it."""
    data = {"address": url or server.url, "key": server.key, "host_key": server.host_key, "compared": True}
    return connections.save_connection(
        person.company, rows.CLEARINGHOUSE, data | typed, by=person, at=noon(days(0))
    )


@pytest.fixture
def connected(line: Line, server: Server) -> Line:
    connect(line.admin, server)
    return line


def queued(line: Line) -> Claim:
    met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    return line.complete(line.member(amounts=met)).claim


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def answered(server: Server, claim: Claim) -> None:
    """The clearinghouse takes the file and leaves its 999 and 277CA."""
    row = Submission.objects.latest("pk")
    for path in server.outbox.iterdir():
        path.unlink()
    read = ack_999(f"AK1*HC*{row.control_number}", "AK2*837*0001", "IK5*A", "AK9*A*1*1*1")
    server.leave("reply.999", read.encode())
    server.leave("reply.277", ack_277(*told(claim.number, "A2:20")).encode())


def test_a_claim_leaves_at_night_and_is_accepted_by_what_comes_back(connected: Line, server: Server) -> None:
    claim = queued(connected)
    run = connected.submit(days(1))
    (name,) = names(server.outbox)
    text = (server.outbox / name).read_text("ascii")
    assert (run.state, run.submitted, status_of(claim)) == ("done", 1, "submitted")
    assert parse_claim_numbers(text) == (claim.number,)
    connected.submit(days(2))
    assert names(server.outbox) == [name], "once"
    answered(server, claim)
    assert arrivals.read_inboxes(at=AT) == 2
    assert status_of(claim) == "accepted" and names(server.inbox) == []
    assert ConnectionHealth.objects.get(kind="clearinghouse").works_since


def test_a_night_without_an_answer_is_unclear_and_cleared_up_by_its_acknowledgement(
    line: Line, server: Server
) -> None:
    claim = queued(line)
    with door(server) as broken:
        connect(line.admin, server, server.at(broken.port))
        broken.cut = lambda side, number: any(name.startswith("837P") for name in names(server.outbox))
        line.submit(days(1))
    assert status_of(claim) == "ambiguous" and Submission.objects.get().state == "ambiguous"
    connect(line.admin, server)
    line.submit(days(2))
    assert len(names(server.outbox)) == 1, "never sent again blindly"
    answered(server, claim)
    arrivals.read_inboxes(at=AT)
    assert status_of(claim) == "accepted"


def test_a_worker_that_died_after_the_rename_sends_no_second_copy(connected: Line, server: Server) -> None:
    """I2: the file was taken from the outbox before anybody could note that it had arrived."""
    claim = queued(connected)
    run = nights.open_run(connected.company, "submission", days(1), by=None, at=noon(days(1)))
    with nights.holding_night(connected.company, run, at=noon(days(1))) as night:
        submitting.write_queued(night)
        row = Submission.objects.select_related("file").get()
        way = rows.way_to_clearinghouse(connected.company)
        submitting._about_to_try(night, row, way)
        clearinghouse.hand_over(
            way,
            company_key=connected.company.key,
            filename=row.filename,
            content=row.file.content.encode(),
        )
    (server.outbox / row.filename).unlink()
    connected.submit(days(1))
    assert names(server.outbox) == [] and status_of(claim) == "ambiguous"


def test_a_changed_host_key_keeps_the_claim_queued_and_says_so(connected: Line, server: Server) -> None:
    claim = queued(connected)
    server.show_key()
    server.restart()
    run = connected.submit(days(1))
    assert (run.state, status_of(claim), names(server.outbox)) == ("failed", "queued", [])
    assert "another key than the one it is known by" in run.failures[0]["why"]
    health = ConnectionHealth.objects.get(kind="clearinghouse")
    assert health.step == "hostkey" and "expected ED25519 SHA256:" in health.failure
    connect(connected.admin, server)
    assert connected.submit(days(1)).submitted == 1


def test_a_company_reads_its_own_inbox_and_no_other(
    connected: Line, server: Server, cast: dict[str, User]
) -> None:
    """Two companies with accounts on one server, and the server's own account for all of them."""
    for name in ("theirs/outbox", "theirs/inbox"):
        (server.home / name).mkdir(parents=True)
    for folder in ("theirs", "theirs/outbox", "theirs/inbox"):
        server.own(server.home / folder)
    connect(cast["olga"], server, outbox="theirs/outbox", inbox="theirs/inbox")
    claim = queued(connected)
    connected.submit(days(1))
    stranger = server.leave(
        "theirs.277", ack_277(*told(claim.number, "A2:20")).encode(), server.home / "theirs/inbox"
    )
    arrivals.read_inboxes(at=AT)
    assert stranger.exists() and not Arrival.objects.exists() and status_of(claim) == "submitted"


def test_the_servers_own_account_has_a_folder_for_each_company(
    line: Line, server: Server, settings, tmp_path, other: Company
) -> None:
    for name in ("acme", "acme/outbox", "acme/inbox"):
        (server.home / name).mkdir()
        server.own(server.home / name)
    (tmp_path / "key").write_text(server.key)
    settings.CLEARINGHOUSE_URL, settings.CLEARINGHOUSE_HOST_KEY = server.url, server.host_key
    settings.CLEARINGHOUSE_KEY_FILE = str(tmp_path / "key")
    claim = queued(line)
    assert connections.seed_connections(at=noon(days(0))) == 4
    assert connections.seed_connections(at=noon(days(0))) == 0
    line.submit(days(1))
    assert status_of(claim) == "submitted" and len(names(server.home / "acme/outbox")) == 1
    ways = [rows.way_to_clearinghouse(company) for company in (line.company, other)]
    assert [(way.outbox, way.inbox) for way in ways] == [
        ("acme/outbox", "acme/inbox"),
        ("other/outbox", "other/inbox"),
    ]
    assert list(server.outbox.iterdir()) == []


def test_doctor_signs_in_and_says_what_stands_in_the_way(connected: Line, server: Server) -> None:
    def told() -> list[doctor.Finding]:
        return [
            each
            for each in doctor._clearinghouse()
            if each.said.endswith("lets acme in") or each.said.startswith("acme: ")
        ]

    assert [each.level for each in told()] == [doctor.SOUND]
    server.show_key()
    server.restart()
    (wrong,) = told()
    assert wrong.level == doctor.WRONG and "another key" in wrong.said and "Settings" in wrong.mend


def test_no_secret_stands_in_a_row_its_history_or_a_log(connected: Line, server: Server, caplog) -> None:
    body = server.key.splitlines()[1]
    queued(connected)
    connected.submit(days(1))
    row = Connection.objects.get(kind="clearinghouse", company=connected.company)
    kept = f"{row.secret} {list(row.events.values())} {list(ConnectionHealth.objects.values())} {caplog.text}"
    assert body not in kept and rows.opened(row) == "\n".join(server.key.split("\n")).strip() + "\n"
