"""JSON and sheet of a household's own statement and its questions."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Instant, Key, Money, Schema, Text, Year
from kernel.paging import PageQuery, page_schema
from kernel.sheets.columns import Column, Sheet
from marketplace.attribution.models.payouts import PayoutLineStatus
from marketplace.attribution.schemas.payouts import ALL_DIGITS

LONGEST = 500


class HouseholdStatementIn(Schema):
    """The household's number and the code it was handed; which year; what it asks."""

    number = Code(required=True)
    code = fields.String(required=True, validate=ALL_DIGITS)
    year = Year(load_default=None)
    question = Text(load_default=None, max=LONGEST)


class AskedOut(Schema):
    """What was asked last, and the answer."""

    question = fields.String(required=True)
    asked_at = Instant(required=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = Instant(required=True, allow_none=True)


class LastPayoutOut(Schema):
    """The money that left for the household last."""

    number = fields.String(required=True)
    amount_fen = Money(required=True)
    paid_on = Day(required=True)
    status = EnumField(PayoutLineStatus, required=True)


class HouseholdStatementOut(Schema):
    """A household's year in figures, without a name."""

    number = fields.String(attribute="household_code", required=True)
    year = fields.Integer(required=True)
    orders = fields.Integer(required=True)
    attributed_fen = Money(required=True)
    paid_out_fen = Money(required=True)
    confirmed_fen = Money(required=True)
    waiting_fen = Money(required=True)
    income_fen = Money(required=True)
    last = fields.Nested(LastPayoutOut, required=True, allow_none=True)
    question = fields.Nested(AskedOut, required=True, allow_none=True)


class HouseholdQuestionQuery(PageQuery):
    """Which questions: those that wait, or those that were answered."""

    is_open = fields.Boolean(data_key="open", load_default=None, truthy={"true"}, falsy={"false"})


class HouseholdQuestionOut(AskedOut):
    """A question with the household that asked it, by code."""

    id = Key(required=True)
    household_code = fields.String(required=True)
    household_id = Key(required=True)
    village_code = fields.String(required=True)

    def get_attribute(self, obj: object, attr: str, default: object) -> object:
        """Read what is not the household's of the question itself."""
        of = obj if attr.endswith("_code") else getattr(obj, "question", obj)
        return super().get_attribute(of, attr, default)


class HouseholdAnswerIn(Schema):
    """What a household is answered."""

    answer = Text(required=True, max=LONGEST)


HOUSEHOLD_QUESTION_PAGE = page_schema(HouseholdQuestionOut)

HOUSEHOLD_QUESTIONS = Sheet(
    name="household_questions",
    zh="农户提问",
    en="Questions of households",
    columns=(
        Column("household_code", "户编号", "Household code", width=26),
        Column("village_code", "村编码", "Village code", width=16),
        Column("asked_at", "提出时间", "Asked at", width=26),
        Column("question", "内容", "Question", width=40),
        Column("answered_at", "答复时间", "Answered at", width=26),
        Column("answer", "答复", "Answer", width=40),
    ),
)
