"""Organisations in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import CreditCode, EnumField, Instant, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from registry.organisations.commands import Amendment, NewOrganisation
from registry.organisations.models import OrganisationKind


class OrganisationsQuery(PageQuery):
    """Which organisations to list."""

    kind = EnumField(OrganisationKind, load_default=None)


class OrganisationIn(Schema):
    """An organisation to register."""

    makes = NewOrganisation

    credit_code = CreditCode(required=True)
    name = Text(required=True, max=120)
    kind = EnumField(OrganisationKind, required=True)
    region_code = RegionCode(required=True)
    supervising_id = Key(load_default=None, allow_none=True)


class AmendmentIn(Schema):
    """What to change; what is absent stays."""

    makes = Amendment

    name = Text(max=120)
    region_code = RegionCode()


class OrganisationOut(Schema):
    """An organisation."""

    id = Key(required=True)
    credit_code = fields.String(required=True)
    name = fields.String(required=True)
    kind = EnumField(OrganisationKind, required=True)
    region_code = RegionCode(required=True)
    supervising_id = Key(required=True, allow_none=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)
