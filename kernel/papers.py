"""What a paper really is, by its bytes and by reading it; images come out as new ones."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from kernel.errors import Invalid, Refusal
from kernel.sheets.archives import inspect
from kernel.sheets.faults import SheetRefused
from kernel.sheets.sources import CSV, XLSX

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
ZIP = b"PK\x03\x04"
MOST_PIXELS = 40_000_000
MOST_INFLATED = 32 * 1024 * 1024
JPEG_QUALITY = 90
SMALL = 320
"""How many pixels a small picture has at most to a side."""
PLAIN_MODES = {JPEG: frozenset({"L", "RGB"}), PNG: frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})}

ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
ACTIVE = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|Encrypt)"
    rb"(?![A-Za-z])|/JS\s*(\(|<|\d+\s+\d+\s+R)"
)
"""Names of a PDF that run, send, embed, or keep us from looking (ISO 32000-1, 12.6.4)."""
OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
MARKUP = re.compile(rb"<(script|html|iframe|!doctype|\?php)", re.IGNORECASE)
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]")
AFTER_END = re.compile(rb"%%EOF[\s\0]{0,64}\Z")


@dataclass(frozen=True)
class Paper:
    """A paper fit to be kept and given out again."""

    content: bytes = field(repr=False)
    media_type: str


def inspect_paper(content: bytes) -> Paper:
    """Tell what a paper is and make it harmless, or refuse it (Invalid).

    PDF without script, launch, attachment or encryption; JPEG and PNG drawn anew, so that
    neither place nor camera nor a second file inside is kept; XLSX behind its gate; CSV.
    """
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return Paper(content, PDF)
    if content.startswith(b"\xff\xd8\xff"):
        return Paper(_redraw(content, JPEG), JPEG)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Paper(_redraw(content, PNG), PNG)
    if content.startswith(ZIP):
        return Paper(_checked_workbook(content), XLSX)
    if _is_text(content):
        return Paper(content, CSV)
    raise _refused(
        "仅接受 PDF、JPEG、PNG、XLSX、CSV 文件 / only PDF, JPEG, PNG, XLSX and CSV files"
    )


@dataclass(frozen=True)
class Picture:
    """A picture drawn anew, its size in pixels, and a small JPEG of it."""

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    small: bytes = field(repr=False)


def inspect_picture(content: bytes) -> Picture:
    """Make a picture harmless and draw it small, or refuse what is no JPEG or PNG (Invalid)."""
    if not content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        raise _refused("仅接受 JPEG、PNG 图片 / only JPEG and PNG pictures")
    paper = inspect_paper(content)
    image = Image.open(BytesIO(paper.content), formats=["JPEG", "PNG"])
    width, height = image.size
    small = image.convert("RGBA") if image.mode != "RGB" else image
    small.thumbnail((SMALL, SMALL))
    if small.mode != "RGB":
        white = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(white, small).convert("RGB")
    into = BytesIO()
    small.save(into, "JPEG", quality=JPEG_QUALITY)
    return Picture(paper.content, paper.media_type, width, height, into.getvalue())


def _refused(reason: str) -> Refusal:
    return Invalid(reason=reason, pointer="/file")


def _check_pdf(content: bytes) -> None:
    if not AFTER_END.search(content) or b"/Root" not in content or b"obj" not in content:
        raise _refused(
            "PDF 不完整或末尾附有其他内容 / the PDF is cut off or carries more behind it"
        )
    if MARKUP.search(content) or zipfile.is_zipfile(BytesIO(content)):
        raise _refused("PDF 内夹带其他文件 / the PDF is another file as well")
    if ACTIVE.search(_unescaped(content)):
        raise _active()
    for found in OBJECT_STREAM.finditer(content):
        head = found.group()
        if b"/FlateDecode" not in head or b"/DecodeParms" in head:
            raise _refused("PDF 内容无法检查 / the PDF cannot be looked into")
        if ACTIVE.search(_unescaped(_inflated(content[found.end() :]))):
            raise _active()


def _active() -> Refusal:
    return _refused(
        "PDF 含有脚本、启动动作、附件或加密 / the PDF holds script, a launch, a file or a lock"
    )


def _unescaped(content: bytes) -> bytes:
    """Undo the escapes of names: `/J#53` is `/JS`."""
    return ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)


def _inflated(content: bytes) -> bytes:
    try:
        inflater = zlib.decompressobj()
        inflated = inflater.decompress(content, MOST_INFLATED)
    except zlib.error as error:
        raise _refused("PDF 已损坏 / the PDF is damaged") from error
    if inflater.unconsumed_tail:
        raise _refused("PDF 解压后过大 / the PDF unpacks too large")
    return inflated


def _redraw(content: bytes, media_type: str) -> bytes:
    """Draw an image anew: upright, in plain colours, without a word beside the pixels."""
    damaged = _refused(
        "图片已损坏或过大（上限 4000 万像素）/ a damaged image, or above 40 megapixels"
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(content), formats=["JPEG", "PNG"])
        if image.width * image.height > MOST_PIXELS or Image.MIME[str(image.format)] != media_type:
            raise damaged
        image.load()
        drawn = ImageOps.exif_transpose(image)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        zlib.error,
    ) as error:
        raise damaged from error
    if drawn.mode not in PLAIN_MODES[media_type]:
        drawn = drawn.convert("RGB")
    kept = drawn.info.get("transparency")
    drawn.info = {} if kept is None else {"transparency": kept}
    into = BytesIO()
    if media_type == JPEG:
        drawn.save(into, "JPEG", quality=JPEG_QUALITY)
    else:
        drawn.save(into, "PNG")
    return into.getvalue()


def _checked_workbook(content: bytes) -> bytes:
    try:
        inspect(content)
    except SheetRefused as refused:
        fault = refused.fault
        raise _refused(f"{fault.sentence('zh')} / {fault.sentence('en')}") from refused
    return content


def _is_text(content: bytes) -> bool:
    """Take plain separated text; markup, NUL bytes and broken encodings are not CSV."""
    if not content or b"\0" in content or content.lstrip()[:1] in (b"<", b"{"):
        return False
    if CONTROLS.search(content) or content.startswith((b"GIF8", b"RIFF", b"BM")):
        return False
    if MARKUP.search(content) or b"<svg" in content[:4096].lower():
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return "," in content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return False
