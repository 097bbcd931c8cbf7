"""Every place that is encrypted takes a new key: each column, kept answers, files; kill or not."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, func, select, text, type_coerce
from sqlalchemy.exc import DBAPIError

from kernel import files, schema
from kernel.config import Settings
from kernel.database import db
from kernel.idempotency import IdempotencyKey
from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.registry.households.test_imports import row, sheet
from tests.registry.test_key_rotation import plant, read, use

KILLS = 20
MANY = 400

REFUSING = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger
WHERE NOT tgisinternal AND tgtype & 2 <> 0 AND tgtype & 16 <> 0
  AND tgrelid::regclass::text = ANY(:tables)
"""


@pytest.fixture
def both_keys(settings: Settings) -> Iterator[None]:
    """Give the old ring back afterwards."""
    yield
    use(settings, 1)


def refusing() -> set[tuple[str, str]]:
    """Give the triggers before an update of any table that has something encrypted."""
    tables = sorted({column.table.name for column in schema.encrypted_columns()})
    rows = db.session.execute(text(REFUSING), {"tables": tables}).all()
    return {(str(table), str(name)) for table, name in rows}


def test_no_table_with_an_encrypted_column_refuses_to_be_rewritten(fresh: Flask) -> None:
    with fresh.app_context():
        assert len(schema.encrypted_columns()) >= 15
        assert refusing() == set()


def test_a_table_that_refuses_would_be_found_and_would_stop_the_rotation(
    fresh: Flask, settings: Settings, both_keys: None
) -> None:
    del both_keys
    with fresh.app_context():
        plant()
        db.session.execute(text("SELECT make_append_only('household')"))
        db.session.commit()
        assert refusing() == {("household", "append_only")}
        use(settings, 1, 2)
        with pytest.raises(DBAPIError, match="append-only"):
            list(schema.rotate_keys())


def test_kept_answers_and_files_take_the_new_key(
    fresh: Flask, settings: Settings, both_keys: None
) -> None:
    del both_keys
    with fresh.app_context():
        build.village()
        office = build.organisation(OrganisationKind.AUTHORITY)
        token = build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))
        db.session.commit()
    client, content = fresh.test_client(), sheet([row()])
    made = hand_in(client, token, content)
    asked = ask(client, token)
    place = f"imports/{made.json['id']}"
    use(settings, 1, 2)
    assert files.get(place)[0] == 1
    with fresh.app_context():
        done = {one.column: one for one in schema.rotate_keys()}
        kept = type_coerce(IdempotencyKey.body, LargeBinary)
        assert set(db.session.scalars(select(func.get_byte(kept, 0)))) == {2}
    assert done["idempotency_key.body"].rewritten == 2
    assert done["sheet_export.question"].rewritten == 1
    assert (done["sheet_import.content"].rewritten, files.get(place)[0]) == (1, 2)
    assert sum(one.left for one in done.values()) == 0
    use(settings, 2)
    again = ask(client, token)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == asked.json
    headers = {"Authorization": f"Bearer {token}"}
    written: Any = client.post(f"/api/v1/imports/{made.json['id']}/commit", headers=headers)
    assert written.json["state"] == "committed"


def ask(client: Any, token: str) -> Any:
    return client.post(
        "/api/v1/exports",
        json={"list": "households"},
        headers={"Idempotency-Key": "asked", "Authorization": f"Bearer {token}"},
    )


def hand_in(client: Any, token: str, content: bytes) -> Any:
    return client.post(
        "/api/v1/imports",
        data={"list": "households", "file": (BytesIO(content), "list.bin")},
        content_type="multipart/form-data",
        headers={"Idempotency-Key": "handed-in", "Authorization": f"Bearer {token}"},
    )


@pytest.mark.faults
def test_a_rotation_killed_at_any_moment_goes_on_and_leaves_nothing_unreadable(
    fresh: Flask, settings: Settings, both_keys: None
) -> None:
    del both_keys
    with fresh.app_context():
        planted = plant(MANY)
    use(settings, 1, 2)
    in_the_middle = 0
    for _ in range(KILLS):
        _killed_while_rotating(fresh, after=random.uniform(0.02, 0.25))
        with fresh.app_context():
            assert read() == planted
            old = func.get_byte(type_coerce(Household.bank_card, LargeBinary), 0) == 1
            in_the_middle += bool(db.session.scalar(select(func.count()).where(old)))
    with fresh.app_context():
        assert sum(one.left for one in schema.rotate_keys(batch=50)) == 0
        use(settings, 2)
        assert read() == planted
    assert in_the_middle > 0


def _killed_while_rotating(app: Flask, *, after: float) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    child = os.fork()
    if child == 0:
        with app.app_context():
            for _ in schema.rotate_keys(batch=2):
                pass
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
