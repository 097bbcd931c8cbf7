"""Public notices, the objections to them, and the days the calendar is corrected on."""

from datetime import date, datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.documents.models import DocumentId
from registry.regions.models import Region

NoticeId = NewType("NoticeId", UUID)
ObjectionId = NewType("ObjectionId", UUID)


class NoticeRule(Base):
    """How soon an objection is answered, and how long an upheld one keeps the notice open.

    For one kind of matter (`any`: for those without a rule of their own), in force
    `[in_force_from_on, in_force_until_on)`, in working days, with the document it comes from.
    """

    __tablename__ = "notice_rule"
    __table_args__ = (
        UniqueConstraint("subject_kind", "in_force_from_on", name="uq_notice_rule_begin"),
        CheckConstraint("in_force_from_on < in_force_until_on", name="period"),
        CheckConstraint("reply_working_days > 0", name="reply_working_days"),
        CheckConstraint("extension_working_days > 0", name="extension_working_days"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    subject_kind: Mapped[str]
    reply_working_days: Mapped[int]
    extension_working_days: Mapped[int]
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]
    source: Mapped[str]


class Notice(Base):
    """A matter put before the public for `[opens_on, closes_on)`.

    `closes_on` is the first day on which it may be decided; it is fixed when the notice opens
    and moves only later, by an extension. A matter that comes back gets another notice, of the
    next `round`. `deciding_level` is the level that may learn who objected; none: any office
    of the region. `party_id` is the organisation whose matter it is, where one is.
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
    reply_working_days: Mapped[int] = mapped_column(server_default=text("5"))
    extension_working_days: Mapped[int] = mapped_column(server_default=text("5"))
    deciding_level: Mapped[str | None]
    party_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    created_at: Mapped[datetime]


class Objection(Base):
    """What somebody of the public says against a notice, and the one answer to it.

    `text` is for the office; `published_text` is what it masked for everybody. `due_on` is the
    first day on which the answer is late. `lodged_by_id` is who was signed in when they lodged it,
    shown to nobody; `party_id` is the notice's, `replied_for_id` the office that answered.
    """

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("(reply IS NULL) = (replied_at IS NULL)", name="reply"),
        CheckConstraint("(upheld IS NULL) = (replied_at IS NULL)", name="upheld"),
        CheckConstraint("(replied_by IS NULL) = (replied_at IS NULL)", name="replied_by"),
        CheckConstraint("(published_text IS NULL) = (published_at IS NULL)", name="published"),
        CheckConstraint("replied_by <> lodged_by_id", name="author"),
        CheckConstraint("replied_for_id <> party_id", name="own_organisation"),
        Index("ix_objection_notice_id", "notice_id"),
    )

    id: Mapped[ObjectionId] = mapped_column(Uuid, primary_key=True)
    notice_id: Mapped[NoticeId] = mapped_column(Uuid, ForeignKey("notice.id"))
    text: Mapped[str]
    contact: Mapped[str | None] = mapped_column(EncryptedText("objection.contact"))
    lodged_by_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    party_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    lodged_at: Mapped[datetime]
    due_on: Mapped[date | None]
    published_text: Mapped[str | None]
    published_at: Mapped[datetime | None]
    reply: Mapped[str | None]
    upheld: Mapped[bool | None]
    replied_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    replied_for_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    replied_at: Mapped[datetime | None]


class NoticeExtension(Base):
    """How an upheld objection moved a notice's closing day; never changed afterwards."""

    __tablename__ = "notice_extension"
    __table_args__ = (
        UniqueConstraint("objection_id", name="uq_notice_extension_objection"),
        CheckConstraint("closed_on < closes_on", name="later"),
        Index("ix_notice_extension_notice_id", "notice_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    notice_id: Mapped[NoticeId] = mapped_column(Uuid, ForeignKey("notice.id"))
    objection_id: Mapped[ObjectionId] = mapped_column(Uuid, ForeignKey("objection.id"))
    closed_on: Mapped[date]
    closes_on: Mapped[date]
    working_days: Mapped[int]
    by_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]


class NoticePosting(Base):
    """A board or page on which a notice hangs, with a photo of it; never changed afterwards."""

    __tablename__ = "notice_posting"
    __table_args__ = (Index("ix_notice_posting_notice_id", "notice_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    notice_id: Mapped[NoticeId] = mapped_column(Uuid, ForeignKey("notice.id"))
    level: Mapped[str]
    place: Mapped[str]
    document_id: Mapped[DocumentId] = mapped_column(Uuid, ForeignKey("document.id"))
    posted_on: Mapped[date]
    posted_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]


class NoticeOutcome(Base):
    """What became of the matter of a notice; once, and never changed afterwards."""

    __tablename__ = "notice_outcome"
    __table_args__ = (UniqueConstraint("notice_id", name="uq_notice_outcome_notice"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    notice_id: Mapped[NoticeId] = mapped_column(Uuid, ForeignKey("notice.id"))
    outcome: Mapped[str]
    at: Mapped[datetime]


class CalendarDay(Base):
    """A day on which offices work, or do not, against the packaged calendar."""

    __tablename__ = "calendar_day"

    day_on: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    source: Mapped[str]
