"""A page that reveals how somebody can be reached, for a stated purpose."""

from __future__ import annotations

from flask import render_template

from console.widgets.acts import Place
from console.widgets.asking import Form


def contact_page(form: Form, *, back: Place) -> str:
    """Ask for the purpose; once it was sent, show the contact this once."""
    done = form.sent()
    return render_template(
        "reviewer/contact.html",
        form=form,
        contact=done.answer["contact"] if done else None,
        is_shown=done is not None,
        back=back.address,
    )
