"""Encrypted fields with blind indexes, passwords, and signatures that verify offline."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12
INDEX_BYTES = 16


class Undecipherable(Exception):
    """A ciphertext of an unknown key, or one that was moved or altered."""


@dataclass(frozen=True)
class Signature:
    """An Ed25519 signature (RFC 8032) and the key that made it."""

    key_id: str
    value: bytes


@dataclass(frozen=True)
class _Keys:
    ciphers: Mapping[int, AESGCM]
    current: int
    index_key: bytes
    signers: Mapping[str, Ed25519PrivateKey]
    signer: str


class _Ring:
    """The keys of this process, given once at start."""

    keys: _Keys | None = None

    def get(self) -> _Keys:
        if self.keys is None:
            raise RuntimeError("no keys were given; kernel.assembly gives them")
        return self.keys


_ring = _Ring()


def use_keys(
    *, field_keys: Mapping[int, bytes], index_key: bytes, signing_keys: Mapping[str, bytes]
) -> None:
    """Give the keys of this process; the last of each ring is used for new work."""
    signers = {i: Ed25519PrivateKey.from_private_bytes(seed) for i, seed in signing_keys.items()}
    _ring.keys = _Keys(
        ciphers={version: AESGCM(key) for version, key in field_keys.items()},
        current=list(field_keys)[-1],
        index_key=index_key,
        signers=signers,
        signer=list(signing_keys)[-1],
    )


def encrypt(text: str, *, place: str) -> bytes:
    """Encrypt a field (AES-256-GCM) as key version byte, nonce, ciphertext; bound to its place."""
    return encrypt_bytes(text.encode(), place=place)


def encrypt_bytes(content: bytes, *, place: str) -> bytes:
    """Encrypt a content as `encrypt` does a text."""
    keys = _ring.get()
    nonce = os.urandom(NONCE_BYTES)
    sealed = keys.ciphers[keys.current].encrypt(nonce, content, place.encode())
    return bytes([keys.current]) + nonce + sealed


def decrypt(sealed: bytes, *, place: str) -> str:
    """Decrypt a field of the same place, or raise Undecipherable."""
    return decrypt_bytes(sealed, place=place).decode()


def decrypt_bytes(sealed: bytes, *, place: str) -> bytes:
    """Decrypt a content of the same place, or raise Undecipherable."""
    cipher = _ring.get().ciphers.get(sealed[0])
    if cipher is None:
        raise Undecipherable(f"{place}: key version {sealed[0]} is not in the ring")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, body, place.encode())
    except InvalidTag as error:
        raise Undecipherable(f"{place}: altered, or moved from another place") from error


def current_key() -> int:
    """Give the version of the key that new work is encrypted with: a ciphertext's first byte."""
    return _ring.get().current


def blind_index(text: str, *, purpose: str) -> bytes:
    """Give the keyed digest (16 bytes) by which an encrypted field is found again."""
    message = f"{purpose}\0{text}".encode()
    return hmac.new(_ring.get().index_key, message, hashlib.sha256).digest()[:INDEX_BYTES]


class EncryptedText(TypeDecorator[str]):
    """A text column that only this program can read; `place` is `table.column`."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        del dialect
        return None if value is None else encrypt(value, place=self.place)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        del dialect
        return None if value is None else decrypt(bytes(value), place=self.place)


class EncryptedBytes(TypeDecorator[bytes]):
    """A content that only this program can read; `place` is `table.column`."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        del dialect
        return None if value is None else encrypt_bytes(value, place=self.place)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        """Decrypt on the way out."""
        del dialect
        return None if value is None else decrypt_bytes(bytes(value), place=self.place)


PASSWORD_HASHERS = {
    "strong": PasswordHasher(),  # RFC 9106, second recommendation: 64 MiB, 3 passes, 4 lanes
    "test": PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
}


class _Passwords:
    """The hasher of this process, given once at start, and a hash that nobody has."""

    hasher = PASSWORD_HASHERS["strong"]
    nobody: str | None = None


def use_argon2(profile: str) -> None:
    """Hash passwords with the parameters of this profile."""
    _Passwords.hasher, _Passwords.nobody = PASSWORD_HASHERS[profile], None


def hash_password(password: str) -> str:
    """Hash a password (argon2id, RFC 9106); parameters and salt stand in the hash."""
    return _Passwords.hasher.hash(password)


def verify_password(password: str, *, against: str | None) -> bool:
    """Say whether the password is the hash's; without a hash, no, in the same time."""
    if _Passwords.nobody is None:
        _Passwords.nobody = hash_password(os.urandom(NONCE_BYTES).hex())
    try:
        return _Passwords.hasher.verify(against or _Passwords.nobody, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def sign(payload: bytes) -> Signature:
    """Sign with the current key (Ed25519)."""
    keys = _ring.get()
    return Signature(keys.signer, keys.signers[keys.signer].sign(payload))


def verify(payload: bytes, *, signature: bytes, public_key: bytes) -> bool:
    """Say whether the signature is the key's over exactly this payload; needs no secret."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, payload)
    except InvalidSignature:
        return False
    return True


def public_keys() -> dict[str, bytes]:
    """Give the raw public keys (32 bytes) by key id, the list that is published."""
    return {
        key_id: signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        for key_id, signer in _ring.get().signers.items()
    }
