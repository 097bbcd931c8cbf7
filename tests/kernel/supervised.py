"""A small installation to kill: both servers, gunicorn, a worker and beat under one supervisor.

Run as `python -m tests.kernel.supervised HOME PORT`; says in HOME/ready when all answers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from celery import Celery

from kernel.config import new_secrets
from kernel.processes import Supervisor
from kernel.servers import PostgresServer, ValkeyServer, create_database

REPOSITORY = Path(__file__).parents[2]
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")
queue = Celery("supervised", broker=os.environ.get("REDIS_URL"))
queue.conf.broker_connection_retry_on_startup = True


@queue.task  # type: ignore[untyped-decorator]
def leave(path: str) -> None:
    Path(path).touch()


def web(_: dict[str, str], start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def main(home: Path, port: str) -> None:
    celery = [sys.executable, "-m", "celery", "-A", "tests.kernel.supervised:queue"]
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", str(REPOSITORY / "gunicorn_config.py")]
    with Supervisor(home) as supervisor:
        database = supervisor.attach(PostgresServer(home))
        env = {
            **os.environ,
            **new_secrets(),
            "DATABASE_URL": create_database(database, name="bangfu"),
            "REDIS_URL": supervisor.attach(ValkeyServer(home)),
        }
        supervisor.start("worker", [*celery, "worker", "-c", "2", *QUIET], env)
        supervisor.start("beat", [*celery, "beat", "-s", str(home / "beat")], env)
        bound = [*gunicorn, "--bind", f"127.0.0.1:{port}", "tests.kernel.supervised:web"]
        supervisor.start("web", bound, env)
        (home / "ready").write_text(env["REDIS_URL"])
        supervisor.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
