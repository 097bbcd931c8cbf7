"""The store of papers: a folder and a bucket keep the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from kernel.files import BadStore, Bucket, BucketStore, FolderStore, Store

BUCKET = "papers"


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "folder":
        yield FolderStore(tmp_path)
        return
    with bucket_server() as endpoint:
        yield bucket_at(endpoint)


@contextmanager
def bucket_server() -> Iterator[str]:
    """Run a server that speaks S3, with an empty bucket; gives its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        assert httpx.put(f"{endpoint}/{BUCKET}").status_code == 200
        yield endpoint
    finally:
        server.stop()


def bucket_at(endpoint: str) -> BucketStore:
    """Give the store of the bucket there."""
    return BucketStore(Bucket(f"s3://{BUCKET}/a/prefix", endpoint, "us-east-1", "key", "secret"))


def test_what_is_put_is_given_and_removed(store: Store) -> None:
    assert store.get("documents/ab/abc") is None
    store.put("documents/ab/abc", b"one")
    store.put("documents/ab/abc", b"two")
    store.put("documents/ab/abd", bytes(300_000))
    assert store.get("documents/ab/abc") == b"two"
    assert len(store.get("documents/ab/abd") or b"") == 300_000
    assert sorted(store.names("documents/ab")) == ["abc", "abd"]
    assert store.names("documents") == []
    store.remove("documents/ab/abc")
    store.remove("documents/ab/abc")
    assert store.get("documents/ab/abc") is None
    assert store.names("documents/ab") == ["abd"]


def test_a_wrong_address_is_refused_at_start() -> None:
    for url in ("http://bucket", "s3://", "bucket"):
        with pytest.raises(BadStore):
            BucketStore(Bucket(url))
