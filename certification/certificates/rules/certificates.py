"""How long a certificate lasts, what may become of it, and why a capacity refuses."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import orjson

from certification.applications.models import Application
from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import (
    UNENDED,
    Certificate,
    CertificateStatus,
    ChangeKind,
)
from certification.criteria.models import Scheme
from certification.errors.certificates import (
    CapacityExceeded,
    CertificateNotInForce,
    CertificatePapersLapsed,
)
from kernel.actor import Actor, Sight
from kernel.errors import NotAllowed, OwnOrganisation, Refusal, WrongState
from kernel.quantity import PLACES
from registry.organisations.models import Organisation
from registry.regions.models import OriginKind

FORMAT = "bangfu-certificate-1"
MONTHS_OF_A_YEAR = 12
WHOLE_BP = 10_000

_S = CertificateStatus
TRANSITIONS: Mapping[CertificateStatus, frozenset[CertificateStatus]] = MappingProxyType(
    {
        _S.IN_FORCE: frozenset({_S.SUSPENDED, _S.REVOKED, _S.EXPIRED}),
        _S.SUSPENDED: frozenset({_S.IN_FORCE, _S.REVOKED, _S.EXPIRED}),
        _S.REVOKED: frozenset(),
        _S.EXPIRED: frozenset(),
    }
)

OUTCOMES: Mapping[ChangeKind, CertificateStatus] = MappingProxyType(
    {
        ChangeKind.GRANTED: _S.IN_FORCE,
        ChangeKind.SUSPENDED: _S.SUSPENDED,
        ChangeKind.REINSTATED: _S.IN_FORCE,
        ChangeKind.REVOKED: _S.REVOKED,
        ChangeKind.EXPIRED: _S.EXPIRED,
    }
)
"""What a certificate is after a change."""

BY_REVIEWERS = frozenset(
    {ChangeKind.WARNED, ChangeKind.SUSPENDED, ChangeKind.REINSTATED, ChangeKind.REVOKED}
)
"""What reviewers decide; the grant is its own deed, and time alone lets certificates expire."""

SPREADING = frozenset({ChangeKind.SUSPENDED, ChangeKind.REINSTATED, ChangeKind.REVOKED})
"""What reaches a successor that has not begun too: nobody escapes it by renewing."""


def months_later(day: date, months: int) -> date:
    """Give the same day of a later month, or that month's last day where it has none."""
    years, month = divmod(day.month - 1 + months, MONTHS_OF_A_YEAR)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def certificate_years(valid_from_on: date, valid_until_on: date) -> list[tuple[date, date]]:
    """Cut a validity into years from its first day; half-open, the last may be shorter."""
    years: list[tuple[date, date]] = []
    begins = valid_from_on
    while begins < valid_until_on:
        ends = months_later(valid_from_on, MONTHS_OF_A_YEAR * (len(years) + 1))
        years.append((begins, min(ends, valid_until_on)))
        begins = ends
    return years


def check_foreign(certificate: Certificate, *, is_member: bool, by: Actor) -> None:
    """Let nobody of the holder decide on its certificate, whomever they act for."""
    if is_member or by.organisation_id == certificate.holder_id:
        raise OwnOrganisation


def check_change(certificate: Certificate, change: ChangeKind, *, by: Actor, today: date) -> None:
    """Refuse a change the state does not allow, or that is not this reviewer's to make.

    Reviewers change certificates of origins in their region (NotAllowed), never of their own
    organisation (OwnOrganisation); ended ones stay ended (WrongState).
    """
    if by.organisation_id == certificate.holder_id:
        raise OwnOrganisation
    inside = certificate.origin_region_code.startswith(by.region_prefix)
    if by.sight is not Sight.ALL and not (by.sight is Sight.REGION and inside):
        raise NotAllowed
    state = certificate.status_on(today)
    if change not in BY_REVIEWERS or not is_change_open(state, change):
        raise WrongState(state=state, wanted=OUTCOMES.get(change, change))


def is_change_open(state: CertificateStatus, change: ChangeKind) -> bool:
    """Say whether the table lets this happen in a state; a warning moves nothing."""
    if change is ChangeKind.WARNED:
        return state in UNENDED
    return change in OUTCOMES and OUTCOMES[change] in TRANSITIONS[state]


def spreads(change: ChangeKind, state: CertificateStatus) -> bool:
    """Say whether what happens to a certificate happens to its coming successor as well."""
    return change in SPREADING and is_change_open(state, change)


def refusal_of_capacity(
    capacity: Capacity | None, *, certificate: Certificate, wanted: Decimal, today: date
) -> Refusal:
    """Say why a capacity (None: there is none for today) did not take a quantity."""
    state = certificate.status_on(today)
    if capacity is None or not capacity.is_open or not _covers(capacity, today):
        return CertificateNotInForce(number=certificate.number, status=state)
    lapsed_on = capacity.papers_until_on
    if lapsed_on is not None and lapsed_on <= today:
        return CertificatePapersLapsed(number=certificate.number, papers_until_on=lapsed_on)
    return CapacityExceeded(
        number=certificate.number,
        available=capacity.declared - capacity.held - capacity.sold,
        wanted=wanted,
        unit=certificate.unit,
    )


def _covers(capacity: Capacity, today: date) -> bool:
    return capacity.from_on <= today < capacity.until_on


def signal_quantities(declared: Decimal, thresholds_bp: Sequence[int]) -> list[Decimal]:
    """Give the used quantities, rising, at which a capacity signals (basis points of declared)."""
    return [(declared * bp / WHOLE_BP).quantize(PLACES) for bp in sorted(thresholds_bp)]


def statement_of(
    certificate: Certificate,
    *,
    application: Application,
    holder: Organisation,
    scheme: Scheme,
    issued_on: date,
    renews: str | None,
) -> bytes:
    """Give what is signed: canonical JSON (sorted keys, no spaces, UTF-8; RFC 8785).

    `renews` is the number of the certificate whose place it takes.
    """
    fields: dict[str, Any] = {
        "format": FORMAT,
        "number": certificate.number,
        "revision": certificate.revision,
        "issued_on": issued_on.isoformat(),
        "renews": renews,
        "application_number": application.number,
        "holder": {"credit_code": holder.credit_code, "name": holder.name},
        "scheme": {"code": scheme.code, "version": scheme.version},
        "product_name": certificate.product_name,
        "category_code": certificate.category_code,
        "specification": certificate.specification,
        "unit": certificate.unit.value,
        "origin_region_code": certificate.origin_region_code,
        "origin_kind": OriginKind(certificate.origin_kind).value,
        "yearly_quantity": f"{certificate.yearly_quantity:.3f}",
        "unit_price_fen": certificate.unit_price_fen,
        "valid_from_on": certificate.valid_from_on.isoformat(),
        "valid_until_on": certificate.valid_until_on.isoformat(),
    }
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
