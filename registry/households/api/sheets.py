"""The register's lists as files, in and out."""

from __future__ import annotations

from kernel.exports.lists import export_door
from kernel.imports.trying import row_by_row
from kernel.sheets.importing import ListImport
from registry.households.api.households import KEEPS_REGISTER, households, list_households
from registry.households.api.links import KEEPS_LINKS, benefit_links, list_links
from registry.households.api.reconciliations import (
    RECONCILES,
    list_differences,
    reconciliations,
)
from registry.households.commands.imports import HouseholdImport, link_by_codes
from registry.households.commands.reconciliations import decide_listed
from registry.households.commands.surveys import SurveyImport, check_awaited
from registry.households.schemas.sheets import (
    BENEFIT_LINKS,
    BENEFIT_LINKS_SHOWN,
    DIFFERENCES,
    HOUSEHOLDS,
    HOUSEHOLDS_SHOWN,
    SURVEYS,
)

HOUSEHOLD_IMPORT = ListImport(HOUSEHOLDS, KEEPS_REGISTER, HouseholdImport)
LINK_IMPORT = ListImport(BENEFIT_LINKS, KEEPS_LINKS, row_by_row(link_by_codes))
SURVEY_IMPORT = ListImport(SURVEYS, RECONCILES, SurveyImport, about=check_awaited)
DECISION_IMPORT = ListImport(DIFFERENCES, RECONCILES, row_by_row(decide_listed))

export_door(households, "/households/export", of=list_households, sheet=HOUSEHOLDS_SHOWN)
export_door(benefit_links, "/benefit-links/export", of=list_links, sheet=BENEFIT_LINKS_SHOWN)
export_door(
    reconciliations,
    "/reconciliations/<uuid:reconciliation_id>/differences/export",
    of=list_differences,
    sheet=DIFFERENCES,
)
