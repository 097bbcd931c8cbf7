"""Numbers that people read: one sequence per kind, region and year."""

from collections import deque
from threading import Lock

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, apart, db
from kernel.unit_of_work import after_commit


class NumberSequence(Base):
    """The last number given out of a series, `BF-O-2026-440203`."""

    __tablename__ = "number_sequence"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


_spare: dict[str, deque[int]] = {}
_spare_lock = Lock()


def next_number(kind: str, *, region_code: str, year: int, block: int = 1) -> str:
    """Give the next number of a series, `BF-O-2026-440203-000123`.

    With `block` above one the process takes that many at once and keeps the rest for later
    transactions, so that a busy series is locked once a block; numbers may then be missing or
    out of order, never twice.
    """
    series = f"{kind}-{year}-{region_code}"
    with _spare_lock:
        spare = _spare.get(series)
        if spare:
            return _written(series, spare.popleft())
    statement = (
        insert(NumberSequence)
        .values(series=series, last=block)
        .on_conflict_do_update(
            index_elements=[NumberSequence.series], set_={"last": NumberSequence.last + block}
        )
        .returning(NumberSequence.last)
    )
    last = db.session.execute(statement).scalar_one()
    first = last - block + 1
    if block > 1:
        after_commit(lambda: _keep(series, range(first + 1, last + 1)))
    return _written(series, first)


def take_numbers(
    kind: str, *, region_code: str, year: int, count: int, by_itself: bool = False
) -> list[str]:
    """Take so many numbers of a series at once.

    `by_itself` takes them in a transaction of their own, so that a long task does not lock the
    series; numbers of a task that fails are then missing.
    """
    series = f"{kind}-{year}-{region_code}"
    statement = (
        insert(NumberSequence)
        .values(series=series, last=count)
        .on_conflict_do_update(
            index_elements=[NumberSequence.series], set_={"last": NumberSequence.last + count}
        )
        .returning(NumberSequence.last)
    )
    if by_itself:
        with apart() as connection:
            last = int(connection.execute(statement).scalar_one())
    else:
        last = int(db.session.execute(statement).scalar_one())
    return [_written(series, number) for number in range(last - count + 1, last + 1)]


def _keep(series: str, numbers: range) -> None:
    with _spare_lock:
        _spare.setdefault(series, deque()).extend(numbers)


def forget_spare_numbers() -> None:
    """Forget the numbers this process holds: another database is behind it now (tests)."""
    with _spare_lock:
        _spare.clear()


def _written(series: str, number: int) -> str:
    return f"{series}-{number:06d}"
