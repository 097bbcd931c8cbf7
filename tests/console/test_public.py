"""Pages for anybody: checking, objecting, complaining, and one's own credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyotp
import pytest

from console.public.api.credentials import drawn
from console.widgets.formats import day
from kernel import clock
from registry.accounts.models import Role
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOW
from tests.conftest import Client
from tests.console.visitor import Visitor


@pytest.fixture(autouse=True)
def _stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOW):
        yield


@pytest.fixture
def anyone(client: Client) -> Visitor:
    return Visitor(client)


def test_a_certificate_is_checked_by_its_number(anyone: Visitor) -> None:
    certificate = build.certificate()
    shown = anyone.ask(f"/certificates/{certificate.number}")
    asked = anyone.client.get("/v?number=%20bf-c-2026-440203-000001%20")
    assert asked.headers["Location"] == "/v/BF-C-2026-440203-000001"
    page = anyone.open(f"/v/{certificate.number}")
    assert "证书真实有效" in page
    for said in (shown["holder"]["name"], shown["product_name"], day(shown["valid_until_on"])):
        assert said in page
    assert shown["signature"]["value"] in page
    assert anyone.client.get(f"/v/{certificate.number}/code").mimetype == "image/svg+xml"


def test_unknown_and_malformed_numbers_look_alike(anyone: Visitor) -> None:
    pages = [
        anyone.open(f"/v/{number}", 404).replace(number, "N")
        for number in ("BF-C-2026-440203-999999", "x", "a/b", "'><i>")
    ]
    words = [re.sub(r"<[^>]+>|\s", "", one) for one in pages]
    assert len(set(words)) == 1
    assert "<i>" not in anyone.client.get("/v/'><i>").get_data(as_text=True)


def test_the_directory_lists_what_the_api_lists(anyone: Visitor) -> None:
    certificate = build.certificate()
    found = anyone.ask("/certificates?category=grain")["items"]
    page = anyone.open("/directory?category=grain")
    assert [one["number"] for one in found if one["number"] not in page] == []
    assert certificate.number not in anyone.open("/directory?status=revoked")
    place = anyone.ask(f"/regions/{certificate.origin_region_code}")
    assert certificate.number in anyone.open(f"/directory?region={place['name']}")
    assert "没有叫“无此县”的地区" in anyone.open("/directory?region=无此县", 422)


def test_anybody_objects_while_a_notice_runs(anyone: Visitor) -> None:
    notice = registry.notice(opens_on=date(2026, 11, 4), closes_on=date(2026, 11, 12))
    path = f"/notices/{notice.id}"
    assert notice.number in anyone.open("/notices")
    anyone.send(path, "notices.lodge", 422, text="")
    assert anyone.ask(path)["objections"] == []
    anyone.send(path, "notices.lodge", text="产地与实际不符", contact="13800001111")
    (objection,) = anyone.ask(path)["objections"]
    assert objection["replied_at"] is None
    page = anyone.open(path)
    assert "13800001111" not in page
    over = registry.notice()
    assert "notices.lodge" not in anyone.open(f"/notices/{over.id}")


def test_a_complaint_is_lodged_and_followed(anyone: Visitor) -> None:
    certificate = build.certificate()
    typed: dict[str, Any] = {"text": "包装与产地不符", "certificate_number": certificate.number}
    refused = anyone.send("/complaints", "complaints.lodge", 422, **(typed | {"text": ""}))
    assert certificate.number in refused
    page = anyone.send("/complaints", "complaints.lodge", 200, **typed)
    number = re.search(r"BF-CP-[0-9-]+", page)
    code = re.search(r"查询码</dt><dd>([^<]+)<", page)
    assert number is not None
    assert code is not None
    follow: dict[str, Any] = {"number": number.group(), "code": code.group(1)}
    assert "已收到" in anyone.send("/complaints/follow", "complaints.follow", 200, **follow)
    wrong = anyone.send("/complaints/follow", "complaints.follow", 401, **(follow | {"code": "x"}))
    assert number.group() in wrong
    assert "收到时间" not in wrong


@pytest.mark.parametrize(
    "path",
    ["/", "/v", "/notices", "/household-notices", "/draws", "/complaints", "/complaints/follow",
     "/help", "/accessibility", "/privacy", "/reset", "/invitation", "/directory"],
)  # fmt: skip
def test_everybody_opens_these_in_both_languages(anyone: Visitor, path: str) -> None:
    anyone.open(path)
    anyone.client.set_cookie("bangfu_language", "en")
    page = anyone.open(path)
    assert '<html lang="en"' in page
    title = re.search(r"<h1>(.*?)</h1>", page)
    assert title is not None
    assert not re.search("[\u4e00-\u9fff]", title.group(1))


def test_help_shows_rules_with_their_sources(anyone: Visitor) -> None:
    page = anyone.open("/help")
    for one in anyone.ask("/procurement/policies")["items"]:
        assert one["source"].split(" / ")[0] in page


def test_a_second_factor_is_drawn_and_confirmed(client: Client) -> None:
    unit = registry.organisation()
    user = registry.user(unit, [Role.COOP_CLERK])
    visitor = Visitor.of(client, user)
    path = "/account/second-factor"
    visitor.send(path, "myself.enrol_totp", 422, password="")
    picture = drawn("otpauth://totp/x?secret=ABC")
    assert picture.startswith("<svg")
    assert "style" not in picture
    page = visitor.send(path, "myself.enrol_totp", 200, password=registry.PASSWORD)
    secret = re.search(r"密钥 <code>([A-Z2-7]+)<", page)
    assert secret is not None
    assert "<svg" in page
    code = pyotp.TOTP(secret.group(1)).at(NOW)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    again = visitor.send(path, "myself.confirm_totp", 422, on=page, code=wrong)
    assert "第二步" in again
    assert "恢复码" in visitor.send(path, "myself.confirm_totp", 200, on=again, code=code)


def test_a_token_for_machines_is_made_shown_once_and_made_void(client: Client) -> None:
    user = registry.user(registry.organisation(), [Role.COOP_CLERK])
    visitor = Visitor.of(client, user)
    path = "/account/tokens"
    scope = visitor.ask("/scopes")["scopes"][0]
    visitor.send(path, "myself.make_token", 422, name="仓储系统", days="900", scopes=scope)
    page = visitor.send(path, "myself.make_token", 200, name="仓储系统", days="30", scopes=scope)
    token = re.search(r"<code>([^<]+)</code>", page)
    assert token is not None
    assert token.group(1) not in visitor.open(path)
    assert client.get("/api/v1/me", token=token.group(1)).status_code in {200, 403}
    visitor.send(path, "myself.revoke_my_token")
    assert client.get("/api/v1/me", token=token.group(1)).status_code == 401


def test_a_wrong_one_time_token_is_refused_and_the_name_kept(anyone: Visitor) -> None:
    typed: dict[str, Any] = {
        "token": "nothing",
        "username": "somebody",
        "password": "a-Long-enough-pass-9",
    }
    for path, form in (("/reset", "accounts.redeem_reset"),
                       ("/invitation", "accounts.accept_invitation")):  # fmt: skip
        hidden = anyone.open(path)
        assert form in hidden
        answer = anyone.client.post(path, data=typed)
        assert answer.status_code == 403
