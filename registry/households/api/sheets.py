"""The register's lists as files, in and out."""

from __future__ import annotations

from kernel.exports import export_door
from kernel.imports.trying import row_by_row
from kernel.sheets.importing import ListImport
from registry.households.api.households import KEEPS_REGISTER, households, list_households
from registry.households.api.links import KEEPS_LINKS, benefit_links, list_links
from registry.households.commands.imports import HouseholdImport, link_by_codes
from registry.households.schemas.sheets import (
    BENEFIT_LINKS,
    BENEFIT_LINKS_SHOWN,
    HOUSEHOLDS,
    HOUSEHOLDS_SHOWN,
)

HOUSEHOLD_IMPORT = ListImport(HOUSEHOLDS, KEEPS_REGISTER, HouseholdImport)
LINK_IMPORT = ListImport(BENEFIT_LINKS, KEEPS_LINKS, row_by_row(link_by_codes))

export_door(households, "/households/export", of=list_households, sheet=HOUSEHOLDS_SHOWN)
export_door(benefit_links, "/benefit-links/export", of=list_links, sheet=BENEFIT_LINKS_SHOWN)
