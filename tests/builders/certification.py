"""Applications on their way, and certificates, as tests need them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select

from certification.applications.commands import applications as commands
from certification.applications.commands import reviews
from certification.applications.commands.reviews import Verdict
from certification.applications.models import (
    Application,
    ApplicationId,
    ApplicationStatus,
    Decision,
)
from certification.applications.queries.contents import ApplicationContents
from certification.certificates.commands.grants import grant_certificate
from certification.certificates.models.capacities import Capacity, CapacityId
from certification.certificates.models.certificates import (
    Certificate,
    CertificateChange,
    CertificateId,
    CertificateStatus,
    ChangeKind,
)
from certification.certificates.models.words import grams_of, with_pinyin
from certification.criteria.models import Scheme
from kernel.actor import Actor
from kernel.crypto import sign
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import Designation, DesignationKind, OriginKind
from tests.builders import registry

SCHEME = "assistance-product"
NOW = datetime(2026, 11, 5, 4, tzinfo=UTC)
"""Thursday noon in Shanghai; a notice of five working days from here is over on the 13th."""
NOTICE_OVER = datetime(2026, 11, 13, 0, 30, tzinfo=UTC)
LEVELS: Mapping[str, tuple[Role, str]] = {
    "town": (Role.TOWN_CHECKER, registry.LONGGUI),
    "county": (Role.COUNTY_REVIEWER, registry.WUJIANG),
    "city": (Role.CITY_REVIEWER, "440200"),
    "province": (Role.PROVINCE_REVIEWER, "440000"),
}
_serials = count(1)


@dataclass(frozen=True)
class Cast:
    """A cooperative of a helped village with its clerk, and a reviewer of each level."""

    holder: Organisation
    clerk: AppUser
    reviewers: Mapping[str, AppUser]

    @property
    def by(self) -> Actor:
        """The clerk, as an actor."""
        return registry.actor_of(self.clerk)

    def reviewer(self, level: str) -> Actor:
        """Give a level's reviewer as an actor."""
        return registry.actor_of(self.reviewers[level])


def reviewer_of(level: str) -> AppUser:
    """Open an account of a reviewer of the level, in an office of their own."""
    role, region_code = LEVELS[level]
    office = registry.organisation(OrganisationKind.AUTHORITY, region_code)
    return registry.user(office, [role])


def cast() -> Cast:
    """Register the people of one certification; the village is a provincial poor village."""
    _help_village()
    holder = registry.organisation(region_code=registry.WUJIANG)
    clerk = registry.user(holder, [Role.COOP_CLERK])
    return Cast(holder, clerk, {level: reviewer_of(level) for level in LEVELS})


def _help_village() -> None:
    registry.village()
    listed = select(Designation.id).where(Designation.region_code == registry.VILLAGE)
    if db.session.scalar(listed) is None:
        registry.designation(registry.VILLAGE, DesignationKind.PROVINCIAL_VILLAGE)


def contents(people: Cast, **changes: Any) -> ApplicationContents:
    """Give what the cooperative says, with its papers and one linked household."""
    link = registry.benefit_link(registry.household(), people.holder)
    papers = [
        registry.document(people.holder, people.clerk, kind).id
        for kind in ("business_licence", "test_report")
    ]
    said: dict[str, Any] = {
        "scheme_code": SCHEME,
        "product_name": "演示丝苗米",
        "category_code": "grain",
        "specification": "一级，散装",
        "unit": Unit.KG,
        "origin_region_code": registry.VILLAGE,
        "yearly_quantity": Decimal(1000),
        "goods_value_fen": Fen(680_000),
        "unit_price_fen": Fen(680),
        "document_ids": papers,
        "benefit_link_ids": [link.id],
        "pledge": True,
        "comparison_prices": [],
        "household_quantities": [],
    }
    return ApplicationContents(**(said | changes))


def body(people: Cast, **changes: Any) -> dict[str, Any]:
    """Give the same as the JSON of a request."""
    said = vars(contents(people))
    plain = {
        "unit": "kg",
        "yearly_quantity": "1000.000",
        "document_ids": [str(one) for one in said["document_ids"]],
        "benefit_link_ids": [str(one) for one in said["benefit_link_ids"]],
    }
    return {**said, **plain, **changes}


def draft(people: Cast, now: datetime = NOW, **changes: Any) -> Application:
    """Begin an application."""
    return commands.draft_application(contents(people, **changes), by=people.by, now=now)


def submitted(people: Cast, now: datetime = NOW, **changes: Any) -> Application:
    """Bring an application before the first level."""
    application = draft(people, now, **changes)
    return commands.submit_application(application.id, by=people.by, now=now)


