"""Keep an organisation from ending while something new is written for it."""

from __future__ import annotations

from kernel.actor import SYSTEM
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import lock_against_ending
from registry.organisations.rules import check_live


def keep_organisation(organisation_id: OrganisationId) -> Organisation:
    """Give an organisation that lives until the transaction is over (NotFound, OrganisationEnded).

    Many may keep it at once; who ends it waits for them, and they for who ends it.
    """
    organisation = lock_against_ending(SYSTEM, organisation_id)
    check_live(organisation)
    return organisation
