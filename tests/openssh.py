"""OpenSSH's own server on this machine, and a door before it that breaks when a test wants.

with openssh() as server:
    server.url, server.key, server.host_key      # sftp://…, whom it lets in, what it is known by
    server.outbox, server.inbox                  # its folders, as this process sees them
    with door(server) as broken: broken.cut = lambda: server.final.exists()

The server is an ordinary user's: run by root it becomes one, so nothing of the system is touched and what
that user may not do is refused. Where no sshd is installed the tests that use it are skipped by name.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import pytest

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or ""
ROOT = os.geteuid() == 0


def _user() -> str:
    """Who the server runs as and lets in; empty where nobody of that number or name is known."""
    with suppress(KeyError, OSError):
        return pwd.getpwnam("daemon").pw_name if ROOT else pwd.getpwuid(os.getuid()).pw_name
    return ""


USER = _user()
"""Run by root it is an account every system has; that of nobody counts as locked where systemd answers for it."""
START_SECONDS = 10
needs_sshd = pytest.mark.skipif(not (SSHD and USER), reason="no OpenSSH server (sshd) on this machine")
CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
LogLevel VERBOSE
Subsystem sftp internal-sftp
ForceCommand internal-sftp {options}
"""


def pair(kind: str = "ssh-ed25519") -> tuple[str, str]:
    """A new private key, and its public line."""
    key = asyncssh.generate_private_key(kind)
    return key.export_private_key().decode(), key.export_public_key().decode().strip()


class Server:
    """One running sshd with one account and its folders."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.process = folder, None
        self.home = folder / "home"
        self.outbox, self.inbox = self.home / "outbox", self.home / "inbox"
        self.key, public = pair()
        self.show_key()
        self._write("authorized_keys", public + "\n")
        for made in (self.home, self.outbox, self.inbox):
            made.mkdir()
            self.own(made)
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return self.at(self.port)

    def at(self, port: int, user: str = USER) -> str:
        """The account's address at another port."""
        return f"sftp://{user}@127.0.0.1:{port}{self.home}"

    @property
    def log(self) -> str:
        """What the server itself says happened."""
        return (self.folder / "log").read_text()

    def show_key(self, kind: str = "ssh-ed25519") -> None:
        """Have another host key from the next start on."""
        private, public = pair(kind)
        self.host_key = " ".join(public.split()[:2])
        self._write("host_key", private)

    def leave(self, name: str | bytes, content: bytes, folder: Path | None = None) -> Path:
        """A file the clearinghouse leaves, an hour ago."""
        path = (folder or self.inbox) / os.fsdecode(name)
        path.write_bytes(content)
        self.own(path)
        os.utime(path, (time.time() - 3600,) * 2)
        return path

    def own(self, path: Path) -> None:
        if ROOT:
            shutil.chown(path, USER)

    def start(self, options: str = "", *, largest: int = 0) -> None:
        """Run it; `options` are internal-sftp's, `largest` the bytes a file may grow to."""
        config = CONFIG.format(port=self.port, folder=self.folder, options=options)
        self._write("config", config)
        command = [SSHD, "-D", "-f", str(self.folder / "config"), "-E", str(self.folder / "log")]
        if (
            subprocess.run([*command, "-t", "-o", "PerSourcePenalties=no"], capture_output=True).returncode
            == 0
        ):
            command += ["-o", "PerSourcePenalties=no"]
        if largest:
            command = ["sh", "-c", f'trap "" XFSZ; ulimit -f {largest // 512}; exec "$@"', "sh", *command]
        as_user = {"user": USER, "group": pwd.getpwnam(USER).pw_gid, "extra_groups": []} if ROOT else {}
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd="/", **as_user)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise RuntimeError(f"sshd did not start: {self.log if (self.folder / 'log').exists() else ''}")

    def stop(self) -> None:
        """End it with its sessions; safe to repeat."""
        if self.process:
            for pid in (*_descendants(self.process.pid), self.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def restart(self, options: str = "", *, largest: int = 0) -> None:
        self.stop()
        self.start(options, largest=largest)

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        self.own(path)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += [*_descendants(int(child)), int(child)]
    return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def openssh() -> Iterator[Server]:
    """A server of its own folder, stopped and swept away at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="holdline-sshd-", dir="/tmp"))
    folder.chmod(0o755)
    if ROOT:
        shutil.chown(folder, USER)
    server = Server(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Door:
    """Passes bytes to a server and back, until `cut` says that the line breaks, or `still` that it goes mute.

    Both are asked before every piece, with the way it goes ("in" to the server or "out") and its number.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.cut: Callable[[str, int], bool] = lambda way, number: False
        self.still: Callable[[str, int], bool] = lambda way, number: False
        self.pieces = 0
        self._lock = threading.Lock()
        self._lines: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for line in (self._listening, *self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                return
            far.settimeout(None)
            for line in (near, far):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._lines += [near, far]
            threading.Thread(target=self._pass, args=(near, far, "in"), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, "out"), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, way: str) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                with self._lock:
                    self.pieces += 1
                    if self.still(way, self.pieces):
                        continue
                    if self.cut(way, self.pieces):
                        break
                    target.sendall(data)
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@contextmanager
def door(server: Server) -> Iterator[Door]:
    """A door before the server, closed at the end of the block."""
    before = Door(server.port)
    try:
        yield before
    finally:
        before.close()


class _Asks(asyncssh.SSHServer):
    """Lets in who says the password, asked for in one way alone."""

    def __init__(self, asks: str, password: str) -> None:
        self.asks, self.password = asks, password

    def password_auth_supported(self) -> bool:
        return self.asks == "password"

    def validate_password(self, username: str, password: str) -> bool:
        return password == self.password

    def kbdint_auth_supported(self) -> bool:
        return self.asks != "password"

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [("Password:", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        return list(responses) == [self.password]


@contextmanager
def password_server(folder: Path, asks: str, password: str) -> Iterator[int]:
    """Another server, which takes a password; gives its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    async def begin() -> Any:
        return await asyncssh.create_server(
            lambda: _Asks(asks, password),
            "127.0.0.1",
            0,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(folder)),
            gss_host=None,
        )

    listening = run(begin())
    try:
        yield listening.get_port()
    finally:
        listening.close()
        run(listening.wait_closed())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
