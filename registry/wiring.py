"""What the register plugs into the house."""

from __future__ import annotations

from sqlalchemy import Uuid, cast, literal, select, text, union_all
from sqlalchemy.orm import InstrumentedAttribute

from kernel.package import Invariant, Package, Schedule
from registry.accounts.api.accounts import accounts
from registry.accounts.api.myself import myself
from registry.accounts.commands.sessions import keep_alive
from registry.accounts.models import Disclosure
from registry.accounts.queries.accounts import authenticate
from registry.documents.api import documents
from registry.documents.models import Document
from registry.documents.rules import IDENTITY
from registry.errors.constraints import CONSTRAINTS
from registry.households.api.bases import assistance_bases
from registry.households.api.cases import household_cases
from registry.households.api.coverage import household_coverage
from registry.households.api.households import households
from registry.households.api.incomes import household_incomes
from registry.households.api.leaders import village_leaders
from registry.households.api.links import benefit_links
from registry.households.api.members import household_members
from registry.households.api.moves import household_moves
from registry.households.api.pairings import pairings
from registry.households.api.reconciliations import reconciliations
from registry.households.api.shares import share_assets
from registry.households.api.sheets import (
    DECISION_IMPORT,
    HOUSEHOLD_IMPORT,
    LINK_IMPORT,
    SURVEY_IMPORT,
)
from registry.households.commands.settings import load_register_settings
from registry.households.models.bases import AssistanceBase
from registry.households.models.cases import HouseholdCase, HouseholdCaseStep
from registry.households.models.households import VillageLeader
from registry.households.models.incomes import HouseholdIncome
from registry.households.models.links import BenefitLink
from registry.households.models.reconciliations import Reconciliation, ReconciliationDifference
from registry.households.models.shares import ShareAsset, ShareMove
from registry.households.queries.imports import find_households_in_sight
from registry.households.tasks import end_due_observations
from registry.notices.api import notices
from registry.notices.commands.settings import load_notice_rules
from registry.notices.models import Notice, NoticePosting, Objection
from registry.organisations.api import ORGANISATION_IMPORT, organisations
from registry.organisations.models import Organisation
from registry.regions.api import DESIGNATION_IMPORT, VILLAGE_IMPORT, regions
from registry.regions.commands.regions import load_regions

WRITTEN_BY_PEOPLE: tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ...] = (
    Organisation.name,
    Document.number,
    Document.issuer,
    Document.scope,
    Notice.rule_source,
    Objection.text,
    Objection.published_text,
    NoticePosting.place,
    Objection.reply,
    BenefitLink.terms,
    BenefitLink.product,
    HouseholdCase.clue,
    HouseholdCaseStep.opinion,
    HouseholdIncome.note,
    Reconciliation.survey,
    ReconciliationDifference.reason,
    VillageLeader.trade,
    ShareAsset.name,
    ShareAsset.source,
    ShareMove.reason,
    AssistanceBase.name,
    AssistanceBase.source,
    Disclosure.purpose,
)
"""Every text column of the room that somebody types into."""

