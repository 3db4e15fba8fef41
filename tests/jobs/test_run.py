"""``make run`` from the outside in: where it listens, what it starts, how it ends, what it says when it cannot."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import bootstrap
from config.address import Address, NoAddress, free_port
from config.supervisor import Child, GivenUp, Supervisor

ROOT = Path(__file__).resolve().parents[2]


def soon(question: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class TestAddress:
    def test_default_is_port_8000_of_this_machine_only(self) -> None:
        address = Address.from_environment({})
        assert (address.host, address.port, address.url) == ("127.0.0.1", 8000, "http://localhost:8000")
        assert "127.0.0.1:8000" in address.binds()

    @pytest.mark.parametrize("typed", ["abc", "0", "65536", "-1", "80 80", "8e3", "٨٠٠٠", "9" * 400])
    def test_port_that_is_none_is_refused_with_an_example(self, typed: str) -> None:
        with pytest.raises(NoAddress, match="number from 1 to 65535, as in: PORT=8001 make run"):
            Address.from_environment({"PORT": typed})

    def test_busy_port_is_named_with_the_command_that_would_work(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(NoAddress, match=f"Port {port} is used by another.*PORT={port + 1} make run"):
                Address("127.0.0.1", port).refuse_if_busy()

    @pytest.mark.parametrize("host", ["192.0.2.1", "not a host", "x" * 300, "::ffff:zz"])
    def test_foreign_address_is_refused_in_words(self, host: str) -> None:
        with pytest.raises(NoAddress, match="no address of this machine"):
            Address(host, 8000).refuse_if_busy()

    def test_next_free_port_skips_a_busy_one(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            assert free_port(other.getsockname()[1]) != other.getsockname()[1]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str], tmp_path: Path) -> Iterator[Supervisor]:
    found = Supervisor(said.append, tmp_path)
    yield found
    found.stop()


def python(name: str, code: str, folder: Path) -> Child:
    return Child(name, [sys.executable, "-u", "-c", code], dict(os.environ), folder / f"{name}.log")


def tend_until(supervisor: Supervisor, question: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not question() and time.monotonic() < deadline:
        supervisor.tend(0.05)
    return bool(question())


class TestSupervisor:
    def test_words_of_a_process_stand_under_its_name_and_in_its_log(
        self, supervisor: Supervisor, said: list[str], tmp_path: Path
    ) -> None:
        supervisor.add(python("web", "import time; print('good morning'); time.sleep(60)", tmp_path))
        assert tend_until(supervisor, lambda: any("good morning" in line for line in said))
        assert said[0].startswith("web")
        assert "good morning" in (tmp_path / "web.log").read_text()

    def test_process_that_ends_is_named_and_started_again(
        self, supervisor: Supervisor, said: list[str], tmp_path: Path
    ) -> None:
        child = python("worker", "import time; time.sleep(60)", tmp_path)
        supervisor.add(child)
        assert child.process is not None
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        assert tend_until(supervisor, lambda: child.process and child.process.pid != first)
        assert any("worker was ended by signal SIGKILL" in line for line in said)

    def test_process_that_cannot_stay_up_is_given_up_with_its_last_words(
        self, supervisor: Supervisor, tmp_path: Path
    ) -> None:
        supervisor.add(python("beat", "raise SystemExit('no clock here')", tmp_path))
        with pytest.raises(GivenUp, match=r"(?s)beat ended with exit code 1 again and again.*no clock here"):
            tend_until(supervisor, lambda: False, seconds=20)

    def test_stopping_leaves_no_grandchild_behind(
        self, supervisor: Supervisor, said: list[str], tmp_path: Path
    ) -> None:
        code = "import subprocess, time; p = subprocess.Popen(['sleep', '60']); print('pid', p.pid); time.sleep(60)"
        supervisor.add(python("web", code, tmp_path))
        assert tend_until(supervisor, lambda: said)
        grandchild = int(said[0].split()[-1])
        supervisor.stop()
        assert soon(lambda: not alive(grandchild))

    def test_process_that_ignores_a_polite_end_is_ended_when_in_a_hurry(
        self, supervisor: Supervisor, said: list[str], tmp_path: Path
    ) -> None:
        code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(60)"
        supervisor.add(python("worker", code, tmp_path))
        assert tend_until(supervisor, lambda: said)
        began = time.monotonic()
        supervisor.stop(hurry=lambda: True)
        assert time.monotonic() - began < 5
        assert not supervisor.children[0].alive

    def test_log_on_a_full_disk_does_not_stop_the_site(
        self, supervisor: Supervisor, said: list[str], tmp_path: Path
    ) -> None:
        child = python("web", "import time; print('still here'); time.sleep(60)", tmp_path)
        child.log = Path("/dev/full")
        supervisor.add(child)
        assert tend_until(supervisor, lambda: any("still here" in line for line in said))

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
    def test_processes_end_when_their_supervisor_is_killed(self, tmp_path: Path) -> None:
        code = (
            "import os, sys, time; from pathlib import Path; from config.supervisor import Child, Supervisor\n"
            "s = Supervisor(print, Path('.')); c = Child('x', ['sleep', '60'], dict(os.environ), Path(sys.argv[1]))\n"
            "s.add(c); print(c.process.pid, flush=True); time.sleep(60)"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "x.log")]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
            assert killed.stdout is not None
            child = int(killed.stdout.readline())
            assert alive(child)
            killed.kill()
        assert soon(lambda: not alive(child))


class TestBootstrap:
    def test_old_python_gets_as_far_as_the_sentence(self) -> None:
        source = (ROOT / "config" / "bootstrap.py").read_text()
        assert ast.parse(source, feature_version=(3, 6))
        assert source.index("sys.version_info < (3, 11)") < source.index("import contextlib")

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ("ERROR: Could not install: [Errno 28] No space left on device", "no room left on the disk"),
            ("OSError: [Errno 30] Read-only file system: '/x'", "cannot be written by you"),
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "not the one that was locked"),
            ("WARNING: Retrying: NewConnectionError('refused')", "check the network"),
            ("error: something else\n\n", "error: something else"),
            ("", "no reason was given"),
        ],
    )
    def test_failed_installation_is_told_in_one_sentence(self, words: str, sentence: str) -> None:
        told = bootstrap.explain(words, "The packages could not be installed")
        assert sentence in told
        assert "\n" not in told

    def test_virtualenv_copied_from_elsewhere_is_not_trusted(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        there, here = tmp_path / "there", tmp_path / "here"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(there)], check=True)
        shutil.copytree(there, here, symlinks=True)
        monkeypatch.setattr(bootstrap, "VENV", here)
        monkeypatch.setattr(bootstrap, "PYTHON", here / "bin" / "python")
        assert not bootstrap.venv_works()

    def test_makefile_names_every_command_of_the_contract(self) -> None:
        listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for command in ("run", "test", "check", "bench", "lock"):
            assert f"make {command}" in listed
