"""Places, organisations, people and households as tests need them, straight in the tables."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

from stdnum.cn import ric, uscc

from kernel.actor import SYSTEM, Actor
from kernel.crypto import blind_index, hash_password
from kernel.database import db
from kernel.files import store_file
from kernel.identity import new_id
from registry.accounts.models import (
    AccessToken,
    AppUser,
    Membership,
    Role,
    TokenId,
    UserId,
)
from registry.accounts.queries.accounts import authenticate, digest_of
from registry.documents.models import Document, DocumentId
from registry.households.commands.households import ID_NUMBER_INDEX, write_change
from registry.households.models.households import Household, HouseholdClass, HouseholdId
from registry.households.models.links import BenefitLink, BenefitLinkId, BenefitWay
from registry.notices.models import Notice, NoticeId, Objection, ObjectionId
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.organisations.rules import lineage_of
from registry.regions.models import Designation, DesignationId, DesignationKind, Region, RegionLevel
from registry.regions.rules import subtree_prefix

WUJIANG = "440203"
LONGGUI = "440203103"
VILLAGE = "440203103801"
XINGGUO = "360732"
PASSWORD = "Correct horse 8 battery"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2100, 1, 1, tzinfo=UTC)
_serials = count(1)


def credit_code(office: str = "93") -> str:
    """Write a credit code that checks and was not written before."""
    body = f"{office}440203MA{next(_serials):07d}"
    return str(body + uscc.calc_check_digit(body))


def id_number(region_code: str = WUJIANG) -> str:
    """Write an identity number that checks and was not written before."""
    serial = next(_serials)
    body = f"{region_code[:6]}{1950 + serial // 1000 % 50}0312{serial % 1000:03d}"
    return str(body + ric.calc_check_digit(body + "0"))


def village(code: str = VILLAGE, name: str = "演示石岭村") -> Region:
    """Add a village under its town, unless it is there already."""
    if found := db.session.get(Region, code):
        return found
    made = Region(
        code=code,
        name=name,
        level=RegionLevel.VILLAGE,
        parent_code=code[:9],
        valid_from_on=date(2020, 1, 1),
    )
    db.session.add(made)
    db.session.flush()
    return made


def designation(
    region_code: str = VILLAGE, kind: DesignationKind = DesignationKind.PROVINCIAL_VILLAGE
) -> Designation:
    """Put a region on a list of helped places since 2020."""
    made = Designation(
        id=DesignationId(new_id()),
        kind=kind,
        region_code=region_code,
        name_at_listing="演示",
        valid_from_on=date(2020, 1, 1),
        source="test",
    )
    db.session.add(made)
    db.session.flush()
    return made


def organisation(
    kind: OrganisationKind = OrganisationKind.COOPERATIVE,
    region_code: str = WUJIANG,
    supervising: Organisation | None = None,
    name: str | None = None,
) -> Organisation:
    """Register an organisation."""
    organisation_id = OrganisationId(new_id())
    made = Organisation(
        id=organisation_id,
        credit_code=credit_code(),
        name=name or f"演示单位{next(_serials)}",
        kind=kind,
        region_code=region_code,
        region_prefix=subtree_prefix(region_code),
        supervising_id=supervising.id if supervising else None,
        lineage=lineage_of(organisation_id, supervisor=supervising),
        created_at=LONG_AGO,
    )
    db.session.add(made)
    db.session.flush()
    return made


def user(
    organisation: Organisation, roles: Collection[Role], username: str | None = None
) -> AppUser:
    """Open an account with the password PASSWORD."""
    made = AppUser(
        id=UserId(new_id()),
        username=username or f"user{next(_serials)}",
        password_hash=hash_password(PASSWORD),
        organisation_id=organisation.id,
        failed_attempts=0,
        password_changed_at=FAR_AWAY,
        created_at=LONG_AGO,
    )
    db.session.add(made)
    db.session.flush()
    for role in roles:
        db.session.add(
            Membership(
                id=new_id(),
                user_id=made.id,
                organisation_id=organisation.id,
                role=role,
                created_at=LONG_AGO,
            )
        )
    db.session.flush()
    return made


def administrator() -> AppUser:
    """Give an administrator of the platform."""
    return user(organisation(OrganisationKind.PLATFORM), [Role.PLATFORM_ADMIN])


def token_of(user: AppUser) -> str:
    """Give a token of the user that does not run out."""
    token = f"bf_{secrets.token_urlsafe(16)}"
    db.session.add(
        AccessToken(
            id=TokenId(new_id()),
            digest=digest_of(token),
            user_id=user.id,
            organisation_id=user.organisation_id,
            issued_at=LONG_AGO,
            expires_at=FAR_AWAY,
        )
    )
    db.session.flush()
    return token


def actor_of(user: AppUser) -> Actor:
    """Give the actor that a request of the user would have."""
    actor = authenticate(token_of(user), now=LONG_AGO)
    assert actor is not None, "a user without a role"
    return actor


def person(
    role: Role,
    *,
    kind: OrganisationKind = OrganisationKind.COOPERATIVE,
    region_code: str = WUJIANG,
) -> Actor:
    """Give somebody with one role in an organisation of their own."""
    return actor_of(user(organisation(kind, region_code), [role]))


def document(
    organisation: Organisation,
    created_by: AppUser,
    kind: str = "business_licence",
    valid_until_on: date | None = None,
) -> Document:
    """Hand in a paper; its content is a new PDF of a few bytes."""
    content = b"%PDF-1.7 " + str(next(_serials)).encode()
    made = Document(
        id=DocumentId(new_id()),
        organisation_id=organisation.id,
        kind=kind,
        sha256=store_file(content),
        media_type="application/pdf",
        size_bytes=len(content),
        valid_until_on=valid_until_on,
        created_by=created_by.id,
        created_at=LONG_AGO,
    )
    assert made.sha256 == hashlib.sha256(content).hexdigest()
    db.session.add(made)
    db.session.flush()
    return made


def notice(
    subject: tuple[str, UUID] | None = None,
    region_code: str = WUJIANG,
    opens_on: date = date(2026, 3, 2),
    closes_on: date = date(2026, 3, 10),
) -> Notice:
    """Put a matter before the public."""
    kind, subject_id = subject or ("application", new_id())
    made = Notice(
        id=NoticeId(new_id()),
        number=f"BF-N-2026-{region_code[:6]}-{next(_serials):06d}",
        subject_kind=kind,
        subject_id=subject_id,
        round=1,
        region_code=region_code,
        opens_on=opens_on,
        working_days=5,
        closes_on=closes_on,
        rule_source="test",
        created_at=LONG_AGO,
    )
    db.session.add(made)
    db.session.flush()
    return made


def objection(notice: Notice, text: str = "产地存疑") -> Objection:
    """Object to a notice, with a contact, on its first day."""
    made = Objection(
        id=ObjectionId(new_id()),
        notice_id=notice.id,
        text=text,
        contact="13800001234",
        lodged_at=datetime(
            notice.opens_on.year, notice.opens_on.month, notice.opens_on.day, 4, tzinfo=UTC
        ),
    )
    db.session.add(made)
    db.session.flush()
    return made


def household(
    village_code: str = VILLAGE, head_name: str = "何示一", number: str | None = None
) -> Household:
    """Put a household on the register, its village too."""
    village(village_code)
    number = number or id_number(village_code)
    made = Household(
        id=HouseholdId(new_id()),
        code=f"BF-H-2026-{village_code[:6]}-{next(_serials) + 500_000:06d}",
        village_code=village_code,
        head_name=head_name,
        id_number=number,
        id_number_index=blind_index(number, purpose=ID_NUMBER_INDEX),
        phone="13800001234",
        bank_card="6228480402564890018",
        members=4,
        able_labour=2,
        willing=True,
        household_class=HouseholdClass.REGISTERED,
        registered_at=LONG_AGO,
    )
    db.session.add(made)
    db.session.flush()
    write_change(made, by=SYSTEM, now=LONG_AGO)
    return made


def benefit_link(
    household: Household,
    organisation: Organisation,
    way: BenefitWay = BenefitWay.FAVOURABLE_PURCHASE,
    since_on: date = date(2025, 1, 1),
    until_on: date | None = None,
) -> BenefitLink:
    """Link a household to an organisation."""
    made = BenefitLink(
        id=BenefitLinkId(new_id()),
        household_id=household.id,
        organisation_id=organisation.id,
        way=way,
        since_on=since_on,
        until_on=until_on,
        terms="按约定价收购",
        created_at=LONG_AGO,
    )
    db.session.add(made)
    db.session.flush()
    return made
