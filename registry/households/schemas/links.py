"""Benefit links, consents, results and double counts in JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import (
    Day,
    EnumField,
    Flag,
    Instant,
    Key,
    Money,
    PositiveMoney,
    QuantityField,
    RegionCode,
    Schema,
    Year,
)
from kernel.fields import Text as TextField
from kernel.paging import PageQuery
from kernel.quantity import Unit
from registry.households.commands.links import NewBenefitLink, NewResult
from registry.households.models.links import BenefitWay
from registry.regions.rules import NATION

MOST_PAPERS = 20


class BenefitLinkIn(Schema):
    """How an organisation is going to help a household."""

    makes = NewBenefitLink

    household_id = Key(required=True)
    organisation_id = Key(required=True)
    way = EnumField(BenefitWay, required=True)
    since_on = Day(required=True)
    terms = TextField(required=True, max=1000)
    product = TextField(load_default=None, allow_none=True, max=60)
    yearly_quantity = QuantityField(load_default=None, allow_none=True)
    unit = EnumField(Unit, load_default=None, allow_none=True)
    price_fen = PositiveMoney(load_default=None, allow_none=True)
    promised_fen = Money(load_default=None, allow_none=True)
    document_ids = fields.List(
        Key(), load_default=list, validate=ma.validate.Length(max=MOST_PAPERS)
    )


class BenefitLinkEndIn(Schema):
    """The first day on which the link no longer holds."""

    until_on = Day(required=True)


class BenefitLinksQuery(PageQuery):
    """Which benefit links to list."""

    household_id = Key(load_default=None)
    organisation_id = Key(load_default=None)


class BenefitLinkOut(Schema):
    """How an organisation helps a household."""

    id = Key(required=True)
    household_id = Key(required=True)
    organisation_id = Key(required=True)
    way = EnumField(BenefitWay, required=True)
    since_on = Day(required=True)
    until_on = Day(required=True, allow_none=True)
    terms = fields.String(required=True)
    product = fields.String(required=True, allow_none=True)
    yearly_quantity = QuantityField(required=True, allow_none=True)
    unit = EnumField(Unit, required=True, allow_none=True)
    price_fen = Money(required=True, allow_none=True)
    promised_fen = Money(required=True, allow_none=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)


class LinkPapersOut(Schema):
    """The papers that prove a benefit link."""

    document_ids = fields.List(Key(), required=True)


class ResultIn(Schema):
    """What a household had of a link in a year."""

    makes = NewResult

    year = Year(required=True, strict=True)
    benefit_fen = Money(required=True)
    document_id = Key(load_default=None, allow_none=True)


class ResultOut(Schema):
    """What a household had of a link in a year."""

    id = Key(required=True)
    benefit_link_id = Key(required=True)
    year = fields.Integer(required=True)
    benefit_fen = Money(required=True)
    document_id = Key(required=True, allow_none=True)
    recorded_at = Instant(required=True)


class ConsentIn(Schema):
    """The organisation that a household lets link it."""

    organisation_id = Key(required=True)


class ConsentOut(Schema):
    """A household's word that an organisation may link it."""

    id = Key(required=True)
    household_id = Key(required=True)
    organisation_id = Key(required=True)
    since_on = Day(required=True)
    until_on = Day(required=True, allow_none=True)
    version = fields.Integer(required=True)


class DoubleCountsQuery(PageQuery):
    """Whose double counts to list, and for which day; today where none is named."""

    organisation_id = Key(load_default=None)
    region = RegionCode(load_default=NATION)
    on = Day(load_default=None)


class DoubleCountOut(Schema):
    """A household that two organisations count in one way."""

    household_code = fields.String(required=True)
    way = EnumField(BenefitWay, required=True)
    benefit_link_id = Key(required=True)
    organisation_id = Key(required=True)
    other_benefit_link_id = Key(required=True)
    other_organisation_id = Key(required=True)
    same_quantity = Flag(required=True)


class EvaluationsQuery(PageQuery):
    """The year, and the organisation, whose effect on households is asked for."""

    year = Year(required=True)
    organisation_id = Key(load_default=None)


class EvaluationOut(Schema):
    """What an organisation's links gave in a year, beside what they promised."""

    organisation_id = Key(required=True)
    year = fields.Integer(required=True)
    links = fields.Integer(required=True)
    households = fields.Integer(required=True)
    promised_fen = Money(required=True)
    benefit_fen = Money(required=True)
    proved_households = fields.Integer(required=True)
    unproved_links = fields.Integer(required=True)
