"""The register's lists as files, in and out."""

from __future__ import annotations

from kernel.exports.lists import export_door
from kernel.imports.trying import row_by_row
from kernel.sheets.importing import ListImport
from registry.households.api.bases import assistance_bases, list_bases
from registry.households.api.cases import household_cases, list_cases, list_posted
from registry.households.api.coverage import household_coverage, list_leader_gaps, list_uncovered
from registry.households.api.households import KEEPS_REGISTER, households, list_households
from registry.households.api.incomes import household_incomes, list_incomes, warn
from registry.households.api.leaders import list_leaders, village_leaders
from registry.households.api.links import (
    KEEPS_LINKS,
    benefit_links,
    list_double_counts,
    list_evaluations,
    list_links,
)
from registry.households.api.members import household_members, list_priorities
from registry.households.api.pairings import list_gaps, list_loads, list_pairings, pairings
from registry.households.api.reconciliations import (
    RECONCILES,
    list_differences,
    list_runs,
    reconciliations,
)
from registry.households.api.shares import (
    ASSET,
    list_assets,
    list_holders,
    list_moves,
    share_assets,
)
from registry.households.commands.imports import HouseholdImport, link_by_codes
from registry.households.commands.reconciliations import decide_listed
from registry.households.commands.surveys import SurveyImport, check_awaited
from registry.households.schemas import lists
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

LISTS = (
    (households, "/households", list_households, HOUSEHOLDS_SHOWN),
    (benefit_links, "/benefit-links", list_links, BENEFIT_LINKS_SHOWN),
    (
        reconciliations,
        "/reconciliations/<uuid:reconciliation_id>/differences",
        list_differences,
        DIFFERENCES,
    ),
    (pairings, "/pairings", list_pairings, lists.PAIRINGS),
    (pairings, "/pairings/gaps", list_gaps, lists.GAPS),
    (pairings, "/pairings/loads", list_loads, lists.LOADS),
    (household_cases, "/household-cases", list_cases, lists.HOUSEHOLD_CASES),
    (household_cases, "/household-notices", list_posted, lists.HOUSEHOLD_NOTICES),
    (household_members, "/household-priorities", list_priorities, lists.PRIORITIES),
    (village_leaders, "/village-leaders", list_leaders, lists.LEADERS),
    (
        household_incomes,
        "/households/<uuid:household_id>/incomes",
        list_incomes,
        lists.HOUSEHOLD_INCOMES,
    ),
    (household_incomes, "/relapse-warnings", warn, lists.WARNINGS),
    (benefit_links, "/benefit-double-counts", list_double_counts, lists.DOUBLE_COUNTS),
    (benefit_links, "/benefit-evaluations", list_evaluations, lists.EVALUATIONS),
    (household_coverage, "/household-coverage/uncovered", list_uncovered, lists.UNCOVERED),
    (household_coverage, "/household-coverage/leader-gaps", list_leader_gaps, lists.LEADER_GAPS),
    (reconciliations, "/reconciliations", list_runs, lists.RECONCILIATIONS),
    (share_assets, "/share-assets", list_assets, lists.SHARE_ASSETS),
    (share_assets, f"{ASSET}/moves", list_moves, lists.SHARE_MOVES),
    (share_assets, f"{ASSET}/holders", list_holders, lists.SHARE_HOLDERS),
    (assistance_bases, "/assistance-bases", list_bases, lists.BASES),
)

for _blueprint, _path, _list, _sheet in LISTS:
    export_door(_blueprint, f"{_path}/export", of=_list, sheet=_sheet)
