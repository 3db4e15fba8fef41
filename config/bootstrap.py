"""Make ``.venv`` from the locked requirements if need be, then run one module inside it.

``python3 config/bootstrap.py [--dev] [MODULE ARGUMENTS…]`` is what the Makefile calls. It runs on the
machine's own Python with nothing installed, so it imports the standard library only, and its syntax stays
readable for old Pythons: they must get as far as the sentence that says they are too old.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  the whole point
    sys.exit(
        "Holdline needs Python 3.11 or newer, but {} is {}.{}. Install a newer one and name it, "
        "for example: make run PYTHON=python3.12".format(sys.executable, *sys.version_info[:2])  # noqa: UP032
    )

if __name__ == "__main__":
    sys.path.pop(0)  # this folder, whose names must not hide the standard library's

import signal  # noqa: E402

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until main listens: end without a traceback

import contextlib  # noqa: E402
import errno  # noqa: E402
import fcntl  # noqa: E402
import hashlib  # noqa: E402
import json  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "holdline.json"
NEWS_EVERY = 5.0
LITTLE_ROOM = 20_000_000
"""Bytes. Some tools do not say that the disk is full, they just fail."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LISTENS_FOR_SIGNALS = {"config.run"}

NETWORK = re.compile(
    r"NewConnectionError|Max retries exceeded|Temporary failure in name resolution|Read timed out|ProxyError|"
    r"ConnectTimeout|CERTIFICATE_VERIFY_FAILED|No matching distribution found"
)


class CannotInstall(Exception):
    """The text is one plain sentence for the person at the keyboard."""


