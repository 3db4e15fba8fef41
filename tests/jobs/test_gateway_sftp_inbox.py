"""Acknowledgements over SFTP, read whole and put away; and the steps of the connection's test."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from deductibles.gateways import probe, sftp_files
from deductibles.gateways.clearinghouse import Unavailable, inbox, put_away, visit
from tests.jobs.sftp_server import hand, names
from tests.openssh import door, free_port, needs_sshd, pair

pytest_plugins = ["tests.jobs.sftp_server"]
pytestmark = needs_sshd
X12 = b"ISA*" + b"0" * 101 + b"~GS*HC~GE*1*1~IEA*1*000000001~"


class TestInbox:
    def test_files_are_listed_by_name_and_put_away(self, way, server):
        server.leave("b.277", X12 + b"\n")
        server.leave("a.999", b"not X12, but an hour old")
        assert [(file.name, file.content) for file in inbox(way, "acme")] == [
            ("a.999", b"not X12, but an hour old"),
            ("b.277", X12 + b"\n"),
        ]
        put_away(way, "acme", "a.999")
        put_away(way, "acme", "a.999")
        assert names(server.inbox) == ["b.277"]

    def test_they_are_kept_where_there_is_a_folder_for_it(self, way, server):
        (server.inbox / "read").mkdir()
        server.own(server.inbox / "read")
        for content in (X12, X12 + b"\n"):
            server.leave("a.999", content)
            put_away(way, "acme", "a.999")
        kept = names(server.inbox / "read")
        assert len(kept) == 2 and kept[0] == "a.999" and names(server.inbox) == ["read"]

    def test_one_still_being_uploaded_is_not_read_half(self, way, server):
        young = server.leave("a.999", X12[:-20])
        os.utime(young)
        for name in ("b.999.part", "c.tmp", ".d.999", "e.filepart", "f.999~"):
            server.leave(name, X12)
        server.leave("g.999", b"")
        assert inbox(way, "acme") == []
        os.utime(young, (time.time() - 600,) * 2)
        assert [file.name for file in inbox(way, "acme")] == ["a.999"], "nobody adds to it any more"

    def test_one_that_grows_while_it_is_read_is_left(self, way, server):
        path = server.leave("a.999", X12)

        def grow(side: str, number: int) -> bool:
            with path.open("ab") as file:
                file.write(b"x")
            return False

        with door(server) as slow:
            slow.cut = grow
            assert inbox(replace(way, url=server.at(slow.port)), "acme") == []

    def test_a_whole_one_is_read_at_once(self, way, server):
        os.utime(server.leave("a.999", X12))
        assert [file.name for file in inbox(way, "acme")] == ["a.999"]

    def test_hostile_names_and_things_are_left_alone(self, way, server):
        server.leave(b"\xff\xfe.999", X12)
        for name in ("line\nbreak.999", "back\\slash", "\x1b[31mred", "x" * 121, "\u202etxt.999"):
            server.leave(name, X12)
        (server.inbox / "folder.999").mkdir()
        (server.inbox / "link.999").symlink_to("/etc/passwd")
        os.mkfifo(server.inbox / "pipe.999")
        with (server.inbox / "huge.999").open("wb") as file:
            file.truncate(10 * 2**20 + 1)
        server.leave("(1) report, é.999", X12)
        assert [file.name for file in inbox(way, "acme")] == ["(1) report, é.999"]
        for name in ("../outbox/x", "", ".", "a\nb"):
            with pytest.raises(Unavailable, match="name"):
                put_away(way, "acme", name)

    def test_a_big_folder_is_read_in_parts(self, way, server, monkeypatch):
        monkeypatch.setattr(sftp_files, "MOST_FILES", 3)
        for number in range(5):
            server.leave(f"{number}.999", X12)
        with visit(way, "acme") as sitting:
            for file in sitting.arrived():
                sitting.put_away(file.name)
        assert names(server.inbox) == ["3.999", "4.999"]

    def test_one_sitting_signs_in_once(self, way, server):
        for number in range(3):
            server.leave(f"{number}.999", X12)
        before = server.log.count("Accepted publickey")
        with visit(way, "acme") as sitting:
            assert [sitting.put_away(file.name) for file in sitting.arrived()] == [None] * 3
        assert server.log.count("Accepted publickey") == before + 1

    def test_a_missing_or_closed_one_is_said(self, way, server):
        server.inbox.chmod(0)
        with pytest.raises(Unavailable, match="may not") as closed:
            inbox(way, "acme")
        server.inbox.rmdir()
        with pytest.raises(Unavailable, match="not there") as missing:
            inbox(way, "acme")
        assert closed.value.step == missing.value.step == "inbox"

    def test_one_that_cannot_be_taken_out_is_said(self, way, server):
        server.leave("a.999", X12)
        server.inbox.chmod(0o500)
        with pytest.raises(Unavailable, match="may not"):
            put_away(way, "acme", "a.999")


class TestProbe:
    def steps(self, way):
        return {step.key: step for step in probe.walk_to_clearinghouse(way, "acme")}

    def failed(self, way) -> str:
        (step,) = (step for step in self.steps(way).values() if step.state == probe.FAILED)
        assert step.said and step.mend
        return step.key

    def test_every_step_goes_well_and_leaves_nothing(self, way, server):
        server.leave("a.999", X12)
        steps = self.steps(way)
        assert list(steps) == ["name", "connect", "hostkey", "signin", "answer", "outbox", "leave", "inbox"]
        assert {step.state for step in steps.values()} == {"passed"}
        assert "1 acknowledgement waiting" in steps["inbox"].said
        assert names(server.outbox) == [] and names(server.inbox) == ["a.999"]

    def test_the_step_that_fails_is_named_and_those_after_it_are_not_reached(self, way, server):
        _, other = pair()
        assert self.failed(replace(way, url="nonsense:")) == "address"
        assert self.failed(replace(way, url="sftp://u@x.invalid/")) == "name"
        assert self.failed(replace(way, url=server.at(free_port()))) == "connect"
        assert self.failed(replace(way, host_key=" ".join(other.split()[:2]))) == "hostkey"
        assert self.failed(replace(way, token=pair()[0])) == "signin"
        assert self.failed(replace(way, outbox="nowhere")) == "outbox"
        assert self.failed(replace(way, inbox="nowhere")) == "inbox"
        assert self.steps(replace(way, host_key=" ".join(other.split()[:2])))["signin"].state == "skipped"

    def test_a_folder_that_may_be_read_only_fails_at_leaving_files(self, way, server):
        server.restart("-R")
        try:
            assert self.failed(way) == "leave"
            assert hand(way).state == "refused"
        finally:
            server.restart()
