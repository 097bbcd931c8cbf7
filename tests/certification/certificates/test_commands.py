"""What granting, changing and expiring certificates does, and what capacities take."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.applications.queries.contents import get_scheme_of
from certification.certificates.commands import capacities, changes, grants
from certification.certificates.commands.capacities import CapacityMove, CapacityWant
from certification.certificates.models.certificates import (
    Certificate,
    CertificateChange,
    ChangeKind,
)
from certification.certificates.queries.capacities import list_open_capacities
from certification.certificates.queries.certificates import get_view
from certification.certificates.queries.keys import list_signing_keys
from certification.errors.certificates import CertificateNotInForce
from certification.wiring import INVARIANTS
from kernel.actor import ANYONE, SYSTEM
from kernel.audit import AuditRow
from kernel.errors import NotAllowed, NotFound, WrongState
from kernel.events import EventRow
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER
from tests.promises import broken

TODAY = date(2026, 11, 13)
Written = Callable[[], list[AuditRow]]
pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def granted() -> Certificate:
    people = build.cast()
    made = build.in_notice(people)
    return grants.grant_certificate(made.id, by=people.reviewer("province"), now=NOTICE_OVER)


def want(certificate: Certificate, quantity: str, line: UUID | None = None) -> CapacityWant:
    return CapacityWant(line or new_id(), certificate.id, Decimal(quantity))


def hold(*wants: CapacityWant, now: datetime = NOTICE_OVER) -> None:
    capacities.hold_capacity(wants, expires_at=None, now=now)


def counters(certificate: Certificate) -> tuple[Decimal | int, Decimal | int]:
    capacity = build.capacity_of(certificate)
    return capacity.held, capacity.sold


def news(session: Session, written: Written) -> list[tuple[str, dict[str, str]]]:
    written()
    rows = session.scalars(select(EventRow).order_by(EventRow.position))
    return [(row.kind, dict(row.payload)) for row in rows]


def test_a_grant_issues_a_certificate_with_its_capacity(
    granted: Certificate, db_session: Session, written: Written
) -> None:
    assert granted.number == "BF-C-2026-440203-000001"
    assert (granted.valid_from_on, granted.valid_until_on) == (TODAY, date(2027, 11, 13))
    assert (granted.status, granted.origin_kind) == ("in_force", "provincial_village")
    capacity = build.capacity_of(granted)
    assert (capacity.from_on, capacity.until_on) == (TODAY, date(2027, 11, 13))
    assert capacity.declared == Decimal(1000)
    assert counters(granted) == (0, 0)
    assert capacity.is_open
    actions = [row.action for row in written()][-2:]
    assert actions == ["grant_application", "certificate_granted"]
    assert news(db_session, written) == [
        ("CertificateGranted", {"certificate_id": str(granted.id)})
    ]
    assert broken(INVARIANTS) == []


def test_a_certificate_is_granted_once(granted: Certificate, db_session: Session) -> None:
    other = registry.actor_of(build.reviewer_of("province"))
    with pytest.raises(WrongState):
        grants.grant_certificate(granted.application_id, by=other, now=NOTICE_OVER)
    assert len(db_session.scalars(select(Certificate)).all()) == 1


def test_a_signature_verifies_offline_with_only_the_public_key(granted: Certificate) -> None:
    signature = get_view(ANYONE, granted.id, on=TODAY).signature
    keys = {one.key_id: one.public_key for one in list_signing_keys(ANYONE)}
    key = Ed25519PublicKey.from_public_bytes(b64decode(keys[signature.key_id]))
    key.verify(b64decode(signature.value), signature.payload.encode())
    said = orjson.loads(signature.payload)
    assert said["number"] == granted.number
    assert said["yearly_quantity"] == "1000.000"
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(signature.value), signature.payload.replace("1000", "9000").encode())


def test_a_scheme_of_two_years_gives_two_capacities_of_which_one_is_open_a_day() -> None:
    people = build.cast()
    made = build.in_notice(people)
    scheme = get_scheme_of(SYSTEM, made)
    scheme.validity_months = 18
    certificate = grants.grant_certificate(made.id, by=people.reviewer("province"), now=NOTICE_OVER)
    assert certificate.valid_until_on == date(2028, 5, 13)
    for on, from_on in (
        (TODAY, TODAY),
        (date(2027, 11, 12), TODAY),
        (date(2027, 11, 13), date(2027, 11, 13)),
        (date(2028, 5, 12), date(2027, 11, 13)),
    ):
        found = list_open_capacities(ANYONE, [certificate.id], on=on)
        assert found[certificate.id].from_on == from_on
    assert list_open_capacities(ANYONE, [certificate.id], on=date(2028, 5, 13)) == {}


def test_a_suspension_shuts_and_a_reinstatement_opens_at_once(
    granted: Certificate, db_session: Session, written: Written
) -> None:
    county = registry.actor_of(build.reviewer_of("county"))
    line = new_id()
    hold(want(granted, "10", line))
    changes.change_certificate(
        granted.id, ChangeKind.SUSPENDED, reason="抽检不合格", by=county, now=NOTICE_OVER
    )
    with pytest.raises(CertificateNotInForce) as caught:
        hold(want(granted, "1"))
    assert caught.value.figures == {"number": granted.number, "status": "suspended"}
    capacity = build.capacity_of(granted)
    capacities.post_capacity([CapacityMove(line, capacity.id, Decimal(10))], now=NOTICE_OVER)
    assert counters(granted) == (0, 10)
    changes.change_certificate(
        granted.id, ChangeKind.REINSTATED, reason="复检合格", by=county, now=NOTICE_OVER
    )
    hold(want(granted, "1"))
    rows = db_session.scalars(select(CertificateChange).order_by(CertificateChange.position)).all()
    assert [(row.kind.value, row.reason) for row in rows] == [
        ("granted", ""),
        ("suspended", "抽检不合格"),
        ("reinstated", "复检合格"),
    ]
    assert rows[1].by_id == county.user_id
    kinds = [kind for kind, _ in news(db_session, written)]
    assert kinds == ["CertificateGranted", "CertificateSuspended", "CertificateReinstated"]
    assert broken(INVARIANTS) == []


def test_a_revocation_is_for_good(granted: Certificate) -> None:
    city = registry.actor_of(build.reviewer_of("city"))
    changes.change_certificate(
        granted.id, ChangeKind.REVOKED, reason="虚假材料", by=city, now=NOTICE_OVER
    )
    with pytest.raises(CertificateNotInForce):
        hold(want(granted, "1"))
    with pytest.raises(WrongState):
        changes.change_certificate(
            granted.id, ChangeKind.REINSTATED, reason="误", by=city, now=NOTICE_OVER
        )


def test_a_refused_change_leaves_the_capacity_open(granted: Certificate) -> None:
    stranger = registry.person(
        Role.COUNTY_REVIEWER,
        kind=OrganisationKind.AUTHORITY,
        region_code=registry.XINGGUO,
    )
    with pytest.raises(NotAllowed):
        changes.change_certificate(
            granted.id, ChangeKind.SUSPENDED, reason="无", by=stranger, now=NOTICE_OVER
        )
    assert build.capacity_of(granted).is_open
    with pytest.raises(NotFound):
        changes.change_certificate(
            new_id(), ChangeKind.SUSPENDED, reason="无", by=stranger, now=NOTICE_OVER
        )


def test_the_timer_ends_what_is_over_and_nothing_else(
    granted: Certificate, db_session: Session, written: Written
) -> None:
    last_day = datetime(2027, 11, 12, 15, 59, tzinfo=UTC)
    assert changes.expire_certificates(now=last_day) == 0
    hold(want(granted, "1"), now=last_day)
    first_day_without = last_day + timedelta(minutes=1)
    with pytest.raises(CertificateNotInForce) as caught:
        hold(want(granted, "1"), now=first_day_without)
    assert caught.value.figures["status"] == "expired"
    assert changes.expire_certificates(now=first_day_without) == 1
    assert changes.expire_certificates(now=first_day_without) == 0
    assert granted.status == "expired"
    assert not build.capacity_of(granted).is_open
    assert news(db_session, written)[-1][0] == "CertificateExpired"
    assert broken(INVARIANTS) == []


def test_every_certificates_signature_verifies(granted: Certificate, db_session: Session) -> None:
    build.certificate()
    keys = {
        one.key_id: Ed25519PublicKey.from_public_bytes(b64decode(one.public_key))
        for one in list_signing_keys(ANYONE)
    }
    found = db_session.scalars(select(Certificate)).all()
    assert granted in found
    assert len(found) == 2
    for one in found:
        keys[one.key_id].verify(one.signature, one.payload.encode())
        assert orjson.loads(one.payload)["number"] == one.number
