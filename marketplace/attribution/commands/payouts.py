"""Draw up, issue and call off payout lists; pay their lines with proof, or take them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import update

from kernel import audit, ledger
from kernel.actor import Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import NotAllowed, SamePerson, check_version
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.attribution.commands.incomes import feed_income, take_income_back
from marketplace.attribution.models.payouts import (
    Due,
    PayoutItem,
    PayoutLine,
    PayoutLineId,
    PayoutLineStatus,
    PayoutList,
    PayoutListId,
    PayoutListStatus,
)
from marketplace.attribution.queries import payouts as queries
from marketplace.attribution.queries.dues import list_dues
from marketplace.attribution.queries.payouts import PayoutLineView, PayoutListView
from marketplace.attribution.rules import payouts as rules
from marketplace.errors.attribution import NothingToPayOut
from registry.accounts.commands.disclosures import record_disclosure
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import OrganisationId

PAYABLE, PAID = "household_payable", "household_paid"


@dataclass(frozen=True)
class NewPayout:
    """That lines of a list were paid, and the proof; without names all that wait."""

    paid_on: date
    document_id: DocumentId
    line_ids: Sequence[PayoutLineId] | None = None


@dataclass(frozen=True)
class PayoutAccount:
    """To whom and where a line is to be paid, in clear."""

    number: str
    household_code: str
    head_name: str = field(repr=False)
    bank_card: str | None = field(repr=False)
    amount_fen: Fen


def draw_up_list(*, by: Actor, now: datetime) -> PayoutListView:
    """Put all that households have and that is on no list on a new one, a line for each.

    Refuses NothingToPayOut, PayoutListOpen, OrganisationEnded.
    """
    if by.organisation_id is None:
        raise NotAllowed
    cooperative_id = OrganisationId(by.organisation_id)
    keep_organisation(cooperative_id)
    gathered = rules.gather(list_dues(by, cooperative_id))
    if not gathered:
        raise NothingToPayOut
    number = next_number("BF-P", region_code=by.region_code, year=shanghai_year(now))
    made = PayoutList(
        id=PayoutListId(new_id()),
        number=number,
        cooperative_id=cooperative_id,
        status=PayoutListStatus.DRAFT,
        total_fen=Fen(sum(rules.total(dues) for dues in gathered)),
        created_by=UserId(by.user_id),
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    for position, dues in enumerate(gathered, start=1):
        _add_line(made, dues, number=f"{number}-{position:04d}")
    db.session.flush()
    _note("draw_up_payout_list", made, by=by, now=now)
    return queries.get_payout_list(by, made.id)


def issue_list(
    list_id: PayoutListId, *, expected_version: int | None, by: Actor, now: datetime
) -> PayoutListView:
    """Issue a list that somebody else drew up (WrongState, SamePerson)."""
    found = queries.lock_payout_list(by, list_id)
    check_version(found.version, expected_version)
    rules.check_list(found.status, PayoutListStatus.ISSUED)
    if found.created_by == by.user_id:
        raise SamePerson
    found.status = PayoutListStatus.ISSUED
    found.issued_by, found.issued_at = UserId(by.user_id), now
    for line in queries.lock_lines(by, list_id, None):
        line.issuer_id = UserId(by.user_id)
    db.session.flush()
    _note("issue_payout_list", found, by=by, now=now)
    return queries.get_payout_list(by, list_id)


def cancel_list(
    list_id: PayoutListId, *, reason: str, expected_version: int | None, by: Actor, now: datetime
) -> PayoutListView:
    """Call a list off before it is issued; its money waits for the next one (WrongState)."""
    check_clear_of_identity(reason, pointer="/reason")
    found = queries.lock_payout_list(by, list_id)
    check_version(found.version, expected_version)
    rules.check_list(found.status, PayoutListStatus.CANCELLED)
    found.status, found.cancel_reason = PayoutListStatus.CANCELLED, reason
    for line in queries.lock_lines(by, list_id, None):
        _free(line, reason=reason, now=now)
    db.session.flush()
    _note("cancel_payout_list", found, by=by, now=now)
    return queries.get_payout_list(by, list_id)


def pay_lines(list_id: PayoutListId, new: NewPayout, *, by: Actor, now: datetime) -> PayoutListView:
    """Write down that lines were paid, with the paper that proves it; the register hears of it.

    Refuses WrongState, SamePerson (who issued the list), NotFound (line, paper), Invalid (day).
    """
    found = queries.lock_payout_list(by, list_id)
    rules.check_issued(found.status)
    if found.issued_by == by.user_id:
        raise SamePerson
    issued_on = shanghai_day(found.issued_at or found.created_at)
    rules.check_paid_on(new.paid_on, issued_on=issued_on, today=shanghai_day(now))
    get_document(by, new.document_id)
    lines = queries.lock_lines(by, list_id, new.line_ids)
    if new.line_ids is None:
        lines = [line for line in lines if line.status is PayoutLineStatus.LISTED]
    for line in lines:
        rules.check_line(line.status, PayoutLineStatus.PAID)
    if lines:
        _pay(lines, new, by=by, now=now)
    return queries.get_payout_list(by, list_id)


def return_line(line_id: PayoutLineId, *, reason: str, by: Actor, now: datetime) -> PayoutLineView:
    """Take a line back whose money did not reach the household; it waits for the next list.

    What was booked and fed to the register is reversed. Refuses WrongState.
    """
    check_clear_of_identity(reason, pointer="/reason")
    line = queries.lock_own_line(by, line_id)
    rules.check_line(line.status, PayoutLineStatus.RETURNED)
    if line.transfer_id is not None:
        ledger.transfer(
            "payout_return",
            reference=str(line.id),
            postings=_postings([line], sign=-1),
            now=now,
            reverses=line.transfer_id,
        )
        take_income_back(line.id, reason=reason, now=now)
    _free(line, reason=reason, now=now)
    db.session.flush()
    after = {"status": line.status, "reason": reason}
    audit.write("return_payout", subject=("payout_line", line.id), by=by, now=now, after=after)
    return queries.get_line(by, line.id)


def disclose_accounts(
    list_id: PayoutListId, *, purpose: str, by: Actor, now: datetime
) -> list[PayoutAccount]:
    """Give the accounts a list is still to be paid to, in clear; who, why and when is kept.

    Refuses NotFound and IdentityInText (in the purpose).
    """
    check_clear_of_identity(purpose, pointer="/purpose")
    found = []
    for line, household in queries.list_accounts(by, list_id):
        record_disclosure(("household", household.id), purpose=purpose, by=by, now=now)
        account = PayoutAccount(
            line.number, household.code, household.head_name, household.bank_card, line.amount_fen
        )
        found.append(account)
    return found


def _add_line(payout_list: PayoutList, dues: Sequence[Due], *, number: str) -> None:
    line = PayoutLine(
        id=PayoutLineId(new_id()),
        number=number,
        list_id=payout_list.id,
        household_id=dues[0].household_id,
        amount_fen=rules.total(dues),
        status=PayoutLineStatus.LISTED,
        failed_attempts=0,
    )
    db.session.add(line)
    db.session.flush()
    db.session.add_all(
        PayoutItem(
            id=new_id(),
            line_id=line.id,
            attribution_share_id=None if due.is_surplus else due.share_id,
            surplus_share_id=due.share_id if due.is_surplus else None,
            amount_fen=due.amount_fen,
            is_live=True,
        )
        for due in dues
    )


def _pay(lines: Sequence[PayoutLine], new: NewPayout, *, by: Actor, now: datetime) -> None:
    transfer_id = ledger.transfer(
        "payout", reference=str(lines[0].id), postings=_postings(lines, sign=1), now=now
    )
    for line in lines:
        line.status, line.paid_on, line.document_id = (
            PayoutLineStatus.PAID, new.paid_on, new.document_id,
        )  # fmt: skip
        line.paid_by, line.paid_at, line.transfer_id = UserId(by.user_id), now, transfer_id
    db.session.flush()
    for line in lines:
        feed_income(line, by=by, now=now)
        after = {"amount_fen": line.amount_fen, "paid_on": line.paid_on}
        audit.write("pay_out", subject=("payout_line", line.id), by=by, now=now, after=after)


def _postings(lines: Sequence[PayoutLine], *, sign: int) -> list[tuple[ledger.AccountId, Fen]]:
    """Move what households are owed to what they were paid; with a minus back again."""
    postings = []
    for line in sorted(lines, key=lambda one: one.household_id):
        amount = line.amount_fen * sign
        postings.append((ledger.account(PAYABLE, line.household_id), Fen(-amount)))
        postings.append((ledger.account(PAID, line.household_id), Fen(amount)))
    return postings


def _free(line: PayoutLine, *, reason: str, now: datetime) -> None:
    """Let a line go: its shares may be put on another one."""
    line.status, line.return_reason, line.returned_at = PayoutLineStatus.RETURNED, reason, now
    line.code_index = line.code_until_at = None
    live = update(PayoutItem).where(PayoutItem.line_id == line.id)
    db.session.execute(live.values(is_live=False))


def _note(action: str, payout_list: PayoutList, *, by: Actor, now: datetime) -> None:
    after = {"number": payout_list.number, "total_fen": payout_list.total_fen}
    audit.write(action, subject=("payout_list", payout_list.id), by=by, now=now, after=after)
