"""Where papers are kept: by the hash of their content, in a store every process can reach.

One setting decides: a folder, or a bucket that speaks S3.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import GenericError
from obstore.store import S3Store

from kernel.errors import Busy, NotFound

TIMEOUT = "10s"
CONNECT_TIMEOUT = "3s"
TRIES_AGAIN_FOR = timedelta(seconds=3)
"""Behind its first call; so that with all time-outs nobody waits longer than 13 seconds."""


class BadStore(Exception):
    """A setting of the store that the program cannot work with."""


class Store(Protocol):
    """What keeps files: whole or not at all, by name."""

    def put(self, name: str, content: bytes) -> None:
        """Keep content under a name."""
        ...

    def get(self, name: str) -> bytes | None:
        """Give what is kept under a name, if anything is."""
        ...

    def remove(self, name: str) -> None:
        """Keep it no longer; nothing happens where nothing is."""
        ...

    def names(self, prefix: str) -> list[str]:
        """List the names right below a prefix."""
        ...


@dataclass(frozen=True)
class FolderStore:
    """A folder of this machine, or one that is mounted on all of them."""

    folder: Path

    def put(self, name: str, content: bytes) -> None:
        """Write beside, flush, rename: safe against a crash."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def get(self, name: str) -> bytes | None:
        """Read the file of that name."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    def remove(self, name: str) -> None:
        """Delete the file of that name."""
        (self.folder / name).unlink(missing_ok=True)

    def names(self, prefix: str) -> list[str]:
        """List the files right below a folder, finished ones only."""
        found = (self.folder / prefix).glob("*")
        return [path.name for path in found if path.is_file() and not path.name.startswith(".")]


@dataclass(frozen=True)
class Bucket:
    """How to reach a bucket; what is empty comes from where it usually does (AWS_… or a role)."""

    url: str
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)


class BucketStore:
    """A bucket that speaks S3."""

    def __init__(self, bucket: Bucket) -> None:
        parts = urlsplit(bucket.url)
        if parts.scheme != "s3" or not parts.netloc:
            raise BadStore("FILES_URL must look like s3://bucket/prefix")
        given = {
            "endpoint": bucket.endpoint,
            "region": bucket.region or "us-east-1",
            "access_key_id": bucket.access_key,
            "secret_access_key": bucket.secret_key,
        }
        options = {name: value for name, value in given.items() if value is not None}
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=options,  # type: ignore[arg-type]
            client_options={
                "allow_http": (bucket.endpoint or "").startswith("http://"),
                "timeout": TIMEOUT,
                "connect_timeout": CONNECT_TIMEOUT,
            },
            retry_config={"retry_timeout": TRIES_AGAIN_FOR},
        )

    def put(self, name: str, content: bytes) -> None:
        """Upload; S3 shows an object whole or not at all."""
        with _reached():
            obstore.put(self._store, name, content)

    def get(self, name: str) -> bytes | None:
        """Download."""
        try:
            with _reached():
                return bytes(obstore.get(self._store, name).bytes())
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Delete; S3 does not mind where there is nothing."""
        with _reached():
            obstore.delete(self._store, name)

    def names(self, prefix: str) -> list[str]:
        """List the objects right below a prefix."""
        with _reached():
            found = obstore.list_with_delimiter(self._store, prefix)
        return [one["path"].rpartition("/")[2] for one in found["objects"]]


@contextmanager
def _reached() -> Iterator[None]:
    """Ask a bucket; where it does not answer, or breaks off, later may do (Busy)."""
    try:
        yield
    except GenericError as error:
        raise Busy from error


class _Kept:
    """The store of this process, given once at start."""

    store: Store | None = None

    def get(self) -> Store:
        if self.store is None:
            raise RuntimeError("no store was given; kernel.assembly gives it")
        return self.store


_kept = _Kept()


def use_folder(folder: Path) -> None:
    """Keep files below this folder."""
    _kept.store = FolderStore(folder)


def use_bucket(bucket: Bucket) -> None:
    """Keep files in this bucket."""
    _kept.store = BucketStore(bucket)


def store_file(content: bytes) -> str:
    """Keep a file and give its SHA-256 (hex); the same content is kept once."""
    digest = hashlib.sha256(content).hexdigest()
    put(_place(digest), content)
    return digest


def read_file(digest: str) -> bytes:
    """Give the content of a kept file, or NotFound."""
    return get(_place(digest))


def put(name: str, content: bytes) -> None:
    """Keep content under a name; whole or not at all, and safe against a crash."""
    _kept.get().put(name, content)


def get(name: str) -> bytes:
    """Give the content that is kept under a name, or NotFound."""
    content = _kept.get().get(name)
    if content is None:
        raise NotFound
    return content


def remove(name: str) -> None:
    """Keep it no longer."""
    _kept.get().remove(name)


def names(prefix: str) -> list[str]:
    """List the names right below a prefix."""
    return sorted(_kept.get().names(prefix))


def list_files(prefix: str) -> Iterator[tuple[str, bytes]]:
    """Give name and content of what is kept right below a prefix, by name."""
    for name in names(prefix):
        yield name, get(f"{prefix}/{name}")


def _place(digest: str) -> str:
    return f"documents/{digest[:2]}/{digest}"
