"""Benefit links in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Schema
from kernel.fields import Text as TextField
from kernel.paging import PageQuery
from registry.households.commands.links import NewBenefitLink
from registry.households.models.links import BenefitWay


class BenefitLinkIn(Schema):
    """How an organisation is going to help a household."""

    makes = NewBenefitLink

    household_id = Key(required=True)
    organisation_id = Key(required=True)
    way = EnumField(BenefitWay, required=True)
    since_on = Day(required=True)
    terms = TextField(required=True, max=1000)


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
    created_at = Instant(required=True)
    version = fields.Integer(required=True)
