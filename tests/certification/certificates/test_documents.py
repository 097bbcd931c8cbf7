"""The script of `docs/certificates.md`, run as it stands there, tells true from forged."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from certification.certificates.commands import grants
from certification.certificates.models.certificates import Certificate
from certification.certificates.models.keys import SigningKey
from kernel import clock
from kernel.config import Settings
from kernel.crypto import sign, use_keys
from kernel.database import db
from tests.builders import certification as build
from tests.builders.certification import NOTICE_OVER, Cast
from tests.conftest import Client

PAGE = Path(__file__).resolve().parents[3] / "docs" / "certificates.md"
CERTIFICATES = "/api/v1/certificates"
FIRST_USED = datetime(2020, 1, 1, tzinfo=UTC)
Told = dict[str, Any]


def script() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def people(client: Client) -> Iterator[Cast]:
    """Give the people of a certification, long after the installation's key was first used."""
    del client
    db.session.execute(update(SigningKey).values(in_use_from_at=FIRST_USED))
    with clock.stopped(NOTICE_OVER):
        yield build.cast()


@pytest.fixture
def next_key(settings: Settings) -> Iterator[Callable[[], None]]:
    """Give a function that starts the program anew with one more signing key."""

    def begin(**keys: bytes) -> None:
        rings = {**settings.signing_keys, **keys}
        use_keys(
            field_keys=settings.field_keys,
            index_key=settings.blind_index_key,
            signing_keys=rings,
        )

    yield lambda: begin(**{"2": bytes(range(96, 128))})
    begin()


def granted(people: Cast) -> Certificate:
    made = build.in_notice(people)
    return grants.grant_certificate(made.id, by=people.reviewer("province"), now=NOTICE_OVER)


def told_of(client: Client, number: str) -> Told:
    answer = client.get(f"{CERTIFICATES}/{number}").json
    assert answer is not None
    return dict(answer)


def keys_of(client: Client) -> Told:
    answer = client.get(f"{CERTIFICATES}/keys").json
    assert answer is not None
    return dict(answer)


def verify(folder: Path, told: Mapping[str, Any], keys: Mapping[str, Any]) -> tuple[int, str]:
    """Run the documents' script; tell how it ended and what it said."""
    (folder / "certificate.json").write_bytes(orjson.dumps(told))
    (folder / "keys.json").write_bytes(orjson.dumps(keys))
    command = [sys.executable, "-c", script()]
    ran = subprocess.run(  # noqa: S603 - the script of our own documents
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=30
    )
    return ran.returncode, (ran.stdout or ran.stderr).strip()


def resigned(told: Told, **said: Any) -> Told:
    """Say something else, signed with the true key: what who has the seed can do."""
    payload = orjson.dumps(
        orjson.loads(told["signature"]["payload"]) | said, option=orjson.OPT_SORT_KEYS
    )
    value = b64encode(sign(payload).value).decode()
    return {**told, "signature": {**told["signature"], "payload": payload.decode(), "value": value}}


def test_the_script_needs_nothing_but_cryptography() -> None:
    imported = set(re.findall(r"^(?:from|import) (.+?)(?: import .*)?$", script(), re.MULTILINE))
    assert imported == {
        "base64, datetime, json, sys",
        "cryptography.exceptions",
        "cryptography.hazmat.primitives.asymmetric.ed25519",
    }


def test_the_documents_name_every_signed_field(client: Client, people: Cast) -> None:
    del client
    table = PAGE.read_text(encoding="utf-8").split("## The signed text")[1].split("## Keys")[0]
    named = set()
    for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE):
        named |= set(re.findall(r"`(\w+)`", row))
    assert named == set(orjson.loads(granted(people).payload))


def test_the_script_verifies_a_granted_certificate(
    client: Client, people: Cast, tmp_path: Path
) -> None:
    number = granted(people).number
    told, keys = told_of(client, number), keys_of(client)
    assert verify(tmp_path, told, keys) == (
        0,
        f"VERIFIED {number} {people.holder.name} 演示丝苗米",
    )


def test_the_script_refuses_what_was_tampered_with(
    client: Client, people: Cast, tmp_path: Path
) -> None:
    told, keys = told_of(client, granted(people).number), keys_of(client)
    payload: str = told["signature"]["payload"]
    not_signed = (1, "NOT VERIFIED: the text is not what was signed")

    def signature(**changes: str) -> Told:
        return {**told, "signature": {**told["signature"], **changes}}

    assert verify(tmp_path, signature(payload=payload.replace("1000", "9000")), keys) == not_signed
    assert verify(tmp_path, signature(payload=payload + " "), keys) == not_signed
    assert verify(tmp_path, signature(value=b64encode(bytes(64)).decode()), keys) == not_signed
    assert verify(tmp_path, signature(value=b64encode(b"short").decode()), keys) == not_signed
    unknown = (1, "NOT VERIFIED: no such key")
    assert verify(tmp_path, signature(key_id="9"), keys) == unknown
    assert verify(tmp_path, signature(algorithm="none"), keys) == unknown
    forged = deepcopy(keys)
    forged["keys"][0]["public_key"] = b64encode(bytes(range(32))).decode()
    assert verify(tmp_path, told, forged)[0] == 1
    shown = {**told, "yearly_quantity": "9000.000"}
    assert verify(tmp_path, shown, keys) == (
        1,
        "NOT VERIFIED: shown otherwise than signed: yearly_quantity",
    )


def test_a_rotation_keeps_old_signatures_verifying(
    client: Client, people: Cast, next_key: Callable[[], None], tmp_path: Path
) -> None:
    old = granted(people).number
    next_key()
    new = granted(people).number
    keys = keys_of(client)
    assert [(one["key_id"], one["retired_at"] is None) for one in keys["keys"]] == [
        ("1", False),
        ("2", True),
    ]
    at = [datetime.fromisoformat(keys["keys"][i][name]) for i, name in ((0, "retired_at"),
        (1, "in_use_from_at"))]  # fmt: skip
    assert at == [NOTICE_OVER, NOTICE_OVER]
    for number, key_id in ((old, "1"), (new, "2")):
        told = told_of(client, number)
        assert told["signature"]["key_id"] == key_id
        assert verify(tmp_path, told, keys)[0] == 0


def test_a_retired_key_that_signs_on_is_found_out(
    client: Client, people: Cast, next_key: Callable[[], None], tmp_path: Path
) -> None:
    told = told_of(client, granted(people).number)
    late = resigned(told, issued_on="2026-11-14")
    assert verify(tmp_path, late, keys_of(client))[0] == 0
    next_key()
    granted(people)
    assert verify(tmp_path, late, keys_of(client)) == (
        1,
        "NOT VERIFIED: the key did not sign on that day",
    )
    assert verify(tmp_path, told, keys_of(client))[0] == 0


@pytest.mark.usefixtures("people")
def test_a_retired_key_never_signs_again(
    people: Cast, next_key: Callable[[], None], settings: Settings
) -> None:
    next_key()
    granted(people)
    use_keys(
        field_keys=settings.field_keys,
        index_key=settings.blind_index_key,
        signing_keys=settings.signing_keys,
    )
    made = build.in_notice(people)
    later = NOTICE_OVER + timedelta(days=1)
    with pytest.raises(RuntimeError, match="retired"):
        grants.grant_certificate(made.id, by=people.reviewer("province"), now=later)
