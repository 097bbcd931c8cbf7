"""Taking complaints, following them by number and code, and answering them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from certification.certificates.models.certificates import CertificateId
from certification.certificates.queries.certificates import find_certificate_by_number
from certification.events import ComplaintAnswered, ComplaintLodged
from certification.inspections.commands.tasks import open_case
from certification.inspections.commands.terms import deadline_after, get_terms
from certification.inspections.models.complaints import (
    Complaint,
    ComplaintId,
    ComplaintStatus,
)
from certification.inspections.models.tasks import TaskSource
from certification.inspections.queries.complaints import find_complaint, lock_complaint
from certification.inspections.rules import tasks as rules
from kernel import audit
from kernel.actor import ANYONE, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import Invalid, Unauthenticated, WrongState
from kernel.events import record
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.commands.disclosures import record_disclosure
from registry.accounts.models import UserId
from registry.accounts.queries.accounts import is_member
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId
from registry.regions.queries import get_live_region
from registry.regions.rules import COUNTY_DIGITS

CODE_BYTES = 12


@dataclass(frozen=True)
class NewComplaint:
    """What somebody complains of: a certificate, or a place; and how to reach them, if at all."""

    text: str
    certificate_number: str | None = None
    region_code: str | None = None
    contact: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class LodgedComplaint:
    """A complaint with the code by which it is followed, shown once."""

    complaint: Complaint
    code: str = field(repr=False)


def lodge_complaint(new: NewComplaint, *, by: Actor, now: datetime) -> LodgedComplaint:
    """Take a complaint of anybody; the terms of the place say when it must be answered."""
    check_clear_of_identity(new.text, pointer="/text")
    today = shanghai_day(now)
    certificate_id, holder_id, region_code = _matter(new, by=by, now=now)
    days = get_terms(region_code, on=today).complaint_days
    county = region_code[:COUNTY_DIGITS]
    number = next_number("BF-CP", region_code=county, year=shanghai_year(now))
    code = secrets.token_urlsafe(CODE_BYTES)
    complaint = Complaint(
        id=ComplaintId(new_id()),
        number=number,
        code_digest=_digest(number, code),
        certificate_id=certificate_id,
        holder_id=holder_id,
        region_code=region_code,
        text=new.text,
        contact=new.contact,
        status=ComplaintStatus.RECEIVED,
        lodged_by_id=None if by == ANYONE else UserId(by.user_id),
        lodged_at=now,
        due_on=deadline_after(today, working_days=days),
    )
    db.session.add(complaint)
    _audit("lodge_complaint", complaint, by=by, now=now)
    record(ComplaintLodged(complaint_id=complaint.id), now=now)
    return LodgedComplaint(complaint, code)


def follow_complaint(number: str, *, code: str, by: Actor) -> Complaint:
    """Give a complaint to who has its number and code; both wrong look the same."""
    complaint = find_complaint(by, number)
    known = b"" if complaint is None else complaint.code_digest
    if not hmac.compare_digest(_digest(number, code), known) or complaint is None:
        raise Unauthenticated
    return complaint


def take_complaint(complaint_id: UUID, *, by: Actor, now: datetime) -> Complaint:
    """Take a complaint of the own region in hand."""
    complaint = _lock_foreign(complaint_id, by=by)
    rules.check_move(rules.COMPLAINTS, complaint.status, ComplaintStatus.IN_HAND)
    complaint.status = ComplaintStatus.IN_HAND
    complaint.taken_by_id, complaint.taken_at = UserId(by.user_id), now
    _audit("take_complaint", complaint, by=by, now=now)
    return complaint


def inspect_complaint(complaint_id: UUID, *, reason: str, by: Actor, now: datetime) -> Complaint:
    """Open a hidden inspection of what a complaint in hand is about, once."""
    complaint = _lock_foreign(complaint_id, by=by)
    if complaint.status is not ComplaintStatus.IN_HAND or complaint.task_id is not None:
        raise WrongState(state=complaint.status, wanted="inspected")
    if complaint.certificate_id is None:
        raise Invalid(reason="投诉未指明证书 / the complaint names no certificate")
    task = open_case(
        complaint.certificate_id,
        reason=reason,
        source=TaskSource.COMPLAINT,
        source_id=complaint.id,
        by=by,
        now=now,
    )
    complaint.task_id = task.id
    _audit("inspect_complaint", complaint, by=by, now=now)
    return complaint


def answer_complaint(complaint_id: UUID, *, reply: str, by: Actor, now: datetime) -> Complaint:
    """Answer a complaint in hand, once; who has its code reads the answer."""
    check_clear_of_identity(reply, pointer="/reply")
    complaint = _lock_foreign(complaint_id, by=by)
    rules.check_answer(complaint, by=by)
    complaint.status, complaint.reply = ComplaintStatus.ANSWERED, reply
    complaint.replied_by_id, complaint.replied_at = UserId(by.user_id), now
    complaint.replied_for_id = (
        None if by.organisation_id is None else OrganisationId(by.organisation_id)
    )
    _audit("answer_complaint", complaint, by=by, now=now)
    record(ComplaintAnswered(complaint_id=complaint.id), now=now)
    return complaint


def disclose_contact(complaint_id: UUID, *, purpose: str, by: Actor, now: datetime) -> Complaint:
    """Give a complaint of the own region with its contact in clear, for a purpose that is kept."""
    complaint = _lock_foreign(complaint_id, by=by)
    check_clear_of_identity(purpose, pointer="/purpose")
    record_disclosure(("complaint", complaint.id), purpose=purpose, by=by, now=now)
    return complaint


def _matter(
    new: NewComplaint, *, by: Actor, now: datetime
) -> tuple[CertificateId | None, OrganisationId | None, str]:
    """Give certificate and holder, where a certificate is named, and the place."""
    if new.certificate_number is not None:
        certificate = find_certificate_by_number(by, new.certificate_number)
        if certificate is None:
            reason = "没有此证书 / no such certificate"
            raise Invalid(pointer="/certificate_number", reason=reason)
        return certificate.id, certificate.holder_id, certificate.origin_region_code
    if new.region_code is None:
        reason = "请填写证书编号或地区 / name a certificate or a place"
        raise Invalid(pointer="/region_code", reason=reason)
    get_live_region(by, new.region_code, on=shanghai_day(now), pointer="/region_code")
    return None, None, new.region_code


def _lock_foreign(complaint_id: UUID, *, by: Actor) -> Complaint:
    """Lock a complaint in sight that is not about an organisation the actor's person is of."""
    complaint = lock_complaint(by, complaint_id)
    holder = complaint.holder_id
    member = holder is not None and is_member(by, organisation_id=holder)
    rules.check_foreign(holder, is_member=member, by=by)
    return complaint


def _digest(number: str, code: str) -> bytes:
    return hashlib.sha256(f"{number}:{code}".encode()).digest()


def _audit(action: str, complaint: Complaint, *, by: Actor, now: datetime) -> None:
    """Write what is in memory, and the act beside it."""
    db.session.flush()
    after = {"status": complaint.status, "task_id": complaint.task_id}
    audit.write(action, subject=("complaint", complaint.id), by=by, now=now, after=after)
