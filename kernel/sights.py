"""Who sees what a paper is about, asked of the room that the thing belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app

from kernel.package import Sighted


def sights() -> Mapping[str, Sighted]:
    """Give, by kind of thing, the select of the keys that an actor sees."""
    packages = current_app.extensions["bangfu.packages"]
    return {kind: seen for package in packages for kind, seen in package.sights.items()}
