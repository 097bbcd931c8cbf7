"""Public notices, the objections to them, and the days the calendar is corrected on."""

from datetime import date, datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.regions.models import Region

NoticeId = NewType("NoticeId", UUID)
ObjectionId = NewType("ObjectionId", UUID)


class Notice(Base):
    """A matter put before the public for `[opens_on, closes_on)`.

    `closes_on` is the first day on which it may be decided; it is fixed when the notice opens.
    A matter that comes back gets another notice, of the next `round`.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("number", name="uq_notice_number"),
        UniqueConstraint("subject_kind", "subject_id", "round", name="uq_notice_subject"),
        CheckConstraint("opens_on < closes_on", name="period"),
        CheckConstraint("working_days > 0", name="working_days"),
        Index("ix_notice_region_code", "region_code"),
    )

    id: Mapped[NoticeId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    round: Mapped[int]
    region_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    opens_on: Mapped[date]
    working_days: Mapped[int]
    closes_on: Mapped[date]
    rule_source: Mapped[str]
    created_at: Mapped[datetime]


class Objection(Base):
    """What somebody of the public says against a notice, and the one answer to it."""

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("(reply IS NULL) = (replied_at IS NULL)", name="reply"),
        CheckConstraint("(upheld IS NULL) = (replied_at IS NULL)", name="upheld"),
        CheckConstraint("(replied_by IS NULL) = (replied_at IS NULL)", name="replied_by"),
        Index("ix_objection_notice_id", "notice_id"),
    )

    id: Mapped[ObjectionId] = mapped_column(Uuid, primary_key=True)
    notice_id: Mapped[NoticeId] = mapped_column(Uuid, ForeignKey("notice.id"))
    text: Mapped[str]
    contact: Mapped[str | None] = mapped_column(EncryptedText("objection.contact"))
    lodged_at: Mapped[datetime]
    reply: Mapped[str | None]
    upheld: Mapped[bool | None]
    replied_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    replied_at: Mapped[datetime | None]


class CalendarDay(Base):
    """A day on which offices work, or do not, against the packaged calendar."""

    __tablename__ = "calendar_day"

    day_on: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    source: Mapped[str]
