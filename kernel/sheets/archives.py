"""Is an XLSX safe to open: a gate before any library reads it."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import normpath
from xml.parsers import expat

from kernel.sheets.faults import refuse
from kernel.sheets.structure import SheetPart, StringsPart, local, parse

MAX_ENTRIES = 100
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
RATIO_FREE = 1024 * 1024
"""Entries below this many bytes may pack as well as they like: headers and styles do."""
PIECE = 256 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
NESTED = (ZIP, b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", OLE)
NESTED_NAMES = re.compile(r"\.(zip|xlsx|xlsm|xlsb|xls|docx|rar|7z|gz|bin)\Z", re.IGNORECASE)
BENIGN_BIN = re.compile(r"xl/printerSettings/[^/]+\.bin\Z")
OUTSIDE = re.compile(r"xl/(externalLinks|connections|queryTables|webPublish)", re.IGNORECASE)
OBJECTS = re.compile(r"xl/(embeddings|activeX|ctrlProps|model)/", re.IGNORECASE)
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
STRINGS = "xl/sharedStrings.xml"
TEMPLATE_NAME = "bangfu_template"


@dataclass
class Workbook:
    """What the gate found: the sheets in order with their structure, and the template's name."""

    sheets: dict[str, SheetPart] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    template: str | None = None


def inspect(content: bytes) -> Workbook:
    """Look through an XLSX without trusting any of it, or refuse it (SheetRefused)."""
    if content.startswith(OLE):
        raise refuse("encrypted_or_old")
    if not content.startswith(ZIP):
        raise refuse("not_a_sheet")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_directory(archive)
            _check_contents(archive)
            return _read_workbook(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise refuse("damaged") from error
    except (expat.ExpatError, KeyError, ValueError, RuntimeError) as error:
        raise refuse("damaged") from error


def _check_directory(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise refuse("too_many_entries", limit=MAX_ENTRIES)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise refuse("unpacks_too_large", limit=MAX_UNPACKED)
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if _is_unsafe(entry.orig_filename) or _is_unsafe(name) or name.lower() in seen:
            raise refuse("unsafe_name")
        seen.add(name.lower())
        _check_entry(entry)
    if not {WORKBOOK, RELATIONS, "[Content_Types].xml"} <= {entry.filename for entry in entries}:
        raise refuse("not_a_workbook")


def _is_unsafe(name: str) -> bool:
    return (
        name.startswith("/")
        or "\\" in name
        or "\0" in name
        or ":" in name
        or ".." in name.split("/")
        or not name.isprintable()
    )


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise refuse("encrypted_or_old", sheet=name)
    if "vbaproject" in name.lower() or "macrosheets" in name.lower():
        raise refuse("macros", sheet=name)
    if OUTSIDE.match(name):
        raise refuse("external_links", sheet=name)
    if OBJECTS.match(name):
        raise refuse("embedded_object", sheet=name)
    if NESTED_NAMES.search(name) and not BENIGN_BIN.match(name):
        raise refuse("nested_archive", sheet=name)
    if entry.file_size > RATIO_FREE and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise refuse("ratio_too_high", limit=MAX_RATIO, sheet=name)


def _check_contents(archive: zipfile.ZipFile) -> None:
    """Unpack every entry once, piece by piece: the directory may lie about sizes."""
    whole = 0
    for entry in archive.infolist():
        size = 0
        for piece in _pieces(archive, entry):
            if not size and piece.startswith(NESTED):
                raise refuse("nested_archive", sheet=entry.filename)
            size += len(piece)
            whole += len(piece)
            if whole > MAX_UNPACKED:
                raise refuse("unpacks_too_large", limit=MAX_UNPACKED)
            if size > RATIO_FREE and size > MAX_RATIO * max(entry.compress_size, 1):
                raise refuse("ratio_too_high", limit=MAX_RATIO, sheet=entry.filename)
        if size != entry.file_size:
            raise refuse("damaged", sheet=entry.filename)
        if entry.filename.endswith((".xml", ".rels", ".vml")) and not _has_own_reader(entry):
            parse(_pieces(archive, entry), start=_watch(entry.filename))


def _has_own_reader(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.startswith("xl/worksheets/sheet") or entry.filename == STRINGS


def _watch(name: str) -> object:
    """Give a handler that refuses what reaches outside, or runs."""

    def start(tag: str, attributes: dict[str, str]) -> None:
        step = local(tag)
        if step == "Relationship" and attributes.get("TargetMode") == "External":
            if not attributes.get("Type", "").endswith("/hyperlink"):
                raise refuse("external_links", sheet=name)
        elif step in {"Override", "Default"}:
            kind = attributes.get("ContentType", "").lower()
            if "macroenabled" in kind or "vbaproject" in kind:
                raise refuse("macros", sheet=name)
            if "externallink" in kind:
                raise refuse("external_links", sheet=name)

    return start


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as file:
        while piece := file.read(PIECE):
            yield piece


def _read_workbook(archive: zipfile.ZipFile) -> Workbook:
    found = Workbook()
    names = _Names(found)
    targets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "Relationship" and attributes["Type"].endswith("/worksheet"):
            target = attributes["Target"]
            place = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[attributes["Id"]] = normpath(place)

    parse(_pieces(archive, archive.getinfo(RELATIONS)), start=relation)
    workbook = _pieces(archive, archive.getinfo(WORKBOOK))
    parse(workbook, start=names.start, end=names.end, text=names.text)
    strings = StringsPart()
    if STRINGS in archive.namelist():
        strings.read(_pieces(archive, archive.getinfo(STRINGS)))
    for name, key in names.ids.items():
        if key in targets:
            part = SheetPart(name, long_strings=strings.long)
            part.read(_pieces(archive, archive.getinfo(targets[key])))
            found.sheets[name] = part
    if not found.sheets:
        raise refuse("not_a_workbook")
    return found


class _Names:
    """The names in a workbook: its sheets with their keys, and the template's."""

    def __init__(self, found: Workbook) -> None:
        self.found = found
        self.ids: dict[str, str] = {}
        self._is_template = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a sheet, or notice the template's name."""
        step = local(tag)
        self._is_template = step == "definedName" and attributes.get("name") == TEMPLATE_NAME
        if step != "sheet":
            return
        name = attributes["name"]
        if name in self.ids:
            raise refuse("damaged", sheet=name)
        self.ids[name] = next(value for key, value in attributes.items() if local(key) == "id")
        if attributes.get("state", "visible") != "visible":
            self.found.hidden.add(name)

    def end(self, _: str) -> None:
        """Leave the template's name."""
        self._is_template = False

    def text(self, text: str) -> None:
        """Read the template's name."""
        if self._is_template:
            self.found.template = (self.found.template or "") + text.strip().strip('"')
