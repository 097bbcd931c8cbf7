"""Pages of the rules: policies, the union's rules, schemes by version."""

from __future__ import annotations

from flask import Blueprint, render_template

from console.widgets.asking import ask, listed
from console.widgets.pages import page
from console.widgets.words import N_
from kernel.http import PUBLIC

rules = Blueprint("admin_rules", __name__, url_prefix="/rules")
PART = N_("规则与依据")


@rules.get("/policies")
@page(rules, allow=PUBLIC, menu=(PART, N_("预留份额政策")))
def policies() -> str:
    """List the share policies, each version with its years and source."""
    found = listed("policies.list_policies")
    return render_template("admin/policies.html", found=found)


@rules.get("/union-rules")
@page(rules, allow=PUBLIC, menu=(PART, N_("工会经费规定")))
def union_rules() -> str:
    """List the rules of the union, each version with its years and source."""
    found = listed("policies.list_union_rules")
    return render_template("admin/union_rules.html", found=found)


@rules.get("/schemes")
@page(rules, allow=PUBLIC, menu=(PART, N_("认定方案")))
def schemes() -> str:
    """List the certification schemes in force."""
    return render_template("admin/schemes.html", found=ask("criteria.list_schemes"))


@rules.get("/schemes/<code>")
@page(rules, allow=PUBLIC)
def scheme(code: str) -> str:
    """Show every version of a scheme, the newest first."""
    return render_template("admin/scheme.html", found=ask("criteria.list_versions", code=code))