INVARIANTS = (
    Invariant(
        "I12_administrators",
        "平台管理员不兼任其他角色 / a platform administrator holds no other role",
        text(
            "SELECT user_id FROM membership GROUP BY user_id"
            " HAVING bool_or(role = 'platform_admin') AND count(*) > 1"
        ),
    ),
    Invariant(
        "I14_persons",
        "明文中没有身份证号或银行卡号 / no identity or bank card number stands in clear text",
        union_all(
            *(
                select(literal(str(column)), cast(column.class_.id, Uuid)).where(
                    column.op("~")(IDENTITY.pattern)
                )
                for column in WRITTEN_BY_PEOPLE
            )
        ),
    ),
    Invariant(
        "I17_lineage",
        "单位的隶属链等于主管单位的链加自身 /"
        " every organisation's lineage is its supervising one's and its own id",
        text(
            "SELECT one.id FROM organisation one"
            " LEFT JOIN organisation above ON above.id = one.supervising_id"
            " WHERE one.lineage <> coalesce(above.lineage, '/') || one.id || '/'"
        ),
    ),
    Invariant(
        "I18_memberships",
        "每个账号在所代表的单位都有角色 / every user holds a role in the organisation they act for",
        text(
            "SELECT one.id FROM app_user one WHERE NOT EXISTS (SELECT FROM membership held"
            " WHERE held.user_id = one.id AND held.organisation_id = one.organisation_id)"
        ),
    ),
    Invariant(
        "I19_notices",
        "异议都在公示期内提出 / every objection was lodged while its notice ran",
        text(
            "SELECT said.id FROM objection said JOIN notice ON notice.id = said.notice_id"
            " WHERE (said.lodged_at AT TIME ZONE 'Asia/Shanghai')::date"
            " NOT BETWEEN notice.opens_on AND notice.closes_on - 1"
        ),
    ),
    Invariant(
        "I20_benefit_links",
        "同一农户、主体和方式的联结不重叠 /"
        " links of one household, organisation and way do not overlap",
        text(
            "SELECT one.id, other.id FROM benefit_link one JOIN benefit_link other"
            " USING (household_id, organisation_id, way) WHERE one.id < other.id AND"
            " daterange(one.since_on, one.until_on) && daterange(other.since_on, other.until_on)"
        ),
    ),
    Invariant(
        "I25_helper_loads",
        "帮扶责任人的负担与结对一致 / what each helper carries is what its pairings say",
        text(
            "WITH counted AS MATERIALIZED (SELECT one.* FROM"
            " (SELECT array_agg(DISTINCT helper_id) AS ids FROM pairing) helping,"
            " count_helper_loads(helping.ids) one), kept AS (SELECT place, helper_id,"
            " helper_user_id, since_on, until_on, households FROM helper_load)"
            " SELECT helper_id FROM"
            " ((TABLE kept EXCEPT TABLE counted) UNION (TABLE counted EXCEPT TABLE kept)) odd"
        ),
    ),
    Invariant(
        "I27_double_links",
        "重复计户与联结一致 / what counts a household twice is what its links say",
        text(
            "WITH found AS MATERIALIZED (SELECT one.* FROM"
            " (SELECT array_agg(DISTINCT household_id) AS ids FROM benefit_link) linked,"
            " find_double_links(linked.ids) one) SELECT household_id FROM"
            " ((TABLE double_link EXCEPT TABLE found) UNION"
            " (TABLE found EXCEPT TABLE double_link)) odd"
        ),
    ),
    Invariant(
        "I28_pairing_turns",
        "各地结对数与结对一致 / how many pairings hold in a place is what the pairings say",
        text(
            "WITH counted AS (SELECT left(village_code, digits), kind, turns_on, sum(change)"
            " FROM (SELECT village_code, kind, since_on AS turns_on, 1 AS change FROM pairing"
            " UNION ALL SELECT village_code, kind, until_on, -1 FROM pairing"
            " WHERE until_on IS NOT NULL) turns, unnest(ARRAY[0, 2, 4, 6, 9, 12]) digits"
            " GROUP BY 1, 2, 3 HAVING sum(change) <> 0),"
            " kept AS (SELECT place, kind, turns_on, change::bigint FROM pairing_turn"
            " WHERE change <> 0) SELECT kind FROM"
            " ((TABLE kept EXCEPT TABLE counted) UNION (TABLE counted EXCEPT TABLE kept)) odd"
        ),
    ),
    Invariant(
        "I26_shares",
        "各户持有的股份与变动一致，合计等于发行数 /"
        " what holders have of an asset is what was moved, and together what was issued",
        text(
            "WITH moved AS (SELECT asset_id, taker_id AS holder_id, shares FROM share_move"
            " WHERE kind <> 'withdrawal' UNION ALL SELECT asset_id, giver_id, -shares"
            " FROM share_move WHERE kind <> 'issue'), held AS (SELECT asset_id, holder_id,"
            " sum(shares) AS shares FROM moved GROUP BY 1, 2 HAVING sum(shares) <> 0),"
            " kept AS (SELECT asset_id, household_id, shares FROM share_holding WHERE shares <> 0)"
            " (SELECT asset_id FROM (TABLE held EXCEPT TABLE kept) missing UNION"
            " SELECT asset_id FROM (TABLE kept EXCEPT TABLE held) surplus) UNION"
            " SELECT id FROM share_asset WHERE issued <> (SELECT coalesce(sum(shares), 0)"
            " FROM share_holding WHERE asset_id = share_asset.id)"
        ),
    ),
    Invariant(
        "I22_standing",
        "农户现状与最近一次变更一致 / every household stands as the last row of its history says",
        text(
            "SELECT one.id FROM household one LEFT JOIN LATERAL (SELECT * FROM household_change"
            " WHERE household_id = one.id ORDER BY from_on DESC, position DESC LIMIT 1) last"
            " ON true WHERE (one.class, one.state, one.members, one.able_labour, one.willing)"
            " IS DISTINCT FROM"
            " (last.class, last.state, last.members, last.able_labour, last.willing)"
        ),
    ),
    Invariant(
        "I23_cases",
        "村级公示期满，镇级才审核 /"
        " no case was passed by the town before its village notice was over",
        text(
            "SELECT step.id FROM household_case_step step"
            " LEFT JOIN notice ON notice.subject_kind = 'household_case'"
            " AND notice.subject_id = step.case_id AND (step.at AT TIME ZONE 'Asia/Shanghai')::date"
            " >= notice.closes_on"
            " WHERE step.step = 'town_check' AND notice.id IS NULL"
        ),
    ),
    Invariant(
        "I24_reconciliations",
        "两份名册逐户对清：相同、不同、缺少合计相符，整改后也相符 /"
        " two registers are accounted for: same, differing and missing add up, and so does after",
        text(
            "SELECT run.id FROM reconciliation run, LATERAL (SELECT"
            " count(*) FILTER (WHERE kind = 'only_register') only_register,"
            " count(*) FILTER (WHERE kind = 'only_survey') only_survey,"
            " count(*) FILTER (WHERE kind = 'fields_differ') differ,"
            " count(*) FILTER (WHERE decision = 'remove') removed,"
            " count(*) FILTER (WHERE decision = 'add') added,"
            " count(*) FILTER (WHERE decision IS NULL) undecided"
            " FROM reconciliation_difference WHERE reconciliation_id = run.id) found"
            " WHERE run.register_households <> run.same_households + differ + only_register"
            " OR run.survey_households <> run.same_households + differ + only_survey"
            " OR run.after_households <> run.register_households - removed + added"
            " OR (run.closed_at IS NOT NULL AND undecided > 0)"
        ),
    ),
    Invariant(
        "I21_disclosures",
        "查看明文都留有审计记录 / everything read in clear left its audit row",
        text(
            "SELECT one.id FROM disclosure one WHERE NOT EXISTS (SELECT FROM audit_row WHERE"
            " audit_row.action = 'disclose' AND audit_row.user_id = one.user_id AND"
            " audit_row.subject_kind = one.subject_kind AND"
            " audit_row.subject_id = one.subject_id::text AND audit_row.at = one.at)"
        ),
    ),
)

REGISTRY = Package(
    name="registry",
    blueprints=(
        regions,
        organisations,
        accounts,
        myself,
        documents,
        notices,
        households,
        benefit_links,
        household_cases,
        household_members,
        household_moves,
        village_leaders,
        household_incomes,
        household_coverage,
        reconciliations,
        pairings,
        share_assets,
        assistance_bases,
    ),
    schedule={"end observations": Schedule(task=end_due_observations, every=3600.0)},
    invariants=INVARIANTS,
    constraints=CONSTRAINTS,
    reference=(load_regions, load_notice_rules, load_register_settings),
    imports=(
        VILLAGE_IMPORT,
        DESIGNATION_IMPORT,
        ORGANISATION_IMPORT,
        HOUSEHOLD_IMPORT,
        LINK_IMPORT,
        SURVEY_IMPORT,
        DECISION_IMPORT,
    ),
    sights={"household": find_households_in_sight},
    authenticate=authenticate,
    keep_alive=keep_alive,
)
