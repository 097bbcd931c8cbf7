"""A load generator that costs next to nothing: raw sockets and request bytes made beforehand.

A client keeps its connection, as the client libraries of those who buy do, and opens a new one
after some requests: connections kept for good can all land on one of the two workers, and then
half the server sleeps.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator

from benchmarks.clients import Operation, Prepare

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 30.0
ANSWER_BYTES = 65_536
REQUESTS_A_CONNECTION = 20
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)


def request(method: str, path: str, *, token: str = "", key: str = "", body: bytes = b"") -> bytes:
    """Write one HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if key:
        lines.append(f"Idempotency-Key: {key}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Client:
    """One client's connection, opened anew after so many requests or when the server closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection: socket.socket | None = None
        self.left = 0

    def send(self, message: bytes) -> bytes:
        """Send one request and read the whole answer (OSError where it does not come whole)."""
        if self.connection is None or not self.left:
            self.close()
            self.connection = socket.create_connection((HOST, self.port), TIMEOUT_SECONDS)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.left = REQUESTS_A_CONNECTION
        self.left -= 1
        self.connection.sendall(message)
        answer = b""
        while not _is_whole(answer) and (part := self.connection.recv(ANSWER_BYTES)):
            answer += part
        if not _is_whole(answer):
            self.close()
            raise ConnectionResetError("the connection ended before the whole answer")
        if b"\r\nConnection: close\r\n" in answer:
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = LENGTH.search(head)
    return length is not None and len(body) >= int(length[1])


def send(port: int, message: bytes) -> bytes:
    """Send one request on its own connection and read the whole answer."""
    client = Client(port)
    try:
        return client.send(message)
    finally:
        client.close()


def posting(port: int, *, messages: Callable[[int], Iterator[bytes]], status: int) -> Prepare:
    """Prepare a client that sends its messages one after the other and wants this status.

    `messages` is called in the client's process with its number and listed to the end there,
    before the clock starts; a client that runs out of messages is a defect of the benchmark.
    """
    wanted = f"HTTP/1.1 {status} ".encode()

    def prepare(number: int) -> Operation:
        ready = iter(list(messages(number)))
        client = Client(port)

        def once() -> bool:
            return client.send(next(ready)).startswith(wanted)

        return once

    return prepare
