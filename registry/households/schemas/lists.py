"""The register's other lists as sheets; persons stand in them as masked as in the lists."""

from __future__ import annotations

from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from registry.households.models.cases import CaseKind, CaseStatus
from registry.households.models.households import HouseholdState
from registry.households.models.incomes import IncomeKind
from registry.households.models.pairings import PairingKind
from registry.households.models.shares import ShareMoveKind
from registry.households.schemas.sheets import CLASSES, SINCE, VILLAGE, WAY

CASES = labels_of(
    CaseKind, identification=("识别", "identification"), removal=("风险消除", "removal")
)
CASE_STATES = labels_of(
    CaseStatus,
    clue=("线索", "clue"),
    visited=("已入户", "visited"),
    compared=("已比对", "compared"),
    in_notice=("公示中", "in notice"),
    town_checked=("镇级已核", "town checked"),
    decided=("已决定", "decided"),
    returned=("已退回", "returned"),
    rejected=("不予通过", "rejected"),
    withdrawn=("已撤回", "withdrawn"),
)
INCOMES = labels_of(
    IncomeKind,
    wage=("工资性", "wage"),
    business=("经营性", "business"),
    property=("财产性", "property"),
    transfer=("转移性", "transfer"),
)
STATES = labels_of(
    HouseholdState,
    candidate=("待识别", "candidate"),
    listed=("在册", "listed"),
    observed=("观察期", "observed"),
    exited=("已退出", "exited"),
    dismissed=("未纳入", "dismissed"),
)
SHARE_MOVE_KINDS = labels_of(
    ShareMoveKind,
    issue=("配股", "issue"),
    transfer=("转让", "transfer"),
    withdrawal=("收回", "withdrawal"),
)
PAIRINGS_KINDS = labels_of(
    PairingKind,
    designated_aid=("定点帮扶", "designated aid"),
    east_west=("东西部协作", "east and west"),
    enterprise_village=("千企帮村", "enterprise and village"),
    cooperative_household=("万社联户", "cooperative and household"),
)

HOUSEHOLD_CODE = Column("household_code", "户编号", "Household code", width=26)
CODE = Column("code", "户编号", "Household code", width=26)
CLASS = Column("class", "户类型", "Class", Kind.CHOICE, labels=CLASSES)
WANTED = Column("wanted_class", "拟定户类型", "Wanted class", Kind.CHOICE, labels=CLASSES)
CASE = Column("kind", "事项", "Kind", Kind.CHOICE, labels=CASES)
YEAR = Column("year", "年度", "Year", Kind.WHOLE)
MEMBERS = Column("members", "家庭人口", "Members", Kind.WHOLE, width=10)
ABLE = Column("able_labour", "劳动力人数", "Able labour", Kind.WHOLE, width=10)
UNTIL = Column("until_on", "终止日期", "Until", Kind.DAY)
SOURCE = Column("source", "依据", "Source", width=40)
REGION = Column("region_code", "地区代码", "Region", Kind.CODE)