def main(arguments: list[str]) -> int:
    """Install what is missing, then become the asked-for module; answer 1 after one sentence on failure."""
    locks = ["requirements.txt"]
    if arguments[:1] == ["--dev"]:
        locks.append("requirements-dev.txt")
        arguments = arguments[1:]
    for number in SIGNALS:
        signal.signal(number, stop_in_order)
    try:
        with one_at_a_time():
            install(locks)
        if arguments:
            become(arguments)
    except CannotInstall as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{sentence_for(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Start again at any time; it goes on where it was.", file=sys.stderr)
        return 130
    return 0


def stop_in_order(*_: object) -> None:
    """Every polite end is treated like Ctrl-C, so that no half-done pip is left running."""
    raise KeyboardInterrupt


def become(arguments: list[str]) -> None:
    """Replace this process by ``.venv``'s Python running a module."""
    os.chdir(ROOT)
    sys.stdout.flush()
    if arguments[0] in LISTENS_FOR_SIGNALS:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # kept until it can stop in order
    os.execve(PYTHON, [str(PYTHON), "-m", *arguments], clean_environment())  # noqa: S606


def install(locks: list[str]) -> None:
    """Bring ``.venv`` to what the lock files say; costs a few milliseconds when it already is."""
    if not venv_works():
        make_venv()
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in locks}
    found = read_stamp()
    for name in locks:
        if found.get(name) != wanted[name]:
            run_pip(name)
            found[name] = wanted[name]
            STAMP.write_text(json.dumps(found, indent=1) + "\n")


def venv_works() -> bool:
    """Say whether ``.venv`` is a virtualenv of this folder whose Python still runs.

    One that was copied or moved from elsewhere has another prefix inside, one whose Python was uninstalled
    does not run; both are made anew.
    """
    if not PYTHON.exists():
        return False
    ask = "import sys, pip; print(sys.version_info >= (3, 11), sys.prefix != sys.base_prefix, sys.prefix)"
    with contextlib.suppress(OSError):
        code, said = run([str(PYTHON), "-c", ask])
        return code == 0 and said.strip() == f"True True {VENV}" and str(VENV) in pip_script()
    return False


def pip_script() -> str:
    """The head of ``.venv/bin/pip``, which names the folder the virtualenv was made in."""
    with contextlib.suppress(OSError), (VENV / "bin" / "pip").open(errors="replace") as script:
        return script.read(2000)
    return ""


def make_venv() -> None:
    """Make ``.venv`` anew. Raises CannotInstall when this Python cannot make one."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        short = "{}.{}".format(*sys.version_info[:2])
        raise CannotInstall(
            f"This Python ({sys.executable}) lacks its venv module; on Debian and Ubuntu install it with: "
            f"apt install python{short}-venv"
        ) from None
    say("making the virtualenv .venv")
    code, said = run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if code:
        raise CannotInstall(explain(said, "The virtualenv .venv could not be made"))


def run_pip(lock: str) -> None:
    """Install one lock file with pip, every file checked against its hash; indexes are the user's own."""
    total = sum(1 for line in (ROOT / lock).read_text().splitlines() if re.match(r"[A-Za-z0-9]", line))
    began = time.monotonic()
    say(f"installing {total} packages from {lock} (the first time this downloads them)")
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-compile", "--no-input"]
    command += ["--no-deps"]  # the lock names every one, so there is nothing to work out
    command += ["--progress-bar=off", "--disable-pip-version-check", "-r", lock]
    code, said = watch(command, total)
    if code:
        raise CannotInstall(explain("".join(said), f"The packages of {lock} could not be installed"))
    say(f"packages of {lock} installed ({time.monotonic() - began:.0f} s)")


def watch(command: list[str], total: int) -> tuple[int, list[str]]:
    """Run pip, telling how far it is; answer its exit code and its words. It ends when we are ended."""
    said: list[str] = []
    began = news = time.monotonic()
    with start(command) as pip:
        try:
            for line in pip.stdout or ():
                said.append(line)
                if time.monotonic() - news > NEWS_EVERY:
                    news = time.monotonic()
                    say(f"  {progress(said)} of {total} packages found, {news - began:.0f} s so far")
        except KeyboardInterrupt:
            pip.terminate()
            raise
    return pip.returncode, said


def progress(said: list[str]) -> int:
    """How many packages pip has looked at."""
    return sum(1 for line in said if line.startswith(("Collecting ", "Requirement already satisfied")))


def explain(said: str, what: str) -> str:
    """Find in a program's words the one sentence a person needs, and keep the words in a file."""
    log = VENV / "holdline-install.log"
    with contextlib.suppress(OSError):
        log.write_text(said)
    full = "No space left on device" in said or "Disk quota exceeded" in said
    if full or shutil.disk_usage(ROOT).free < LITTLE_ROOM:
        return no_room()
    if "Permission denied" in said or "Read-only file system" in said:
        return not_writable()
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in said:
        return f"{what}: a downloaded file is not the one that was locked, so it was refused (more in {log})."
    if NETWORK.search(said):
        return (
            f"{what}: the package index cannot be reached or lacks a file; check the network (more in {log})."
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f"{what}: {lines[-1] if lines else 'no reason was given'} (more in {log})."


def sentence_for(error: OSError) -> str:
    """Say an operating system's refusal in plain words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_room()
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return not_writable()
    return f"{error.filename or VENV} cannot be used: {error.strerror or error}."


def no_room() -> str:
    return f"There is no room left on the disk that holds {ROOT}; make room (about 1.5 GB) and start again."


def not_writable() -> str:
    return f"The folder {ROOT} cannot be written by you; change its owner or clone into a folder of your own."


def run(command: list[str]) -> tuple[int, str]:
    """Run a program to its end; answer its exit code and its words."""
    with start(command) as program:
        said, _ = program.communicate()
    return program.returncode, said


def start(command: list[str]) -> "subprocess.Popen[str]":
    """Start a program whose words, errors too, are read from its ``stdout``."""
    return subprocess.Popen(  # noqa: S603
        command,
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def clean_environment() -> dict[str, str]:
    """The environment without what would lead a virtualenv's Python or its pip to other folders."""
    leave_out = {"PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in leave_out}
    return {**kept, "PIP_USER": "0"}


def read_stamp() -> dict[str, str]:
    """Which lock files ``.venv`` was filled from; empty when unknown."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(STAMP.read_text())
        if isinstance(found, dict):
            return found
    return {}


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands started at once must not both fill ``.venv``: the second waits for the first."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another command that is setting up .venv")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def say(words: str) -> None:
    print(f"· {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
