"""Who acts, and how far they see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID


class Sight(StrEnum):
    """How far an actor sees."""

    NONE = "none"
    ORGANISATION = "organisation"
    """The own organisation and what stands under it in the supervising tree."""
    REGION = "region"
    """The own region and everything inside it."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system) with their organisation, roles and sight.

    `lineage` is the path of the organisation in its tree, `/<id>/<id>/`, and `region_prefix`
    the beginning that all codes of the region's subtree share. `scopes` narrow what the roles
    open, None does not; a machine's token knows no idleness. `is_ageing` asks to note the use
    of the token. An organisation that has ended `may_write` nothing.
    """

    user_id: UUID
    organisation_id: UUID | None = None
    organisation_kind: str = ""
    lineage: str = ""
    region_code: str = ""
    region_prefix: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    sight: Sight = Sight.NONE
    token_id: UUID | None = None
    scopes: frozenset[str] | None = None
    is_machine: bool = False
    is_ageing: bool = False
    may_write: bool = True

    def has(self, *roles: str) -> bool:
        """Say whether the actor holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(user_id=UUID(int=0), sight=Sight.ALL)
"""Tasks, handlers, and commands that must look beyond their actor's sight."""

ANYONE = Actor(user_id=UUID(int=1))
"""The public: known to nobody, sees only public views."""


def actor_standing(*standing: Any, **said_by_token: Any) -> Actor:
    """Give the actor of a row: user, organisation, its kind, lineage and region, roles, sight."""
    user_id, organisation_id, kind, lineage, region_code, region_prefix, roles, sight = standing
    return Actor(
        user_id=user_id,
        organisation_id=organisation_id,
        organisation_kind=kind,
        lineage=lineage,
        region_code=region_code,
        region_prefix=region_prefix,
        roles=frozenset(roles),
        sight=Sight(sight),
        **said_by_token,
    )


def kept(actor: Actor) -> dict[str, Any]:
    """Give an actor in JSON, for a task that works for them later, as they were allowed then."""
    return {
        "user_id": str(actor.user_id),
        "organisation_id": str(actor.organisation_id),
        "organisation_kind": str(actor.organisation_kind),
        "lineage": actor.lineage,
        "region_code": actor.region_code,
        "region_prefix": actor.region_prefix,
        "roles": sorted(str(role) for role in actor.roles),
        "sight": actor.sight.value,
    }


def actor_of(kept: Mapping[str, Any]) -> Actor:
    """Give the actor that was kept."""
    return Actor(
        user_id=UUID(kept["user_id"]),
        organisation_id=UUID(kept["organisation_id"]),
        organisation_kind=kept["organisation_kind"],
        lineage=kept["lineage"],
        region_code=kept["region_code"],
        region_prefix=kept["region_prefix"],
        roles=frozenset(kept["roles"]),
        sight=Sight(kept["sight"]),
    )
