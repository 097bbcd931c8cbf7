"""What is printed and scanned: the QR code leads to the verification, the paper holds its font."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest
import segno
from flask import Flask
from PIL import Image

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.certificates import Certificate, ChangeKind
from certification.certificates.schemas.codes import BORDER, SCALE, draw_png, draw_svg
from certification.certificates.schemas.paper import _draw, fingerprint
from kernel import clock
from registry.accounts.models import AppUser
from tests.builders import certification as build
from tests.builders.certification import NOTICE_OVER, Cast
from tests.conftest import Client

HOST = "http://localhost"
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
GLYPH = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4,})>\n")
SHOWN = re.compile(rb"\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOTICE_OVER):
        yield


@pytest.fixture
def people(client: Client) -> Cast:
    del client
    return build.cast()


@pytest.fixture
def one(people: Cast) -> Certificate:
    return build.granted(people)


def matrix_of(png: bytes) -> list[list[bool]]:
    """Read the modules back from the picture's own pixels, without the quiet zone."""
    picture = Image.open(BytesIO(png)).convert("L")
    count = picture.width // SCALE
    assert picture.size == (count * SCALE, count * SCALE)
    return [
        [
            picture.getpixel((x * SCALE + SCALE // 2, y * SCALE + SCALE // 2)) == 0
            for x in range(BORDER, count - BORDER)
        ]
        for y in range(BORDER, count - BORDER)
    ]


def text_of(pdf: bytes) -> str:
    """Extract a paper's text by its own ToUnicode map, as a reader does."""
    streams = [inflated(found) for found in STREAM.findall(pdf)]
    (glyphs,) = [found for found in streams if b"beginbfchar" in found]
    (page,) = [found for found in streams if b" Tf " in found]
    unicode = {
        int(code, 16): bytes.fromhex(char.decode()).decode("utf-16-be")
        for code, char in GLYPH.findall(glyphs)
    }
    said = []
    for shown in SHOWN.findall(page):
        raw = ESCAPED.sub(lambda one: {b"r": b"\r", b"n": b"\n"}.get(one[1], one[1]), shown)
        codes = struct.unpack(f">{len(raw) // 2}H", raw)
        said.append("".join(unicode[code] for code in codes))
    return "\n".join(said)


def inflated(stream: bytes) -> bytes:
    """Give a stream's content, which may be kept as it is.

    A last byte of its checksum that looks like the end of a line was taken for one, so the
    checksum is not asked for.
    """
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return stream


def paper_of(client: Client, one: Certificate) -> bytes:
    answer = client.get(f"/api/v1/certificates/{one.number}/paper.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return bytes(answer.data)


def test_the_code_is_that_of_the_verification(client: Client, one: Certificate) -> None:
    address = f"{HOST}/v/{one.number}"
    png = client.get(f"/api/v1/certificates/{one.number}/qr.png")
    svg = client.get(f"/api/v1/certificates/{one.number}/qr.svg")
    assert (png.mimetype, svg.mimetype) == ("image/png", "image/svg+xml")
    assert "sandbox" in svg.headers["Content-Security-Policy"]
    assert svg.data == draw_svg(address)
    assert svg.data.startswith(b"<svg ")
    code = segno.make(address, error="m", micro=False)
    assert code.error in {"M", "Q", "H"}
    assert matrix_of(png.data) == [[bool(module) for module in row] for row in code.matrix]
    other = f"{HOST}/v/{one.number[:-1]}9"
    assert matrix_of(draw_png(other)) != matrix_of(png.data)
    assert client.get(address.removeprefix(HOST)).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "10.0.0.7:8080"])
def test_codes_and_papers_carry_the_public_address_whatever_host_was_asked(
    client: Client, one: Certificate, app: Flask, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    public = replace(app.extensions["bangfu.settings"], public_url="https://market.example")
    monkeypatch.setitem(app.extensions, "bangfu.settings", public)
    address = f"https://market.example/v/{one.number}"
    begins, asked = f"/api/v1/certificates/{one.number}", {"Host": host}
    assert client.get(f"{begins}/qr.svg", headers=asked).data == draw_svg(address)
    assert client.get(f"{begins}/qr.png", headers=asked).data == draw_png(address)
    said = text_of(client.get(f"{begins}/paper.pdf", headers=asked).data).replace("\n", "")
    assert address in said
    assert host not in said


def test_without_a_public_address_the_host_that_was_asked_is_carried(
    client: Client, one: Certificate
) -> None:
    path = f"/api/v1/certificates/{one.number}"
    answer = client.get(f"{path}/qr.svg", headers={"Host": "10.0.0.7:8080"})
    assert answer.data == draw_svg(f"http://10.0.0.7:8080/v/{one.number}")


@pytest.mark.parametrize("what", ["qr.svg", "qr.png", "paper.pdf", "capacities"])
def test_what_does_not_exist_is_not_drawn(client: Client, what: str) -> None:
    answer = client.get(f"/api/v1/certificates/BF-C-2026-440203-999999/{what}")
    assert answer.status_code == 404


def test_the_paper_embeds_its_font_and_says_what_is_certified(
    client: Client, people: Cast, one: Certificate
) -> None:
    pdf = paper_of(client, one)
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert re.search(rb"/FontFile[23] \d+ 0 R", pdf)
    assert b"/ToUnicode" in pdf
    assert re.findall(rb"/Count (\d+)", pdf) == [b"1"]
    said = text_of(pdf).replace("\n", "")
    for words in (
        "消费帮扶产品认定证书",
        one.number,
        people.holder.name,
        people.holder.credit_code,
        "演示丝苗米",
        "一级，散装",
        "1000.000 千克",
        "演示石岭村",
        "2026-11-13 至 2027-11-13（不含当日）",
        "证书状态有效",
        fingerprint(one.signature),
        f"/v/{one.number}",
    ):
        assert words in said, words


def test_a_paper_names_offices_and_no_person(
    client: Client, people: Cast, one: Certificate
) -> None:
    said = text_of(paper_of(client, one)).replace("\n", "")
    users: list[AppUser] = [people.clerk, *people.reviewers.values()]
    assert "发证单位" in said
    assert not [user.username for user in users if user.username in said]


def test_a_paper_says_what_holds_today(client: Client, people: Cast, one: Certificate) -> None:
    before = paper_of(client, one)
    assert before == paper_of(client, one)
    change_certificate(
        one.id,
        ChangeKind.SUSPENDED,
        reason="抽检",
        by=people.reviewer("county"),
        now=NOTICE_OVER,
    )
    assert "证书状态暂停" in text_of(paper_of(client, one)).replace("\n", "")
    with clock.stopped(NOTICE_OVER.replace(year=2027)):
        assert "证书状态已到期" in text_of(paper_of(client, one)).replace("\n", "")


def test_a_paper_is_drawn_once_and_then_kept(client: Client, one: Certificate) -> None:
    _draw.cache_clear()
    first, second = (paper_of(client, one) for _ in range(2))
    assert first == second
    told = _draw.cache_info()
    assert (told.misses, told.hits) == (1, 1)
