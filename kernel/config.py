"""Settings from the environment: built once, frozen, failing at start on the first bad name."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ENVIRONMENTS = ("development", "production", "test")
ARGON2_PROFILES = ("strong", "test")
PASSWORD_PROFILES = ("mlps", "asvs")
KEY_BYTES = 32


class BadSetting(Exception):
    """A setting that the program cannot start with; names the variable, never its value."""


@dataclass(frozen=True)
class Settings:
    """Everything the program is told from outside. `docs/operations.md` explains each field."""

    database_url: str
    redis_url: str
    secret_key: str = field(repr=False)
    field_keys: Mapping[int, bytes] = field(repr=False)
    blind_index_key: bytes = field(repr=False)
    signing_keys: Mapping[str, bytes] = field(repr=False)
    read_database_url: str | None = None
    environment: str = "development"
    home: Path = Path("var")
    files: Path = Path("var/files")
    files_url: str | None = None
    files_endpoint: str | None = None
    files_region: str | None = None
    files_access_key: str | None = field(default=None, repr=False)
    files_secret_key: str | None = field(default=None, repr=False)
    web_workers: int = 2
    web_threads: int = 8
    token_hours: int = 12
    max_upload_bytes: int = 20 * 1024 * 1024
    log_level: str = "INFO"
    argon2_profile: str = "strong"
    password_profile: str = "mlps"  # noqa: S105 - the name of a standard
    totp_roles: tuple[str, ...] = ()
    address_failures: int = 5
    proxies: int = 0
    public_url: str | None = None
    stripe_secret_key: str | None = field(default=None, repr=False)
    stripe_webhook_secret: str | None = field(default=None, repr=False)
    stripe_api_url: str | None = None


KNOWN = frozenset(
    {
        "BANGFU_HOME", "BANGFU_ENVIRONMENT", "BANGFU_SECRET_KEY", "BANGFU_FIELD_KEYS",
        "BANGFU_BLIND_INDEX_KEY", "BANGFU_SIGNING_KEYS", "BANGFU_PG_BIN", "BANGFU_WEB_WORKERS",
        "BANGFU_WEB_THREADS", "BANGFU_FILES", "BANGFU_TOKEN_HOURS", "BANGFU_MAX_UPLOAD_BYTES",
        "BANGFU_LOG_LEVEL", "BANGFU_ARGON2_PROFILE", "BANGFU_PASSWORD_PROFILE", "BANGFU_TOTP_ROLES",
        "BANGFU_ADDRESS_FAILURES", "BANGFU_PROXIES", "BANGFU_PUBLIC_URL",
    }
)  # fmt: skip
TESTS_PREFIX = "BANGFU_TEST_"
"""Variables that only the tests read; refused in production."""


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings, or raise BadSetting on the first name or value that is wrong."""
    environment = _one_of(environ, "BANGFU_ENVIRONMENT", "development", ENVIRONMENTS)
    for name in environ:
        if (
            name.startswith("BANGFU_")
            and name not in KNOWN
            and not _is_for_tests(name, environment)
        ):
            raise BadSetting(f"{name} is not a setting")
    home = Path(environ.get("BANGFU_HOME", "var"))
    return Settings(
        database_url=_required(environ, "DATABASE_URL"),
        read_database_url=environ.get("READ_DATABASE_URL") or None,
        redis_url=_required(environ, "REDIS_URL"),
        environment=environment,
        home=home,
        files=Path(environ.get("BANGFU_FILES", str(home / "files"))),
        files_url=environ.get("FILES_URL") or None,
        files_endpoint=environ.get("FILES_ENDPOINT") or None,
        files_region=environ.get("FILES_REGION") or None,
        files_access_key=environ.get("FILES_ACCESS_KEY") or None,
        files_secret_key=environ.get("FILES_SECRET_KEY") or None,
        secret_key=_required(environ, "BANGFU_SECRET_KEY"),
        field_keys={int(k): v for k, v in _keys(environ, "BANGFU_FIELD_KEYS").items()},
        blind_index_key=_key(
            _required(environ, "BANGFU_BLIND_INDEX_KEY"), "BANGFU_BLIND_INDEX_KEY"
        ),
        signing_keys=_keys(environ, "BANGFU_SIGNING_KEYS"),
        web_workers=_number(environ, "BANGFU_WEB_WORKERS", 2),
        web_threads=_number(environ, "BANGFU_WEB_THREADS", 8),
        token_hours=_number(environ, "BANGFU_TOKEN_HOURS", 12),
        max_upload_bytes=_number(environ, "BANGFU_MAX_UPLOAD_BYTES", 20 * 1024 * 1024),
        log_level=_one_of(
            environ, "BANGFU_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")
        ),
        argon2_profile=_one_of(environ, "BANGFU_ARGON2_PROFILE", "strong", ARGON2_PROFILES),
        password_profile=_one_of(environ, "BANGFU_PASSWORD_PROFILE", "mlps", PASSWORD_PROFILES),
        totp_roles=tuple(environ.get("BANGFU_TOTP_ROLES", "").replace(",", " ").split()),
        address_failures=_number(environ, "BANGFU_ADDRESS_FAILURES", 5),
        proxies=_number(environ, "BANGFU_PROXIES", 0, lowest=0),
        public_url=_address(environ, "BANGFU_PUBLIC_URL"),
        stripe_secret_key=_with(environ, "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
        stripe_webhook_secret=_with(environ, "STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY"),
        stripe_api_url=_address(environ, "STRIPE_API_URL"),
    )


