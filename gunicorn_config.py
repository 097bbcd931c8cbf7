"""How gunicorn serves the application: `gunicorn -c gunicorn_config.py wsgi:app`."""

from __future__ import annotations

import gc
import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]
from prometheus_client import multiprocess

from kernel.clock import came
from kernel.config import from_environment

# A bad setting must end the master with one sentence, not make its workers die in a loop.
_settings = from_environment()

HEALTH = b"GET /healthz "
FIRST_BYTES_SECONDS = 5


class Threads(ThreadPoolExecutor):
    """The threads of a worker, and one more for who asks whether it lives.

    Where a database or Stripe is waited for, all threads may be; a worker must not be taken for
    dead then, and started again in vain.
    """

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self.aside = ThreadPoolExecutor(1)

    def submit(  # type: ignore[override] # gunicorn submits nothing but connections
        self, handle: Callable[[Any], Any], conn: Any
    ) -> Future[Any]:
        """Handle a connection that has something to read."""
        if _first_bytes(conn.sock) == HEALTH:
            return self.aside.submit(handle, conn)
        return super().submit(_handle, handle, conn, time.monotonic())


def _handle(handle: Callable[[Any], Any], conn: Any, came_at: float) -> Any:
    """Handle it, knowing when it came: what it waited for a thread is part of its patience."""
    came.set(came_at)
    return handle(conn)


def _first_bytes(connection: socket.socket) -> bytes:
    try:
        return connection.recv(len(HEALTH), socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return b""


class Worker(ThreadWorker):  # type: ignore[misc]
    """Requests wait for PostgreSQL most of the time.

    Threads were faster than more processes, than sync workers and than gevent on two cores
    (2 x 8: 439 reads a second, sync 299, gevent 179).
    """

    def get_thread_pool(self) -> Threads:
        """Give the threads that this worker serves with."""
        return Threads(self.cfg.threads)


worker_class = Worker
workers = _settings.web_workers
threads = _settings.web_threads  # the connection pool of a worker is of the same size

# Engine, key ring and counters must be made after the fork, and HUP must load new code.
preload_app = False

# A worker that says nothing for a minute is stuck: a request waits 10 s for the database.
timeout = 60
# Longer than the longest request, so that a deployment cuts nobody off.
graceful_timeout = 30
# Longer than a browser's pause between two clicks on a page; a proxy reuses the connection.
keepalive = 5
# Off: with gthread a worker that ends after so many requests resets connections.
max_requests = 0

# Cursors and filters fit in it; a longer line is an attack or a mistake.
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190

# X-Forwarded-* is believed from these addresses only, else anybody could claim https or an address.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

# A heartbeat file on a disk that is busy writing looks like a stuck worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, not /tmp

# The application writes one structured line per request, with its id; a second one says less.
accesslog = None
errorlog = "-"

# One more door, and two servers of one account would share its socket.
control_socket_disable = True


class _Worker(Protocol):
    pid: int
    sockets: list[Any]


def child_exit(_server: object, worker: _Worker) -> None:
    """Fold a dead worker's live gauges away, so that /metrics does not count it for ever."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(worker: _Worker) -> None:
    """Take connections with their first bytes only, so that no thread waits for them.

    And spare the collector what never goes away: modules, models, compiled statements.
    """
    for listener in worker.sockets:
        if listener.FAMILY != socket.AF_UNIX:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, FIRST_BYTES_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
