"""Accounts, tokens and oneself in JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, EnumField, Flag, IdNumber, Instant, Key, Schema, Text
from kernel.paging import page_schema
from registry.accounts.commands.accounts import NewUser
from registry.accounts.commands.invitations import NewInvitation
from registry.accounts.commands.sessions import NewToken
from registry.accounts.models import Role, TokenKind
from registry.organisations.schemas import OrganisationOut


class RoleNames(fields.List[str]):
    """Roles by name, sorted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.String(), **kwargs)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any] | None:
        return super()._serialize(sorted(value), *args, **kwargs)


class Password(fields.String):
    """A password as it was typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(ma.validate.Length(min=1, max=1024))


class TokenIn(Schema):
    """A name and its password; `totp` is not looked at while the account has no second factor.

    `totp` is the present one-time code, or one of the recovery codes.
    """

    username = Text(required=True, max=64)
    password = Password(required=True)
    totp = Code(load_default=None, max=16)


class ActorOut(Schema):
    """Who acts, for which organisation, in which roles."""

    user_id = Key(required=True)
    organisation_id = Key(required=True)
    roles = RoleNames(required=True)


class TokenOut(Schema):
    """A token, shown this once; while there is something one `must` do, it opens nothing else."""

    token = fields.String(required=True)
    expires_at = Instant(required=True)
    actor = fields.Nested(ActorOut, required=True)
    must = fields.List(fields.String(), required=True)


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
    password = Password(required=True)
    organisation_id = Key(required=True)
    roles = fields.List(
        EnumField(Role), required=True, validate=ma.validate.Length(min=1, max=len(Role))
    )


class PersonIn(Schema):
    """Whose account it is; of the number only a blind index is kept."""

    id_number = IdNumber(required=True)


class UserOut(Schema):
    """An account."""

    id = Key(required=True)
    username = fields.String(required=True)
    organisation_id = Key(required=True)
    roles = RoleNames(required=True)
    kinds = fields.List(fields.String(), required=True)
    second_factor = Flag(required=True)
    locked_until_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)


class PasswordIn(Schema):
    """A new password, with the present one."""

    present = Password(required=True)
    password = Password(required=True)


class RedemptionIn(Schema):
    """A one-time token, the name of the account, and its password from now on."""

    token = Code(required=True, max=128)
    username = Code(required=True, max=64, validate=ma.validate.Length(min=3))
    password = Password(required=True)


class InvitationIn(Schema):
    """Where somebody shall open an account, and in which roles."""

    makes = NewInvitation

    organisation_id = Key(required=True)
    roles = fields.List(
        EnumField(Role), required=True, validate=ma.validate.Length(min=1, max=len(Role))
    )


class InvitationOut(Schema):
    """An invitation; nothing to accept it with."""

    id = Key(required=True)
    organisation_id = Key(required=True)
    roles = RoleNames(required=True)
    invited_by = Key(required=True)
    issued_at = Instant(required=True)
    expires_at = Instant(required=True)
    accepted_at = Instant(required=True, allow_none=True)
    revoked_at = Instant(required=True, allow_none=True)


class OneTimeTokenOut(Schema):
    """A token that works once, shown this once."""

    id = Key(required=True)
    token = fields.String(required=True)
    expires_at = Instant(required=True)


class EnrolmentIn(Schema):
    """The password again, before a second factor is made."""

    password = Password(required=True)


class EnrolmentOut(Schema):
    """The secret of a second factor, shown this once."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class CodeIn(Schema):
    """A one-time code, or where it says so a recovery code."""

    code = Code(required=True, max=16)


class RecoveryCodesOut(Schema):
    """Codes that stand in for the second factor, each once; shown this once."""

    recovery_codes = fields.List(fields.String(), required=True)


class NewTokenIn(Schema):
    """A machine's token to make."""

    makes = NewToken

    name = Text(required=True, max=60)
    scopes = fields.List(Text(max=60), required=True, validate=ma.validate.Length(min=1, max=60))
    days = fields.Integer(load_default=90, strict=True, validate=ma.validate.Range(min=1, max=365))


class AccessOut(Schema):
    """A session or a machine's token; without scopes it opens what the roles open."""

    id = Key(required=True)
    kind = EnumField(TokenKind, required=True)
    name = fields.String(required=True, allow_none=True)
    scopes = fields.List(fields.String(), required=True, allow_none=True)
    issued_at = Instant(required=True)
    expires_at = Instant(required=True)
    last_used_at = Instant(required=True, allow_none=True)


ACCESS_PAGE = page_schema(AccessOut)


class MadeTokenOut(Schema):
    """A machine's token, shown this once."""

    token = fields.String(required=True)
    row = fields.Nested(AccessOut, required=True)


class ScopesOut(Schema):
    """Every scope a token can be narrowed to."""

    scopes = fields.List(fields.String(), required=True)
