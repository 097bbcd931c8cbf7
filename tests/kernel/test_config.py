"""The program starts with good settings or says which one is bad."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from kernel.config import KNOWN, BadSetting, Settings, from_environment, new_secrets

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"DATABASE_URL": "postgresql://x", "REDIS_URL": "redis://y", **new_secrets()}


def test_good_settings_are_read() -> None:
    settings = from_environment({**GOOD, "BANGFU_WEB_THREADS": "4", "BANGFU_HOME": "there"})
    assert settings.web_threads == 4
    assert settings.files == Path("there/files")
    assert len(settings.field_keys[1]) == 32


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("BANGFU_SECRET_KEY", ""),
        ("BANGFU_WEB_THREADS", "0"),
        ("BANGFU_WEB_WORKERS", "two"),
        ("BANGFU_ENVIRONMENT", "staging"),
        ("BANGFU_FIELD_KEYS", "1:short"),
        ("BANGFU_FIELD_KEYS", "x:AAAA"),
        ("BANGFU_FIELD_KEYS", "256:AAAA"),
        ("BANGFU_BLIND_INDEX_KEY", "AAAA"),
        ("BANGFU_LOG_LEVEL", "LOUD"),
        ("BANGFU_SURPRISE", "1"),
        ("STRIPE_SECRET_KEY", "sk_test_alone"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_alone"),
        ("STRIPE_API_URL", "stripe.example"),
        ("BANGFU_PUBLIC_URL", "market.example"),
        ("BANGFU_PUBLIC_URL", "ftp://market.example"),
        ("BANGFU_PUBLIC_URL", "https://"),
        ("BANGFU_PUBLIC_URL", "https://market.example?from=qr"),
        ("BANGFU_PUBLIC_URL", "https://someone@market.example"),
        ("BANGFU_PUBLIC_URL", "https://[market.example"),
    ],
)
def test_a_bad_setting_is_named_and_its_value_is_not(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as error:
        from_environment({**GOOD, name: value})
    assert name in str(error.value)
    assert not value or value not in str(error.value).replace(name, "")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("", None),
        ("https://market.example/", "https://market.example"),
        ("http://10.0.0.7:8080/bangfu", "http://10.0.0.7:8080/bangfu"),
    ],
)
def test_public_addresses_begin_as_they_are_told_to(value: str, read: str | None) -> None:
    assert from_environment({**GOOD, "BANGFU_PUBLIC_URL": value}).public_url == read


def test_what_only_tests_read_is_refused_in_production() -> None:
    switch = {"BANGFU_TEST_GATES": "off"}
    assert from_environment({**GOOD, **switch}).environment == "development"
    with pytest.raises(BadSetting, match="BANGFU_TEST_GATES"):
        from_environment({**GOOD, **switch, "BANGFU_ENVIRONMENT": "production"})


def test_secrets_are_not_shown() -> None:
    shown = repr(from_environment(GOOD))
    assert not any(value in shown for name, value in GOOD.items() if name.startswith("BANGFU"))


def test_every_setting_is_explained() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in {*KNOWN, "DATABASE_URL", "READ_DATABASE_URL", "REDIS_URL"}:
        assert f"`{name}`" in text, name
    assert len(dataclasses.fields(Settings)) >= 15
