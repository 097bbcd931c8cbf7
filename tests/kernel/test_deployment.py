"""What stands beside the code agrees with it: settings' table, locks, image, compose, CI."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from kernel.config import KNOWN, Settings

ROOT = Path(__file__).parents[2]
ADDRESSES = {
    *("DATABASE_URL", "READ_DATABASE_URL", "REDIS_URL"),
    *("FILES_URL", "FILES_ENDPOINT", "FILES_REGION", "FILES_ACCESS_KEY", "FILES_SECRET_KEY"),
    *("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_URL"),
}
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def rows_of_settings() -> dict[str, str]:
    return dict(re.findall(r"^\| `([A-Z0-9_]+)` \| `?(.*?)`? \| .{10,} \|$", TEXT, re.MULTILINE))


def test_the_table_names_every_setting_and_no_other() -> None:
    assert set(rows_of_settings()) == KNOWN | ADDRESSES
    told = {name.removeprefix("BANGFU_").lower() for name in rows_of_settings()}
    assert {field.name for field in fields(Settings)} <= told


@pytest.mark.parametrize(
    "field", [f for f in fields(Settings) if isinstance(f.default, int | str)], ids=lambda f: f.name
)
def test_the_table_gives_the_default(field: Any) -> None:
    assert rows_of_settings()[f"BANGFU_{field.name.upper()}"] == str(field.default)


def lock(name: str) -> dict[str, str]:
    """Give package and version, each of which must carry a hash."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert [r for r in requirements if "--hash=sha256:" not in r] == []
    return dict(re.match(r"(\S+)==(\S+)", r).groups() for r in requirements)  # type: ignore[union-attr,misc]


def names(requirements: list[str]) -> dict[str, str]:
    pairs = (re.sub(r"\[.*?\]", "", requirement).split("==") for requirement in requirements)
    return {name.lower(): version for name, version in pairs}


def test_both_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = names(project["dependencies"])
    extra = {k: v for e in project["optional-dependencies"].values() for k, v in names(e).items()}
    full, production = lock("requirements.lock"), lock("requirements-prod.lock")
    assert wanted.items() <= production.items()
    assert (wanted | extra).items() <= full.items()
    assert production.items() <= full.items()
    assert extra.keys().isdisjoint(production)


def copied() -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_the_image_copies_what_exists_and_may_enter_it() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert set(copied()) == allowed
    assert [source for source in copied() if not (ROOT / source).exists()] == []


def test_the_image_holds_every_package_of_the_project() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    wanted = {name for name in packages if any(fnmatch(name, p) for p in patterns)}
    modules = {f"{name}.py" for name in settings["tool"]["setuptools"]["py-modules"]}
    assert wanted | modules <= set(copied())


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_compose_starts_each_service_after_what_it_needs() -> None:
    services = compose()["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "valkey"}
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "postgres": {"condition": "service_healthy"},
            "valkey": {"condition": "service_healthy"},
        }
    for name in ("postgres", "valkey"):
        assert services[name]["healthcheck"]["test"]


def test_compose_gives_known_settings_and_holds_no_secret() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for service in ("migrate", "web", "worker", "beat"):
        given = set(compose()["services"][service]["environment"])
        assert given - KNOWN - ADDRESSES - {"FORWARDED_ALLOW_IPS"} == set()
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    assert [name for name in asked - {"BANGFU_VERSION", "BANGFU_LISTEN"} if name not in TEXT] == []
    secret = {name for name in asked if re.search(r"KEY|PASSWORD", name)}
    assert [name for name in secret if f"${{{name}:-" in text] == []
    assert len(secret) == 6


def test_ci_runs_the_tests_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"


def test_make_says_what_can_be_done() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    targets = set(phony[1].split()) - {"check"}  # another name of test
    assert set(re.findall(r"make (\w+)  ", told.stdout)) == targets
    assert {"setup", "run", "test", "faults", "bench"} <= targets
