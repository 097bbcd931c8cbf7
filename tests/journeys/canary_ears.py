"""Hear a secret however it is said: packed, encoded, escaped, in a sheet or on paper."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from urllib.parse import unquote_to_bytes

DEEPEST = 3
DIGITS = re.compile(rb"[0-9]{10,}[0-9Xx]")
ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){11,}")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


def _unzipped(content: bytes) -> Iterator[bytes]:
    """Unpack archives; what only begins like one is none."""
    with suppress(zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError):
        if content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(BytesIO(content)) as archive:
                yield from [archive.read(name) for name in archive.namelist()]
        if content.startswith(b"\x1f\x8b"):
            yield gzip.decompress(content)


def _on_paper(content: bytes) -> Iterator[bytes]:
    if content.startswith(b"%PDF"):
        yield from map(_inflated, STREAM.findall(content))


def _unescaped(content: bytes) -> Iterator[bytes]:
    if b"\\u" in content:
        yield ESCAPE.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), content)
    if b"%" in content:
        yield unquote_to_bytes(content)


def _from_hex(content: bytes) -> Iterator[bytes]:
    yield from (bytes.fromhex(found.decode()) for found in HEX.findall(content))


def _from_base64(content: bytes) -> Iterator[bytes]:
    for found in BASE64.findall(content):
        for part in {found, found.partition(b"_")[0]}:
            padded = part.rstrip(b"=") + b"=" * (-len(part.rstrip(b"=")) % 4)
            try:
                yield _inflated(base64.urlsafe_b64decode(padded.translate(TO_URLSAFE)))
            except binascii.Error:
                continue


TO_URLSAFE = bytes.maketrans(b"+/", b"-_")


def _inflated(content: bytes) -> bytes:
    """Inflate without asking for the checksum, whose last byte may pass for the end of a line."""
    try:
        return zlib.decompressobj().decompress(content) or content
    except zlib.error:
        return content


OPENERS: tuple[Callable[[bytes], Iterator[bytes]], ...] = (
    _unzipped, _on_paper, _unescaped, _from_hex, _from_base64,
)  # fmt: skip


def layers(content: bytes, *, depth: int = 0) -> Iterator[bytes]:
    """Give a content, and whatever is wrapped in it."""
    yield content
    if depth < DEEPEST:
        for opener in OPENERS:
            for inner in opener(content):
                if inner != content:
                    yield from layers(inner, depth=depth + 1)


class Ears:
    """Know the secrets, and hear one in whatever is said.

    Long numbers are found by their digits; names by the mark that all of them share.
    """

    def __init__(self, secrets: Iterable[str], *, mark: str) -> None:
        given = set(secrets)
        self._numbers = {one.upper().encode() for one in given if one[:10].isdecimal()}
        self._lengths = sorted({len(one) for one in self._numbers})
        names = given - {one.decode() for one in self._numbers}
        if not all(mark in name for name in names):
            raise ValueError("every name bears the mark")
        self._marks = [mark.encode(encoding) for encoding in ENCODINGS]
        self._names = [name.encode(encoding) for name in names for encoding in ENCODINGS]

    def hear(self, said: bytes) -> bool:
        """Say whether any secret is in it."""
        return any(self._in_clear(layer) for layer in layers(said))

    def _in_clear(self, layer: bytes) -> bool:
        if any(mark in layer for mark in self._marks) and any(n in layer for n in self._names):
            return True
        return any(self._is_number(run) for run in DIGITS.findall(layer.replace(b"\0", b"")))

    def _is_number(self, run: bytes) -> bool:
        run = run.upper()
        return any(
            run[start : start + length] in self._numbers
            for length in self._lengths
            for start in range(len(run) - length + 1)
        )
