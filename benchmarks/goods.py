"""Certificates, listings and lots of one cooperative, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from benchmarks.rows import Writer
from certification.applications.models import Application, ApplicationStatus
from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import (
    Certificate,
    CertificateChange,
    CertificateStatus,
    ChangeKind,
)
from certification.certificates.models.words import grams_of, plain
from certification.criteria.models import Scheme
from kernel.crypto import blind_index
from kernel.database import db
from kernel.identity import new_id
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import Listing, ListingStatus
from marketplace.catalogue.models.prices import ListingPrice
from marketplace.lots.models import Lot, LotContribution
from registry.households.models.households import (
    ChangeReason,
    Household,
    HouseholdChange,
    HouseholdClass,
    HouseholdState,
)
from registry.notices.models import Notice
from registry.regions.models import OriginKind

VILLAGE = "360732100899"
PLENTY = Decimal(10_000_000)
PLENTY_FEN = 10**13
CATEGORIES = ("grain", "edible_oil", "vegetable", "mushroom", "fruit", "nut", "meat", "egg")
FARM_PRICE_FEN = 460
PRICE_FEN = 680


def write_goods(
    writer: Writer, *, cooperative: UUID, author: UUID, grantor: UUID, count: int
) -> tuple[UUID, ...]:
    """Write one cooperative's household, certificates, listings and lots; gives the listings."""
    household = _write_household(writer, by=author)
    scheme = db.session.execute(select(Scheme.id).limit(1)).scalar_one()
    goods = [
        _Good(new_id(), new_id(), new_id(), new_id(), CATEGORIES[number % len(CATEGORIES)], number)
        for number in range(count)
    ]
    notice = _past_notice(writer, about=goods[0].application)
    people = {"author_id": author, "holder_id": cooperative}
    shared = {"scheme_id": scheme, "specification": "一级", "unit": Unit.KG}
    origin = {"origin_region_code": VILLAGE}
    writer.rows(
        Application,
        [
            people
            | shared
            | origin
            | {
                "id": good.application,
                "number": f"BF-A-{good.application}",
                "product_name": good.name,
                "category_code": good.category,
                "yearly_quantity": PLENTY,
                "goods_value_fen": PLENTY_FEN,
                "unit_price_fen": PRICE_FEN,
                "pledge": True,
                "status": ApplicationStatus.GRANTED,
                "round": 1,
                "notice_id": notice,
                "submitted_by_id": author,
                "submitted_at": writer.now,
                "created_at": writer.now,
                "updated_at": writer.now,
                "version": 1,
            }
            for good in goods
        ],
    )
    until = writer.today + timedelta(days=365)
    writer.rows(
        Certificate,
        [
            people
            | shared
            | origin
            | {
                "id": good.certificate,
                "number": good.certificate_number,
                "application_id": good.application,
                "product_name": good.name,
                "category_code": good.category,
                "origin_kind": OriginKind.NATIONAL_832,
                "yearly_quantity": PLENTY,
                "unit_price_fen": PRICE_FEN,
                "valid_from_on": writer.today,
                "valid_until_on": until,
                "status": CertificateStatus.IN_FORCE,
                "granted_by_id": grantor,
                "granted_at": writer.now,
                "payload": "{}",
                "key_id": "1",
                "signature": b"-",
            }
            for good in goods
        ],
    )
    writer.rows(
        CertificateChange,
        [
            {
                "id": new_id(),
                "certificate_id": good.certificate,
                "kind": ChangeKind.GRANTED,
                "reason": "测量数据",
                "by_id": grantor,
                "at": writer.now,
            }
            for good in goods
        ],
    )
    writer.rows(
        Capacity,
        [
            {
                "id": new_id(),
                "certificate_id": good.certificate,
                "from_on": writer.today,
                "until_on": until,
                "is_open": True,
                "declared": PLENTY,
                "held": 0,
                "sold": 0,
            }
            for good in goods
        ],
    )
    writer.rows(Listing, [_listing(writer, good, supplier=cooperative) for good in goods])
    writer.rows(ListingPrice, [_price(writer, good, by=author) for good in goods])
    writer.rows(
        Lot,
        [
            {
                "id": good.lot,
                "number": f"BF-L-{good.lot}",
                "listing_id": good.listing,
                "supplier_id": cooperative,
                "harvested_on": writer.today,
                "expires_on": None,
                "unit": Unit.KG,
                "own_quantity": PLENTY / 5,
                "total": PLENTY,
                "held": 0,
                "shipped": 0,
                "created_at": writer.now,
                "created_by": author,
            }
            for good in goods
        ],
    )
    writer.rows(
        LotContribution,
        [
            {
                "id": new_id(),
                "lot_id": good.lot,
                "household_id": household,
                "quantity": PLENTY - PLENTY / 5,
                "farm_price_fen": FARM_PRICE_FEN,
            }
            for good in goods
        ],
    )
    return tuple(good.listing for good in goods)


