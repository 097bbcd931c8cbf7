"""A TCP proxy before PostgreSQL that can cut the wire the moment COMMIT has gone through."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

CHUNK = 65_536
QUERY = b"Q"
LENGTH_BYTES = 4
SSL_REQUEST = 80_877_103
GSS_REQUEST = 80_877_104


@dataclass
class CuttingProxy:
    """Forward bytes both ways; `arm` makes it cut the next connections that send COMMIT.

    The COMMIT itself is delivered and its answer read here, so it has taken effect; the
    client sees a reset instead of the answer.
    """

    upstream: tuple[str, int]
    cuts: int = 0
    _armed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _listener: socket.socket = field(
        default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=64)
    )

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        port: int = self._listener.getsockname()[1]
        return port

    def start(self) -> None:
        """Listen in the background."""
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Take no further connections."""
        self._listener.close()

    def arm(self) -> None:
        """Cut the next COMMIT of any connection."""
        with self._lock:
            self._armed += 1

    def disarm(self) -> None:
        """Let every COMMIT through again."""
        with self._lock:
            self._armed = 0

    def _take_cut(self) -> bool:
        with self._lock:
            if not self._armed:
                return False
            self._armed -= 1
            self.cuts += 1
            return True

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.upstream)
            _Wire(client, server, self._take_cut).start()


@dataclass
class _Wire:
    """One connection through the proxy: PostgreSQL messages one way, bytes the other."""

    client: socket.socket
    server: socket.socket
    cut_now: Callable[[], bool]
    cut: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        for work in (self._up, self._down):
            threading.Thread(target=self._quietly, args=(work,), daemon=True).start()

    def _quietly(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, EOFError):
            self.client.close()
            self.server.close()

    def _up(self) -> None:
        self._greeting()
        while True:
            head = _exactly(self.client, 1 + LENGTH_BYTES)
            (length,) = struct.unpack("!I", head[1:])
            body = _exactly(self.client, length - LENGTH_BYTES)
            if head[:1] == QUERY and body == b"COMMIT\0" and self.cut_now():
                self.cut.set()
                self.server.sendall(head + body)
                self.answered.wait(10)
                raise EOFError
            self.server.sendall(head + body)

    def _greeting(self) -> None:
        """Pass on what comes before typed messages: encryption requests and the start-up."""
        while True:
            head = _exactly(self.client, 2 * LENGTH_BYTES)
            length, code = struct.unpack("!II", head)
            self.server.sendall(head + _exactly(self.client, length - 2 * LENGTH_BYTES))
            if code not in {SSL_REQUEST, GSS_REQUEST}:
                return

    def _down(self) -> None:
        while part := self.server.recv(CHUNK):
            if self.cut.is_set():
                self.answered.set()
                linger = struct.pack("ii", 1, 0)
                self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                raise EOFError
            self.client.sendall(part)
        raise EOFError


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
