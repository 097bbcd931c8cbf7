"""The register and its benefit links as sheets: the same columns for template, import, export."""

from __future__ import annotations

from kernel.fields import Code, CreditCode, Day, EnumField, Schema
from kernel.fields import Text as TextField
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from registry.households.commands.imports import LinkRow
from registry.households.models.households import HouseholdClass
from registry.households.models.links import BenefitWay
from registry.households.models.reconciliations import DifferenceDecision, DifferenceKind
from registry.households.schemas.households import HouseholdIn
from registry.households.schemas.reconciliations import ListedDecisionIn, SurveyRowIn

CLASSES = labels_of(
    HouseholdClass,
    registered=("建档立卡户", "registered"),
    unstable=("脱贫不稳定户", "unstable"),
    marginal=("边缘易致贫户", "marginal"),
    sudden_difficulty=("突发严重困难户", "sudden difficulty"),
)
WAYS = labels_of(
    BenefitWay,
    unified_inputs=("统一供应农资", "unified inputs"),
    technique=("技术服务", "technique"),
    favourable_purchase=("保护价收购", "favourable purchase"),
    jobs=("吸纳就业", "jobs"),
    processing=("委托加工", "processing"),
    land_or_shares=("土地流转或入股", "land or shares"),
    other=("其他", "other"),
)
DIFFERENCE_KINDS = labels_of(
    DifferenceKind,
    only_register=("仅名册有", "only in the register"),
    only_survey=("仅调查表有", "only in the survey"),
    fields_differ=("栏目不同", "fields differ"),
)
DECISIONS = labels_of(
    DifferenceDecision,
    keep=("保留", "keep"),
    remove=("退出", "remove"),
    add=("新增", "add"),
    ignore=("不新增", "ignore"),
    take_survey=("以调查为准", "take survey"),
)

PERSONS = (
    Column("head_name", "户主姓名", "Head of household", personal=True),
    Column("id_number", "身份证号", "Identity number", Kind.IDENTITY, personal=True, width=22),
    Column("members", "家庭人口", "Members", Kind.WHOLE, width=10),
    Column("able_labour", "劳动力人数", "Able labour", Kind.WHOLE, width=10),
    Column("class", "户类型", "Class", Kind.CHOICE, labels=CLASSES),
    Column("willing", "有帮扶意愿", "Willing", Kind.FLAG, width=10),
    Column("phone", "联系电话", "Telephone", Kind.CODE, personal=True),
    Column("bank_card", "银行卡号", "Bank card", Kind.IDENTITY, personal=True, width=22),
)
VILLAGE = Column("village_code", "村代码", "Village code", Kind.CODE)

HOUSEHOLDS = Sheet(
    name="households",
    zh="农户名册",
    en="Households",
    columns=(VILLAGE, *PERSONS),
    schema=HouseholdIn(),
    unique=("id_number",),
)
"""The import: persons in clear, as the village writes them."""

HOUSEHOLDS_SHOWN = Sheet(
    name="households",
    zh="农户名册",
    en="Households",
    columns=(Column("code", "户编号", "Household code", width=26), VILLAGE, *PERSONS),
)
"""The export: persons masked, as the list shows them."""

SURVEYS = Sheet(
    name="surveys",
    zh="入户核查表",
    en="Survey",
    columns=(VILLAGE, *PERSONS[:6]),
    schema=SurveyRowIn(),
    unique=("id_number",),
)
"""What a survey found in the region of a reconciliation."""

DIFFERENCES = Sheet(
    name="reconciliation_decisions",
    zh="比对差异清单",
    en="Differences",
    columns=(
        Column("id", "差异标识", "Difference", width=38),
        Column("kind", "差异类别", "Kind", Kind.CHOICE, labels=DIFFERENCE_KINDS),
        Column("household_code", "户编号", "Household code", width=26),
        Column("survey_line", "调查表行号", "Line of the survey", Kind.WHOLE),
        Column("fields", "不同栏目", "Fields", width=30),
        Column("decision", "处理", "Decision", Kind.CHOICE, labels=DECISIONS),
        Column("reason", "理由", "Reason", width=40),
    ),
    schema=ListedDecisionIn(),
    unique=("id",),
)
"""Given out to be filled in, and handed in again decided; what is left open waits on."""


class LinkRowIn(Schema):
    """A benefit link by the codes that people know."""

    makes = LinkRow

    household_code = Code(required=True)
    credit_code = CreditCode(load_default=None)
    way = EnumField(BenefitWay, required=True)
    since_on = Day(required=True)
    terms = TextField(required=True, max=1000)


WAY = Column("way", "联结方式", "Way", Kind.CHOICE, labels=WAYS)
SINCE = Column("since_on", "起始日期", "Since", Kind.DAY)
TERMS = Column("terms", "约定内容", "Terms", width=40)

BENEFIT_LINKS = Sheet(
    name="benefit_links",
    zh="利益联结名册",
    en="Benefit links",
    columns=(
        Column("household_code", "户编号", "Household code", Kind.CODE, width=26),
        Column("credit_code", "统一社会信用代码", "Credit code", Kind.IDENTITY, width=22),
        WAY,
        SINCE,
        TERMS,
    ),
    schema=LinkRowIn(),
    unique=("household_code", "credit_code", "way", "since_on"),
)

BENEFIT_LINKS_SHOWN = Sheet(
    name="benefit_links",
    zh="利益联结名册",
    en="Benefit links",
    columns=(
        Column("id", "联结标识", "Link", width=38),
        Column("household_id", "农户标识", "Household", width=38),
        Column("organisation_id", "单位标识", "Organisation", width=38),
        WAY,
        SINCE,
        Column("until_on", "终止日期", "Until", Kind.DAY),
        TERMS,
    ),
)