def _is_for_tests(name: str, environment: str) -> bool:
    return name.startswith(TESTS_PREFIX) and environment != "production"


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise BadSetting(f"{name} is missing")
    return value


def _with(environ: Mapping[str, str], name: str, other: str) -> str | None:
    """Read what makes sense only together with another variable; neither is well, too."""
    if bool(environ.get(name)) != bool(environ.get(other)):
        raise BadSetting(f"{name} and {other} are set together, or neither")
    return environ.get(name) or None


def _one_of(environ: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(name, default)
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}")
    return value


def _number(environ: Mapping[str, str], name: str, default: int, *, lowest: int = 1) -> int:
    value = environ.get(name, str(default))
    if not value.isdigit() or int(value) < lowest:
        raise BadSetting(f"{name} must be a whole number, at least {lowest}")
    return int(value)


def _address(environ: Mapping[str, str], name: str) -> str | None:
    """Read the beginning of addresses, without the slash at its end."""
    value = environ.get(name, "").rstrip("/")
    if not value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise BadSetting(f"{name} is no address") from error
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}" == value and value.isascii()
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in value or not plain:
        raise BadSetting(f"{name} must be an address of the web, with nothing behind its path")
    return value


def _key(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadSetting(f"{name} is not base64") from error
    if len(key) != KEY_BYTES:
        raise BadSetting(f"{name} must hold {KEY_BYTES} bytes")
    return key


def _keys(environ: Mapping[str, str], name: str) -> dict[str, bytes]:
    """Read a key ring, `id:base64,id:base64`; the last one is used for new work."""
    ring: dict[str, bytes] = {}
    for part in _required(environ, name).split(","):
        key_id, colon, text = part.partition(":")
        if not colon or not key_id.isdigit() or int(key_id) > 255:  # noqa: PLR2004 - one byte
            raise BadSetting(f"{name} must look like 1:base64,2:base64")
        ring[key_id] = _key(text, name)
    return ring


def new_secrets() -> dict[str, str]:
    """Make the secrets of a new installation, as environment variables."""
    return {
        "BANGFU_SECRET_KEY": _random(),
        "BANGFU_FIELD_KEYS": f"1:{_random()}",
        "BANGFU_BLIND_INDEX_KEY": _random(),
        "BANGFU_SIGNING_KEYS": f"1:{_random()}",
    }


def _random() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()
