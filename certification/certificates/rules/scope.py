"""What of a certificate's scope may change, how far, and who decides on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from certification.applications.models import Application
from certification.certificates.models.certificates import Certificate, CertificateStatus
from certification.certificates.models.scope import ScopeChange, ScopeStatus
from certification.certificates.models.terms import CertificateRule
from certification.errors.certificates import CertificateNotInForce, ScopeTooWide, ScopeUnchanged
from kernel.actor import Actor
from kernel.errors import NotAllowed, OwnOrganisation, SamePerson, WrongState
from kernel.quantity import check_quantity
from registry.regions.rules import check_reach

WHOLE_BP = 10_000

_S = ScopeStatus
TRANSITIONS: Mapping[ScopeStatus, frozenset[ScopeStatus]] = MappingProxyType(
    {
        _S.REQUESTED: frozenset({_S.ACCEPTED, _S.REFUSED, _S.WITHDRAWN}),
        _S.ACCEPTED: frozenset(),
        _S.REFUSED: frozenset(),
        _S.WITHDRAWN: frozenset(),
    }
)


@dataclass(frozen=True)
class Scope:
    """What a certificate is for: product, specification, and quantity a year."""

    product_name: str
    specification: str
    yearly_quantity: Decimal


def scope_of(certificate: Certificate) -> Scope:
    """Give the scope that is certified now."""
    return Scope(certificate.product_name, certificate.specification, certificate.yearly_quantity)


def check_request(certificate: Certificate, *, by: Actor, today: date) -> None:
    """Let only the holder ask, and only of a certificate in force."""
    if certificate.holder_id != by.organisation_id:
        raise NotAllowed
    check_running(certificate, today=today)


def check_running(certificate: Certificate, *, today: date) -> None:
    """Refuse to change the scope of what is not in force (CertificateNotInForce)."""
    state = certificate.status_on(today)
    if state is not CertificateStatus.IN_FORCE:
        raise CertificateNotInForce(number=certificate.number, status=state)


def check_scope(
    wanted: Scope,
    *,
    certificate: Certificate,
    application: Application,
    rule: CertificateRule | None,
) -> None:
    """Refuse what changes nothing, and more than a share above what was granted (basis points).

    The share is of the quantity that went through the review; more is a new application.
    """
    check_quantity(wanted.yearly_quantity, certificate.unit, pointer="/yearly_quantity")
    if wanted == scope_of(certificate):
        raise ScopeUnchanged
    if rule is None:
        return
    most = application.yearly_quantity * (WHOLE_BP + rule.largest_increase_bp) / WHOLE_BP
    if wanted.yearly_quantity > most:
        raise ScopeTooWide(
            pointer="/yearly_quantity",
            wanted=wanted.yearly_quantity,
            most=most,
            unit=certificate.unit,
        )


def check_decision(
    change: ScopeChange, status: ScopeStatus, *, certificate: Certificate, by: Actor
) -> None:
    """Refuse a decision on a settled wish, by its author, the holder, or a reviewer elsewhere."""
    if by.organisation_id == certificate.holder_id:
        raise OwnOrganisation
    check_reach(certificate.origin_region_code, by=by)
    if change.requested_by_id == by.user_id:
        raise SamePerson
    _check_move(change, status)


def check_withdrawal(change: ScopeChange, *, certificate: Certificate, by: Actor) -> None:
    """Let only the holder take a wish back, while nobody has decided on it."""
    if by.organisation_id != certificate.holder_id:
        raise NotAllowed
    _check_move(change, ScopeStatus.WITHDRAWN)


def _check_move(change: ScopeChange, wanted: ScopeStatus) -> None:
    if wanted not in TRANSITIONS[change.status]:
        raise WrongState(state=change.status, wanted=wanted)
