"""Sessions of browsers: who one is stands in a cookie, and no other site speaks for one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from console.widgets.pages import SESSION, VISITOR
from kernel import clock
from kernel.database import db
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.registry import PASSWORD
from tests.conftest import Client

HIDDEN = re.compile(r'<input type="hidden" name="(_\w+)" value="([^"]*)">')


@pytest.fixture
def username(client: Client) -> str:
    """Open an account whose password is known."""
    del client
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT, "440203")
    user = registry.user(unit, {Role.CANTEEN_BUYER})
    db.session.commit()
    return user.username


def hidden(page: str, *, form: str) -> dict[str, str]:
    """Give the hidden fields of the form of that name."""
    part = next(one for one in page.split("<form")[1:] if f'value="{form}"' in one)
    return dict(HIDDEN.findall(part.split("</form>")[0]))


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: Any) -> Any:
    fields = hidden(client.get("/sign-in").get_data(as_text=True), form="accounts.sign_in")
    sent = {**fields, "username": username, "password": password, **more}
    return client.post("/sign-in", data=sent)


def test_signing_in_gives_a_cookie_that_no_script_and_no_other_site_has(
    client: Client, username: str
) -> None:
    answer = sign_in(client, username)
    assert answer.status_code == 303
    cookie = next(
        one for one in answer.headers.getlist("Set-Cookie") if one.startswith(SESSION + "=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    secure = client.get("/", base_url="https://localhost", headers={"Cookie": ""})
    assert all("Secure" in one for one in secure.headers.getlist("Set-Cookie"))
    assert client.get("/account").status_code == 200


def test_a_wrong_password_is_told_at_the_form_and_opens_nothing(
    client: Client, username: str
) -> None:
    answer = sign_in(client, username, "wrong-Horse-7-battery")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert 'role="alert"' in page
    assert f'value="{username}"' in page
    assert "wrong-Horse" not in page
    assert client.get_cookie(SESSION) is None
    assert client.get("/account").status_code == 303


def test_a_session_that_was_set_before_signing_in_is_not_the_one_after(
    client: Client, username: str
) -> None:
    client.set_cookie(SESSION, "chosen-by-somebody-else")
    sign_in(client, username)
    cookie = client.get_cookie(SESSION)
    assert cookie is not None
    assert cookie.value != "chosen-by-somebody-else"


@pytest.mark.parametrize("forged", ["without", "wrong", "of_another_visitor", "of_another_origin"])
def test_what_no_form_of_ours_sent_changes_nothing(
    client: Client, username: str, forged: str
) -> None:
    sign_in(client, username)
    fields = hidden(
        client.get("/account").get_data(as_text=True), form="myself.change_password:password"
    )
    sent = {**fields, "present": PASSWORD, "password": "another-Horse-8-battery"}
    headers = {}
    if forged == "without":
        del sent["_mark"]
    elif forged == "wrong":
        sent["_mark"] = "0" * 64
    elif forged == "of_another_visitor":
        client.set_cookie(VISITOR, "somebody-elses-browser")
    else:
        headers["Origin"] = "https://elsewhere.example"
    answer = client.post("/account", data=sent, headers=headers)
    assert answer.status_code == 403
    client.delete_cookie(SESSION)
    assert sign_in(client, username).status_code == 303


def test_every_form_that_is_sent_carries_a_mark(client: Client, username: str) -> None:
    sign_in(client, username)
    for address in ("/account", "/canteen/shop", "/canteen/basket"):
        page = client.get(address).get_data(as_text=True)
        forms = [one for one in page.split("<form")[1:] if 'method="post"' in one.split(">")[0]]
        assert forms
        assert all('name="_mark"' in one.split("</form>")[0] for one in forms)


def test_signing_out_ends_the_session_and_everywhere_ends_all(
    client: Client, username: str
) -> None:
    sign_in(client, username)
    first = client.get_cookie(SESSION)
    client.delete_cookie(SESSION)
    sign_in(client, username)
    shown = client.get("/account").get_data(as_text=True)
    assert (shown.count("结束此会话"), shown.count("本次登录")) == (2, 1)
    mark = hidden(shown, form="myself.change_password:password")
    assert client.post("/sign-out-everywhere", data={"_mark": mark["_mark"]}).status_code == 303
    assert first is not None
    client.set_cookie(SESSION, first.value)
    assert client.get("/account").status_code == 303
    sign_in(client, username)
    token = client.get_cookie(SESSION)
    mark = hidden(
        client.get("/account").get_data(as_text=True), form="myself.change_password:password"
    )
    client.post("/sign-out", data={"_mark": mark["_mark"]})
    assert token is not None
    client.set_cookie(SESSION, token.value)
    assert client.get("/account").status_code == 303


def test_a_session_ends_by_the_clock(client: Client, username: str) -> None:
    sign_in(client, username)
    with clock.stopped(clock.now() + timedelta(hours=13)):
        answer = client.get("/account")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    "asked", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere"]
)
def test_signing_in_leads_to_no_other_site(client: Client, username: str, asked: str) -> None:
    fields = hidden(client.get("/sign-in").get_data(as_text=True), form="accounts.sign_in")
    answer = client.post(
        "/sign-in",
        query_string={"next": asked},
        data={**fields, "username": username, "password": PASSWORD},
    )
    assert answer.headers["Location"] == "/"


def test_no_page_may_be_framed_or_run_foreign_scripts(client: Client) -> None:
    for address in ("/", "/sign-in", "/none-such", "/canteen/shop"):
        answer = client.get(address, headers={"Accept": "text/html"})
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        page = answer.get_data(as_text=True)
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=\")", page)


def test_the_session_opens_no_door_of_the_api(client: Client, username: str) -> None:
    sign_in(client, username)
    assert client.get("/api/v1/me").status_code == 401


def test_an_act_sent_twice_takes_effect_once(client: Client, username: str) -> None:
    sign_in(client, username)
    page = client.get("/account").get_data(as_text=True)
    name = next(
        one for one in re.findall(r'name="_form" value="([^"]+)"', page) if "revoke_my" in one
    )
    sent = hidden(page, form=name)
    first = client.post("/account", data=sent)
    again = client.post("/account", data=sent)
    assert (first.status_code, again.status_code) == (303, 303)
