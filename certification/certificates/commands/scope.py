"""Asking for another scope of a certificate, and deciding on it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import update

from certification.applications.commands.applications import production_key
from certification.applications.commands.productions import certify_increase
from certification.applications.queries.applications import get_application
from certification.applications.queries.contents import get_scheme_of
from certification.applications.rules.findings import in_production_unit
from certification.certificates.commands.changes import tell_change
from certification.certificates.commands.signing import sign_certificate
from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import (
    Certificate,
    CertificateId,
    ChangeKind,
)
from certification.certificates.models.scope import ScopeChange, ScopeChangeId, ScopeStatus
from certification.certificates.queries.capacities import lock_years
from certification.certificates.queries.certificates import get_certificate
from certification.certificates.queries.scope import list_accepted_ids, lock_scope_change
from certification.certificates.queries.terms import find_rule
from certification.certificates.rules import scope as rules
from certification.certificates.rules.certificates import check_foreign, signal_quantities
from certification.certificates.rules.scope import Scope
from certification.errors.certificates import ScopeBelowSold
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.accounts.queries.accounts import is_member
from registry.documents.rules import check_clear_of_identity
from registry.organisations.commands.keeping import keep_organisation


def request_scope_change(
    certificate_id: UUID, wanted: Scope, *, reason: str, by: Actor, now: datetime
) -> ScopeChange:
    """Ask for another name, specification or yearly quantity of an own certificate.

    Refuses NotAllowed, CertificateNotInForce, ScopeUnchanged, ScopeTooWide, ScopeRequestOpen.
    """
    for pointer in ("product_name", "specification"):
        check_clear_of_identity(getattr(wanted, pointer), pointer=f"/{pointer}")
    check_clear_of_identity(reason, pointer="/reason")
    certificate = get_certificate(by, CertificateId(certificate_id), lock=True)
    rules.check_request(certificate, by=by, today=shanghai_day(now))
    _check_scope(wanted, certificate, now=now)
    change = ScopeChange(
        id=ScopeChangeId(new_id()),
        certificate_id=certificate.id,
        **asdict(wanted),
        reason=reason,
        status=ScopeStatus.REQUESTED,
        requested_by_id=UserId(by.user_id),
        requested_at=now,
    )
    db.session.add(change)
    _audit("request_scope_change", change, by=by, now=now)
    return change


def withdraw_scope_change(scope_change_id: UUID, *, by: Actor, now: datetime) -> ScopeChange:
    """Take a wish back while nobody has decided on it."""
    change, certificate = lock_scope_change(by, scope_change_id)
    rules.check_withdrawal(change, certificate=certificate, by=by)
    _settle(change, ScopeStatus.WITHDRAWN, opinion=None, by=by, now=now)
    _audit("withdraw_scope_change", change, by=by, now=now)
    return change


def decide_scope_change(
    scope_change_id: UUID, *, accept: bool, opinion: str, by: Actor, now: datetime
) -> ScopeChange:
    """Accept or refuse a wish; accepted, it holds from this moment and is signed anew.

    No year may fall below what is sold and held of it (ScopeBelowSold); past years stay. Nothing
    is accepted of a holder that has ended (OrganisationEnded). An
    increase is taken from the production that the grant took from (ProductionExceeded).
    """
    check_clear_of_identity(opinion, pointer="/opinion")
    status = ScopeStatus.ACCEPTED if accept else ScopeStatus.REFUSED
    change, certificate = lock_scope_change(by, scope_change_id)
    member = is_member(by, organisation_id=certificate.holder_id)
    check_foreign(certificate, is_member=member, by=by)
    rules.check_decision(change, status, certificate=certificate, by=by)
    if accept:
        _apply(change, certificate, by=by, now=now)
    _settle(change, status, opinion=opinion, by=by, now=now)
    if accept:
        tell_change(certificate, ChangeKind.SCOPE_CHANGED, reason=opinion, by=by, now=now)
    _audit("decide_scope_change", change, by=by, now=now)
    return change


def _apply(change: ScopeChange, certificate: Certificate, *, by: Actor, now: datetime) -> None:
    wanted = Scope(change.product_name, change.specification, change.yearly_quantity)
    rules.check_running(certificate, today=shanghai_day(now))
    keep_organisation(certificate.holder_id)
    _check_scope(wanted, certificate, now=now)
    if wanted.yearly_quantity > certificate.yearly_quantity:
        _certify_increase(change, certificate, now=now)
    _set_declared(certificate, wanted.yearly_quantity, now=now)
    change.before = {
        "product_name": certificate.product_name,
        "specification": certificate.specification,
        "yearly_quantity": str(certificate.yearly_quantity),
        "revision": certificate.revision,
        "payload": certificate.payload,
        "key_id": certificate.key_id,
        "signature": certificate.signature.hex(),
    }
    for name, value in asdict(wanted).items():
        setattr(certificate, name, value)
    certificate.revision += 1
    application = get_application(SYSTEM, certificate.application_id)
    scheme = get_scheme_of(by, application)
    sign_certificate(certificate, application=application, scheme=scheme, now=now)


def _certify_increase(change: ScopeChange, certificate: Certificate, *, now: datetime) -> None:
    """Take the increase where the grant took, in the year of the grant."""
    application = get_application(SYSTEM, certificate.application_id)
    certify_increase(
        production_key(application, year=shanghai_year(certificate.granted_at)),
        scope_change_id=change.id,
        quantity=in_production_unit(change.yearly_quantity, certificate.unit),
        earlier=[application.id, *list_accepted_ids(SYSTEM, certificate.id)],
        now=now,
    )


def _set_declared(certificate: Certificate, declared: Decimal, *, now: datetime) -> None:
    """Set what may be sold in the years that are not over, under the gate's own locks."""
    today = shanghai_day(now)
    rule = find_rule(SYSTEM, certificate.origin_region_code, on=today)
    signals = signal_quantities(declared, rule.signal_bp if rule else [])
    for year in lock_years(SYSTEM, certificate.id, today=today):
        fits = Capacity.held + Capacity.sold <= declared
        changed = update(Capacity).where(Capacity.id == year.id, fits).returning(Capacity.id)
        values = changed.values(declared=declared, signals=signals)
        if db.session.scalar(values.execution_options(synchronize_session=False)) is None:
            raise ScopeBelowSold(
                from_on=year.from_on,
                used=year.held + year.sold,
                wanted=declared,
                unit=certificate.unit,
            )


def _check_scope(wanted: Scope, certificate: Certificate, *, now: datetime) -> None:
    application = get_application(SYSTEM, certificate.application_id)
    rule = find_rule(SYSTEM, certificate.origin_region_code, on=shanghai_day(now))
    rules.check_scope(wanted, certificate=certificate, application=application, rule=rule)


def _settle(
    change: ScopeChange, status: ScopeStatus, *, opinion: str | None, by: Actor, now: datetime
) -> None:
    change.status, change.opinion = status, opinion
    change.decided_by_id, change.decided_at = UserId(by.user_id), now


def _audit(action: str, change: ScopeChange, *, by: Actor, now: datetime) -> None:
    """Write what is in memory, and the act beside it."""
    db.session.flush()
    after = {
        "certificate_id": change.certificate_id,
        "status": change.status,
        "product_name": change.product_name,
        "specification": change.specification,
        "yearly_quantity": change.yearly_quantity,
    }
    audit.write(action, subject=("scope_change", change.id), by=by, now=now, after=after)
