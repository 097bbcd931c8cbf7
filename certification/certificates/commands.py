"""Granting and changing certificates, and holding what may be sold under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import update

from certification import events
from certification.applications.commands import COUNTY_DIGITS, grant_application
from certification.applications.models import Application
from certification.applications.queries import get_scheme_of
from certification.certificates import queries, rules
from certification.certificates.models import (
    Capacity,
    CapacityEntry,
    CapacityHold,
    CapacityId,
    Certificate,
    CertificateChange,
    CertificateId,
    CertificateStatus,
    ChangeKind,
)
from certification.criteria.models import Scheme
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.crypto import sign
from kernel.database import db
from kernel.errors import Refusal
from kernel.events import Event, record
from kernel.gates import Gate, Move, Want
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.queries import get_organisation
from registry.regions.queries import find_origin_kind

SOURCE = "order_line"

CAPACITY_GATE = Gate(
    counter=Capacity,
    limit=Capacity.declared,
    held=Capacity.held,
    spent=Capacity.sold,
    hold=CapacityHold,
    entry=CapacityEntry,
    when="c.is_open AND c.from_on <= :today AND c.until_on > :today",
)
"""A capacity takes a hold only while its certificate is in force and its year runs."""

NEWS: Mapping[ChangeKind, type[Event]] = MappingProxyType(
    {
        ChangeKind.GRANTED: events.CertificateGranted,
        ChangeKind.SUSPENDED: events.CertificateSuspended,
        ChangeKind.REINSTATED: events.CertificateReinstated,
        ChangeKind.REVOKED: events.CertificateRevoked,
        ChangeKind.EXPIRED: events.CertificateExpired,
    }
)


@dataclass(frozen=True)
class CapacityWant:
    """What an order line takes, in the certificate's unit; with `capacity_id` nothing is read."""

    order_line_id: UUID
    certificate_id: CertificateId
    quantity: Decimal
    capacity_id: CapacityId | None = None


@dataclass(frozen=True)
class CapacityMove:
    """So much of what an order line holds (or sold); None is all that is left of it."""

    order_line_id: UUID
    capacity_id: CapacityId
    quantity: Decimal | None = None


def grant_certificate(application_id: UUID, *, by: Actor, now: datetime) -> Certificate:
    """Issue the certificate of an application whose notice is over: signed, with its capacity.

    Valid from today for the months of the scheme; refuses what `grant_application` refuses.
    """
    application = grant_application(application_id, by=by, now=now)
    scheme = get_scheme_of(by, application)
    certificate = _unsigned(application, scheme, by=by, now=now)
    holder = get_organisation(SYSTEM, application.holder_id)
    statement = rules.statement_of(
        certificate, application=application, holder=holder, scheme=scheme
    )
    signature = sign(statement)
    certificate.payload = statement.decode()
    certificate.key_id, certificate.signature = signature.key_id, signature.value
    db.session.add(certificate)
    db.session.flush()
    db.session.add_all(_capacities(certificate))
    _tell(certificate, ChangeKind.GRANTED, reason="", by=by, now=now)
    return certificate


def change_certificate(
    certificate_id: UUID, change: ChangeKind, *, reason: str, by: Actor, now: datetime
) -> Certificate:
    """Suspend, reinstate or revoke: new orders stop (or may come) with this transaction.

    What was ordered before goes on.
    """
    check_clear_of_identity(reason, pointer="/reason")
    certificate = queries.get_certificate(by, CertificateId(certificate_id), lock=True)
    rules.check_change(certificate, change, by=by, today=shanghai_day(now))
    _become([certificate], change)
    _tell(certificate, change, reason=reason, by=by, now=now)
    return certificate


def expire_certificates(*, now: datetime, limit: int = 500) -> int:
    """End certificates whose last day is over; give how many, `limit` means there may be more."""
    due = queries.list_due(SYSTEM, today=shanghai_day(now), limit=limit)
    _become(due, ChangeKind.EXPIRED)
    for certificate in due:
        _tell(certificate, ChangeKind.EXPIRED, reason="", by=SYSTEM, now=now)
    return len(due)


def hold_capacity(
    wants: Sequence[CapacityWant], *, expires_at: datetime | None, now: datetime
) -> dict[UUID, CapacityId]:
    """Hold what order lines take of their certificates' years; give the capacity of each line.

    One statement where the capacities are named. Refuses all when one refuses, with the reason
    read back: CertificateNotInForce or CapacityExceeded.
    """
    today = shanghai_day(now)
    capacity_ids = _named(wants, today=today)
    asked = [
        Want(capacity_ids[want.order_line_id], want.order_line_id, want.quantity) for want in wants
    ]
    refused = CAPACITY_GATE.take(
        SOURCE, asked, expires_at=expires_at, now=now, parameters={"today": today}
    )
    if refused:
        first = next(want for want in wants if capacity_ids[want.order_line_id] in refused)
        capacity_id = capacity_ids[first.order_line_id]
        same = [want for want in wants if capacity_ids[want.order_line_id] == capacity_id]
        wanted = sum((want.quantity for want in same), Decimal())
        capacity = queries.find_capacity(SYSTEM, capacity_id)
        raise _refusal(first.certificate_id, capacity, wanted=wanted, today=today)
    return capacity_ids


