"""X6: what runs, hides or bursts is refused; what is drawn again says nothing but its picture."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from PIL import Image

from kernel.errors import Invalid
from kernel.papers import MOST_PIXELS, inspect_paper

GPS = 0x8825
END = b"trailer<</Root 1 0 R>>\n%%EOF\n"


def pdf(body: bytes = b"", *, end: bytes = END) -> bytes:
    return b"%PDF-1.7\n1 0 obj<</Type/Catalog " + body + b">>endobj\n" + end


def stream(body: bytes, head: bytes = b"/Type/ObjStm/Filter/FlateDecode") -> bytes:
    packed = zlib.compress(body)
    object_stream = b"2 0 obj<<" + head + b">>stream\n" + packed + b"\nendstream endobj\n"
    return b"%PDF-1.7\n" + object_stream + END


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> bytes:
    into = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(GPS)[1] = "N"
    Image.new(mode, size).save(into, kind, exif=exif)
    return into.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    body = struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + body + b"\0\0\0\0IEND\xaeB`\x82"


def archive() -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as file:
        file.writestr("a.txt", "a")
    return into.getvalue()


ACTIONS = (
    b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>", b"/AA<</O<</S/JavaScript>>>>",
    b"/OpenAction<</S/Launch/F(x.exe)>>", b"/S/J#61vaScript", b"/S/#4aavaScript",
    b"/S/L#61unch", b"/JS 12 0 R", b"/JS<6170>", b"/J#53(x)", b"/EmbeddedFiles 3 0 R",
    b"/EmbeddedFile", b"/RichMedia", b"/XFA 4 0 R", b"/SubmitForm", b"/ImportData",
    b"/Encrypt 5 0 R",
)  # fmt: skip
JPG, PNG = picture("JPEG"), picture("PNG")
REFUSED: dict[str, bytes] = {
    **{f"action {number}": pdf(body) for number, body in enumerate(ACTIONS)},
    **{f"packed action {number}": stream(body) for number, body in enumerate(ACTIONS[:10])},
    "packed in two ways": stream(b"x", b"/Type/ObjStm/Filter/LZWDecode"),
    "packed and damaged": stream(b"x").replace(b"stream\nx", b"stream\nq"),
    "packed too large": stream(bytes(40 * 2**20)),
    "cut": pdf(end=b"trailer<</Root 1 0 R>>"),
    "archive behind": pdf() + archive(),
    "page behind": pdf() + b"<html><body>",
    "page inside": pdf(b"<script>alert(1)</script>"),
    "no object": b"%PDF-1.7\n%%EOF",
    "late head": b" " + pdf(),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()">,',
    "svg behind a comma": b"a,b\n<svg onload=alert(1)>",
    "html": b"<!doctype html><p>a,b",
    "html behind a comma": b"a,b\n<script>1</script>",
    "program": b"MZ\x90\0\x03,",
    "elf": b"\x7fELF\x02,",
    "gif": b"GIF89a,",
    "archive": archive(),
    "cut jpeg": JPG[: len(JPG) // 2],
    "cut png": PNG[: len(PNG) // 2],
    "jpeg head only": b"\xff\xd8\xff\xe0 demo",
    "png head only": b"\x89PNG\r\n\x1a\n demo",
    "30,000 by 30,000": png_that_says(30_000, 30_000),
    "just above the cap": png_that_says(8000, MOST_PIXELS // 8000 + 1),
    "no width": png_that_says(0, 5),
    "jpeg that is png": b"\xff\xd8\xff" + PNG,
    "png that is jpeg": b"\x89PNG\r\n\x1a\n" + JPG,
    "nothing": b"",
}
DRAWN: dict[str, bytes] = {
    "jpeg": JPG,
    "png": PNG,
    "grey": picture("JPEG", "L"),
    "cmyk": picture("JPEG", "CMYK"),
    "clear": picture("PNG", "RGBA"),
    "one pixel": picture("PNG", size=(1, 1)),
    "jpeg and archive": JPG + archive(),
    "png and page": PNG + b"<html><script>alert(1)</script>",
}


def test_the_corpus_is_large_enough() -> None:
    assert len(REFUSED) + len(DRAWN) >= 50


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        inspect_paper(REFUSED[name])
    assert refusal.value.pointer == "/file"


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_anew(name: str) -> None:
    paper = inspect_paper(DRAWN[name])
    drawn = Image.open(BytesIO(paper.content))
    assert not drawn.getexif()
    assert b"Camera of somebody" not in paper.content
    assert b"<script" not in paper.content
    assert not zipfile.is_zipfile(BytesIO(paper.content))
    assert drawn.mode != "CMYK"
    assert drawn.size == Image.open(BytesIO(DRAWN[name])).size


def test_the_pictures_did_say_more_before() -> None:
    assert Image.open(BytesIO(JPG)).getexif()
    assert b"Camera of somebody" in JPG


def test_an_upright_picture_stays_upright() -> None:
    exif, into = Image.Exif(), BytesIO()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(into, "JPEG", exif=exif)
    assert Image.open(BytesIO(inspect_paper(into.getvalue()).content)).size == (30, 40)


@pytest.mark.parametrize("content", [pdf(), stream(b"<</Type/Page>>")])
def test_a_plain_pdf_is_kept_as_it_is(content: bytes) -> None:
    assert inspect_paper(content).content == content
