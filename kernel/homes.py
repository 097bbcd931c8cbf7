"""The folder of an installation: its secrets, and the addresses of its servers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kernel.config import new_secrets

SECRETS = "secrets.env"
ENVIRONMENT = "environment.env"
ONLY_THE_OWNER = 0o600


def secrets_of(home: Path) -> dict[str, str]:
    """Give the secrets of this home, made on first use; the environment goes before the file."""
    path = home / SECRETS
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        write(path, new_secrets())
    return {name: os.environ.get(name, value) for name, value in read(path).items()}


def keep_environment(home: Path, environment: Mapping[str, str]) -> None:
    """Keep what the processes of this home were started with, for the commands that follow."""
    write(home / ENVIRONMENT, environment)


def environment_of(home: Path) -> dict[str, str]:
    """Give what the processes of this home were started with; empty where none were."""
    path = home / ENVIRONMENT
    return read(path) if path.exists() else {}


def read(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines."""
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: value for name, equals, value in pairs if equals}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write `NAME=value` lines that only the owner can read, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, ONLY_THE_OWNER)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    unfinished.replace(path)
