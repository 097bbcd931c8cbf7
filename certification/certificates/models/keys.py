"""The public keys with which certificates were and are signed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base


class SigningKey(Base):
    """A public key (32 raw bytes) and the period in which it signed; only one signs at a time."""

    __tablename__ = "signing_key"
    __table_args__ = (
        CheckConstraint("in_use_from_at <= retired_at", name="period"),
        Index(
            "uq_signing_key_current",
            "algorithm",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    key_id: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    in_use_from_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