@dataclass(frozen=True)
class _Good:
    """The keys of one product's rows."""

    application: UUID
    certificate: UUID
    listing: UUID
    lot: UUID
    category: str
    number: int

    @property
    def name(self) -> str:
        return f"测量产品 {self.number}"

    @property
    def certificate_number(self) -> str:
        return f"BF-C-{self.certificate}"


def _past_notice(writer: Writer, *, about: UUID) -> UUID:
    """Write a notice that ran its days before today."""
    key = new_id()
    row = {
        "id": key,
        "number": f"BF-N-{key}",
        "subject_kind": "application",
        "subject_id": about,
        "round": 1,
        "region_code": VILLAGE,
        "opens_on": writer.today - timedelta(days=30),
        "working_days": 5,
        "closes_on": writer.today - timedelta(days=20),
        "rule_source": "测量数据",
        "created_at": writer.now - timedelta(days=30),
    }
    writer.rows(Notice, [row])
    return key


def _write_household(writer: Writer, *, by: UUID) -> UUID:
    """Put a household on the register, with the first row of its history."""
    key = new_id()
    number = f"36073219700101{writer.serial:04d}"
    stands = {
        "members": 3,
        "able_labour": 2,
        "willing": True,
        "class": HouseholdClass.REGISTERED,
        "state": HouseholdState.LISTED,
    }
    household = {
        "id": key,
        "code": f"BF-H-{key}",
        "village_code": VILLAGE,
        "head_name": "测量户",
        "id_number": number,
        "id_number_index": blind_index(number, purpose="household.id_number"),
        "phone": None,
        "bank_card": None,
        "registered_at": writer.now,
        "version": 1,
    }
    change = {
        "id": new_id(),
        "household_id": key,
        "from_on": writer.today,
        "reason": ChangeReason.REGISTERED,
        "by_id": by,
        "at": writer.now,
    }
    writer.rows(Household, [household | stands])
    writer.rows(HouseholdChange, [change | stands])
    return key


def _price(writer: Writer, good: _Good, *, by: UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "listing_id": good.listing,
        "unit_price_fen": PRICE_FEN + good.number,
        "tiers": [],
        "from_at": writer.now,
        "set_by": by,
    }


def _listing(writer: Writer, good: _Good, *, supplier: UUID) -> dict[str, Any]:
    title = f"{good.name} 一级"
    return {
        "id": good.listing,
        "supplier_id": supplier,
        "certificate_id": good.certificate,
        "certificate_number": good.certificate_number,
        "category_code": good.category,
        "origin_region_code": VILLAGE,
        "origin_kind": OriginKind.NATIONAL_832,
        "title": title,
        "description": "",
        "unit": Unit.KG,
        "step": Decimal(1),
        "unit_price_fen": PRICE_FEN + good.number,
        "tiers": [],
        "status": ListingStatus.LISTED,
        "available_quantity": PLENTY,
        "search_text": plain(title),
        "grams": grams_of(plain(title)),
        "created_at": writer.now + timedelta(seconds=writer.serial),
        "published_at": writer.now,
        "version": 1,
    }