PAIRINGS = Sheet(
    name="pairings",
    zh="结对帮扶清单",
    en="Pairings",
    columns=(
        Column("id", "结对标识", "Pairing", width=38),
        Column("kind", "结对类别", "Kind", Kind.CHOICE, labels=PAIRINGS_KINDS),
        Column("helper_id", "帮扶单位标识", "Helper", width=38),
        VILLAGE,
        Column("household_id", "农户标识", "Household", width=38),
        SINCE,
        UNTIL,
        SOURCE,
    ),
)
LOADS = Sheet(
    name="helper_loads",
    zh="超负荷帮扶责任人",
    en="Helpers with too many households",
    columns=(
        Column("helper_id", "帮扶单位标识", "Helper", width=38),
        Column("helper_user_id", "帮扶责任人标识", "Responsible person", width=38),
        Column("households", "结对户数", "Households", Kind.WHOLE),
    ),
)
GAPS = Sheet(
    name="pairing_gaps",
    zh="结对空档",
    en="Gaps in pairing",
    columns=(VILLAGE, HOUSEHOLD_CODE, SINCE, UNTIL),
)
HOUSEHOLD_CASES = Sheet(
    name="household_cases",
    zh="识别与风险消除事项",
    en="Cases",
    columns=(
        Column("number", "编号", "Number", width=28),
        CASE,
        VILLAGE,
        WANTED,
        Column("status", "状态", "Status", Kind.CHOICE, labels=CASE_STATES),
        Column("round", "轮次", "Round", Kind.WHOLE),
        Column("opened_on", "开始日期", "Opened", Kind.DAY),
        Column("due_on", "办理期限", "Due", Kind.DAY),
    ),
)
HOUSEHOLD_NOTICES = Sheet(
    name="household_notices",
    zh="农户公示清单",
    en="Notices about households",
    columns=(
        Column("notice_number", "公示编号", "Notice", width=28),
        CASE,
        HOUSEHOLD_CODE,
        VILLAGE,
        WANTED,
        Column("opens_on", "开始日期", "Opens", Kind.DAY),
        Column("closes_on", "截止日期", "Closes", Kind.DAY),
    ),
)
PRIORITIES = Sheet(
    name="household_priorities",
    zh="资产收益优先次序",
    en="Order of asset income",
    columns=(
        Column("rank", "次序", "Rank", Kind.WHOLE),
        CODE,
        VILLAGE,
        CLASS,
        MEMBERS,
        ABLE,
    ),
)
LEADERS = Sheet(
    name="village_leaders",
    zh="致富带头人",
    en="Leaders",
    columns=(
        Column("id", "带头人标识", "Leader", width=38),
        VILLAGE,
        Column("name", "姓名", "Name"),
        Column("trade", "产业", "Trade"),
        SINCE,
        UNTIL,
    ),
)
HOUSEHOLD_INCOMES = Sheet(
    name="household_incomes",
    zh="农户收入",
    en="Incomes",
    columns=(
        Column("id", "收入标识", "Income", width=38),
        YEAR,
        Column("kind", "收入类别", "Kind", Kind.CHOICE, labels=INCOMES),
        Column("amount_fen", "金额（元）", "Amount (yuan)", Kind.YUAN),
        Column("source", "来源", "Source"),
        Column("reverses_id", "冲销", "Reverses", width=38),
        Column("recorded_at", "记录时间", "Recorded", width=24),
    ),
)
WARNINGS = Sheet(
    name="relapse_warnings",
    zh="返贫预警清单",
    en="Warnings",
    columns=(
        CODE,
        VILLAGE,
        CLASS,
        Column("state", "状态", "State"),
        MEMBERS,
        Column("total_fen", "年收入（元）", "Income (yuan)", Kind.YUAN),
        Column("per_head_fen", "人均（元）", "Per head (yuan)", Kind.YUAN),
        Column("standing", "与标准相比", "Against the line"),
    ),
)
DOUBLE_COUNTS = Sheet(
    name="benefit_double_counts",
    zh="重复计数清单",
    en="Double counts",
    columns=(
        HOUSEHOLD_CODE,
        WAY,
        Column("organisation_id", "单位标识", "Organisation", width=38),
        Column("other_organisation_id", "另一单位标识", "Other organisation", width=38),
        Column("same_quantity", "同一数量", "Same quantity", Kind.FLAG),
    ),
)
EVALUATIONS = Sheet(
    name="benefit_evaluations",
    zh="带动成效评价",
    en="Evaluations",
    columns=(
        Column("organisation_id", "单位标识", "Organisation", width=38),
        YEAR,
        Column("links", "联结数", "Links", Kind.WHOLE),
        Column("households", "户数", "Households", Kind.WHOLE),
        Column("promised_fen", "约定（元）", "Promised (yuan)", Kind.YUAN),
        Column("benefit_fen", "实得（元）", "Had (yuan)", Kind.YUAN),
        Column("proved_households", "有凭证户数", "Proved households", Kind.WHOLE),
        Column("unproved_links", "无凭证联结数", "Unproved links", Kind.WHOLE),
    ),
)
UNCOVERED = Sheet(
    name="uncovered_households",
    zh="未覆盖农户",
    en="Households without help",
    columns=(HOUSEHOLD_CODE, VILLAGE, CLASS, ABLE),
)
LEADER_GAPS = Sheet(
    name="leader_gaps",
    zh="带头人不足的村",
    en="Villages short of leaders",
    columns=(
        VILLAGE,
        Column("name", "村名", "Village"),
        Column("leaders", "带头人数", "Leaders", Kind.WHOLE),
    ),
)
RECONCILIATIONS = Sheet(
    name="reconciliations",
    zh="名册比对清单",
    en="Reconciliations",
    columns=(
        Column("number", "编号", "Number", width=28),
        REGION,
        Column("survey", "调查", "Survey", width=24),
        Column("surveyed_on", "调查日期", "Surveyed", Kind.DAY),
        Column("register_households", "名册户数", "On the register", Kind.WHOLE),
        Column("survey_households", "调查户数", "In the survey", Kind.WHOLE),
        Column("same_households", "相同户数", "Same", Kind.WHOLE),
        Column("undecided", "待处理", "Undecided", Kind.WHOLE),
        Column("after_households", "比对后户数", "Afterwards", Kind.WHOLE),
        Column("closed_at", "结束时间", "Closed", width=24),
    ),
)
SHARE_ASSETS = Sheet(
    name="share_assets",
    zh="折股量化资产",
    en="Assets in shares",
    columns=(
        Column("number", "编号", "Number", width=28),
        VILLAGE,
        Column("name", "资产名称", "Asset", width=30),
        Column("operator_id", "经营单位标识", "Operator", width=38),
        Column("value_fen", "资产价值（元）", "Value (yuan)", Kind.YUAN),
        Column("shares", "总股数", "Shares", Kind.WHOLE),
        Column("issued", "已配股数", "Issued", Kind.WHOLE),
        SOURCE,
    ),
)
SHARE_MOVES = Sheet(
    name="share_moves",
    zh="股份变动台账",
    en="Moves of shares",
    columns=(
        Column("moved_on", "变动日期", "Day", Kind.DAY),
        Column("kind", "变动类别", "Kind", Kind.CHOICE, labels=SHARE_MOVE_KINDS),
        Column("giver_code", "转出户编号", "From household", width=26),
        Column("taker_code", "转入户编号", "To household", width=26),
        Column("shares", "股数", "Shares", Kind.WHOLE),
        Column("reason", "事由", "Reason", width=40),
    ),
)
SHARE_HOLDERS = Sheet(
    name="share_holders",
    zh="持股名册",
    en="Holders of shares",
    columns=(
        HOUSEHOLD_CODE,
        Column("household_state", "农户状态", "Standing", Kind.CHOICE, labels=STATES),
        Column("shares", "股数", "Shares", Kind.WHOLE),
    ),
)
BASES = Sheet(
    name="assistance_bases",
    zh="消费帮扶基地",
    en="Bases of consumption assistance",
    columns=(
        Column("city_code", "地市代码", "City", Kind.CODE),
        Column("name", "基地名称", "Base", width=30),
        Column("operator_id", "经营单位标识", "Operator", width=38),
        SINCE,
        UNTIL,
        SOURCE,
    ),
)
