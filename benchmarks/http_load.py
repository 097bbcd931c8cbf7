"""A load generator that costs next to nothing: raw sockets and request bytes made beforehand.

Every request opens its own connection and asks the server to close it: connections kept alive
can all land on one of the two workers, and then half the server sleeps.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

from benchmarks.clients import Operation, Prepare

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 30.0
ANSWER_BYTES = 65_536


def request(method: str, path: str, *, token: str = "", key: str = "", body: bytes = b"") -> bytes:
    """Write one HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Connection: close"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if key:
        lines.append(f"Idempotency-Key: {key}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(port: int, message: bytes) -> bytes:
    """Send one request on its own connection and read the whole answer."""
    with socket.create_connection((HOST, port), TIMEOUT_SECONDS) as connection:
        connection.sendall(message)
        parts = []
        while part := connection.recv(ANSWER_BYTES):
            parts.append(part)
    return b"".join(parts)


def posting(port: int, *, messages: Callable[[int], Iterator[bytes]], status: int) -> Prepare:
    """Prepare a client that sends its messages one after the other and wants this status.

    `messages` is called in the client's process with its number and listed to the end there,
    before the clock starts; a client that runs out of messages is a defect of the benchmark.
    """
    wanted = f"HTTP/1.1 {status} ".encode()

    def prepare(number: int) -> Operation:
        ready = iter(list(messages(number)))

        def once() -> bool:
            return send(port, next(ready)).startswith(wanted)

        return once

    return prepare
