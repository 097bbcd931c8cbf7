"""Keys are changed under load: every row is rewritten, none is lost, and any stop is resumed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, func, select, text, type_coerce

from kernel import crypto, schema
from kernel.config import Settings
from kernel.crypto import Undecipherable
from kernel.database import db
from kernel.unit_of_work import run
from registry.households.models.households import Household
from tests.builders import registry as build
from tests.conftest import in_app
from tests.dumps import dump

HOUSEHOLDS = 60
NEW_KEY = bytes(range(128, 160))
PERSONS = ("head_name", "id_number", "phone", "bank_card")


def use(settings: Settings, *versions: int) -> None:
    ring = {1: settings.field_keys[1], 2: NEW_KEY}
    crypto.use_keys(
        field_keys={version: ring[version] for version in versions},
        index_key=settings.blind_index_key,
        signing_keys=settings.signing_keys,
    )


@pytest.fixture
def both_keys(settings: Settings) -> Iterator[None]:
    """Give a ring in which the second key is the new one, and the old ring afterwards."""
    yield
    use(settings, 1)


def plant(count: int = HOUSEHOLDS) -> dict[str, tuple[str | None, ...]]:
    made = [build.household(head_name=f"何示{number}") for number in range(count)]
    db.session.commit()
    return {str(one.id): tuple(getattr(one, name) for name in PERSONS) for one in made}


def read() -> dict[str, tuple[str | None, ...]]:
    db.session.expunge_all()
    rows = db.session.scalars(select(Household))
    return {str(one.id): tuple(getattr(one, name) for name in PERSONS) for one in rows}


def _versions() -> set[int]:
    columns = (type_coerce(getattr(Household, name), LargeBinary) for name in PERSONS)
    return {
        version
        for column in columns
        for version in db.session.scalars(select(func.get_byte(column, 0)).distinct())
    }


def test_every_row_is_rewritten_and_one_of_the_old_key_still_reads(
    fresh: Flask, settings: Settings, both_keys: None
) -> None:
    del both_keys
    with fresh.app_context():
        planted = plant()
        use(settings, 1, 2)
        assert _versions() == {1}
        assert read() == planted
        late = build.household(head_name="何示新")
        db.session.commit()
        assert _versions() == {1, 2}
        done = {one.column: one for one in schema.rotate_keys(batch=7)}
        assert done["household.head_name"].rewritten == HOUSEHOLDS
        assert all(one.left == 0 for one in done.values())
        assert _versions() == {2}
        use(settings, 2)
        assert {k: v for k, v in read().items() if k != str(late.id)} == planted
        versions = set(db.session.scalars(select(Household.version)))
        assert versions == {1}
        use(settings, 1)
        with pytest.raises(Undecipherable, match="key version 2"):
            read()


def test_a_rotation_that_is_stopped_goes_on_where_it_was(
    fresh: Flask, settings: Settings, both_keys: None
) -> None:
    del both_keys
    with fresh.app_context():
        planted = plant()
        use(settings, 1, 2)
        column = Household.__table__.c.head_name
        stopped = schema._batches(column, 7)  # noqa: SLF001 - one step of a long work
        assert next(stopped) == 7
        stopped.close()
        assert run(lambda: schema._count_old(column)) == HOUSEHOLDS - 7  # noqa: SLF001
        assert read() == planted
        rewritten = {one.column: one.rewritten for one in schema.rotate_keys(batch=7)}
        assert rewritten["household.head_name"] == HOUSEHOLDS - 7
        assert _versions() == {2}
        assert read() == planted


def test_writers_are_neither_stopped_nor_lost(
    fresh: Flask, settings: Settings, both_keys: None
) -> None:
    del both_keys
    with fresh.app_context():
        planted = plant()
    use(settings, 1, 2)
    keys, written, over = sorted(planted), dict[str, str](), threading.Event()
    failures: list[Exception] = []

    def write(share: int) -> None:
        with in_app(fresh):
            number = 0
            while not over.is_set():
                key = keys[(number * 3 + share) % HOUSEHOLDS // 3 * 3 + share]
                phone = f"139{share}{number:07d}"
                try:
                    run(lambda k=key, p=phone: _set_phone(k, p))  # type: ignore[misc]
                except Exception as error:  # noqa: BLE001 - told in the main thread
                    failures.append(error)
                    return
                written[key] = phone
                number += 1

    writers = [threading.Thread(target=write, args=(share,)) for share in range(3)]
    for writer in writers:
        writer.start()
    with fresh.app_context():
        left = 1
        for _ in range(20):
            left = sum(one.left for one in schema.rotate_keys(batch=5))
            if not left and len(written) >= HOUSEHOLDS // 3:
                break
        over.set()
        for writer in writers:
            writer.join()
        left = sum(one.left for one in schema.rotate_keys(batch=5))
        assert failures == []
        assert left == 0
        assert _versions() == {2}
        found = read()
    assert len(written) > 3
    assert {key: found[key][2] for key in written} == written
    untouched = set(planted) - set(written)
    assert {key: found[key] for key in untouched} == {key: planted[key] for key in untouched}


def _set_phone(key: str, phone: str) -> None:
    household = db.session.scalars(
        select(Household).where(Household.id == key).with_for_update()
    ).one()
    household.phone = phone


def test_neither_a_row_nor_a_dump_holds_a_person_in_clear(fresh: Flask, postgres: str) -> None:
    with fresh.app_context():
        planted = plant()
        coop = build.organisation()
        build.benefit_link(build.household(), coop)
        objection = build.objection(build.notice())
        contact = str(objection.contact)
        db.session.commit()
        database = db.session.scalar(select(func.current_database()))
        raw = db.session.execute(text("SELECT household::text FROM household")).scalars().all()
    clear = {one for values in planted.values() for one in values if one} | {contact}
    assert [one for one in clear if any(one in row for row in raw)] == []
    dumped = dump(postgres, str(database))
    assert b"BF-H-2026" in dumped
    assert [
        one for one in clear if one.encode() in dumped or one.encode().hex().encode() in dumped
    ] == []


def test_the_settings_of_the_ring_stay_as_they_were(settings: Settings) -> None:
    assert replace(settings).field_keys == {1: bytes(range(32))}
    assert crypto.current_key() == 1
