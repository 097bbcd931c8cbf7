"""Pages of the audit trail: who did what, the proof of the chain, and the promises of the house."""

from __future__ import annotations

from flask import Blueprint, render_template

from console.widgets.asking import ask, listed
from console.widgets.names import learn_names
from console.widgets.pages import page
from console.widgets.words import N_

trail = Blueprint("admin_trail", __name__, url_prefix="/audit")
PART = N_("审计")


@trail.get("/")
@page(trail, allow="trails.index", menu=(PART, N_("审计查询")))
def index() -> str:
    """List acts, refused ones too, the newest first."""
    found = listed("trails.index")
    learn_names([one["organisation_id"] for one in found["items"] if one["organisation_id"]])
    return render_template("admin/trail.html", found=found)


@trail.get("/proof")
@page(trail, allow="trails.prove", menu=(PART, N_("链校验")))
def proof() -> str:
    """Prove the chain again, and say what was found."""
    return render_template("admin/proof.html", found=ask("trails.prove"))


@trail.get("/promises")
@page(trail, allow="operations.invariants", menu=(PART, N_("账实核对")))
def promises() -> str:
    """Judge every promise of the house now."""
    return render_template("admin/promises.html", found=ask("operations.invariants"))
