"""The real market beside the model: its people, its commands, and what its books say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
from flask import Flask

from certification.certificates.models.certificates import CertificateId
from kernel import clock
from kernel.actor import Actor
from kernel.errors import Refusal
from kernel.money import Fen
from kernel.quantity import Unit
from kernel.relay import run_due_deliveries
from kernel.unit_of_work import run
from marketplace.catalogue.commands.listings import NewListing, create_listing, publish_listing
from marketplace.catalogue.models.listings import ListingId
from marketplace.settlement.models.statements import BankAccount
from marketplace.settlement.tasks import ask_stripe
from procurement.approvals.commands.thresholds import NewThreshold, set_threshold
from procurement.quotas.models import QuotaId
from registry.accounts.models import Role
from registry.documents.models import DocumentId
from registry.households.models.households import HouseholdId
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import certification, procurement, registry
from tests.builders.statements import bank_account
from tests.builders.stripe import Double
from tests.conftest import Client
from tests.journeys.story_model import Market
from tests.promises import broken

T = TypeVar("T")
THRESHOLD = 3_000
DECLARED = Decimal(70)
CEILINGS = (24_000, 9_000)
PRICES = (333, 175, 320, 410)
KINDS = (
    OriginKind.PROVINCIAL_VILLAGE,
    OriginKind.NATIONAL_832,
    OriginKind.PROVINCIAL_VILLAGE,
    OriginKind.NATIONAL_832,
)
UNITS = (Unit.KG, Unit.JIN, Unit.KG, Unit.KG)
FACTORS = (Decimal(1), Decimal("0.5"), Decimal(1), Decimal(1))
SUPPLIERS = (0, 0, 0, 1)
"""Which of the two cooperatives sells a listing."""
ALIKE = {0: 2, 2: 0}
"""Which listing may be brought instead of another."""


@dataclass(frozen=True)
class Answer:
    """What a request was answered."""

    status: int
    body: bytes
    is_replayed: bool

    @property
    def said(self) -> Any:
        """Give the body."""
        return orjson.loads(self.body)

    @property
    def code(self) -> str | None:
        """Give why it was refused."""
        return None if self.status < HTTPStatus.BAD_REQUEST else self.said["code"]


@dataclass(frozen=True)
class Stage:
    """Two units, two cooperatives, three households, and four certified products."""

    app: Flask
    units: Sequence[OrganisationId]
    cooperatives: Sequence[OrganisationId]
    by: Mapping[str, Actor]
    households: Sequence[HouseholdId]
    certificates: Sequence[CertificateId]
    listings: Sequence[ListingId]
    quotas: Sequence[QuotaId]
    accounts: Sequence[BankAccount]
    """Where each cooperative is paid."""
    paper: DocumentId
    """A written application, for what was shipped already."""
    token: str
    """The buyer's."""
    double: Double
    """The Stripe that collects cards."""

    def post(self, path: str, *, now: datetime, token: str | None = None, **sent: Any) -> Answer:
        """Send a request as anybody would, at an instant."""
        with clock.stopped(now):
            answer = Client(self.app).post(f"/api/v1/{path}", token=token, **sent)
        return Answer(answer.status_code, answer.data, "Idempotency-Replayed" in answer.headers)

    def ask_stripe(self, now: datetime) -> None:
        """Let the timer ask Stripe whatever is due."""
        with clock.stopped(now):
            ask_stripe()

    def model(self) -> Market:
        """Give the model of this market before anything happened."""
        return Market(list(CEILINGS), DECLARED, FACTORS, SUPPLIERS, tuple(self.cooperatives))

    def attempt(
        self, act: Callable[[], T], *, expected: str | None, perhaps: str | None = None
    ) -> T | None:
        """Run a command in its own transaction; it must be refused just as the model says.

        `perhaps` names a refusal that the model cannot foresee.
        """
        refused: str | None = None
        result: T | None = None
        try:
            result = run(act)
        except Refusal as refusal:
            refused = refusal.code
        assert refused == expected or (refused and refused == perhaps), (refused, expected)
        return result

    def deliver_news(self, now: datetime) -> None:
        """Let every handler that has news take it in."""
        with clock.stopped(now):
            run_due_deliveries()

    def broken_promises(self, now: datetime) -> list[str]:
        """Name the invariants that do not hold."""
        with clock.stopped(now):
            return broken(self.app.extensions["bangfu.invariants"])


def stage(app: Flask, double: Double, now: datetime) -> Stage:
    """Set the market up; the first unit's own threshold asks for approval of larger orders."""
    units = [registry.organisation(OrganisationKind.BUDGET_UNIT) for _ in CEILINGS]
    cooperatives = [registry.organisation() for _ in set(SUPPLIERS)]
    buyer = registry.user(units[0], [Role.CANTEEN_BUYER])
    people = {
        "buyer": buyer,
        "approver": registry.user(units[0], [Role.UNIT_APPROVER]),
        "reviewer": certification.reviewer_of("province"),
    }
    for name, role, homes in (
        ("finance", Role.UNIT_FINANCE, units),
        ("admin", Role.UNIT_ADMIN, units),
        ("clerk", Role.COOP_CLERK, cooperatives),
        ("manager", Role.COOP_MANAGER, cooperatives),
    ):
        people |= {f"{name}{i}": registry.user(home, [role]) for i, home in enumerate(homes)}
    by = {name: registry.actor_of(user) for name, user in people.items()}
    set_threshold(NewThreshold(Fen(THRESHOLD), "内部制度"), by=by["admin0"], now=now)
    households = [registry.household() for _ in range(3)]
    for one in households:
        for cooperative in cooperatives:
            registry.benefit_link(one, cooperative)
    certificates = [
        certification.certificate(cooperatives[supplier], str(DECLARED), origin_kind=kind)
        for kind, supplier in zip(KINDS, SUPPLIERS, strict=True)
    ]
    return Stage(
        app=app,
        units=[one.id for one in units],
        cooperatives=[one.id for one in cooperatives],
        by=by,
        households=[one.id for one in households],
        certificates=[one.id for one in certificates],
        listings=[_listing(one.id, i, by=by, now=now) for i, one in enumerate(certificates)],
        quotas=[
            procurement.quota(unit, ceiling).id
            for unit, ceiling in zip(units, CEILINGS, strict=True)
        ],
        accounts=[bank_account(by[f"manager{i}"]) for i in range(len(cooperatives))],
        paper=registry.document(units[0], buyer).id,
        token=registry.token_of(buyer),
        double=double,
    )


def _listing(
    certificate: CertificateId, index: int, *, by: Mapping[str, Actor], now: datetime
) -> ListingId:
    """Offer what a certificate is about."""
    clerk = by[f"clerk{SUPPLIERS[index]}"]
    new = NewListing(
        certificate_id=certificate,
        title="演示产品",
        unit=UNITS[index],
        step=Decimal("0.1") if UNITS[index] is Unit.KG else Decimal(1),
        unit_price_fen=Fen(PRICES[index]),
    )
    made = create_listing(new, by=clerk, now=now)
    publish_listing(made.id, expected_version=None, by=clerk, now=now)
    return made.id
