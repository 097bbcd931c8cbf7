"""Accounts, tokens and oneself in JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, EnumField, Instant, Key, Schema, Text
from registry.accounts.commands import NewUser
from registry.accounts.models import Role
from registry.organisations.schemas import OrganisationOut


class RoleNames(fields.List[str]):
    """Roles by name, sorted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.String(), **kwargs)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any] | None:
        return super()._serialize(sorted(value), *args, **kwargs)


class TokenIn(Schema):
    """A name and its password; `totp` is not looked at while the account has no second factor."""

    username = Text(required=True, max=64)
    password = fields.String(required=True, validate=ma.validate.Length(min=1, max=1024))
    totp = Code(load_default=None, max=10)


class ActorOut(Schema):
    """Who acts, for which organisation, in which roles."""

    user_id = Key(required=True)
    organisation_id = Key(required=True)
    roles = RoleNames(required=True)


class TokenOut(Schema):
    """A token, shown this once."""

    token = fields.String(required=True)
    expires_at = Instant(required=True)
    actor = fields.Nested(ActorOut, required=True)


class MyselfOut(Schema):
    """The one who asks."""

    actor = fields.Nested(ActorOut, required=True)
    username = fields.String(required=True)
    organisation = fields.Nested(OrganisationOut, required=True)
    roles = RoleNames(required=True)


class UserIn(Schema):
    """An account to open."""

    makes = NewUser

    username = Code(required=True, max=64, validate=ma.validate.Length(min=3))
    password = fields.String(required=True, validate=ma.validate.Length(max=1024))
    organisation_id = Key(required=True)
    roles = fields.List(
        EnumField(Role), required=True, validate=ma.validate.Length(min=1, max=len(Role))
    )


class UserOut(Schema):
    """An account."""

    id = Key(required=True)
    username = fields.String(required=True)
    organisation_id = Key(required=True)
    roles = RoleNames(required=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)
