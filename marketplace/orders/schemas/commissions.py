"""Adopting a plot, its harvest, and what is chosen when it fails, as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Key, QuantityField, Schema
from marketplace.campaigns.models.commissions import FailureRule
from marketplace.lots.schemas import MAX_CONTRIBUTIONS, ContributionIn
from marketplace.orders.commands.commissions import NewAdoption, NewHarvest
from marketplace.orders.schemas.orders import DeliveryIn
from procurement.quotas.models import Fund


class AdoptionIn(Schema):
    """For which unit and from which fund a plot is adopted, and where its harvest goes."""

    makes = NewAdoption

    bound_unit_id = Key(required=True)
    fund = EnumField(Fund, required=True)
    delivery = fields.Nested(DeliveryIn, required=True)


class HarvestIn(Schema):
    """What was harvested of a plot, in its unit."""

    makes = NewHarvest

    harvested_on = Day(required=True)
    expires_on = Day(allow_none=True)
    contributions = fields.List(
        fields.Nested(ContributionIn), validate=ma.validate.Length(max=MAX_CONTRIBUTIONS)
    )
    own_quantity = QuantityField(zero=True)


class OutcomeIn(Schema):
    """Like goods, or the money back."""

    outcome = EnumField(FailureRule, required=True)