def post_capacity(moves: Sequence[CapacityMove], *, now: datetime) -> None:
    """Turn what lines hold into sold, at acceptance (HoldSpent)."""
    CAPACITY_GATE.post(SOURCE, _moves(moves), now=now)


def release_capacity(
    moves: Sequence[CapacityMove], *, now: datetime, expired: bool = False
) -> None:
    """Give back what lines hold and will not sell (HoldSpent)."""
    CAPACITY_GATE.release(SOURCE, _moves(moves), now=now, expired=expired)


def restore_capacity(moves: Sequence[CapacityMove], *, now: datetime) -> None:
    """Give back what lines sold and got returned (HoldSpent)."""
    CAPACITY_GATE.refund(SOURCE, _moves(moves), now=now)


def _moves(moves: Sequence[CapacityMove]) -> list[Move]:
    return [Move(one.capacity_id, one.order_line_id, one.quantity) for one in moves]


def _named(wants: Sequence[CapacityWant], *, today: date) -> dict[UUID, CapacityId]:
    """Name the capacity of each line, looking up those that the caller does not know."""
    unknown = {want.certificate_id for want in wants if want.capacity_id is None}
    open_now = queries.list_open_capacities(SYSTEM, unknown, on=today) if unknown else {}
    found: dict[UUID, CapacityId] = {}
    for want in wants:
        if want.capacity_id is not None:
            found[want.order_line_id] = want.capacity_id
        elif want.certificate_id in open_now:
            found[want.order_line_id] = open_now[want.certificate_id].id
        else:
            raise _refusal(want.certificate_id, None, wanted=want.quantity, today=today)
    return found


def _refusal(
    certificate_id: CertificateId, capacity: Capacity | None, *, wanted: Decimal, today: date
) -> Refusal:
    certificate = queries.get_certificate(SYSTEM, certificate_id)
    return rules.refusal_of_capacity(capacity, certificate=certificate, wanted=wanted, today=today)


def _unsigned(application: Application, scheme: Scheme, *, by: Actor, now: datetime) -> Certificate:
    today = shanghai_day(now)
    origin = application.origin_region_code
    return Certificate(
        id=CertificateId(new_id()),
        number=next_number("BF-C", region_code=origin[:COUNTY_DIGITS], year=shanghai_year(now)),
        application_id=application.id,
        author_id=application.author_id,
        holder_id=application.holder_id,
        scheme_id=scheme.id,
        product_name=application.product_name,
        category_code=application.category_code,
        specification=application.specification,
        unit=application.unit,
        origin_region_code=origin,
        origin_kind=find_origin_kind(SYSTEM, origin, on=today),
        yearly_quantity=application.yearly_quantity,
        unit_price_fen=application.unit_price_fen,
        valid_from_on=today,
        valid_until_on=rules.months_later(today, scheme.validity_months),
        status=CertificateStatus.IN_FORCE,
        granted_by_id=UserId(by.user_id),
        granted_at=now,
    )


def _capacities(certificate: Certificate) -> list[Capacity]:
    years = rules.certificate_years(certificate.valid_from_on, certificate.valid_until_on)
    return [
        Capacity(
            id=CapacityId(new_id()),
            certificate_id=certificate.id,
            from_on=from_on,
            until_on=until_on,
            is_open=True,
            declared=certificate.yearly_quantity,
        )
        for from_on, until_on in years
    ]


def _become(certificates: Sequence[Certificate], change: ChangeKind) -> None:
    """Set the state and open or shut the capacities with it, locked in key order as the gate's."""
    status = rules.OUTCOMES[change]
    for certificate in certificates:
        certificate.status = status
    capacity_ids = queries.lock_capacities(SYSTEM, [one.id for one in certificates])
    years = update(Capacity).where(Capacity.id.in_(capacity_ids))
    db.session.execute(years.values(is_open=status is CertificateStatus.IN_FORCE))


def _tell(
    certificate: Certificate, change: ChangeKind, *, reason: str, by: Actor, now: datetime
) -> None:
    """Write what changed into history, audit and news."""
    person = None if by is SYSTEM else UserId(by.user_id)
    db.session.add(
        CertificateChange(
            id=new_id(),
            certificate_id=certificate.id,
            kind=change,
            reason=reason,
            by_id=person,
            at=now,
        )
    )
    db.session.flush()
    audit.write(
        f"certificate_{change}",
        subject=("certificate", certificate.id),
        by=by,
        now=now,
        after={"status": certificate.status, "reason": reason},
    )
    record(NEWS[change](certificate_id=certificate.id), now=now)  # type: ignore[call-arg]
