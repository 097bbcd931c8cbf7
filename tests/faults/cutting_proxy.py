"""A TCP proxy that fails as networks do, and can cut PostgreSQL's wire just behind a COMMIT."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

CHUNK = 65_536
QUERY = b"Q"
LENGTH_BYTES = 4
SSL_REQUEST = 80_877_103
GSS_REQUEST = 80_877_104


class Fault(StrEnum):
    """What befalls the wires through a proxy."""

    NONE = "none"
    LATE_50 = "late by 50 ms"
    LATE_500 = "late by 500 ms"
    LATE_5000 = "late by 5,000 ms"
    RESET = "reset"
    CUT = "cut in mid-answer"
    HALF_OPEN = "half open"
    BLACK_HOLE = "black hole"
    DRIP = "slow drip"


LATE = {Fault.LATE_50: 0.05, Fault.LATE_500: 0.5, Fault.LATE_5000: 5.0}
DRIP_SECONDS = 0.05
"""For each byte of an answer."""
SILENT = {Fault.HALF_OPEN, Fault.BLACK_HOLE}
"""Nothing comes any more, and nobody says so; what was befallen stays so when it is over."""


@dataclass
class CuttingProxy:
    """Forward bytes both ways, as `befall` says; `arm` cuts the next connections at COMMIT.

    The COMMIT itself is delivered and its answer read here, so it has taken effect; the
    client sees a reset instead of the answer.
    """

    upstream: tuple[str, int]
    speaks_postgres: bool = False
    """Read the messages of PostgreSQL one by one, so that it can be armed."""
    cuts: int = 0
    fault: Fault = Fault.NONE
    _armed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wires: set[_Wire] = field(default_factory=set)
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

    def befall(self, fault: Fault) -> None:
        """Let a fault befall every wire that there is, and that comes until it is another one."""
        with self._lock:
            self.fault = fault
            wires = list(self._wires)
        for wire in wires:
            wire.befall(fault)

    def heal(self) -> None:
        """Let new wires through, and old ones that nothing final has befallen."""
        self.befall(Fault.NONE)

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
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self.upstream)
        except OSError:  # whoever is behind is away
            client.close()
            return
        wire = _Wire(client, server, self)
        with self._lock:
            self._wires.add(wire)
            fault = self.fault
        wire.befall(fault)
        wire.start()

    def forget(self, wire: _Wire) -> None:
        """Drop a wire that has ended."""
        with self._lock:
            self._wires.discard(wire)


@dataclass(eq=False)
class _Wire:
    """One connection through the proxy: messages or bytes one way, bytes the other."""

    client: socket.socket
    server: socket.socket
    proxy: CuttingProxy
    silent: bool = False
    abrupt: bool = False
    cut: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Forward until either side ends or is ended."""
        for work in (self._up, self._down):
            threading.Thread(target=self._quietly, args=(work,), daemon=True).start()

    def befall(self, fault: Fault) -> None:
        """Let a fault befall this wire now; one that only slows answers is seen with the next."""
        if fault is Fault.RESET:
            self._reset()
        if fault in SILENT:
            self.silent = True
        if fault is Fault.HALF_OPEN:
            _shut(self.server)

    def _quietly(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, EOFError):
            self._end()

    def _end(self) -> None:
        _shut(self.client, socket.SHUT_RD if self.abrupt else socket.SHUT_RDWR)
        _shut(self.server)
        self.client.close()
        self.server.close()
        self.proxy.forget(self)

    def _reset(self) -> None:
        """End it by a reset: whoever reads here wakes, and closes without a farewell."""
        self.abrupt = True
        with suppress(OSError):
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        _shut(self.client, socket.SHUT_RD)

    def _up(self) -> None:
        if self.proxy.speaks_postgres and not self.silent:
            self._greeting()
            while True:
                self._message()
        while part := self.client.recv(CHUNK):
            if not self.silent:
                self.server.sendall(part)
        raise EOFError

    def _message(self) -> None:
        head = _exactly(self.client, 1 + LENGTH_BYTES)
        (length,) = struct.unpack("!I", head[1:])
        body = _exactly(self.client, length - LENGTH_BYTES)
        if head[:1] == QUERY and body == b"COMMIT\0" and self.proxy._take_cut():  # noqa: SLF001
            self.cut.set()
            self.server.sendall(head + body)
            self.answered.wait(10)
            raise EOFError
        if not self.silent:
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
                self._reset()
                raise EOFError
            self._pass_on(part)
        if not self.silent:
            raise EOFError

    def _pass_on(self, part: bytes) -> None:
        """Give the client a piece of an answer, as the fault of now lets it."""
        if self.silent:
            return
        fault = self.proxy.fault
        if fault is Fault.CUT:
            self.client.sendall(part[: len(part) // 2])
            self._reset()
            raise EOFError
        time.sleep(LATE.get(fault, 0))
        while self.proxy.fault is Fault.DRIP and part:
            self.client.sendall(part[:1])
            part = part[1:]
            time.sleep(DRIP_SECONDS)
        if not self.silent:
            self.client.sendall(part)


def _shut(side: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    """Wake whoever reads or writes it; it may be shut already."""
    with suppress(OSError):
        side.shutdown(how)


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
