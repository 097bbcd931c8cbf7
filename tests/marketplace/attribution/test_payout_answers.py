"""A household says by a code whether its money came; guessing does not help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from kernel.actor import SYSTEM
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import Refusal
from marketplace.attribution.commands.confirmations import answer_payout, hand_out_code
from marketplace.attribution.models.payouts import PayoutLine, PayoutLineStatus
from marketplace.attribution.queries.payouts import get_payout_list
from tests.builders.payouts import Paying, coded, lines_of, paid_out, paying
from tests.builders.settlement import NOW

Written = Callable[[], list[AuditRow]]


@pytest.fixture
def stage(db_session: object) -> Paying:
    del db_session
    return paying()


def test_five_wrong_codes_end_a_code_and_a_new_one_opens_again(
    stage: Paying, written: Written
) -> None:
    line = lines_of(stage, paid_out(stage))[0]
    handed = coded(stage, line)
    wrong = "00000000" if handed.code != "00000000" else "00000001"
    guess = partial(answer_payout, handed.number, received=True, now=NOW)
    assert [guess(code=wrong) for _ in range(5)] == [None] * 5
    assert guess(code=handed.code) is None
    assert [row.outcome for row in written()][-6:] == ["code_wrong"] * 6
    again = coded(stage, line)
    said = guess(code=again.code)
    assert said is not None
    assert said.line.status is PayoutLineStatus.CONFIRMED
    assert guess(code=again.code) is None


def test_a_code_is_the_lines_own_lapses_and_is_replaced_by_a_newer_one(stage: Paying) -> None:
    first, second, _ = lines_of(stage, paid_out(stage))
    old, other = coded(stage, first), coded(stage, second)
    assert answer_payout(first.line.number, code=other.code, received=True, now=NOW) is None
    newer = coded(stage, first)
    assert answer_payout(first.line.number, code=old.code, received=True, now=NOW) is None
    late = NOW + timedelta(days=30)
    assert answer_payout(first.line.number, code=newer.code, received=True, now=late) is None
    assert answer_payout("BF-P-0", code=newer.code, received=True, now=NOW) is None
    stored = db.session.get_one(PayoutLine, first.line.id).code_index
    assert stored is not None
    assert newer.code.encode() not in stored


def test_who_says_no_may_later_say_yes(stage: Paying) -> None:
    list_id = paid_out(stage)
    line = lines_of(stage, list_id)[0]
    for received, state in ((False, PayoutLineStatus.DENIED), (True, PayoutLineStatus.CONFIRMED)):
        handed = coded(stage, line)
        said = answer_payout(handed.number, code=handed.code, received=received, now=NOW)
        assert said is not None
        assert said.line.status is state
        assert get_payout_list(SYSTEM, list_id).denied_fen == (0 if received else 64_000)
    with pytest.raises(Refusal, match="wrong_state"):
        hand_out_code(line.line.id, by=stage.by("cadre"), now=NOW)