def review(
    application_id: UUID, by: Actor, decision: Decision = Decision.PASS, now: datetime = NOW
) -> Application:
    """Decide as this reviewer."""
    return reviews.review_application(
        application_id, verdict=Verdict(decision, "材料齐全"), by=by, now=now
    )


def passed(people: Cast, *levels: str, now: datetime = NOW, **changes: Any) -> Application:
    """Bring an application past these levels."""
    application = submitted(people, now, **changes)
    for level in levels:
        application = review(application.id, people.reviewer(level), now=now)
    return application


def in_notice(people: Cast, now: datetime = NOW, **changes: Any) -> Application:
    """Bring an application past all levels, so that its notice runs."""
    return passed(people, *LEVELS, now=now, **changes)


def granted(people: Cast, now: datetime = NOTICE_OVER, **changes: Any) -> Certificate:
    """Bring an application all the way; its levels passed it the days before."""
    made = in_notice(people, now - (NOTICE_OVER - NOW), **changes)
    return grant_certificate(made.id, by=people.reviewer("province"), now=now)


def certificate(
    holder: Organisation | None = None,
    yearly_quantity: str = "1000",
    unit: Unit = Unit.KG,
    granted_on: date = date(2026, 3, 10),
    origin_kind: OriginKind = OriginKind.PROVINCIAL_VILLAGE,
) -> Certificate:
    """Write a certificate in force for a year with all that stands behind it, without the way."""
    _help_village()
    holder = holder or registry.organisation()
    clerk = registry.user(holder, [Role.COOP_CLERK])
    grantor = reviewer_of("province")
    at = datetime.combine(granted_on, time(4), tzinfo=UTC)
    serial = next(_serials)
    application_id = ApplicationId(new_id())
    subject = ("application", application_id)
    opened = granted_on - timedelta(days=8)
    notice = registry.notice(subject, registry.VILLAGE, opened, granted_on)
    goods: dict[str, Any] = {
        "scheme_id": db.session.scalars(select(Scheme.id).where(Scheme.code == SCHEME)).first(),
        "holder_id": holder.id,
        "author_id": clerk.id,
        "product_name": f"演示产品{serial}",
        "category_code": "grain",
        "specification": "散装",
        "unit": unit,
        "origin_region_code": registry.VILLAGE,
        "yearly_quantity": Decimal(yearly_quantity),
        "unit_price_fen": Fen(680),
    }
    application = Application(
        id=application_id,
        number=f"BF-A-test-{serial:06d}",
        status=ApplicationStatus.GRANTED,
        goods_value_fen=Fen(680_000),
        pledge=True,
        round=1,
        notice_id=notice.id,
        submitted_by_id=clerk.id,
        submitted_at=at,
        created_at=at,
        updated_at=at,
        **goods,
    )
    db.session.add(application)
    db.session.flush()
    payload = f'{{"number":"BF-C-test-{serial:06d}"}}'
    signature = sign(payload.encode())
    made = Certificate(
        id=CertificateId(new_id()),
        number=f"BF-C-test-{serial:06d}",
        application_id=application_id,
        origin_kind=origin_kind,
        valid_from_on=granted_on,
        valid_until_on=granted_on.replace(year=granted_on.year + 1),
        status=CertificateStatus.IN_FORCE,
        granted_by_id=grantor.id,
        granted_at=at,
        payload=payload,
        key_id=signature.key_id,
        signature=signature.value,
        **goods,
    )
    make_findable(made, holder.name)
    db.session.add(made)
    db.session.flush()
    db.session.add_all([_capacity(made), _granted(made)])
    db.session.flush()
    return made


def make_findable(made: Certificate, holder_name: str) -> None:
    """Write the words by which the directory finds a certificate."""
    made.search_text = with_pinyin(f"{made.product_name} {holder_name} 演示石岭村")
    made.grams = grams_of(made.search_text)


def _capacity(made: Certificate) -> Capacity:
    return Capacity(
        id=CapacityId(new_id()),
        certificate_id=made.id,
        from_on=made.valid_from_on,
        until_on=made.valid_until_on,
        is_open=True,
        declared=made.yearly_quantity,
    )


def _granted(made: Certificate) -> CertificateChange:
    return CertificateChange(
        id=new_id(),
        certificate_id=made.id,
        kind=ChangeKind.GRANTED,
        reason="",
        by_id=made.granted_by_id,
        at=made.granted_at,
    )


def capacity_of(made: Certificate) -> Capacity:
    """Read the capacity of a certificate's only year as it stands now."""
    query = select(Capacity).where(Capacity.certificate_id == made.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
