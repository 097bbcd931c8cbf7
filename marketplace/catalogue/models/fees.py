"""What suppliers were charged for, and whether they may be."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

FeeReportId = NewType("FeeReportId", UUID)


class FeeKind(StrEnum):
    """What somebody may want money for; the first three are free for certified products."""

    ONBOARDING = "onboarding"
    PLATFORM = "platform"
    DISPLAY = "display"
    TESTING = "testing"
    PAYMENT_CHANNEL = "payment_channel"
    DEPOSIT = "deposit"


FREE = (FeeKind.ONBOARDING, FeeKind.PLATFORM, FeeKind.DISPLAY)
FREE_SOURCE = (
    "832 平台：入驻费、平台服务费为零，仅检测费、支付通道费、履约保证金可收（S18 S19；002/12）"
)


class FeeReport(Base):
    """A supplier says what it was charged; of what is free, any charge is an error."""

    __tablename__ = "fee_report"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "num_nulls(resolution, resolved_by, resolved_at) IN (0, 3)", name="resolution"
        ),
        Index("ix_fee_report_supplier", "supplier_id", "id"),
    )

    id: Mapped[FeeReportId] = mapped_column(Uuid, primary_key=True)
    supplier_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    kind: Mapped[FeeKind]
    amount_fen: Mapped[Fen]
    charged_by: Mapped[str]
    charged_on: Mapped[date]
    is_error: Mapped[bool] = mapped_column(
        Computed("kind IN ('onboarding', 'platform', 'display')", persisted=True)
    )
    reported_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    reported_at: Mapped[datetime]
    resolution: Mapped[str | None]
    resolved_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    resolved_at: Mapped[datetime | None]
