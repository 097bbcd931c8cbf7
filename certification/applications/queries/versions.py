"""What was handed in, round by round."""

from __future__ import annotations

from sqlalchemy import select

from certification.applications.models import Application, ApplicationVersion
from kernel.actor import Actor
from kernel.database import db


def list_versions(actor: Actor, application: Application) -> list[ApplicationVersion]:
    """List the versions of an application that the actor was given, the first first."""
    del actor  # whoever was given the application sees its rounds
    query = select(ApplicationVersion).where(ApplicationVersion.application_id == application.id)
    return list(db.session.scalars(query.order_by(ApplicationVersion.round)))
