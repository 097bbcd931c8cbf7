"""Where papers are kept: by the hash of their content, in a folder every process can reach."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from kernel.errors import Invalid, NotFound

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
MAGIC = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
ZIP = b"PK\x03\x04"
SHEET = b"xl/workbook.xml"


class _Store:
    """The folder of this process, given once at start."""

    folder: Path | None = None

    def get(self) -> Path:
        if self.folder is None:
            raise RuntimeError("no folder was given; kernel.assembly gives it")
        return self.folder


_store = _Store()


def use_folder(folder: Path) -> None:
    """Keep files below this folder."""
    _store.folder = folder


def sniff(content: bytes) -> str:
    """Tell the media type from the content (PDF, JPEG, PNG, XLSX, CSV), or refuse (Invalid)."""
    for magic, kind in MAGIC:
        if content.startswith(magic):
            return kind
    if content.startswith(ZIP) and SHEET in content:
        return XLSX
    if _is_text(content):
        return CSV
    reason = "仅接受 PDF、JPEG、PNG、XLSX、CSV 文件 / only PDF, JPEG, PNG, XLSX and CSV files"
    raise Invalid(reason=reason, pointer="/file")


def _is_text(content: bytes) -> bool:
    """Take plain separated text; markup, NUL bytes and broken encodings are not CSV."""
    if not content or b"\0" in content or content.lstrip()[:1] in (b"<", b"{"):
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return "," in content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return False


def store_file(content: bytes) -> str:
    """Keep a file and give its SHA-256 (hex); the same content is kept once."""
    digest = hashlib.sha256(content).hexdigest()
    put(f"documents/{digest[:2]}/{digest}", content)
    return digest


def read_file(digest: str) -> bytes:
    """Give the content of a kept file, or NotFound."""
    path = _store.get() / "documents" / digest[:2] / digest
    if not path.is_file():
        raise NotFound
    return path.read_bytes()


def put(name: str, content: bytes) -> None:
    """Keep content under a name; whole or not at all, and safe against a crash."""
    path = _store.get() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def list_files(prefix: str) -> Iterator[tuple[str, bytes]]:
    """Give name and content of what is kept below a prefix, by name."""
    for path in sorted((_store.get() / prefix).glob("*")):
        if not path.name.startswith("."):
            yield path.name, path.read_bytes()
