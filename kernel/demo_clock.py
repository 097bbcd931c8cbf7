"""What kind of installation this database is, and how far a demo's clock was moved."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, CheckConstraint, Engine, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from kernel.clock import NO_OFFSET
from kernel.database import Base, db
from kernel.errors import Conflict


class NotADemo(Conflict):
    """Only a database that was created as a demo has a clock that moves."""

    zh = "此数据库不是演示库，不能移动时钟。"
    en = "This database was not created as a demo; its clock does not move."


class Installation(Base):
    """One row: born as a demo or not, which never changes."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("is_demo OR offset_seconds = 0", name="only_demo_moves"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_demo: Mapped[bool]
    offset_seconds: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


def create_installation(*, is_demo: bool, now: datetime) -> bool:
    """Write the one row of a new database; returns whether the database is a demo."""
    row = db.session.get(Installation, 1)
    if row is None:
        row = Installation(id=1, is_demo=is_demo, offset_seconds=0, created_at=now)
        db.session.add(row)
        db.session.flush()
    return row.is_demo


def travel(by: timedelta) -> None:
    """Move the clock of a demo database forward (NotADemo on any other)."""
    moved = db.session.execute(
        update(Installation)
        .where(Installation.is_demo)
        .values(offset_seconds=Installation.offset_seconds + int(by.total_seconds()))
        .returning(Installation.id)
    ).one_or_none()
    if moved is None:
        raise NotADemo


def read_offset(engine: Engine) -> timedelta | None:
    """Read the offset of a demo; None where the database is not one."""
    with engine.connect() as connection:
        row = connection.execute(select(Installation.is_demo, Installation.offset_seconds)).first()
    return timedelta(seconds=row.offset_seconds) if row is not None and row.is_demo else None


class OffsetReader:
    """Reads a demo's offset; a database that is no demo is asked once only."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_demo: bool | None = None
        self.last = NO_OFFSET

    def __call__(self) -> timedelta:
        """Give the offset of now, or the last one known while the database is away."""
        if self.is_demo is False:
            return NO_OFFSET
        try:
            offset = read_offset(self.engine)
        except SQLAlchemyError:
            return self.last
        self.is_demo = offset is not None
        self.last = offset or NO_OFFSET
        return self.last
