"""A household reads its statement by number and code, asks, and is answered; guessing is vain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from kernel import clock
from kernel.audit import AuditRow
from kernel.database import constraint_of, db
from marketplace.attribution.commands.inquiries import hand_out_statement_code, read_statement
from marketplace.attribution.models.codes import MOST_FAILURES, StatementCode
from tests.builders.payouts import SHARES, Paying, coded, lines_of, paid_out, paying
from tests.builders.settlement import NOW, TODAY
from tests.conftest import Client
from tests.console.visitor import Visitor
from tests.marketplace.doors import Door, code_of, json_of

Written = Callable[[], list[AuditRow]]
STATEMENTS = "/attribution/household-statements"
QUESTIONS = "/attribution/household-questions"
PAGE = "/household/statement"
TWICE = "INSERT INTO {0} (id, {1}) SELECT gen_random_uuid(), {1} FROM {0}"
read = partial(read_statement, year=None, question=None, now=NOW)


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def stage(client: Client) -> Paying:
    del client
    return paying()


def handed(stage: Paying, at: int = 0) -> tuple[str, str]:
    """Hand a household the code to its statement; give number and code."""
    household = stage.there.households[at]
    found = hand_out_statement_code(household.id, by=stage.by("cadre"), now=NOW)
    return found.number, found.code


def wrong(code: str) -> str:
    return "00000000" if code != "00000000" else "00000001"


def test_the_statement_says_what_was_sold_paid_out_confirmed_and_is_still_to_come(
    stage: Paying,
) -> None:
    number, code = handed(stage)
    before = read(number, code=code)
    assert before is not None
    assert (before.orders, before.attributed_fen, before.paid_out_fen) == (1, SHARES[0], 0)
    assert (before.waiting_fen, before.last) == (SHARES[0], None)
    line = lines_of(stage, paid_out(stage))[0]
    after = read(number, code=code)
    assert after is not None
    assert (after.paid_out_fen, after.confirmed_fen, after.waiting_fen) == (SHARES[0], 0, 0)
    assert after.income_fen == SHARES[0]
    assert after.last is not None
    assert (after.last.number, after.last.paid_on) == (line.line.number, TODAY)
    earlier = read(number, code=code, year=NOW.year - 1)
    assert earlier is not None
    assert (earlier.orders, earlier.attributed_fen, earlier.paid_out_fen) == (0, 0, 0)


def test_wrong_unknown_and_malformed_look_alike_and_the_fifth_wrong_code_ends_it(
    stage: Paying, written: Written
) -> None:
    number, code = handed(stage)
    assert read("XX-0", code=code) is None
    assert read(handed(stage, 1)[0], code=code) is None
    assert [read(number, code=wrong(code)) for _ in range(MOST_FAILURES)] == [None] * MOST_FAILURES
    assert read(number, code=code) is None
    assert written()[-1].outcome == "code_wrong"
    again = handed(stage)[1]
    assert read(number, code=wrong(again)) is None
    assert read(number, code=again) is not None
    db.session.flush()
    failures = sorted(db.session.scalars(select(StatementCode.failed_attempts)))
    assert failures == [0, 1], "who comes in is forgiven what was mistyped"
    assert read(number, code=again, now=NOW + timedelta(days=366)) is None


def test_a_code_to_a_payout_opens_no_statement(stage: Paying) -> None:
    number, _ = handed(stage)
    payout = coded(stage, lines_of(stage, paid_out(stage))[0])
    assert read(number, code=payout.code) is None
    assert read(payout.number, code=payout.code) is None


def test_what_a_household_asks_its_village_answers(client: Client, stage: Paying) -> None:
    number, code = handed(stage)
    nobody, cadre = Door(client), Door(client, stage.cadre)
    body: dict[str, Any] = {"number": number, "code": code, "question": "少记了一袋"}
    asked = json_of(nobody.post(STATEMENTS, body))
    assert asked["question"]["question"] == "少记了一袋"
    assert code_of(nobody.post(STATEMENTS, body | {"question": "还有"})) == (409, "question_open")
    (waiting,) = json_of(cadre.get(QUESTIONS, open="true"))["items"]
    assert (waiting["household_code"], waiting["answer"]) == (number, None)
    path = f"{QUESTIONS}/{waiting['id']}/answer"
    assert json_of(cadre.post(path, {"answer": "已补记"}))["answer"] == "已补记"
    assert code_of(cadre.post(path, {"answer": "再说"})) == (409, "wrong_state")
    assert json_of(cadre.get(f"{QUESTIONS}/{waiting['id']}"))["answer"] == "已补记"
    del body["question"]
    assert json_of(nobody.post(STATEMENTS, body))["question"]["answer"] == "已补记"
    assert json_of(cadre.get(QUESTIONS, open="true"))["items"] == []
    stored = db.session.scalar(text("SELECT question FROM household_question"))
    assert "少记" not in bytes(stored).decode(errors="ignore")


def test_the_page_shows_six_lines_and_keeps_number_and_code_out_of_the_address(
    client: Client, stage: Paying
) -> None:
    cadre, nobody = Visitor.of(client, stage.cadre), Visitor(client)
    household = stage.there.households[0]
    path = f"/village/households/{household.id}/statement-code"
    given = cadre.send(path, "inquiries.hand_out", 200)
    code = next(one for one in given.split("<dd>") if one[:8].isdecimal())[:8]
    typed = {"number": household.code, "code": code}
    shown = nobody.send(PAGE, "inquiries.read", 200, **typed)
    assert shown.split('class="card big"')[1].split("</section>")[0].count("<p>") == 6
    assert "640.00 元" in shown
    assert household.head_name not in shown
    asked = nobody.send(PAGE, "inquiries.read", 200, question="少记了一袋", **typed)
    assert "村干部还没有答复。" in asked
    (one,) = cadre.ask(QUESTIONS)["items"]
    answer = f"/village/questions/{one['id']}/answer"
    assert cadre.send(answer, "inquiries.answer", answer="已补记") == "/village/questions"
    assert "已补记" in nobody.send(PAGE, "inquiries.read", 200, **typed)
    said = "农户编号或查询码不正确"
    for number, guess in ((household.code, wrong(code)), ("XX-0", code)):
        assert said in nobody.send(PAGE, "inquiries.read", 409, number=number, code=guess)
    cadre.open(answer, 404)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE statement_code SET failed_attempts = 6", "ck_statement_code_attempts"),
        ("UPDATE statement_code SET code_until_at = NULL", "ck_statement_code_code"),
        ("UPDATE household_question SET answered_at = now()", "ck_household_question_answer"),
        (
            TWICE.format("statement_code", "household_id, handed_by, handed_at, failed_attempts"),
            "uq_statement_code_household_id",
        ),
        (
            TWICE.format("household_question", "household_id, question, asked_at"),
            "uq_household_question_open",
        ),
    ],
)
def test_the_database_holds_what_the_rules_say(stage: Paying, statement: str, name: str) -> None:
    number, code = handed(stage)
    read(number, code=code, question="少记了一袋")
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        db.session.execute(text(statement))
    assert constraint_of(refused.value) == name
