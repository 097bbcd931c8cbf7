"""Numbers that people read: one sequence per kind, region and year."""

from collections import deque
from collections.abc import Iterable
from contextlib import nullcontext
from threading import Lock

from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, Connection, Pool, event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column, scoped_session

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
    first, *rest = _take(db.session, series, count=block)
    if rest:
        after_commit(lambda: _keep(series, rest))
    return _written(series, first)


def take_numbers(
    kind: str, *, region_code: str, year: int, count: int, by_itself: bool = False
) -> list[str]:
    """Take so many numbers of a series at once.

    `by_itself` takes them in a transaction of their own, so that a long task does not lock the
    series; numbers of a task that fails are then missing.
    """
    series = f"{kind}-{year}-{region_code}"
    with apart() if by_itself else nullcontext(db.session) as connection:
        taken = _take(connection, series, count=count)
    return [_written(series, number) for number in taken]


def _take(connection: Connection | scoped_session[Session], series: str, *, count: int) -> range:
    statement = (
        insert(NumberSequence)
        .values(series=series, last=count)
        .on_conflict_do_update(
            index_elements=[NumberSequence.series], set_={"last": NumberSequence.last + count}
        )
        .returning(NumberSequence.last)
    )
    last = int(connection.execute(statement).scalar_one())
    return range(last - count + 1, last + 1)


def _keep(series: str, numbers: Iterable[int]) -> None:
    with _spare_lock:
        _spare.setdefault(series, deque()).extend(numbers)


@event.listens_for(Pool, "invalidate")
def forget_spare_numbers(*_: object) -> None:
    """Forget the numbers this process holds: another database may be behind it now.

    So at every connection that is lost: the server that comes back, or took over, may not know
    of the commit that took them, and gives them out again.
    """
    with _spare_lock:
        _spare.clear()


def _written(series: str, number: int) -> str:
    return f"{series}-{number:06d}"
