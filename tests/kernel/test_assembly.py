"""One process serves one installation: its keys, files and limits are the process's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.clients import elsewhere
from bootstrap import create_app
from kernel.config import Settings

OTHER = "redis://127.0.0.1:1/0"


def test_a_process_refuses_a_second_installation(settings: Settings) -> None:
    create_app(settings)
    create_app(replace(settings, token_hours=1))
    with pytest.raises(RuntimeError, match="another installation"):
        create_app(replace(settings, redis_url=OTHER))


def _limits_are_kept_at(settings: Settings) -> str:
    return str(create_app(settings).config["RATELIMIT_STORAGE_URI"])


def test_a_process_of_its_own_may_serve_another(settings: Settings) -> None:
    assert elsewhere(_limits_are_kept_at, replace(settings, redis_url=OTHER)) == OTHER
